/** A small Keystone v3 that one cloud has for itself: the federated case. */
import { randomBytes } from 'node:crypto';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { PassedRequest } from '@cascade/openstack-protocol/server/front-door.js';
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { Router } from '@cascade/openstack-protocol/server/router.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { accountRoutes } from './account-routes.js';
import { Accounts, type Project } from './accounts.js';
import type { CatalogOwner } from './catalog.js';
import { catalogRoutes } from './catalog-routes.js';
import { forbidden, type IdentityRoute } from './identity-request.js';
import { isAdmin, refused, type Keystone } from './keystone.js';
import { tokenRoutes, type Issuer } from './token-routes.js';
import { Tokens, type Token } from './tokens.js';

export interface AdminAccount {
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
}

/** An administrator with a password nobody can guess. */
export const newAdmin = (): AdminAccount => ({
  username: 'admin',
  password: randomBytes(18).toString('base64url'),
  projectName: 'admin',
});

export class OwnKeystone implements Keystone, Issuer {
  readonly accounts = new Accounts();
  readonly tokens = new Tokens();
  private readonly router: Router<IdentityRoute>;

  constructor(
    readonly cloud: CatalogOwner,
    /** The account it was made with. */
    public admin: AdminAccount,
    projects: readonly Pick<Project, 'id' | 'name'>[] = [],
  ) {
    const { id: projectId } = this.accounts.addProject({ name: admin.projectName });
    const { id: userId } = this.accounts.addUser({ name: admin.username, defaultProjectId: projectId }, admin.password);
    this.accounts.assign(userId, projectId, this.accounts.roleNamed('admin').id);
    for (const project of projects) this.accounts.addProject(project);
    this.router = new Router(
      [...tokenRoutes(this), ...accountRoutes(this.accounts), ...catalogRoutes(this.cloud)],
      serviceOf('identity').unrouted,
    );
  }

  callerOf(text: string | undefined): Promise<Caller> {
    const token = this.tokens.find(text);
    if (!token || text === undefined || !this.accounts.users.has(token.userId)) throw refused();
    const { userId, projectId } = token;
    const roles = this.rolesOf(token);
    return Promise.resolve({
      token: text,
      userId,
      roles,
      isAdmin: isAdmin(roles),
      ...(projectId ? { projectId } : {}),
    });
  }

  /** Names of the roles a token stands for. */
  rolesOf({ userId, projectId, isWide }: Token): string[] {
    const { accounts } = this;
    const where = projectId ? [projectId] : isWide ? accounts.projectsOf(userId).map(({ id }) => id) : [];
    return [...new Set(where.flatMap((id) => accounts.rolesIn(userId, id).map(({ name }) => name)))];
  }

  async answer(request: PassedRequest): Promise<OpenStackResponse> {
    const [path = '', rawQuery = ''] = request.pathAndQuery.split('?', 2);
    const url = `${request.publicUrl}/identity/v3`;
    const below = path.replace(/\/+$/, '');
    if (below === '') return json(300, { versions: { values: [version(url)] } });
    if (below === '/v3') return json(200, { version: version(url) });
    if (!below.startsWith('/v3/')) throw new Fault('not-found', 'The resource could not be found.');
    const { route, params } = this.router.find(request.method, below.slice('/v3'.length));
    const token = this.tokens.find(request.headers['x-auth-token']);
    const admin = token !== undefined && isAdmin(this.rolesOf(token));
    if (route.needs !== 'nobody' && !token) throw refused();
    if (route.needs === 'admin' && !admin) throw forbidden();
    return route.run({ params, query: new URLSearchParams(rawQuery), token, isAdmin: admin, request, url });
  }
}

const version = (url: string) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${url}/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
});
