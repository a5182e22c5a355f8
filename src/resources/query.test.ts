/** Lists over two sites: one total order, in pages that lose and repeat nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { countRows, listColumns, listRows, spellList } from './query.js';
import { condition, patternCondition, type ListQuery, type SortKey } from './list-query.js';

let database: Database;
let close: () => Promise<void>;
const kind = 'server';
const newestFirst = [
  { by: 'created_at', direction: 'desc' },
  { by: 'id', direction: 'desc' },
] as const;
const rowCount = 60;

/** Numbers that look random and are the same in every run (a linear congruential generator). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

// Few values, so that there are many equals: names that differ in case alone, nulls, and facts that are missing.
const names = ['Web', 'web', 'db', 'DB', 'ärger', 'a_b', 'a-b', '', null, undefined];
const keys = ['name', 'status', 'nothing', 'created_at', 'updated_at'];

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  const random = randomNumbers(1);
  for (const site of ['east', 'west']) {
    await database.run(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       values ($1, 'enabled', 'http://x', $1, 'public', true, '', '{}')`,
      [site],
    );
  }
  const sites = await database.many<{ id: number }>('select id from site order by id');
  for (let at = 0; at < rowCount; at += 1) {
    const second = new Date(Date.UTC(2026, 0, 1, 0, 0, random(5)));
    const facts = { name: names[random(names.length)], status: ['ACTIVE', 'ERROR', null][random(3)] };
    const id = `${random(2 ** 30).toString(16)}-${at}`;
    await database.run(
      `insert into resource (kind, id, site_id, project_id, created_at, updated_at, deleted_at, body, facts)
       values ('server', $1, $2, $3, $4, $4::timestamptz + $5 * interval '1 microsecond', $6, '{}', $7)`,
      [id, sites[at % 2]!.id, `p${random(2)}`, second, random(3), at % 10 === 0 ? second : null, JSON.stringify(facts)],
    );
  }
});
afterAll(() => close());

async function inPages(query: Omit<ListQuery, 'marker'>, size: () => number): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const limit = size();
    const page = await listRows(database, { ...query, limit, ...(ids.length > 0 ? { marker: ids.at(-1) } : {}) });
    ids.push(...page.map(({ id }) => id));
    if (page.length < limit || ids.length > rowCount) return ids;
  }
}

test.each(Array.from({ length: 25 }, (_, seed) => seed))(
  'pages of any size put together are the whole list (%i)',
  async (seed) => {
    const random = randomNumbers(seed + 100);
    const sort: SortKey[] = Array.from({ length: random(4) }, () => ({
      by: keys[random(keys.length)]!,
      direction: random(2) === 0 ? 'asc' : 'desc',
    }));
    sort.push({ by: 'id', direction: random(2) === 0 ? 'asc' : 'desc' });
    const where = random(2) === 0 ? [] : [condition('r.project_id = ?', 'p1')];
    const query = { kind, where, sort, withDeleted: random(3) === 0 };
    const whole = (await listRows(database, query)).map(({ id }) => id);
    expect(new Set(whole).size).toBe(whole.length);
    expect(await inPages(query, () => 1 + random(9)), JSON.stringify(query)).toEqual(whole);
  },
);

test('the page before a marker is the one that led to it', async () => {
  const sort = [
    { by: 'name', direction: 'asc' },
    { by: 'id', direction: 'desc' },
  ] as const;
  const whole = (await listRows(database, { kind, where: [], sort })).map(({ id }) => id);
  const before = await listRows(database, { kind, where: [], sort, limit: 7, marker: whole[20], backwards: true });
  expect(before.map(({ id }) => id)).toEqual(whole.slice(13, 20));
});

test('a marker that was deleted meanwhile still marks its place', async () => {
  const sort = [{ by: 'id', direction: 'asc' }] as const;
  const whole = (await listRows(database, { kind, where: [], sort, withDeleted: true })).map(({ id }) => id);
  const [gone] = await database.many<{ id: string }>(
    'select id from resource where deleted_at is not null order by id limit 1',
  );
  const [next] = await listRows(database, { kind, where: [], sort, withDeleted: true, limit: 1, marker: gone!.id });
  expect(next?.id).toBe(whole[whole.indexOf(gone!.id) + 1]);
});

test('a marker nobody knows is refused', async () => {
  await expect(listRows(database, { kind, where: [], sort: [], marker: 'nobody' })).rejects.toMatchObject({
    kind: 'bad-request',
  });
});

test('names alone are read from an index', async () => {
  await database.run('vacuum analyze resource');
  const { text, values } = await spellList(database, { kind, where: [], sort: newestFirst, limit: 5 }, 'r.id, r.name');
  await database.transaction(async (tx) => {
    await tx.run('set local enable_seqscan = off');
    const plan = await tx.many<Record<string, string>>(`explain ${text}`, values);
    expect(JSON.stringify(plan)).toContain('Index Only Scan Backward using resource_of_all');
  });
});

describe('patterns', () => {
  const matching = (pattern: string) => ({
    kind,
    where: [patternCondition('r.name ~* ?', pattern)],
    sort: newestFirst,
  });

  test('find what they match', async () => {
    const rows = await listColumns<{ name: string }>(database, matching('^w.b$'), 'r.name');
    expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(['Web', 'web']));
    expect(await countRows(database, kind, matching('^w.b$').where)).toBe(rows.length);
  });

  test('that the database does not understand are refused', async () => {
    await expect(listRows(database, matching('(?<name>x)'))).rejects.toMatchObject({ kind: 'bad-request' });
  });
});
