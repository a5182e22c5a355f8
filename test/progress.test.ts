/** What operators are told about how far each site has been read. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { siteProgress } from '../src/admin/schemas.js';
import type { ShownSite } from '../src/admin/show-site.js';
import { startTestCascade, type TestCascade } from './cascade.js';
import { firstReads } from './first-reads.js';

let cloud: TestCascade;

beforeAll(async () => {
  cloud = await startTestCascade({}, ['east']);
  await firstReads(cloud);
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.east.server.recover();
  cloud.east.things.clear();
  await cloud.cascade.world.database.run('delete from resource; delete from feed');
});

const operator = async (path: string) => (await cloud.ask('GET', `/cascade/v1${path}`, { token: cloud.admin })).body;
const shown = async (): Promise<ShownSite> => (await operator('/sites/east')).site;
const feed = async (kind: string) => (await shown()).feeds.find((one) => one.kind === kind)!;
const read = (kind: string) => {
  const { reader, kinds, sites } = cloud.cascade.world;
  return reader.readChanges(kinds.get(kind)!, sites.byName('east')!);
};
const serversAt = (count: number) => {
  for (let at = 0; at < count; at += 1) cloud.east.put('servers', { name: `s${at}`, tenant_id: cloud.project });
};

/** Ages are whole seconds, or nearly: what `work` has read cannot be older than the work. */
async function expectFresh(work: () => Promise<unknown>, ageOf: () => Promise<number | null>): Promise<void> {
  const start = Date.now();
  await work();
  const age = await ageOf();
  expect(age).not.toBeNull();
  expect(age).toBeLessThanOrEqual((Date.now() - start) / 1000 + 1);
}

test('a feed that was never read is shown, as old as its site', async () => {
  const asked = Date.now();
  const site = await shown();
  siteProgress.parse(site);
  expect(site.feeds.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['server', 'volume', 'network', 'image']));
  // This cloud has no RBAC policies.
  expect(site.feeds.map(({ kind }) => kind)).not.toContain('rbac_policy');
  expect(site.feeds[0]).toMatchObject({ rows: 0, rows_read: 0, read_at: null, age_seconds: null, last_error: null });
  const age = (at: number) => (at - Date.parse(String(site.created_at))) / 1000;
  expect(site.staleness_seconds).toBeGreaterThanOrEqual(age(asked) - 1);
  expect(site.staleness_seconds).toBeLessThanOrEqual(age(Date.now()) + 1);
});

test('a first read tells how far it has come, and why it goes no further', async () => {
  serversAt(5);
  cloud.east.pageSize = 2;
  cloud.east.server.fail(503, /marker=/);
  await expect(read('server')).rejects.toThrow();
  expect(await feed('server')).toMatchObject({ rows: 2, rows_read: 2, read_at: null });
  await cloud.east.server.recover();
  await expectFresh(
    () => read('server'),
    async () => (await feed('server')).age_seconds,
  );
  expect(await feed('server')).toMatchObject({ rows: 5, rows_read: null, last_error: null });
});

test('the staleness of a site is the age of the feed that was read longest ago', async () => {
  const { database } = cloud.cascade.world;
  const staleness = async () => (await shown()).staleness_seconds;
  await expectFresh(async () => {
    for (const { kind } of (await shown()).feeds) await read(kind);
  }, staleness);
  // An hour, beside which no machine is slow.
  await database.run(`update feed set read_at = now() - interval '1 hour' where kind = 'port'`);
  const { sites } = await operator('/sites');
  for (const age of [await staleness(), sites[0].staleness_seconds]) {
    expect(age).toBeGreaterThanOrEqual(3_600 - 1);
    expect(age).toBeLessThan(3_600 + 600);
  }
});

test('what is global has been compared with the site', async () => {
  await vi.waitFor(async () => expect((await shown()).reconciled_at).not.toBeNull(), { timeout: 20_000 });
});

test('the API says what it answers', async () => {
  const { paths } = (await cloud.ask('GET', '/cascade/v1/openapi.json')).body;
  const { schema } = paths['/sites/{name}'].get.responses[200].content['application/json'];
  expect(schema.properties.site.properties.feeds.items.properties).toHaveProperty('age_seconds');
});
