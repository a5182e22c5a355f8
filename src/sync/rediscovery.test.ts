/** A site that is upgraded, or loses something, after it became one. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { FakeKeystone, FakeSite } from '../../test/fake-cloud.js';
import { computeKinds } from '../compute/kinds.js';
import { testDatabase } from '../database/testing.js';
import { SiteRegistry } from '../sites/registry.js';
import { secretsWith } from '../sites/secrets.js';
import { FeedStates } from './feed-states.js';
import { Rediscovery } from './rediscovery.js';

let keystone: FakeKeystone;
let cloud: FakeSite;
let sites: SiteRegistry;
let feeds: FeedStates;
let rediscovery: Rediscovery;
let minded: boolean;
const logged: string[] = [];
let close: () => Promise<void>;

beforeAll(async () => {
  keystone = new FakeKeystone();
  cloud = new FakeSite(keystone, 'RegionEast');
  keystone.sites.push(cloud);
  keystone.users.set('cascade', { id: 'cascade', password: 'pw', projectId: 'admin', roles: ['admin'] });
  await Promise.all([keystone.server.start(), cloud.server.start()]);
  const { database, close: dropDatabase } = await testDatabase();
  const limits = { concurrency: 10, perSecond: 0 };
  const options = { deadlines: { readMs: 20_000, writeMs: 20_000 }, limits };
  sites = new SiteRegistry(database, secretsWith(randomBytes(32)), options);
  const credential = {
    kind: 'password',
    username: 'cascade',
    password: 'pw',
    projectName: 'admin',
    userDomain: 'default',
    projectDomain: 'default',
  } as const;
  const at = { name: 'east', authUrl: keystone.server.url, region: 'RegionEast', interface: 'public' } as const;
  await sites.add({ ...at, credential, verifyTls: true });
  feeds = new FeedStates(database);
  close = async () => {
    await sites.close();
    await dropDatabase();
    await Promise.all([keystone.server.refuse(), cloud.server.refuse()]);
  };
});
afterAll(() => close());
beforeEach(async () => {
  minded = true;
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  rediscovery = new Rediscovery(sites, { holds: () => minded }, feeds, computeKinds, log);
  await rediscovery.run();
  for (const { server } of [keystone, cloud]) server.requests.splice(0);
});
afterEach(async () => {
  vi.useRealTimers();
  keystone.unlisted.clear();
  cloud.novaMax = '2.93';
  cloud.networkExtensions = ['router'];
  for (const { server } of [keystone, cloud]) await server.recover();
});

const east = () => sites.byName('east')!;
const asked = () =>
  [...keystone.server.requests, ...cloud.server.requests].map(({ method, path }) => `${method} ${path}`).sort();
const inMinutes = (minutes: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 });

test('a site is asked for what it can do every five minutes, by a few small requests and no login', async () => {
  await rediscovery.run();
  expect(asked()).toEqual([]);
  inMinutes(5);
  await rediscovery.run();
  expect(asked()).toEqual(['GET /compute/', 'GET /network/v2.0/extensions', 'GET /v3/auth/catalog', 'GET /volume/']);
});

test('the process that minds a site asks, and no other', async () => {
  inMinutes(5);
  minded = false;
  await rediscovery.run();
  expect(asked()).toEqual([]);
});

test('an upgraded Nova is asked in the microversion it speaks now, and its servers are read anew', async () => {
  cloud.novaMax = '2.79';
  inMinutes(5);
  await rediscovery.run();
  expect(east().capabilities.microversions.compute).toEqual({ min: '2.1', max: '2.79' });
  cloud.novaMax = '2.93';
  inMinutes(5);
  await rediscovery.run();
  expect(east().capabilities.microversions.compute).toEqual({ min: '2.1', max: '2.93' });
  expect(await feeds.suspected()).toContainEqual({ site_id: east().id, kind: 'server' });
  await east().request({ service: 'compute', method: 'GET', path: '/servers', microversion: '2.96' });
  expect(cloud.server.requestsLike(/servers/).at(-1)?.headers['openstack-api-version']).toBe('compute 2.93');
});

test("Neutron's new extensions are known, and those that were switched off are not any more", async () => {
  cloud.networkExtensions = ['router', 'trunk'];
  inMinutes(5);
  await rediscovery.run();
  expect(east().capabilities.networkExtensions).toEqual(['router', 'trunk']);
  cloud.networkExtensions = [];
  inMinutes(5);
  await rediscovery.run();
  expect(east().capabilities.networkExtensions).toEqual([]);
});

test('a site whose service is back is asked at once', async () => {
  await cloud.server.refuse();
  for (let time = 0; time < 3; time += 1) await sites.probe();
  cloud.novaMax = '2.95';
  await cloud.server.recover();
  for (let time = 0; time < 2; time += 1) await sites.probe();
  await rediscovery.run();
  expect(east().capabilities.microversions.compute?.max).toBe('2.95');
});

test('an endpoint that the catalog lacks for a moment stays in use', async () => {
  const before = east().capabilities;
  keystone.unlisted.add('volumev3').add('compute');
  inMinutes(5);
  await rediscovery.run();
  expect(keystone.server.requestsLike(/catalog/)).toHaveLength(1);
  expect(east().capabilities).toEqual(before);
});

test.each([
  ['is silent', () => cloud.server.refuse()],
  ['answers with an error', async () => cloud.server.fail(503)],
  ['breaks off', async () => cloud.server.cutJson()],
])('what a site that %s could do before is not forgotten', async (_how, fault) => {
  const before = east().capabilities;
  expect(before.networkExtensions).toContain('router');
  await fault();
  inMinutes(5);
  await rediscovery.run();
  expect(east().capabilities).toEqual(before);
});

test('a catalog that cannot be read is tried again after a minute', async () => {
  keystone.server.fail(503, /catalog/);
  inMinutes(5);
  await rediscovery.run();
  await rediscovery.run();
  expect(keystone.server.requestsLike(/catalog/)).toHaveLength(1);
  expect(logged.join()).toContain('Keystone answered 503 instead of its catalog');
  await keystone.server.recover();
  cloud.novaMax = '2.96';
  inMinutes(1);
  await rediscovery.run();
  expect(east().capabilities.microversions.compute?.max).toBe('2.96');
});
