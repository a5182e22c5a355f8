/** Roles: granted to users and groups, inherited down the tree, implied by each other, and listed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { byPassword, startBuiltInCascade, type BuiltInCascade, type User } from './cascade.js';

let cloud: BuiltInCascade;
let user: User;
let project: { id: string };
let number = 0;
const roleIds: Record<string, string> = {};

beforeAll(async () => {
  cloud = await startBuiltInCascade();
  for (const name of ['admin', 'manager', 'member', 'reader']) roleIds[name] = await cloud.roleId(name);
});
afterAll(() => cloud.close());
beforeEach(async () => {
  number += 1;
  user = await cloud.newUser(`user ${number}`);
  project = await cloud.make('POST', '/projects', { project: { name: `project ${number}` } });
});

const status = async (method: string, below: string) => (await cloud.ask(method, below, cloud.admin)).status;
const namesOf = (rows: { name: string }[]) => rows.map(({ name }) => name);
/** The roles of a token for the project, or the status of the refusal. */
const rolesAt = async (projectId = project.id) => {
  const { body, status: refused } = await cloud.login(byPassword(user), { project: { id: projectId } });
  return refused === 201 ? namesOf(body.token.roles) : refused;
};
const newGroup = async () => {
  const group = await cloud.make('POST', '/groups', { group: { name: `group ${number}` } });
  await cloud.make('PUT', `/groups/${group.id}/users/${user.id}`);
  return group as { id: string };
};

test.each(['projects', 'domains', 'system'])(
  'roles on %s are granted, listed, checked and taken away',
  async (kind) => {
    const group = await newGroup();
    const target = { projects: `/projects/${project.id}`, domains: '/domains/default', system: '/system' }[kind];
    for (const actor of [`users/${user.id}`, `groups/${group.id}`]) {
      const roles = `${target}/${actor}/roles`;
      const one = `${roles}/${roleIds['member']}`;
      expect([await status('GET', one), await status('DELETE', one)]).toEqual([404, 404]);
      expect([await status('PUT', one), await status('PUT', one)]).toEqual([204, 204]);
      expect([await status('GET', one), await status('HEAD', one)]).toEqual([204, 204]);
      expect(namesOf(await cloud.make('GET', roles))).toEqual(['member']);
      expect(await status('DELETE', one)).toBe(204);
      expect(await cloud.make('GET', roles)).toEqual([]);
      expect(await status('PUT', `${roles}/nothing`)).toBe(404);
    }
    expect(await status('PUT', `${target}/users/nobody/roles/${roleIds['member']}`)).toBe(404);
  },
);

test('a member of a group has what the group has, as long as he is one', async () => {
  const group = await newGroup();
  await cloud.make('PUT', `/projects/${project.id}/groups/${group.id}/roles/${roleIds['reader']}`);
  expect(await rolesAt()).toEqual(['reader']);
  expect(namesOf(await cloud.make('GET', `/groups/${group.id}/users`))).toEqual([`user ${number}`]);
  expect(namesOf(await cloud.make('GET', `/users/${user.id}/groups`))).toEqual([`group ${number}`]);
  expect(await status('HEAD', `/groups/${group.id}/users/${user.id}`)).toBe(204);
  expect(await status('DELETE', `/groups/${group.id}/users/${user.id}`)).toBe(204);
  expect(await status('HEAD', `/groups/${group.id}/users/${user.id}`)).toBe(404);
  expect(await rolesAt()).toBe(401);
});

