/** Who logs in: each method of a login proves who its user is, or is refused in the same words as all others. */
import { expected } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Queryable } from '../../../database/queryable.js';
import type { Home } from '../asked.js';
import { findByUniqueKey, findItem, secretOf, type Item } from '../collection/items.js';
import { identified, type Login, type Reference, type ReferenceInDomain } from './login-body.js';
import { forbiddenAction } from '../refusals.js';
import { findToken, tokenDigest } from './token-rows.js';
import type { Token } from './token.js';

/** A login that cannot be: the caller answers it with one and the same 401. */
export class LoginFailed extends Error {}

export interface Proven {
  readonly user: Item;
  readonly methods: readonly string[];
  /** The token it was made of. */
  readonly token?: Token;
  readonly applicationCredential?: Item;
}

type Method = (home: Home, login: Login['identity']) => Promise<Proven>;

const methods: Readonly<Record<string, Method>> = { password, token, application_credential: applicationCredential };

/**
 * @throws LoginFailed for whatever is wrong with who logs in
 * @throws Fault 400 for a method without its data, 403 for a token that no other may be made of
 */
export async function authenticate(home: Home, { identity }: Login): Promise<Proven> {
  const names = [...new Set(identity.methods)];
  for (const name of names) {
    if (!Object.hasOwn(methods, name)) throw new LoginFailed('an unsupported method');
    if (!(name in identity)) throw expected(name, 'identity');
  }
  const proofs: Proven[] = [];
  for (const name of names) proofs.push(await methods[name]!(home, identity));
  const [first, ...others] = proofs;
  if (!first || others.some(({ user }) => user.id !== first.user.id)) throw new LoginFailed('several users, or none');
  if (!(await mayLogIn(home.database, first.user))) throw new LoginFailed('a disabled user');
  const all = new Set([...names, ...proofs.flatMap((proof) => proof.methods)]);
  return Object.assign({}, ...proofs, { methods: [...all] }) as Proven;
}

async function mayLogIn(db: Queryable, { body }: Item): Promise<boolean> {
  const domain = await findItem(db, 'domain', String(body['domain_id']));
  return body['enabled'] !== false && domain?.body['enabled'] !== false;
}

async function password(home: Home, { password: given }: Login['identity']): Promise<Proven> {
  if (!given?.user) throw expected('user', 'password');
  if (given.user.password === undefined) throw expected('password', 'user');
  const db = home.database;
  const user = await findUser(db, given.user);
  // Also for nobody, so that time does not tell who there is.
  const isRight = await home.secrets.matches(given.user.password, user && (await secretOf(db, user.ref)));
  if (!user || !isRight) throw new LoginFailed('a wrong password');
  return { user, methods: ['password'] };
}

async function token(home: Home, { token: given }: Login['identity']): Promise<Proven> {
  const db = home.database;
  const from = await findToken(db, tokenDigest(given?.id ?? ''));
  if (!from) throw new LoginFailed('no such token');
  if (from.trust) {
    throw forbiddenAction('Using trust-scoped token to create another token. Create a new trust-scoped token instead');
  }
  const user = await findItem(db, 'user', from.user.id);
  const credentialId = from.applicationCredential?.['id'];
  const credential =
    credentialId === undefined ? undefined : await findItem(db, 'application_credential', String(credentialId));
  if (!user) throw new LoginFailed('the user is gone');
  return {
    user,
    methods: ['token', ...from.methods],
    token: from,
    ...(credential ? { applicationCredential: credential } : {}),
  };
}

async function applicationCredential(home: Home, identity: Login['identity']): Promise<Proven> {
  const given = identity.application_credential;
  if (!given) throw expected('application_credential', 'identity');
  if (given.secret === undefined) throw expected('secret', 'application_credential');
  const db = home.database;
  const item = await findCredential(db, given);
  const isRight = await home.secrets.matches(given.secret, item && (await secretOf(db, item.ref)));
  const user = item && (await findItem(db, 'user', String(item.body['user_id'])));
  const expiresAt = item?.body['expires_at'];
  const isOver = typeof expiresAt === 'string' && new Date(expiresAt).getTime() <= Date.now();
  if (!item || !user || !isRight || isOver) throw new LoginFailed('a wrong application credential');
  return { user, methods: ['application_credential'], applicationCredential: item };
}

async function findCredential(
  db: Queryable,
  given: NonNullable<Login['identity']['application_credential']>,
): Promise<Item | undefined> {
  if (given.id !== undefined) return findItem(db, 'application_credential', given.id);
  if (given.name === undefined) throw expected('name or ID', 'application credential');
  if (!given.user) throw expected('user', 'application credential');
  const user = await findUser(db, given.user);
  return user && findByUniqueKey(db, 'application_credential', JSON.stringify([user.id, given.name]));
}

/** @throws Fault 400 for a name without its domain */
async function findUser(db: Queryable, reference: ReferenceInDomain): Promise<Item | undefined> {
  const { id, name, domain } = identified(reference, 'identity/password/user');
  if (id !== undefined) return findItem(db, 'user', id);
  if (!domain) throw expected('domain', 'user');
  const found = await findDomain(db, domain);
  return found && findByUniqueKey(db, 'user', JSON.stringify([found.id, name]));
}

export const findDomain = (db: Queryable, reference: Reference): Promise<Item | undefined> => {
  const { id, name } = identified(reference, 'domain');
  if (id !== undefined) return findItem(db, 'domain', id);
  return findByUniqueKey(db, 'domain', JSON.stringify([name]));
};
