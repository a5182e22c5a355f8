/** Lists that are well-formed and wrong, and clocks that are: nothing is lost by them for longer than they last. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startTestCascade, type TestCascade } from '../cascade.js';

let cloud: TestCascade;

beforeAll(async () => {
  cloud = await startTestCascade({}, ['east']);
  const isRead = async (): Promise<boolean> =>
    (await cloud.cascade.world.database.many(`select from feed where cursor is not null and kind = 'server'`)).length >
    0;
  await vi.waitFor(async () => expect(await isRead()).toBe(true), { timeout: 20_000 });
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.east.server.recover();
  cloud.east.things.clear();
  cloud.east.catchUp();
  cloud.east.skewMs = 0;
  await cloud.cascade.world.database.run('delete from resource');
  await cloud.cascade.world.database.run('delete from feed');
});

type Kind = 'server' | 'volume';
const collections = { server: 'servers', volume: 'volumes' };
const reader = () => cloud.cascade.world.reader;
const kindOf = (kind: Kind) => cloud.cascade.world.kinds.get(kind)!;
const east = () => cloud.cascade.world.sites.byName('east')!;
const made = (kind: Kind, name: string) => cloud.east.put(collections[kind], { name, tenant_id: cloud.project });
const readChanges = (kind: Kind = 'server') => reader().readChanges(kindOf(kind), east());
const readAll = (kind: Kind = 'server') => reader().readAll(kindOf(kind), east());
const compareIds = (kind: Kind = 'server') => reader().readDeletions(kindOf(kind), east());
const names = async (kind: Kind = 'server'): Promise<string[]> => {
  const rows = await cloud.cascade.world.database.many<{ name: string }>(
    `select body::jsonb->>'name' as name from resource where kind = $1 and deleted_at is null order by 1`,
    [kind],
  );
  return rows.map(({ name }) => name);
};
const noRows = (request: RegExp, key: string) => cloud.east.server.fail(200, request, { [key]: [] });
const manyNames = (count: number) => Array.from({ length: count }, (_, at) => `s${String(at).padStart(2, '0')}`);
const hour = 3_600_000;

test.each(['server', 'volume'] as const)('an empty list under 200 makes no %s disappear', async (kind) => {
  manyNames(30).forEach((name) => made(kind, name));
  await readAll(kind);
  noRows(new RegExp(`/${collections[kind]}(/detail)?\\?`), collections[kind]);
  await compareIds(kind);
  await readAll(kind);
  expect(await names(kind)).toEqual(manyNames(30));
});

test('a list that lacks some of what is there makes only that disappear which is gone', async () => {
  const [gone] = manyNames(5).map((name) => made('server', name));
  await readAll();
  cloud.east.things.delete(gone!.id);
  noRows(/servers\?/, 'servers');
  await compareIds();
  expect(await names()).toEqual(manyNames(5).slice(1));
});

test('of very many that are gone a few are asked for', async () => {
  const all = manyNames(60).map((name) => made('server', name));
  made('server', 'stays');
  await readAll();
  all.forEach(({ id }) => cloud.east.things.delete(id));
  const asked = () => cloud.east.server.requestsLike(/\/servers/).length;
  const before = asked();
  await compareIds();
  expect(await names()).toEqual(['stays']);
  expect(asked() - before).toBeLessThan(25);
});

test('a site that came back from a backup: what was made since is gone, what was deleted is there again', async () => {
  cloud.east.skewMs = -hour; // an hour passes between the backup and its return
  const { id } = made('server', 'deleted later');
  made('server', 'untouched');
  const backup = structuredClone([...cloud.east.things]);
  await readAll();
  cloud.east.skewMs = 0;
  cloud.east.remove(id);
  made('server', 'made later');
  await readChanges();
  expect(await names()).toEqual(['made later', 'untouched']);
  cloud.east.things.clear();
  for (const [key, thing] of backup) cloud.east.things.set(key, thing);
  await readChanges();
  await compareIds();
  expect(await names()).toEqual(['deleted later', 'untouched']);
});

test('what changes behind a replica that lags is read when it has caught up, however late', async () => {
  cloud.east.skewMs = -60_000;
  const { id } = made('server', 'before');
  await readAll();
  cloud.east.fallBehind();
  cloud.east.change(id, { name: 'after' });
  cloud.east.skewMs = 0; // a minute passes
  await readChanges();
  expect(await names()).toEqual(['before']);
  cloud.east.catchUp();
  await readChanges();
  expect(await names()).toEqual(['after']);
});

test('a site whose clock was an hour ahead and is put right', async () => {
  cloud.east.skewMs = hour;
  const { id } = made('server', 'old');
  await readAll();
  cloud.east.skewMs = 0;
  cloud.east.change(id, { name: 'new' });
  made('server', 'made afterwards');
  await readChanges();
  expect(await names()).toEqual(['made afterwards', 'new']);
  cloud.east.change(id, { name: 'newest' });
  await readChanges();
  expect(await names()).toEqual(['made afterwards', 'newest']);
});

test('a site whose clock is wrong all the time', async () => {
  for (const skewMs of [-hour, hour]) {
    cloud.east.things.clear();
    cloud.east.skewMs = skewMs;
    const { id } = made('server', 'one');
    await readAll();
    await readChanges();
    cloud.east.change(id, { name: 'two' });
    await readChanges();
    expect(await names()).toEqual(['two']);
  }
});
