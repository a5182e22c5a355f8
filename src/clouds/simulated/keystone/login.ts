/** `POST /v3/auth/tokens`. @see openstack/keystone:keystone/api/auth.py */
import { Fault } from '../../../openstack/faults.js';
import { isObject } from '../../../openstack/body.js';
import { domain, type Accounts, type Project, type User } from './accounts.js';
import { refused } from './keystone.js';
import type { Token, Tokens } from './tokens.js';

type Body = Record<string, unknown>;

interface Proof {
  readonly user: User;
  readonly methods: readonly string[];
  /** The end of the token that proved it. */
  readonly until?: number;
  readonly projectId?: string | undefined;
}

/** @throws Fault 400 for a body that is no login, 401 for one that is refused */
export function logIn(accounts: Accounts, tokens: Tokens, auth: Body): { text: string; token: Token } {
  const { user, methods, until, projectId: had } = proofIn(accounts, tokens, objectAt(auth, 'identity'));
  const { scope } = auth;
  const isWide = isObject(scope) && ('domain' in scope || 'system' in scope);
  const project = isWide ? undefined : projectAsked(accounts, user, scope, had);
  if (isWide && !isAdminAnywhere(accounts, user)) throw refused();
  if (project && accounts.rolesIn(user.id, project.id).length === 0) throw refused();
  return tokens.issue({ userId: user.id, projectId: project?.id, isWide, methods }, until);
}

const isAdminAnywhere = (accounts: Accounts, { id }: User): boolean =>
  accounts.projectsOf(id).some((project) => accounts.rolesIn(id, project.id).some(({ name }) => name === 'admin'));

function proofIn(accounts: Accounts, tokens: Tokens, identity: Body): Proof {
  const [method = ''] = (identity['methods'] ?? []) as string[];
  if (method === 'password') return byPassword(accounts, objectAt(objectAt(identity, 'password'), 'user'));
  if (method === 'token') return byToken(accounts, tokens, objectAt(identity, 'token'));
  throw new Fault('unauthorized', `Attempted to authenticate with an unsupported method.`);
}

function byPassword(accounts: Accounts, given: Body): Proof {
  const { id, name, password } = given;
  const user = id === undefined ? accounts.userNamed(String(name)) : accounts.users.get(String(id));
  const isHere = id !== undefined || isDefault(given['domain']);
  if (!user || !isHere || !accounts.isPassword(user, String(password))) throw refused();
  return { user, methods: ['password'] };
}

function byToken(accounts: Accounts, tokens: Tokens, given: Body): Proof {
  const token = tokens.find(String(given['id']));
  const user = token && accounts.users.get(token.userId);
  if (!user) throw refused();
  const methods = [...new Set(['token', ...token.methods])];
  return { user, methods, until: token.expiresAt, projectId: token.projectId };
}

/** The asked project, else the one of the token, else the user's own. @throws Fault 401 */
function projectAsked(accounts: Accounts, user: User, scope: unknown, had: string | undefined): Project | undefined {
  if (isObject(scope) && isObject(scope['project'])) {
    const { id, name, domain: where } = scope['project'];
    const project = id === undefined ? accounts.projectNamed(String(name)) : accounts.projects.get(String(id));
    if (!project?.enabled || (id === undefined && !isDefault(where))) throw refused();
    return project;
  }
  if (scope === 'unscoped' || (isObject(scope) && 'unscoped' in scope)) return undefined;
  return accounts.projects.get(had ?? user.defaultProjectId ?? '');
}

const isDefault = (given: unknown): boolean =>
  isObject(given) && (given['id'] === domain.id || String(given['name']).toLowerCase() === domain.id);

/** @throws Fault 400 */
function objectAt(body: Body, key: string): Body {
  const inner = body[key];
  if (isObject(inner)) return inner;
  throw new Fault('bad-request', `Expecting to find ${key} in request body.`);
}
