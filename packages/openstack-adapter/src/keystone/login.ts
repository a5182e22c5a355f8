/** `POST /v3/auth/tokens`. @see openstack/keystone:keystone/auth/core.py, keystone/api/_shared/authentication.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { expected, notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { domain, type Accounts, type Project, type User } from './accounts.js';
import type { Auth, Named } from './auth-body.js';
import { refused } from './keystone.js';
import type { Token, Tokens } from './tokens.js';

interface Proof {
  readonly user: User;
  readonly methods: readonly string[];
  /** The end of the token that proved it. */
  readonly until?: number;
  readonly projectId?: string | undefined;
}

/** @throws Fault 400, 401, 404 */
export function logIn(accounts: Accounts, tokens: Tokens, auth: Auth): { text: string; token: Token } {
  requireMethods(auth);
  if (auth.identity.methods.includes('application_credential')) throw noCredential(auth);
  const asked = scopeAsked(accounts, auth.scope);
  const { user, until, projectId: had, methods: proven } = proofIn(accounts, tokens, auth);
  if (asked === 'wide' && !isAdminAnywhere(accounts, user)) throw refused();
  const project =
    typeof asked === 'object'
      ? asked
      : asked === 'own'
        ? accounts.projects.get(had ?? user.defaultProjectId ?? '')
        : undefined;
  if (project && accounts.rolesIn(user.id, project.id).length === 0) throw refused();
  return tokens.issue({ userId: user.id, projectId: project?.id, isWide: asked === 'wide', methods: proven }, until);
}

const isAdminAnywhere = (accounts: Accounts, { id }: User): boolean =>
  accounts.projectsOf(id).some((project) => accounts.rolesIn(id, project.id).some(({ name }) => name === 'admin'));

/** Those a Keystone allows that was told nothing else. */
const allowed = ['external', 'password', 'token', 'oauth1', 'mapped', 'application_credential'];

/** @throws Fault 400, 401 */
function requireMethods({ identity }: Auth): void {
  const lacking = identity.methods.find((method) => !Object.hasOwn(identity, method));
  if (lacking !== undefined) throw expected(lacking, 'identity');
  if (identity.methods.every((method) => allowed.includes(method))) return;
  throw new Fault('unauthorized', 'Attempted to authenticate with an unsupported method.', {
    fields: { identity: { methods: allowed } },
  });
}

/** Nobody has application credentials here. */
function noCredential({ identity, scope }: Auth): Fault {
  if (scope !== undefined) {
    const why = 'Application credentials cannot request a scope.';
    return new Fault('unauthorized', `Error authenticating with application credential: ${why}`);
  }
  const { id, name, user } = identity['application_credential'] as Named & { readonly user?: unknown };
  if (id) return notFound('Application Credential', id);
  if (!name) return expected('name or ID', 'application credential');
  return user ? refused() : expected('user', 'application credential');
}

/** Every method must prove who logs in, and all the same user. @throws Fault 400, 401, 404 */
function proofIn(accounts: Accounts, tokens: Tokens, { identity }: Auth): Proof {
  const [first, ...others] = [...new Set(identity.methods)].map((method) => {
    if (method === 'password') return byPassword(accounts, identity['password'] as { readonly user?: Given });
    if (method === 'token') return byToken(tokens, accounts, identity['token'] as { readonly id: string });
    throw refused();
  });
  if (!first || others.some(({ user }) => user !== first.user)) throw refused();
  return Object.assign({}, ...others, first, {
    methods: [...new Set([first, ...others].flatMap(({ methods }) => methods))],
  }) as Proof;
}

type Given = Named & { readonly password?: string; readonly domain?: Named };

function byPassword(accounts: Accounts, { user: given }: { readonly user?: Given }): Proof {
  // Keystone names the method only after it has read what belongs to it.
  if (!given) throw expected('user', 'None');
  const { id, name, password } = given;
  if (!id && !name) throw expected('id or name', 'user');
  if (name && !given.domain) throw expected('domain', 'user');
  const user = name ? accounts.userNamed(name) : accounts.users.get(id ?? '');
  const isHere = !name || isDefault(given.domain);
  if (!user || !isHere || !accounts.isPassword(user, String(password))) throw refused();
  return { user, methods: ['password'] };
}

function byToken(tokens: Tokens, accounts: Accounts, { id }: { readonly id: string }): Proof {
  const token = tokens.require(id);
  const user = accounts.users.get(token.userId);
  if (!user) throw refused();
  const methods = [...new Set(['token', ...token.methods])];
  return { user, methods, until: token.expiresAt, projectId: token.projectId };
}

/** The project that is asked for; `own` is the one of the token, else the user's. @throws Fault 400, 401 */
function scopeAsked(accounts: Accounts, scope: Auth['scope']): Project | 'wide' | 'unscoped' | 'own' {
  if (scope === undefined) return 'own';
  const words = ['project', 'domain', 'unscoped', 'system', 'OS-TRUST:trust'];
  const named = words.filter((word) => (typeof scope === 'string' ? scope.includes(word) : word in scope));
  if (named.length !== 1) throw expected('system, project, domain, OS-TRUST:trust or unscoped', 'scope');
  if (named[0] === 'unscoped') return 'unscoped';
  if (named[0] === 'system') return 'wide';
  const { project: given = {}, domain: where } = scope as Exclude<Auth['scope'], string | undefined>;
  if (named[0] === 'domain' && isDefault(where)) return 'wide';
  if (named[0] !== 'project') throw refused();
  const { id, name } = given;
  if (name && !given.domain) throw expected('domain', 'project');
  const project = name ? accounts.projectNamed(name) : accounts.projects.get(id ?? '');
  if (!project?.enabled || (name && !isDefault(given.domain))) throw refused();
  return project;
}

const isDefault = (given: Named | undefined): boolean =>
  given?.name === undefined ? given?.id === domain.id : given.name.toLowerCase() === domain.name.toLowerCase();
