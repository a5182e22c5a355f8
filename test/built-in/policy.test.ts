/** Who may do what: every row of the table against every persona. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRoutes, routes } from '../../src/identity/built-in/routes.js';
import { byPassword, startBuiltInCascade, type BuiltInCascade, type User } from './cascade.js';

let cloud: BuiltInCascade;
let user: User;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  cloud = await startBuiltInCascade();
  user = await cloud.newUser('persona');
  const grant = async (target: string, role: string, who: User) =>
    cloud.make('PUT', `${target}/users/${who.id}/roles/${await cloud.roleId(role)}`);
  const withRole = async (role: string) => {
    const who = await cloud.newUser(role, cloud.demoProject, role);
    return cloud.loginAs(who, cloud.demoProject);
  };
  for (const role of ['reader', 'member', 'manager', 'service']) tokens[role] = await withRole(role);
  const auditor = await cloud.newUser('auditor');
  await grant('/system', 'reader', auditor);
  const login = await cloud.login(byPassword(auditor), { system: { all: true } });
  tokens['system reader'] = login.headers['x-subject-token']!;
  tokens['unscoped'] = await cloud.loginAs(user);
  await grant(`/projects/${cloud.demoProject}`, 'member', user);
  tokens['the user'] = await cloud.loginAs(user, cloud.demoProject);
});
afterAll(() => cloud.close());

const isRead = (method: string) => method === 'GET' || method === 'HEAD';

/** Rules that let a persona through to rows about things that are not there, and about the user of that name. */
async function letThrough(token: string | undefined, userId = 'somebody'): Promise<Set<string>> {
  const open = new Set<string>();
  for (const { method, path, rule } of routes) {
    const below = path.replace('{user_id}', userId).replace(/\{\w+\}/g, 'f'.repeat(32));
    const body = isRead(method) || method === 'DELETE' ? undefined : {};
    const { status } = await cloud.ask(method, below, token, body, { 'x-subject-token': 'unknown' });
    if (status === 401) open.add('401');
    else if (status !== 403) open.add(`${isRead(method) ? 'read' : 'write'} ${rule.replace('identity:', '')}`);
  }
  return open;
}

// Its row looks at the caller itself, since what it may do depends on the trust or token in question.
const forAll = [
  'read validate_token',
  'write revoke_token',
  'read get_auth_projects',
  'read get_auth_domains',
  'read get_auth_system',
  'read list_regions',
  'read get_region',
  'read list_role_inference_rules',
  'read get_trust',
  'write create_trust',
  'write delete_trust',
  'read list_roles_for_trust',
  'read get_role_for_trust',
].sort();
const inProjects = [...forAll, 'read get_auth_catalog'].sort();

test('nobody gets anywhere without a token, or with a forged one', async () => {
  expect([...(await letThrough(undefined))]).toEqual(['401']);
  expect([...(await letThrough('forged'))]).toEqual(['401']);
  expect(openRoutes.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /auth/tokens',
    'POST /users/{user_id}/password',
  ]);
});

test.each(['reader', 'member', 'manager', 'service'])('a %s of a project reads what is for all', async (role) => {
  expect([...(await letThrough(tokens[role]!))].sort()).toEqual(inProjects);
});

test('who has no scope reads what is for all but the catalog', async () => {
  expect([...(await letThrough(tokens['unscoped']!))].sort()).toEqual(forAll);
});

test('a reader of the system reads everything and writes nothing', async () => {
  const open = await letThrough(tokens['system reader']!);
  const writes = [...open].filter((rule) => rule.startsWith('write')).sort();
  expect(writes).toEqual(forAll.filter((rule) => rule.startsWith('write')));
  const reads = new Set(routes.filter(({ method }) => isRead(method)).map(({ rule }) => rule.replace('identity:', '')));
  expect([...reads].filter((rule) => !open.has(`read ${rule}`))).toEqual(['get_auth_catalog']);
});

test('a user sees himself and his, and changes his application credentials alone', async () => {
  const open = [...(await letThrough(tokens['the user']!, user.id))]
    .filter((rule) => !inProjects.includes(rule))
    .sort();
  expect(open).toEqual(
    [
      'read get_access_rule',
      'read get_application_credential',
      'read get_user',
      'read list_access_rules',
      'read list_application_credentials',
      'read list_groups_for_user',
      'read list_user_projects',
      'write create_application_credential',
      'write delete_access_rule',
      'write delete_application_credential',
    ].sort(),
  );
});

test('of projects and domains one sees one’s own', async () => {
  const status = async (below: string) => (await cloud.ask('GET', below, tokens['reader']!)).status;
  expect(await status(`/projects/${cloud.demoProject}`)).toBe(200);
  expect(await status(`/projects/${cloud.adminProject}`)).toBe(403);
  expect(await status('/domains/default')).toBe(200);
  const refused = await cloud.ask('POST', '/users', tokens['member']!, { user: { name: 'x' } });
  expect([refused.status, refused.body.error.message]).toEqual([
    403,
    'You are not authorized to perform the requested action: identity:create_user.',
  ]);
});

test('an administrator gets everywhere but to make credentials in the name of others', async () => {
  const open = await letThrough(cloud.admin);
  const rules = new Set(
    routes.map(({ method, rule }) => `${isRead(method) ? 'read' : 'write'} ${rule.replace('identity:', '')}`),
  );
  expect([...rules].filter((rule) => !open.has(rule))).toEqual(['write create_application_credential']);
});
