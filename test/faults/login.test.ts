/** Logging in at a Keystone that is not well. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { HttpClient, NoAnswer } from '@cascade/openstack-protocol/client/http.js';
import { KeystoneSession, LoginRefused } from '@cascade/openstack-protocol/client/keystone-session.js';
import { FakeKeystone } from '../fake-cloud.js';

const keystone = new FakeKeystone();
const http = new HttpClient({ connections: 2, verifyTls: true });
const login = /^POST .*auth.tokens/;
const credential = {
  kind: 'password',
  username: 'cascade',
  password: 'right',
  projectName: 'admin',
  userDomain: 'default',
  projectDomain: 'default',
} as const;

beforeAll(() => keystone.server.start());
afterAll(async () => {
  await http.close();
  await keystone.server.refuse();
});
beforeEach(async () => {
  await keystone.server.recover();
  keystone.users.set('cascade', { id: 'u', password: 'right', projectId: 'p', roles: ['admin'] });
});

const session = () => new KeystoneSession(http, keystone.server.url, credential, 2_000);

test.each([
  ['a token that breaks off in the middle', () => keystone.server.cutJson(login)],
  ["a balancer's 503", () => keystone.server.fail(503, login)],
  ['too many requests', () => keystone.server.fail(429, login)],
])('%s is no refusal: the next login is tried at once', async (_what, happen) => {
  const ours = session();
  happen();
  await expect(ours.get()).rejects.toBeInstanceOf(NoAnswer);
  await keystone.server.recover();
  expect((await ours.get()).roles).toEqual(['admin']);
});

test('a refusal is believed for a while', async () => {
  const ours = session();
  keystone.server.fail(401, login);
  await expect(ours.get()).rejects.toBeInstanceOf(LoginRefused);
  await keystone.server.recover();
  const before = keystone.server.requestsLike(login).length;
  await expect(ours.get()).rejects.toBeInstanceOf(LoginRefused);
  expect(keystone.server.requestsLike(login)).toHaveLength(before);
});
