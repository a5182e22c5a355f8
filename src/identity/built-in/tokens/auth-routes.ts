/** `/auth/…`: tokens, and where a user may log in to. */
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { expected, notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { row, type AskedByCaller, type Home, type IdentityRoute } from '../asked.js';
import { listAnswer } from '../collection/collection.js';
import { refTo, theSystem } from '../collection/items.js';
import { anyone, auditorOrService, admin, type Policy } from '../policies.js';
import { forbidden, forbiddenAction } from '../refusals.js';
import { storedCatalog } from '../catalog/stored-catalog.js';
import { tokenAnswer } from './token-answer.js';
import { deleteToken, findToken, rolesOn, tokenDigest } from './token-rows.js';
import { projectIdOf, type Token } from './token.js';
import { reachable } from '../users.js';

const nothing = { conditions: [], values: [] };

export const authRoutes: IdentityRoute[] = [
  row('GET /auth/tokens', 'validate_token', anyone, async (home, asked) => {
    const { token, secret } = await subject(home, asked, auditorOrService, 'identity:validate_token');
    return tokenAnswer(home.database, asked, token, secret, 200);
  }),
  row('DELETE /auth/tokens', 'revoke_token', anyone, async (home, asked) => {
    const { token } = await subject(home, asked, admin, 'identity:revoke_token');
    await home.database.transaction(async (tx) => {
      await deleteToken(tx, token.digest);
      await home.tokensChanged(tx, token.digest);
    });
    return noContent();
  }),
  row('GET /auth/projects', 'get_auth_projects', anyone, (home, asked) => scopes(home, asked, 'project')),
  row('GET /auth/domains', 'get_auth_domains', anyone, (home, asked) => scopes(home, asked, 'domain')),
  row('GET /auth/system', 'get_auth_system', anyone, async (home, asked) => {
    const roles = await rolesOn(home.database, refTo('user', asked.caller.user.id), theSystem);
    return json(200, { system: roles.length > 0 ? [{ all: true }] : [], links: { self: `${asked.url}/auth/system` } });
  }),
  row('GET /auth/catalog', 'get_auth_catalog', anyone, async (home, asked) => {
    const projectId = projectIdOf(asked.caller);
    if (projectId === undefined) {
      throw forbidden('A project-scoped token is required to produce a service catalog.');
    }
    const catalog = await storedCatalog(home.database, asked.publicUrl, projectId);
    return json(200, { catalog, links: { self: `${asked.url}/auth/catalog` } });
  }),
];

async function scopes(home: Home, asked: AskedByCaller, kind: 'project' | 'domain'): Promise<OpenStackResponse> {
  return listAnswer(`${kind}s`, await reachable(home, asked, kind, asked.caller.user.id, nothing), asked);
}

/** The token that is asked about: one's own, or any for who may. @throws Fault 400, 403, 404 */
async function subject(
  home: Home,
  asked: AskedByCaller,
  policy: Policy,
  rule: string,
): Promise<{ token: Token; secret: string }> {
  const secret = asked.headers['x-subject-token'];
  if (!secret) throw expected('X-Subject-Token', 'request headers');
  const digest = tokenDigest(secret);
  const { caller } = asked;
  // To a service that does not know access rules the token is none. @see keystone/token/provider.py
  const knowsRules = Number(asked.headers['openstack-identity-access-rules'] ?? 0) >= 1;
  const hidden = (token: Token): boolean => !knowsRules && token.applicationCredential?.['access_rules'] !== undefined;
  if (digest === caller.digest && !hidden(caller)) return { token: caller, secret };
  const found = await findToken(home.database, digest);
  const token = found && !hidden(found) ? found : undefined;
  const isOwn = token?.user.id === caller.user.id;
  if (!token) throw notFound('token', 'it is unknown, or it has ended');
  if (!isOwn && !policy(caller, {})) throw forbiddenAction(rule);
  return { token, secret };
}
