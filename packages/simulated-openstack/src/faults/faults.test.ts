/** Each way in which a cloud can fail, as a client meets it. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openTestCloud, type TestCloud } from '../testing-cloud.js';

const servers = 'GET /compute/v2.1/servers?all_tenants=1';
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openTestCloud({ servers: 10, key: 'sesame' });
});
afterAll(() => cloud.close());
afterEach(() => cloud.faults.clear());

const within = async (ms: number, call: string): Promise<string> =>
  Promise.race([
    cloud.ask(call).then(
      ({ status }) => String(status),
      (error: Error) => error.message,
    ),
    delay(ms, 'nothing'),
  ]);

test('silent: nothing comes, of one service alone if that is asked', async () => {
  cloud.faults.set({ kind: 'silent', services: ['compute'] });
  expect(await within(300, servers)).toBe('nothing');
  expect(await within(3_000, 'GET /network/v2.0/networks')).toBe('200');
  cloud.faults.clear();
  expect(await within(3_000, servers)).toBe('200');
});

test('refused: nobody listens, and then somebody does', async () => {
  cloud.faults.set({ kind: 'refused' });
  expect(await within(3_000, servers)).toMatch(/ECONNREFUSED|socket|closed|reset/i);
  await expect(fetch(cloud.url)).rejects.toThrow();
  cloud.faults.clear();
  const status = () =>
    fetch(`${cloud.url}/compute/`).then(
      (answer) => answer.status,
      () => undefined,
    );
  await expect.poll(status).toBe(200);
});

test('slow: the answer comes later', async () => {
  cloud.faults.set({ kind: 'slow', delay_ms: 200 });
  const start = Date.now();
  expect((await cloud.ask(servers)).status).toBe(200);
  expect(Date.now() - start).toBeGreaterThanOrEqual(195);
});

test.each([
  ['errors', {}, 503, 'serviceUnavailable'],
  ['errors', { status: 500 }, 500, 'computeFault'],
  ['errors', { status: 502 }, 502, 'computeFault'],
  ['unauthorized', {}, 401, 'error'],
  ['wrong-microversion', {}, 406, 'computeFault'],
] as const)('%s %j', async (kind, more, status, word) => {
  cloud.faults.set({ kind, ...more });
  const answer = await cloud.ask(servers, { version: '2.60' });
  expect([answer.status, answer.body[word].code]).toEqual([status, status]);
});

test('a microversion that is not the one', async () => {
  cloud.faults.set({ kind: 'wrong-microversion', how: 'header' });
  expect((await cloud.ask(servers, { version: '2.60' })).headers['openstack-api-version']).toBe('compute 2.1');
});

test('wrong versions: the documents claim what no request is taken in', async () => {
  cloud.faults.set({ kind: 'wrong-versions', services: ['compute'] });
  const { body } = await cloud.ask('GET /compute/');
  expect(body.versions.at(-1)).toMatchObject({ id: 'v2.1', min_version: '2.1', version: '2.200' });
  expect((await cloud.ask('GET /compute/v2.1/')).body.version).toMatchObject({ version: '2.200' });
  expect((await cloud.ask(servers, { version: '2.200' })).status).toBe(406);
  expect((await cloud.ask('GET /volume/')).body.versions.at(-1).version).not.toBe('2.200');
});

test('truncated: what comes is no JSON', async () => {
  cloud.faults.set({ kind: 'truncated' });
  const { status, body, text } = await cloud.ask(servers);
  expect([status, body, text.startsWith('{"servers"')]).toEqual([200, undefined, true]);
});

test('repeated page: the page behind the marker is the first one again', async () => {
  const first = await cloud.ask(`${servers}&limit=2`);
  const next = new URL(first.body.servers_links[0].href);
  cloud.faults.set({ kind: 'repeated-page' });
  expect((await cloud.ask(`GET ${next.pathname}${next.search}`)).body.servers).toEqual(first.body.servers);
});

test('stale: a list is what it was, and one server is what it is', async () => {
  cloud.faults.set({ kind: 'stale', lag_seconds: 3600 });
  const detail = `${servers.replace('?', '/detail?')}&limit=1`;
  const { id, name } = (await cloud.ask(detail)).body.servers[0];
  await cloud.ask(`PUT /compute/v2.1/servers/${id}`, { body: { server: { name: 'new' } } });
  expect((await cloud.ask(detail)).body.servers[0].name).toBe(name);
  expect((await cloud.ask(`GET /compute/v2.1/servers/${id}`)).body.server.name).toBe('new');
  cloud.faults.set({ kind: 'stale', lag_seconds: 0.05 });
  await expect.poll(async () => (await cloud.ask(detail)).body.servers[0].name).toBe('new');
});

test('clock skew: the cloud writes other times', async () => {
  cloud.faults.set({ kind: 'clock-skew', skew_seconds: 3600 });
  const { id } = (await cloud.ask(servers)).body.servers[1];
  const answer = await cloud.ask(`PUT /compute/v2.1/servers/${id}`, { body: { server: { name: 'later' } } });
  for (const time of [answer.headers['date'] as string, answer.body.server.updated]) {
    expect(Date.parse(time) - Date.now()).toBeGreaterThan(3_590_000);
  }
});

test('answer lost: it is done, and nobody is told', async () => {
  cloud.faults.set({ kind: 'answer-lost', methods: ['POST'] });
  const network = { name: 'orphan' };
  await expect(cloud.ask('POST /network/v2.0/networks', { body: { network } })).rejects.toThrow();
  expect((await cloud.ask('GET /network/v2.0/networks?name=orphan')).body.networks).toHaveLength(1);
});

test('a share of the requests is hit, the same one for the same seed', async () => {
  cloud.faults.set({ kind: 'errors', share: 0.5 });
  const answers = await Promise.all(Array.from({ length: 40 }, () => cloud.ask(servers)));
  const failed = answers.filter(({ status }) => status === 503).length;
  expect(failed).toBeGreaterThan(8);
  expect(failed).toBeLessThan(32);
});

test('a fault ends by itself', async () => {
  cloud.faults.set({ kind: 'errors', seconds: 3600 });
  expect((await cloud.ask(servers)).status).toBe(503);
  cloud.faults.set({ kind: 'errors', seconds: 0.1 });
  await expect.poll(async () => (await cloud.ask(servers)).status).toBe(200);
  expect(cloud.faults.list()).toEqual([]);
});

describe('switched from outside', () => {
  const headers = { 'x-simulation-key': 'sesame' };
  const put = (body: unknown, key = headers) => cloud.ask('PUT /simulation/faults', { body, headers: key });

  test('with the key alone', async () => {
    expect((await put({ kind: 'errors' }, { 'x-simulation-key': 'guess' })).status).toBe(403);
    expect((await cloud.ask(servers)).status).toBe(200);
    expect((await put({ kind: 'errors' })).body.fault).toMatchObject({ kind: 'errors', share: 1, status: 503 });
    expect((await cloud.ask('GET /simulation/faults', { headers })).body.faults).toHaveLength(1);
    expect((await cloud.ask(servers)).status).toBe(503);
    expect((await cloud.ask('DELETE /simulation/faults/errors', { headers })).body.faults).toEqual([]);
    expect((await cloud.ask(servers)).status).toBe(200);
  });

  test.each([
    [{ kind: 'merry' }, /^kind: /],
    [{ kind: 'slow', share: 2 }, /^share: /],
    [{ kind: 'refused' }, /^seconds: is needed/],
    [{ kind: 'slow', colour: 'red' }, /colour/],
    [undefined, /^body: /],
  ])('%j is refused', async (body, words) => {
    const answer = await put(body);
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringMatching(words)]);
  });

  test('a silent cloud can still be told to speak', async () => {
    cloud.faults.set({ kind: 'silent' });
    expect((await cloud.ask('DELETE /simulation/faults', { headers })).status).toBe(200);
    expect((await cloud.ask('GET /simulation', { headers })).body).toMatchObject({ name: 'z1', servers: 10 });
  });
});
