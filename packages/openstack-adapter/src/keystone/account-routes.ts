/** Projects, users, roles and who has which where. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { domain, type Accounts, type Project, type Role, type User } from './accounts.js';
import {
  filtered,
  found,
  readObject,
  requireSelf,
  row,
  type IdentityAsked,
  type IdentityRoute,
} from './identity-request.js';

type Body = Record<string, unknown>;

export const projectBody = (url: string, { id, name, description, enabled }: Project): Body => ({
  id,
  name,
  domain_id: domain.id,
  description,
  enabled,
  parent_id: domain.id,
  is_domain: false,
  tags: [],
  options: {},
  links: { self: `${url}/projects/${id}` },
});

const userBody = (url: string, { id, name, enabled, email, description, defaultProjectId }: User): Body => ({
  id,
  name,
  domain_id: domain.id,
  enabled,
  ...(email === undefined ? {} : { email }),
  ...(description === undefined ? {} : { description }),
  ...(defaultProjectId === undefined ? {} : { default_project_id: defaultProjectId }),
  password_expires_at: null,
  options: {},
  links: { self: `${url}/users/${id}` },
});

const roleBody = (url: string, { id, name }: Role): Body => ({
  id,
  name,
  domain_id: null,
  description: null,
  options: {},
  links: { self: `${url}/roles/${id}` },
});

const domainBody = (url: string): Body => ({
  ...domain,
  description: 'The default domain',
  enabled: true,
  options: {},
  tags: [],
  links: { self: `${url}/domains/${domain.id}` },
});

/** A list as Keystone writes it, of those rows the query asks for. */
function list(asked: IdentityAsked, key: string, rows: readonly Body[]): OpenStackResponse {
  const { pathAndQuery, publicUrl } = asked.request;
  const links = { self: `${publicUrl}/identity${pathAndQuery}`, previous: null, next: null };
  return json(200, { [key]: filtered(asked, rows), links });
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** @throws Fault 400 */
function nameIn(given: Body): string {
  const { name } = given;
  if (typeof name === 'string' && name.trim() !== '' && name.length <= 255) return name;
  throw new Fault('bad-request', "Invalid input for field 'name'");
}

export const accountRoutes = (accounts: Accounts): IdentityRoute[] => [
  ...projectRoutes(accounts),
  ...userRoutes(accounts),
  ...roleRoutes(accounts),
  row('GET /domains', 'somebody', (asked) => list(asked, 'domains', [domainBody(asked.url)])),
  row('GET /domains/{id}', 'somebody', ({ params: { id = '' }, url }) =>
    json(200, { domain: found(id === domain.id ? domainBody(url) : undefined, 'domain', id) }),
  ),
];

function projectRoutes(accounts: Accounts): IdentityRoute[] {
  const one = ({ params: { id = '' } }: IdentityAsked): Project => found(accounts.projects.get(id), 'project', id);
  return [
    row('GET /projects', 'admin', (asked) =>
      list(
        asked,
        'projects',
        [...accounts.projects.values()].map((project) => projectBody(asked.url, project)),
      ),
    ),
    row('POST /projects', 'admin', async (asked) => {
      const given = await readObject(asked, 'project');
      const project = accounts.addProject({
        name: nameIn(given),
        description: text(given['description']) ?? '',
        enabled: given['enabled'] !== false,
      });
      return json(201, { project: projectBody(asked.url, project) });
    }),
    row('GET /projects/{id}', 'somebody', (asked) => json(200, { project: projectBody(asked.url, one(asked)) })),
    row('PATCH /projects/{id}', 'admin', async (asked) => {
      const given = await readObject(asked, 'project');
      const before = one(asked);
      const after = {
        ...before,
        ...(given['name'] === undefined ? {} : { name: nameIn(given) }),
        description: text(given['description']) ?? before.description,
        enabled: typeof given['enabled'] === 'boolean' ? given['enabled'] : before.enabled,
      };
      accounts.projects.set(before.id, after);
      return json(200, { project: projectBody(asked.url, after) });
    }),
    row('DELETE /projects/{id}', 'admin', (asked) => {
      accounts.removeProject(one(asked).id);
      return noContent(204);
    }),
  ];
}

function userRoutes(accounts: Accounts): IdentityRoute[] {
  const one = (asked: IdentityAsked): User => {
    const { id = '' } = asked.params;
    requireSelf(asked, id);
    return found(accounts.users.get(id), 'user', id);
  };
  const detailsIn = (given: Body): Partial<User> => {
    const [email, description, defaultProjectId] = ['email', 'description', 'default_project_id'].map((key) =>
      text(given[key]),
    );
    return {
      ...(email === undefined ? {} : { email }),
      ...(description === undefined ? {} : { description }),
      ...(defaultProjectId === undefined ? {} : { defaultProjectId }),
      ...(typeof given['enabled'] === 'boolean' ? { enabled: given['enabled'] } : {}),
    };
  };
  return [
    row('GET /users', 'admin', (asked) =>
      list(
        asked,
        'users',
        [...accounts.users.values()].map((user) => userBody(asked.url, user)),
      ),
    ),
    row('POST /users', 'admin', async (asked) => {
      const given = await readObject(asked, 'user');
      const user = accounts.addUser({ name: nameIn(given), ...detailsIn(given) }, text(given['password']));
      return json(201, { user: userBody(asked.url, user) });
    }),
    row('GET /users/{id}', 'somebody', (asked) => json(200, { user: userBody(asked.url, one(asked)) })),
    row('PATCH /users/{id}', 'admin', async (asked) => {
      const given = await readObject(asked, 'user');
      const after = {
        ...one(asked),
        ...detailsIn(given),
        ...(given['name'] === undefined ? {} : { name: nameIn(given) }),
      };
      accounts.users.set(after.id, after);
      const password = text(given['password']);
      if (password !== undefined) accounts.setPassword(after.id, password);
      return json(200, { user: userBody(asked.url, after) });
    }),
    row('DELETE /users/{id}', 'admin', (asked) => {
      accounts.removeUser(one(asked).id);
      return noContent(204);
    }),
    row('GET /users/{id}/projects', 'somebody', (asked) =>
      list(
        asked,
        'projects',
        accounts.projectsOf(one(asked).id).map((project) => projectBody(asked.url, project)),
      ),
    ),
  ];
}

function roleRoutes(accounts: Accounts): IdentityRoute[] {
  const place = ({ params: { project_id = '', user_id = '', role_id = '' } }: IdentityAsked) => ({
    project: found(accounts.projects.get(project_id), 'project', project_id).id,
    user: found(accounts.users.get(user_id), 'user', user_id).id,
    role: role_id,
  });
  const roleAt = (id: string): Role =>
    found(
      accounts.roles.find((role) => role.id === id),
      'role',
      id,
    );
  const at = '/projects/{project_id}/users/{user_id}/roles';
  return [
    row('GET /roles', 'somebody', (asked) =>
      list(
        asked,
        'roles',
        accounts.roles.map((role) => roleBody(asked.url, role)),
      ),
    ),
    row('GET /roles/{id}', 'somebody', (asked) =>
      json(200, { role: roleBody(asked.url, roleAt(asked.params['id'] ?? '')) }),
    ),
    row(`GET ${at}`, 'admin', (asked) => {
      const { user, project } = place(asked);
      return list(
        asked,
        'roles',
        accounts.assignedRoles(user, project).map((role) => roleBody(asked.url, role)),
      );
    }),
    row(`PUT ${at}/{role_id}`, 'admin', (asked) => {
      const { user, project, role } = place(asked);
      accounts.assign(user, project, roleAt(role).id);
      return noContent(204);
    }),
    // HEAD finds it too.
    row(`GET ${at}/{role_id}`, 'admin', (asked) => {
      const { user, project, role } = place(asked);
      found(
        accounts.assignedRoles(user, project).find(({ id }) => id === role),
        'role assignment with role',
        role,
      );
      return noContent(204);
    }),
    row(`DELETE ${at}/{role_id}`, 'admin', (asked) => {
      const { user, project, role } = place(asked);
      accounts.unassign(user, project, roleAt(role).id);
      return noContent(204);
    }),
    row('GET /role_assignments', 'admin', (asked) => {
      const { query, url } = asked;
      const rows = accounts
        .assignments()
        .filter(
          ({ userId, projectId, roleId }) =>
            (query.get('user.id') ?? userId) === userId &&
            (query.get('scope.project.id') ?? projectId) === projectId &&
            (query.get('role.id') ?? roleId) === roleId,
        );
      return list(
        asked,
        'role_assignments',
        rows.map(({ userId, projectId, roleId }) => ({
          role: { id: roleId },
          user: { id: userId },
          scope: { project: { id: projectId } },
          links: { assignment: `${url}/projects/${projectId}/users/${userId}/roles/${roleId}` },
        })),
      );
    }),
  ];
}