describe('an inherited role', () => {
  test('of a project means those below it, not the project itself', async () => {
    const child = await cloud.make('POST', '/projects', { project: { name: `c ${number}`, parent_id: project.id } });
    const grandchild = await cloud.make('POST', '/projects', { project: { name: `g ${number}`, parent_id: child.id } });
    const one = `/OS-INHERIT/projects/${project.id}/users/${user.id}/roles/${roleIds['reader']}/inherited_to_projects`;
    expect(await status('PUT', one)).toBe(204);
    expect(await status('HEAD', one)).toBe(204);
    expect([await rolesAt(), await rolesAt(child.id), await rolesAt(grandchild.id)]).toEqual([
      401,
      ['reader'],
      ['reader'],
    ]);
    const listed = await cloud.make('GET', `/users/${user.id}/projects`);
    expect(namesOf(listed)).toEqual([`c ${number}`, `g ${number}`]);
    expect(await status('DELETE', one)).toBe(204);
    expect(await rolesAt(grandchild.id)).toBe(401);
  });

  test('of a domain means all its projects', async () => {
    const path = `/OS-INHERIT/domains/default/users/${user.id}/roles`;
    await cloud.make('PUT', `${path}/${roleIds['reader']}/inherited_to_projects`);
    expect(await rolesAt()).toEqual(['reader']);
    expect(namesOf(await cloud.make('GET', `${path}/inherited_to_projects`))).toEqual(['reader']);
    expect((await cloud.login(byPassword(user), { domain: { id: 'default' } })).status).toBe(401);
  });
});

describe('an implied role', () => {
  test('comes with the one that implies it: admin, manager, member, reader', async () => {
    await cloud.make('PUT', `/projects/${project.id}/users/${user.id}/roles/${roleIds['admin']}`);
    expect(await rolesAt()).toEqual(['admin', 'manager', 'member', 'reader']);
    const rules = await cloud.make('GET', '/role_inferences');
    expect(rules.map((rule: { prior_role: { name: string } }) => rule.prior_role.name)).toEqual([
      'admin',
      'manager',
      'member',
    ]);
  });

  test('is set, shown and taken away; admin is implied by none', async () => {
    const special = await cloud.make('POST', '/roles', { role: { name: `special ${number}` } });
    const one = `/roles/${special.id}/implies/${roleIds['reader']}`;
    expect([
      await status('GET', one),
      await status('PUT', one),
      await status('GET', one),
      await status('HEAD', one),
    ]).toEqual([404, 201, 200, 204]);
    const { implies } = await cloud.make('GET', `/roles/${special.id}/implies`);
    expect(namesOf(implies)).toEqual(['reader']);
    await cloud.make('PUT', `/projects/${project.id}/users/${user.id}/roles/${special.id}`);
    expect(await rolesAt()).toEqual(['reader', `special ${number}`]);
    expect(await status('DELETE', one)).toBe(204);
    expect(await rolesAt()).toEqual([`special ${number}`]);
    expect(await status('PUT', `/roles/${special.id}/implies/${roleIds['admin']}`)).toBe(403);
  });

  test('in a circle ends', async () => {
    const [a, b] = [
      await cloud.make('POST', '/roles', { role: { name: `a ${number}` } }),
      await cloud.make('POST', '/roles', { role: { name: `b ${number}` } }),
    ];
    await cloud.make('PUT', `/roles/${a.id}/implies/${b.id}`);
    await cloud.make('PUT', `/roles/${b.id}/implies/${a.id}`);
    await cloud.make('PUT', `/projects/${project.id}/users/${user.id}/roles/${a.id}`);
    expect(await rolesAt()).toEqual([`a ${number}`, `b ${number}`]);
  });
});

test("a domain's role is for its projects, and shows only by what it implies", async () => {
  const role = await cloud.make('POST', '/roles', { role: { name: `own ${number}`, domain_id: 'default' } });
  expect(namesOf(await cloud.make('GET', '/roles'))).not.toContain(`own ${number}`);
  expect(namesOf(await cloud.make('GET', '/roles?domain_id=default'))).toContain(`own ${number}`);
  await cloud.make('PUT', `/projects/${project.id}/users/${user.id}/roles/${role.id}`);
  expect(await rolesAt()).toBe(401);
  await cloud.make('PUT', `/roles/${role.id}/implies/${roleIds['reader']}`);
  expect(await rolesAt()).toEqual(['reader']);
  expect(await status('PUT', `/roles/${roleIds['reader']}/implies/${role.id}`)).toBe(403);
  const domain = await cloud.make('POST', '/domains', { domain: { name: `d ${number}` } });
  const foreign = await cloud.make('POST', '/projects', { project: { name: 'f', domain_id: domain.id } });
  expect(await status('PUT', `/projects/${foreign.id}/users/${user.id}/roles/${role.id}`)).toBe(403);
});

