/** What each fault at the border does to a request, and what the cloud behind it hears. */
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FakeServer } from '../fake-server.js';
import { Border, type Scope } from './border.js';
import type { FaultName } from './faults.js';

let rows = ['a'];
const cloud = new FakeServer(({ query, method }) => ({
  status: method === 'POST' ? 202 : 200,
  body: { servers: query.has('marker') ? ['behind'] : rows, servers_links: [] },
}));
let border: Border;

beforeAll(async () => {
  await cloud.start();
  border = new Border(cloud.url);
  await border.open();
});
afterAll(async () => {
  await border.close();
  await cloud.refuse();
});
beforeEach(async () => {
  await border.heal();
  cloud.requests.length = 0;
  rows = ['a'];
});

const list = '/compute/v2.1/servers';

/** Status and body, or `nothing`, within a second. */
async function ask(method: 'GET' | 'POST' = 'GET', path = list): Promise<unknown> {
  try {
    const answer = await request(border.url + path, { method, headersTimeout: 1_000, bodyTimeout: 1_000 });
    return [answer.statusCode, await answer.body.text()];
  } catch {
    return 'nothing';
  }
}
const suffering = (fault: FaultName, scope?: Scope) => border.suffer(fault, scope);
const whole = '{"servers":["a"],"servers_links":[]}';

test.each<[FaultName, 'GET' | 'POST', unknown, number]>([
  ['none', 'GET', [200, whole], 1],
  ['latency', 'GET', [200, whole], 1],
  ['slowAnswer', 'GET', [200, whole], 1],
  ['blackhole', 'POST', 'nothing', 0],
  ['reset', 'POST', 'nothing', 0],
  ['answerLost', 'POST', 'nothing', 1],
  ['answerBroken', 'POST', 'nothing', 1],
  ['cutJson', 'GET', [200, whole.slice(0, whole.length / 2)], 1],
  ['emptyList', 'GET', [200, '{"servers":[]}'], 1],
])('%s: %s is answered %j, and the cloud hears of it %i times', async (fault, method, answer, times) => {
  suffering(fault);
  expect(await ask(method)).toEqual(answer);
  expect(cloud.requests).toHaveLength(times);
});

test.each<[FaultName, number, number]>([
  ['unavailable', 503, 0],
  ['gatewayTimeout', 504, 1],
  ['unauthorized', 401, 0],
])('%s: a write is answered %i, and the cloud hears of it %i times', async (fault, status, times) => {
  suffering(fault);
  expect(await ask('POST')).toEqual([status, expect.any(String)]);
  expect(cloud.requests).toHaveLength(times);
});

test('a page asked for behind a marker is the first one again', async () => {
  suffering('pageAgain');
  expect(await ask('GET', `${list}?marker=a`)).toEqual([200, whole]);
});

test('a stale answer is what was answered the last time, to the same question alone', async () => {
  await ask();
  rows = ['b'];
  suffering('staleAnswer');
  expect(await ask()).toEqual([200, whole]);
  expect(await ask('GET', `${list}?limit=1`)).toEqual([200, whole.replace('a', 'b')]);
});

test('refused: nobody listens, until it is healed', async () => {
  await border.refuse();
  expect(await ask()).toBe('nothing');
  await border.heal();
  expect(await ask()).toEqual([200, whole]);
});

test('a fault strikes its scope alone, and healing ends it', async () => {
  suffering('unavailable', 'writes');
  expect(await ask()).toEqual([200, whole]);
  expect(await ask('POST')).toEqual([503, expect.any(String)]);
  await border.heal();
  expect(await ask('POST')).toEqual([202, whole]);
});
