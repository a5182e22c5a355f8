/** The life of a token: shown, rescoped, revoked, over; and what ends it early, in every process. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startCascade, type Cascade } from '../../src/cascade.js';
import { freePort, send } from '../cascade.js';
import { byPassword, startBuiltInCascade, type BuiltInCascade, type User } from './cascade.js';

let cloud: BuiltInCascade;
let second: Cascade;
let secondUrl: string;
let number = 0;

beforeAll(async () => {
  cloud = await startBuiltInCascade();
  const port = await freePort();
  secondUrl = `http://127.0.0.1:${port}`;
  second = await startCascade({ ...cloud.config, port }, pino({ level: 'silent' }));
});
afterAll(async () => {
  await second.close();
  await cloud.close();
});

const newMember = () => cloud.newUser(`member ${++number}`, cloud.demoProject, 'member');
const servers = (url: string, token: string) => send('GET', `${url}/compute/v2.1/servers`, { token });
const statuses = async (token: string) =>
  (await Promise.all([servers(cloud.url, token), servers(secondUrl, token)])).map(({ status }) => status);
const shown = (token: string, by = token) =>
  cloud.ask('GET', '/auth/tokens', by, undefined, { 'x-subject-token': token });

describe('a token', () => {
  test('is shown as it was issued: to its user, administrators and services', async () => {
    const user = await newMember();
    const issued = await cloud.login(byPassword(user), { project: { id: cloud.demoProject } });
    const token = issued.headers['x-subject-token']!;
    const service = await cloud.newUser('nova', cloud.demoProject, 'service');
    for (const by of [token, cloud.admin, await cloud.loginAs(service, cloud.demoProject)]) {
      const { status, headers, body } = await shown(token, by);
      expect([status, headers['x-subject-token'], body]).toEqual([200, token, issued.body]);
    }
    expect((await shown(token, cloud.demo)).status).toBe(403);
    expect((await shown('forged', cloud.admin)).status).toBe(404);
    expect((await shown(token, 'forged')).status).toBe(401);
    const head = await cloud.ask('HEAD', '/auth/tokens', token, undefined, { 'x-subject-token': token });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  test('makes another for another scope, which ends no later and is of the same chain', async () => {
    const user = await newMember();
    const first = await cloud.login(byPassword(user), 'unscoped');
    const identity = { methods: ['token'], token: { id: first.headers['x-subject-token'] } };
    const next = (await cloud.login(identity, { project: { id: cloud.demoProject } })).body.token;
    expect(next.project.id).toBe(cloud.demoProject);
    expect(next.methods).toEqual(['token', 'password']);
    expect(next.expires_at).toBe(first.body.token.expires_at);
    expect(next.audit_ids).toEqual([expect.any(String), first.body.token.audit_ids[0]]);
  });

  test('has the roles its user has now', async () => {
    const user = await newMember();
    const token = await cloud.loginAs(user, cloud.demoProject);
    const grant = `/projects/${cloud.demoProject}/users/${user.id}/roles/`;
    await cloud.make('PUT', `${grant}${await cloud.roleId('manager')}`);
    expect((await shown(token)).body.token.roles[0].name).toBe('manager');
    for (const role of ['manager', 'member']) await cloud.make('DELETE', `${grant}${await cloud.roleId(role)}`);
    expect((await shown(token)).status).toBe(401);
  });

  test('ends when it is revoked, in all processes', async () => {
    const token = await cloud.loginAs(await newMember(), cloud.demoProject);
    expect(await statuses(token)).toEqual([200, 200]);
    expect((await cloud.ask('DELETE', '/auth/tokens', token, undefined, { 'x-subject-token': token })).status).toBe(
      204,
    );
    expect((await servers(cloud.url, token)).status).toBe(401);
    await vi.waitFor(async () => expect(await statuses(token)).toEqual([401, 401]), { timeout: 20_000 });
    expect((await shown(token, cloud.admin)).status).toBe(404);
  });

  test('ends when its time is over, although it is remembered', async () => {
    const token = await cloud.loginAs(await newMember(), cloud.demoProject);
    expect(await statuses(token)).toEqual([200, 200]);
    await cloud.database.run(
      `update identity_token set expires_at = now() - interval '1 s' where digest = encode(sha256($1::bytea), 'base64')`,
      [token],
    );
    await cloud.make('PATCH', `/projects/${cloud.adminProject}`, { project: { description: 'makes all look again' } });
    await vi.waitFor(async () => expect(await statuses(token)).toEqual([401, 401]), { timeout: 20_000 });
  });
});

describe('all tokens of a user end, in all processes, when', () => {
  const change = (user: User, fields: object) => cloud.make('PATCH', `/users/${user.id}`, { user: fields });
  const ends: [string, (user: User) => Promise<unknown>][] = [
    [
      'the user changes the password',
      async ({ id, password }) => {
        const user = { original_password: password, password: 'another' };
        expect((await cloud.ask('POST', `/users/${id}/password`, undefined, { user })).status).toBe(204);
      },
    ],
    ['an administrator changes it', (user) => change(user, { password: 'another' })],
    [
      'the user is disabled and enabled again',
      async (user) => {
        await change(user, { enabled: false });
        await change(user, { enabled: true });
      },
    ],
    ['the user is deleted', ({ id }) => cloud.make('DELETE', `/users/${id}`)],
    [
      'the role is taken away',
      async ({ id }) =>
        cloud.make('DELETE', `/projects/${cloud.demoProject}/users/${id}/roles/${await cloud.roleId('member')}`),
    ],
  ];
  test.each(ends)('%s', async (_when, end) => {
    const user = await newMember();
    const token = await cloud.loginAs(user, cloud.demoProject);
    expect(await statuses(token)).toEqual([200, 200]);
    await end(user);
    await vi.waitFor(async () => expect(await statuses(token)).toEqual([401, 401]), { timeout: 20_000 });
    expect((await shown(token, cloud.admin)).status).toBe(404);
  });

  test('the project was disabled, and enabled again', async () => {
    const project = await cloud.make('POST', '/projects', { project: { name: 'short' } });
    const user = await cloud.newUser('short', project.id, 'member');
    const token = await cloud.loginAs(user, project.id);
    await cloud.make('PATCH', `/projects/${project.id}`, { project: { enabled: false } });
    await cloud.make('PATCH', `/projects/${project.id}`, { project: { enabled: true } });
    expect((await shown(token, cloud.admin)).status).toBe(404);
    expect((await cloud.login(byPassword(user), { project: { id: project.id } })).status).toBe(201);
  });
});

test('a password is changed by who knows it alone', async () => {
  const user = await newMember();
  const change = (original: string, id = user.id) =>
    cloud.ask('POST', `/users/${id}/password`, undefined, { user: { original_password: original, password: 'new' } });
  const wrong = await change('guess');
  const nobody = await change('guess', 'nobody');
  expect([wrong.status, wrong.body]).toEqual([401, nobody.body]);
  expect((await change(user.password)).status).toBe(204);
  expect((await cloud.login(byPassword(user))).status).toBe(401);
  expect((await cloud.login(byPassword({ ...user, password: 'new' }))).status).toBe(201);
});

test('where a user may log in to is listed', async () => {
  const user = await newMember();
  const unscoped = await cloud.loginAs(user);
  const ids = async (what: 'projects' | 'domains') =>
    (await cloud.ask('GET', `/auth/${what}`, unscoped)).body[what].map(({ id }: { id: string }) => id);
  expect(await ids('projects')).toEqual([cloud.demoProject]);
  expect(await ids('domains')).toEqual([]);
  expect((await cloud.ask('GET', '/auth/system', unscoped)).body.system).toEqual([]);
  expect((await cloud.ask('GET', '/auth/system', cloud.admin)).body.system).toEqual([{ all: true }]);
  expect((await cloud.ask('GET', '/auth/catalog', unscoped)).status).toBe(403);
  const { catalog } = (await cloud.ask('GET', '/auth/catalog', cloud.demo)).body;
  const volumes = catalog.find(({ type }: { type: string }) => type === 'volumev3');
  expect(volumes.endpoints[0].url).toBe(`${cloud.url}/volume/v3/${cloud.demoProject}`);
});
