/** What an empty identity is filled with: the cloud's roles, an administrator, and somebody to try it out. */
import type { Database, Queryable } from '../../database/database.js';
import { uniqueKeyOf, type Collection } from './collection/collection.js';
import { domains } from './projects/domains.js';
import {
  findByUniqueKey,
  findItem,
  insertItem,
  newId,
  secretOf,
  setSecret,
  theSystem,
  type Body,
  type Item,
} from './collection/items.js';
import { keptPassword } from './kept-password.js';
import { projects } from './projects/projects.js';
import { roles } from './assignments/roles.js';
import { SecretHasher } from './secret-hash.js';
import { storeOwnCatalog } from './catalog/stored-catalog.js';
import { deleteTokensOf } from './tokens/token-rows.js';
import { users } from './users.js';

export interface BootstrapOptions {
  readonly dataDir: string;
  /** The one region tenants see. */
  readonly region: string;
  /** The administrator's password; generated and kept in the data directory where it is not given. */
  readonly adminPassword: string | undefined;
  readonly passwordHashRounds: number;
}

const lockKey = 0x49444e54; // 'IDNT': programs that start together take turns

/**
 * Makes what an identity needs where it is not there yet, all of it or nothing. A password that is given is the
 * administrator's from then on, as with `keystone-manage bootstrap`.
 */
export async function bootstrapIdentity(database: Database, options: BootstrapOptions): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.run('select pg_advisory_xact_lock($1)', [lockKey]);
    const secrets = new SecretHasher(options.passwordHashRounds);
    await storeOwnCatalog(tx, options.region);
    // Whatever was renamed or removed since stays so.
    if (!(await findItem(tx, 'domain', 'default'))) await fill(tx, secrets, options);
    else if (options.adminPassword !== undefined) await setPassword(tx, secrets, options.adminPassword);
  });
}

async function fill(tx: Queryable, secrets: SecretHasher, { dataDir, adminPassword }: BootstrapOptions): Promise<void> {
  await insert(tx, domains, { id: 'default', name: 'Default', description: 'The default domain' });
  const [admin, manager, member, reader] = [
    await insertRole(tx, 'admin'),
    await insertRole(tx, 'manager'),
    await insertRole(tx, 'member'),
    await insertRole(tx, 'reader'),
  ];
  await insertRole(tx, 'service');
  for (const [prior, implied] of [
    [admin, manager],
    [manager, member],
    [member, reader],
  ] as const) {
    await tx.run(`insert into identity_implied_role (prior_ref, implied_ref) values ($1, $2)`, [
      prior.ref,
      implied.ref,
    ]);
  }

  const adminProject = await insertProject(tx, 'admin', 'Of the administrator');
  const administrator = await insertUser(
    tx,
    'admin',
    await secrets.hash(adminPassword ?? (await keptPassword(dataDir, 'admin'))),
  );
  await grant(tx, administrator, adminProject.ref, admin);
  await grant(tx, administrator, theSystem, admin);

  await insertProject(tx, 'service', "Of the cloud's services");

  const demoProject = await insertProject(tx, 'demo', 'To try things out');
  const demo = await insertUser(tx, 'demo', await secrets.hash(await keptPassword(dataDir, 'demo')));
  await grant(tx, demo, demoProject.ref, member);
}

async function setPassword(tx: Queryable, secrets: SecretHasher, password: string): Promise<void> {
  const administrator = await findByUniqueKey(tx, 'user', JSON.stringify(['default', 'admin']));
  if (!administrator || (await secrets.matches(password, await secretOf(tx, administrator.ref)))) return;
  await setSecret(tx, administrator.ref, await secrets.hash(password));
  await deleteTokensOf(tx, administrator.ref);
}

function insert(tx: Queryable, of: Collection, fields: Body, secret?: string): Promise<Item> {
  const id = String(fields['id'] ?? newId());
  const body = { enabled: true, options: {}, ...fields, id };
  return insertItem(tx, { kind: of.kind, id, body, uniqueKey: uniqueKeyOf(of, body), secret });
}

/** Nobody removes these by mistake: clients and policies know them by name. */
const insertRole = (tx: Queryable, name: string): Promise<Item> =>
  insert(tx, roles, { name, domain_id: null, description: null, options: { immutable: true } });

const inDefault = { domain_id: 'default' };

const insertProject = (tx: Queryable, name: string, description: string): Promise<Item> =>
  insert(tx, projects, { ...inDefault, parent_id: 'default', name, description, is_domain: false, tags: [] });

const insertUser = (tx: Queryable, name: string, hash: string): Promise<Item> =>
  insert(tx, users, { ...inDefault, name }, hash);

const grant = (tx: Queryable, actor: Item, target: string, role: Item): Promise<number> =>
  tx.run(`insert into identity_grant (actor_ref, target_ref, role_ref, inherited) values ($1, $2, $3, false)`, [
    actor.ref,
    target,
    role.ref,
  ]);
