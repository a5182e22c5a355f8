/** Tokens, and what their bearers may do. */
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { domain, type Accounts } from './accounts.js';
import { readAuth } from './auth-body.js';
import { catalogOfCloud, type CatalogOwner } from './catalog.js';
import { projectBody } from './account-routes.js';
import { readBody, row, type IdentityAsked, type IdentityRoute } from './identity-request.js';
import { logIn } from './login.js';
import type { Token, Tokens } from './tokens.js';

/** Whose tokens they are. */
export interface Issuer {
  readonly cloud: CatalogOwner;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  /** Names of the roles a token stands for. */
  rolesOf(token: Token): string[];
}

export function tokenRoutes(keystone: Issuer): IdentityRoute[] {
  const { accounts, tokens } = keystone;
  const subject = ({ request }: IdentityAsked): Token => tokens.require(request.headers['x-subject-token']);
  const show = (asked: IdentityAsked): OpenStackResponse => {
    const text = asked.request.headers['x-subject-token'] ?? '';
    return json(200, { token: tokenBody(keystone, asked, subject(asked)) }, { 'x-subject-token': text });
  };
  return [
    row('POST /auth/tokens', 'nobody', async (asked) => {
      const { text, token } = logIn(accounts, tokens, readAuth(await readBody(asked)));
      return json(201, { token: tokenBody(keystone, asked, token) }, { 'x-subject-token': text });
    }),
    row('GET /auth/tokens', 'somebody', show),
    row('DELETE /auth/tokens', 'somebody', (asked) => {
      subject(asked);
      tokens.revoke(asked.request.headers['x-subject-token'] ?? '');
      return noContent(204);
    }),
    row('GET /auth/catalog', 'somebody', ({ token, request, url }) =>
      json(200, {
        catalog: catalogOfCloud(keystone.cloud, request.publicUrl, token?.projectId),
        links: { self: `${url}/auth/catalog` },
      }),
    ),
    row('GET /auth/projects', 'somebody', ({ token, url }) => {
      const projects = accounts.projectsOf(token?.userId ?? '').map((project) => projectBody(url, project));
      return json(200, { projects, links: { self: `${url}/auth/projects`, previous: null, next: null } });
    }),
    row('GET /auth/domains', 'somebody', ({ url }) =>
      json(200, { domains: [], links: { self: `${url}/auth/domains`, previous: null, next: null } }),
    ),
  ];
}

function tokenBody(keystone: Issuer, { query, request }: IdentityAsked, token: Token): Record<string, unknown> {
  const { accounts, cloud } = keystone;
  const { userId, projectId, isWide, methods, auditId } = token;
  const project = projectId === undefined ? undefined : accounts.projects.get(projectId);
  const user = accounts.users.get(userId);
  const roles = keystone.rolesOf(token).map((name) => accounts.roleNamed(name));
  const catalog = query.has('nocatalog') ? {} : { catalog: catalogOfCloud(cloud, request.publicUrl, projectId) };
  return {
    methods,
    user: { domain, id: userId, name: user?.name, password_expires_at: null },
    audit_ids: [auditId],
    expires_at: micros(token.expiresAt),
    issued_at: micros(token.issuedAt),
    ...(project ? { project: { domain, id: project.id, name: project.name }, is_domain: false } : {}),
    ...(isWide ? { domain } : {}),
    ...(project || isWide ? { roles, ...catalog } : {}),
  };
}

/** `2026-11-24T14:15:09.000000Z` */
const micros = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
