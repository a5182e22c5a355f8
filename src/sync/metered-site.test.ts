import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NoAnswer, type HttpClient } from '@cascade/openstack-protocol/client/http.js';
import type { KeystoneSession } from '@cascade/openstack-protocol/client/keystone-session.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { SiteGateway } from '../sites/gateway.js';
import { HttpConnection } from '../sites/http-transport.js';
import { MeteredSite } from './metered-site.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A site that takes one request at a time, works for 50 ms on each, and whose Keystone takes 100 ms for a login. */
function slowSite(answer: () => Promise<unknown> = () => Promise.resolve(json(200, { servers: [] }))): SiteGateway {
  const http = { send: () => delay(50).then(answer) } as unknown as HttpClient;
  const session = { get: () => delay(100).then(() => ({ token: 'x', projectId: 'p' })) } as unknown as KeystoneSession;
  const capabilities = { endpoints: { compute: ['http://nova'] }, microversions: {}, networkExtensions: [] };
  const record = { id: 1, name: 'east', state: 'enabled', capabilities } as const;
  const connection = new HttpConnection(http, session);
  return new SiteGateway(record, connection, { readMs: 1_000, writeMs: 1_000 }, { concurrency: 1, perSecond: 0 });
}
const list = { service: 'compute', method: 'GET', path: '/servers' } as const;

test('what the site works is counted, and none of our own waiting for a login or a turn', async () => {
  const site = slowSite();
  const metered = [1, 2, 3, 4].map(() => new MeteredSite(site));
  const start = performance.now();
  const answered = Promise.all(metered.map((metered) => metered.request(list)));
  await vi.runAllTimersAsync();
  await answered;
  expect(performance.now() - start).toBe(4 * 150);
  expect(metered.map(({ spentMs }) => spentMs)).toEqual([50, 50, 50, 50]);
});

test('all that is asked through one metered site is summed up, answered or not', async () => {
  const metered = new MeteredSite(slowSite(() => Promise.reject(new NoAnswer('broken off', false))));
  for (let count = 0; count < 2; count += 1) {
    const refused = expect(metered.request(list)).rejects.toThrow();
    await vi.runAllTimersAsync();
    await refused;
  }
  expect(metered.spentMs).toBe(100);
});

test('it is the site in everything else', () => {
  const site = slowSite();
  const metered = new MeteredSite(site);
  expect([metered.id, metered.name, metered.state, metered.capabilities]).toEqual([
    1,
    'east',
    'enabled',
    site.capabilities,
  ]);
  expect(metered.health('compute')).toEqual(site.health('compute'));
});
