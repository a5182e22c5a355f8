/** A cloud's own Keystone, and one that two clouds share. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestCloud, type TestCloud } from '../testing-cloud.js';

let own: TestCloud;
let sharing: TestCloud;
beforeAll(async () => {
  own = await openTestCloud({
    names: ['own'],
    keystone: { admin: { username: 'admin', password: 'pw', projectName: 'admin' } },
  });
  sharing = await openTestCloud({ names: ['sharing'], keystone: { shared: `${own.url}/identity/v3` } });
});
afterAll(async () => {
  await sharing.close();
  await own.close();
});

const headersOf = (token: string) => ({ 'x-subject-token': token });
const regionsIn = (catalog: { endpoints: { region: string; url: string }[] }[]) => [
  ...new Set(catalog.flatMap(({ endpoints }) => endpoints.map(({ region }) => region))),
];

describe('a login', () => {
  test.each([
    [{ name: 'admin', password: 'guess', project: 'admin' }],
    [{ name: 'nobody', password: 'pw', project: 'admin' }],
    [{ name: 'admin', password: 'pw', project: 'nowhere' }],
    [{ name: 'admin', password: 'pw', project: 'tenant-0000' }],
  ])('%j is refused', async (auth) => {
    const { status, body } = await own.logIn(auth);
    expect([status, body.error.code, body.error.title]).toEqual([401, 401, 'Unauthorized']);
  });

  test('gives a token with the roles, those they imply, and the catalog', async () => {
    const { status, body } = await own.logIn({ name: 'admin', password: 'pw', project: 'admin' });
    expect(status).toBe(201);
    expect(body.token.roles.map(({ name }: { name: string }) => name)).toEqual([
      'reader',
      'member',
      'manager',
      'admin',
    ]);
    expect(body.token.catalog.map(({ type }: { type: string }) => type)).toContain('compute');
    expect(regionsIn(body.token.catalog)).toEqual(['own']);
  });

  test('may be one with a token, for no longer than that', async () => {
    const identity = { methods: ['token'], token: { id: own.token } };
    const { body } = await own.ask('POST /identity/v3/auth/tokens', { body: { auth: { identity } } });
    const first = await own.ask('GET /identity/v3/auth/tokens', { headers: headersOf(own.token) });
    expect(body.token.expires_at).toBe(first.body.token.expires_at);
  });
});

test('a token that is revoked, forged or missing opens nothing', async () => {
  const token = String(
    (await own.logIn({ name: 'admin', password: 'pw', project: 'admin' })).headers['x-subject-token'],
  );
  expect((await own.ask('GET /compute/v2.1/servers', { token })).status).toBe(200);
  expect((await own.ask('DELETE /identity/v3/auth/tokens', { headers: headersOf(token) })).status).toBe(204);
  for (const bad of [token, 'gAAAAAforged', '']) {
    expect((await own.ask('GET /compute/v2.1/servers', { token: bad })).status).toBe(401);
  }
});

test('users get what they are given, and no more', async () => {
  const { body } = await own.ask('POST /identity/v3/users', { body: { user: { name: 'demo', password: 'pw' } } });
  expect((await own.ask('POST /identity/v3/users', { body: { user: { name: 'demo' } } })).status).toBe(409);
  const [{ id: role }] = (await own.ask('GET /identity/v3/roles?name=reader')).body.roles;
  const [{ id: project }] = (await own.ask('GET /identity/v3/projects?name=tenant-0003')).body.projects;
  await own.ask(`PUT /identity/v3/projects/${project}/users/${body.user.id}/roles/${role}`);
  const login = await own.logIn({ name: 'demo', password: 'pw', project: 'tenant-0003' });
  const token = String(login.headers['x-subject-token']);
  expect(login.body.token.project.id).toBe(project);
  expect((await own.ask('GET /compute/v2.1/servers', { token })).status).toBe(200);
  expect((await own.ask('POST /compute/v2.1/servers', { token, body: {} })).status).toBe(403);
  expect((await own.ask('GET /compute/v2.1/servers?all_tenants=1', { token })).status).toBe(403);
  expect((await own.ask('GET /identity/v3/users', { token })).status).toBe(403);
  await own.ask(`DELETE /identity/v3/users/${body.user.id}`);
  expect((await own.ask('GET /compute/v2.1/servers', { token })).status).toBe(401);
});

describe('a Keystone that is shared', () => {
  test('takes the logins of both, and each shows its own catalog', async () => {
    const login = await sharing.logIn({ name: 'admin', password: 'pw', project: 'admin' });
    const token = String(login.headers['x-subject-token']);
    expect(regionsIn(login.body.token.catalog)).toEqual(['sharing']);
    expect(login.text).not.toContain(own.url);
    const { body } = await sharing.ask('GET /identity/v3/auth/catalog', { token });
    expect(regionsIn(body.catalog)).toEqual(['sharing']);
    expect((await own.ask('GET /compute/v2.1/servers', { token })).status).toBe(200);
    expect((await sharing.ask('GET /compute/v2.1/servers', { token })).status).toBe(200);
  });

  test('that does not answer is a cloud that cannot tell who asks', async () => {
    own.faults.set({ kind: 'errors', services: ['identity'] });
    expect((await sharing.ask('GET /compute/v2.1/servers', { token: 'gAAAAAunknown' })).status).toBe(503);
    own.faults.clear();
    expect((await sharing.ask('GET /compute/v2.1/servers', { token: 'gAAAAAunknown' })).status).toBe(401);
  });
});