test('a role that is removed is nobody’s any longer', async () => {
  const role = await cloud.make('POST', '/roles', { role: { name: `short ${number}` } });
  await cloud.make('PUT', `/projects/${project.id}/users/${user.id}/roles/${role.id}`);
  expect(await rolesAt()).toEqual([`short ${number}`]);
  expect(await status('DELETE', `/roles/${role.id}`)).toBe(204);
  expect(await rolesAt()).toBe(401);
  expect(await status('DELETE', `/roles/${roleIds['member']}`)).toBe(403);
});

describe('role assignments', () => {
  const list = (query: string) => cloud.make('GET', `/role_assignments?${query}`);

  test('are listed as they were given, with names on request', async () => {
    const group = await newGroup();
    await cloud.make('PUT', `/projects/${project.id}/groups/${group.id}/roles/${roleIds['member']}`);
    const base = `${cloud.url}/identity/v3`;
    expect(await list(`scope.project.id=${project.id}`)).toEqual([
      {
        group: { id: group.id },
        role: { id: roleIds['member'] },
        scope: { project: { id: project.id } },
        links: { assignment: `${base}/projects/${project.id}/groups/${group.id}/roles/${roleIds['member']}` },
      },
    ]);
    const domain = { id: 'default', name: 'Default' };
    expect(await list(`group.id=${group.id}&include_names`)).toMatchObject([
      {
        group: { name: `group ${number}`, domain },
        role: { name: 'member' },
        scope: { project: { name: `project ${number}`, domain } },
      },
    ]);
    expect(await list(`user.id=${user.id}`)).toEqual([]);
  });

  test('come to what each user has', async () => {
    const group = await newGroup();
    const child = await cloud.make('POST', '/projects', { project: { name: `c ${number}`, parent_id: project.id } });
    const grant = `/OS-INHERIT/projects/${project.id}/groups/${group.id}/roles/${roleIds['member']}/inherited_to_projects`;
    await cloud.make('PUT', grant);
    const found = await list(`user.id=${user.id}&effective=true`);
    expect(found.map((row: { role: { id: string } }) => row.role.id).sort()).toEqual(
      [roleIds['member'], roleIds['reader']].sort(),
    );
    for (const row of found) {
      expect(row.scope).toEqual({ project: { id: child.id }, 'OS-INHERIT:inherited_to': 'projects' });
      expect(row.links.assignment).toBe(`${cloud.url}/identity/v3${grant}`);
      expect(row.links.membership).toBe(`${cloud.url}/identity/v3/groups/${group.id}/users/${user.id}`);
    }
    expect(await list(`scope.project.id=${project.id}&include_subtree&effective&user.id=${user.id}`)).toHaveLength(2);
    expect(await list(`scope.project.id=${project.id}&effective&user.id=${user.id}`)).toEqual([]);
  });

  test('of the system are apart', async () => {
    await cloud.make('PUT', `/system/users/${user.id}/roles/${roleIds['reader']}`);
    expect(await list(`user.id=${user.id}&scope.system=all`)).toMatchObject([{ scope: { system: { all: true } } }]);
    expect(await list(`user.id=${user.id}&scope.domain.id=default`)).toEqual([]);
  });

  test.each([
    'scope.project.id=p&scope.domain.id=d',
    'scope.system=all&scope.domain.id=d',
    'user.id=u&group.id=g',
    'effective&group.id=g',
    'include_subtree',
  ])('asked for by what excludes each other (%s) are a bad request', async (query) => {
    expect(await status('GET', `/role_assignments?${query}`)).toBe(400);
  });
});
