/** How a feed reads: nothing that is there is lost, whatever a page does. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bodyOfRow } from '../src/resources/inventory.js';
import { startTestCascade, type TestCascade } from './cascade.js';
import { firstReads } from './first-reads.js';

let cloud: TestCascade;

beforeAll(async () => {
  cloud = await startTestCascade({}, ['east']);
  // From then on a test reads when it wants to.
  await firstReads(cloud);
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.east.server.recover();
  cloud.east.things.clear();
  Object.assign(cloud.east, { pageSize: 1000, repeatsPages: false });
  const { database } = cloud.cascade.world;
  await database.run('delete from resource');
  await database.run('delete from feed');
});

const servers = () => cloud.cascade.world.kinds.get('server')!;
const east = () => cloud.cascade.world.sites.byName('east')!;
const readAll = () => cloud.cascade.world.reader.readAll(servers(), east());
const readChanges = () => cloud.cascade.world.reader.readChanges(servers(), east());
const made = (name: string, more = {}) => cloud.east.put('servers', { name, tenant_id: cloud.project, ...more });
const names = async (): Promise<string[]> => {
  const rows = await cloud.cascade.world.database.many<{ name: string }>(
    `select facts->>'name' as name from resource where kind = 'server' and deleted_at is null order by 1`,
  );
  return rows.map(({ name }) => name);
};
async function cursor(): Promise<Date | undefined> {
  const row = await cloud.cascade.world.database.maybe<{ cursor: Date }>(
    `select cursor from feed where kind = 'server' and cursor is not null`,
  );
  return row?.cursor;
}
const manyNames = (count: number) => Array.from({ length: count }, (_, at) => `s${String(at).padStart(2, '0')}`);

test('all pages are read', async () => {
  cloud.east.pageSize = 3;
  manyNames(10).forEach((name) => made(name));
  await readAll();
  expect(await names()).toEqual(manyNames(10));
  const markers = cloud.east.server.requestsLike(/servers\/detail/).map(({ query }) => query.get('marker'));
  expect(new Set(markers).size).toBe(4); // one page without, three behind another one
});

test.each([
  ['an address that is none', { addresses: { net: [null] } }],
  ['a time beyond all calendars', { created: '+275760-09-12T00:00:00Z', metadata: { nul: '\u0000' } }],
])('%s costs one row and not its page', async (_what, bad) => {
  const { id } = made('bad', bad);
  made('good1');
  made('good2');
  await readAll();
  expect(await names()).toEqual(['good1', 'good2']);
  expect(await cursor()).toBeDefined();
  expect(cloud.logged.some((line) => line.includes('feed.bad_row') && line.includes(id))).toBe(true);
});

test('a name that the database cannot hold is asked for by what is kept in its place, and shown as it is', async () => {
  const { id } = made('nul\u0000nul');
  await readAll();
  expect(await names()).toEqual(['nul\ufffdnul']);
  const row = await cloud.cascade.world.inventory.find('server', id);
  expect(bodyOfRow(row!)['name']).toBe('nul\u0000nul');
});

test('a page that comes again and again ends the read, and makes nothing disappear', async () => {
  manyNames(6).forEach((name) => made(name));
  await readAll();
  Object.assign(cloud.east, { pageSize: 3, repeatsPages: true });
  const asked = () => cloud.east.server.requestsLike(/servers\/detail/).length;
  const before = asked();
  await expect(readAll()).rejects.toThrow();
  expect(asked()).toBeLessThan(before + 5);
  expect(await names()).toEqual(manyNames(6));
});

test('the cursor stays where it is until every page is stored', async () => {
  made('before');
  await readAll();
  const start = await cursor();
  cloud.east.pageSize = 2;
  manyNames(5).forEach((name) => made(name));
  cloud.east.server.fail(500, /marker=/);
  await expect(readChanges()).rejects.toThrow();
  expect(await cursor()).toEqual(start);
  await cloud.east.server.recover();
  await readChanges();
  expect(await names()).toEqual(['before', ...manyNames(5)]);
});

test('the cursor stays where it is while the database takes nothing', async () => {
  made('before');
  await readAll();
  const { database } = cloud.cascade.world;
  const start = await cursor();
  made('after');
  // The table is gone for a moment; every row fails, and none of them is bad.
  await database.run('alter table resource rename to away');
  const failure = await readChanges().catch((error: unknown) => error);
  await database.run('alter table away rename to resource');
  expect(failure).toBeInstanceOf(Error);
  expect(await cursor()).toEqual(start);
  await readChanges();
  expect(await names()).toEqual(['after', 'before']);
});

test('a read of changes asks with an overlap, and is told of deletions', async () => {
  const { id } = made('doomed');
  await readAll();
  const start = (await cursor())!;
  cloud.east.remove(id);
  await readChanges();
  const since = cloud.east.server
    .requestsLike(/servers\/detail/)
    .at(-1)!
    .query.get('changes-since')!;
  expect(start.getTime() - new Date(since).getTime()).toBeGreaterThanOrEqual(10_000);
  expect(await names()).toEqual([]);
});

test('while a cell is down its servers stay as they were last seen, and their changes are told when it is back', async () => {
  const { id } = made('in-the-cell');
  await readAll();
  const start = await cursor();
  cloud.east.change(id, { name: 'renamed' });
  const whole = cloud.east.things.get(id)!;
  // @see openstack/nova:api-guide/source/down_cells.rst
  const partial = { id, status: 'UNKNOWN', tenant_id: whole['tenant_id'], created: whole['created'], links: [] };
  cloud.east.things.set(id, { ...partial, collection: 'servers', updated_at: whole['updated_at'] });
  await readChanges();
  expect([await names(), await cursor()]).toEqual([['in-the-cell'], start]);
  cloud.east.things.set(id, whole);
  await readChanges();
  expect(await names()).toEqual(['renamed']);
});

test('a page that was asked for earlier never overwrites what was seen later', async () => {
  const { id } = made('old');
  await readAll();
  cloud.east.server.beSlow(/detail/);
  const asked = () => cloud.east.server.requestsLike(/servers\/detail/).length;
  const before = asked();
  const late = readAll();
  await expect.poll(asked).toBeGreaterThan(before);
  cloud.east.change(id, { name: 'new' });
  await cloud.get(`/compute/v2.1/servers/${id}`);
  expect(await names()).toEqual(['new']);
  await cloud.east.server.recover();
  await late;
  expect(await names()).toEqual(['new']);
});

test('a page that was asked for earlier neither brings back what is gone nor drops what is new', async () => {
  const { id } = made('gone');
  await readAll();
  cloud.east.server.beSlow(/detail/);
  const asked = () => cloud.east.server.requestsLike(/servers\/detail/).length;
  const before = asked();
  const late = readAll();
  await expect.poll(asked).toBeGreaterThan(before);
  cloud.east.remove(id);
  expect((await cloud.get(`/compute/v2.1/servers/${id}`)).status).toBe(404);
  const { id: newId } = made('new');
  expect((await cloud.get(`/compute/v2.1/servers/${newId}`)).status).toBe(200);
  await cloud.east.server.recover();
  await late;
  expect(await names()).toEqual(['new']);
});

test('a first read that was stopped in the middle goes on where it was', async () => {
  cloud.east.pageSize = 2;
  manyNames(7).forEach((name) => made(name));
  const pages = () => cloud.east.server.requestsLike(/servers\/detail/).map(({ query }) => query.get('marker'));
  cloud.east.server.fail(503, /marker=/);
  await expect(readChanges()).rejects.toThrow();
  expect(await names()).toHaveLength(2);
  await cloud.east.server.recover();
  const before = pages().length;
  await readChanges();
  expect(await names()).toEqual(manyNames(7));
  expect(pages().slice(before)).not.toContain(null);
});

test('a first read starts over when the row it was to go on behind is gone', async () => {
  cloud.east.pageSize = 2;
  const all = manyNames(5).map((name) => made(name));
  cloud.east.server.fail(503, /marker=/);
  await expect(readChanges()).rejects.toThrow();
  await cloud.east.server.recover();
  for (const row of await cloud.cascade.world.database.many<{ id: string }>(`select id from resource`)) {
    cloud.east.remove(row.id);
  }
  await expect(readChanges()).rejects.toThrow();
  await readChanges();
  await cloud.cascade.world.reader.readDeletions(servers(), east());
  expect(await names()).toHaveLength(all.length - 2);
});

test('the slow round finds what changed without a new time of change, page by page and round again', async () => {
  const all = manyNames(5).map((name) => made(name));
  await readAll();
  cloud.east.pageSize = 2;
  all.forEach(({ id }) =>
    Object.assign(cloud.east.things.get(id)!, { addresses: { net: [{ addr: '10.0.0.9', version: 4 }] } }),
  );
  await readChanges();
  const { reader, database } = cloud.cascade.world;
  const repaired = async () =>
    (await database.one<{ count: number }>(`select count(*) as count from resource where body like '%10.0.0.9%'`))
      .count;
  const before = await repaired();
  for (const expected of [2, 4, 5]) {
    await reader.readRoundPage(servers(), east());
    expect(await repaired()).toBe(Math.max(before, expected));
  }
  // Where the row behind which it was to go on is gone, and where it has come to the end, it begins again.
  const markers = () => cloud.east.server.requestsLike(/servers\/detail/).map(({ query }) => query.get('marker'));
  await reader.readRoundPage(servers(), east());
  expect(markers().at(-1)).toBeNull();
  cloud.east.things.clear();
  await reader.readRoundPage(servers(), east());
  expect(markers().at(-1)).not.toBeNull();
  await reader.readRoundPage(servers(), east());
  expect(markers().at(-1)).toBeNull();
});

test('a site whose clock is set back is read as a whole, and its changes are found again', async () => {
  made('before');
  await readAll();
  const { database } = cloud.cascade.world;
  await database.run(`update feed set cursor = now() + interval '2 hours'`);
  made('after');
  await readChanges();
  expect(await names()).toEqual(['after', 'before']);
  expect((await cursor())!.getTime()).toBeLessThan(Date.now() + 60_000);
});

test('what was derived from a row by an older program is derived anew when the row is read', async () => {
  made('right');
  await readAll();
  const { database } = cloud.cascade.world;
  await database.run(`update resource set facts = '{"name": "wrong"}', project_id = 'wrong'`);
  await readAll();
  expect(await names()).toEqual(['right']);
});

test('an operator who doubts what is known has it read anew: lists go on meanwhile', async () => {
  const { id } = made('right');
  made('unseen');
  await readAll();
  const { database, reader } = cloud.cascade.world;
  // As wrong as can be: a row in other words, one that is missing, one that is nowhere, and moments that are still to come.
  await database.run(`update resource set body = '{}', facts = '{"name": "wrong"}' where id = $1`, [id]);
  await database.run(`delete from resource where id <> $1`, [id]);
  await database.run(
    `insert into resource (kind, id, site_id, created_at, updated_at, body, facts)
     select kind, 'ghost', site_id, created_at, updated_at, '{"id": "ghost"}', '{"name": "ghost"}' from resource`,
  );
  await database.run(`update resource set seen_at = now() + interval '1 day'`);
  await reader.states.suspect(east(), [servers()]);
  expect(await names()).toEqual(['ghost', 'wrong']);
  expect(await reader.states.of(servers(), east())).toMatchObject({ is_suspected: true });
  await readAll();
  expect(await names()).toEqual(['right', 'unseen']);
  expect(await reader.states.of(servers(), east())).toMatchObject({ is_suspected: false });
});
