import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from './database.js';
import { UnexpectedRowCount, violationOf } from './errors.js';
import { testDatabase } from './testing.js';

let database: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  await database.run('create table pet (name text primary key, age int8 not null check (age >= 0))');
});
afterAll(() => close());

test('rows come as many, as exactly one, as one or none, and writes as a count', async () => {
  expect(await database.run('insert into pet values ($1, 3), ($2, 5)', ['Rex', 'Tom'])).toBe(2);
  expect(await database.many('select name from pet order by age')).toEqual([{ name: 'Rex' }, { name: 'Tom' }]);
  expect(await database.one('select age from pet where name = $1', ['Tom'])).toEqual({ age: 5 });
  expect(await database.maybe('select age from pet where name = $1', ['Mia'])).toBeUndefined();
  await expect(database.one('select age from pet where false')).rejects.toThrow(UnexpectedRowCount);
  await expect(database.maybe('select age from pet')).rejects.toThrow('2 rows');
});

test('int8 is a number, timestamptz a Date, and the session speaks UTC', async () => {
  const row = await database.one(`
    select count(*) as none, array[1::int8, null] as list, '2026-01-01T12:00+02'::timestamptz as at,
           '2026-01-01T12:00+02'::timestamptz::text as text
      from pet where false`);
  expect(row).toEqual({
    none: 0,
    list: [1, null],
    at: new Date('2026-01-01T10:00:00Z'),
    text: '2026-01-01 10:00:00+00',
  });
  await expect(database.one('select 9007199254740993::int8 as n')).rejects.toThrow('does not fit in a number');
});

test('a transaction is committed when its work resolves and rolled back when it throws', async () => {
  const added = await database.transaction(async (tx) => {
    await tx.run("insert into pet values ('Kim', 1)");
    return tx.one<{ name: string }>("select name from pet where name = 'Kim'");
  });
  expect(added.name).toBe('Kim');

  const failed = database.transaction(async (tx) => {
    await tx.run("delete from pet where name = 'Kim'");
    throw new Error('changed my mind');
  });
  await expect(failed).rejects.toThrow('changed my mind');
  expect(await database.maybe("select 1 as found from pet where name = 'Kim'")).toEqual({ found: 1 });
});

test('a transaction whose failed statement was swallowed does not pretend to be committed', async () => {
  const lost = database.transaction(async (tx) => {
    await tx.run("insert into pet values ('Ada', 1)");
    await tx.run("insert into pet values ('Ada', 1)").catch(() => undefined);
  });
  await expect(lost).rejects.toThrow('swallowed');
});

test('a rejected write tells which constraint it ran into', async () => {
  const refusal = (sql: string): Promise<unknown> => database.run(sql).catch((error: unknown) => violationOf(error));
  await database.run("insert into pet values ('Leo', 1)");
  expect(await refusal("insert into pet values ('Leo', 1)")).toEqual({ kind: 'unique', constraint: 'pet_pkey' });
  expect(await refusal("insert into pet values ('Eva', -1)")).toEqual({ kind: 'check', constraint: 'pet_age_check' });
  expect(await refusal("insert into pet values ('Eva', null)")).toEqual({ kind: 'not-null', constraint: 'age' });
  expect(await refusal('insert into nowhere values (1)')).toBeUndefined();
});

test('lost connections, idle or in a transaction, are replaced', async () => {
  const kill = 'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1';
  const lost = database.transaction(async (tx) => {
    const { pid } = await tx.one<{ pid: number }>('select pg_backend_pid() as pid');
    await database.run(kill, [pid]);
    // It dies between two statements.
    await expect.poll(() => database.many('select 1 from pg_stat_activity where pid = $1', [pid])).toEqual([]);
    await tx.run('select 1');
  });
  await expect(lost).rejects.toThrow();
  await database.run(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  );
  expect(await Promise.all([1, 2, 3].map((n) => database.one(`select ${n} as n`)))).toHaveLength(3);
});

test('another process opens the same database by its URL', async () => {
  await database.run("insert into pet values ('Pia', 7)");
  const other = await openDatabase({ dataDir: '/nowhere', url: database.url });
  expect(await other.one("select age from pet where name = 'Pia'")).toEqual({ age: 7 });
  await other.close();
  await other.close(); // once more does no harm
  expect(await database.one('select 1 as alive')).toEqual({ alive: 1 });
});

test('an external server that does not answer is an error, not a wait', async () => {
  await expect(openDatabase({ dataDir: '/nowhere', url: 'postgres://x@127.0.0.1:1/x' })).rejects.toThrow(
    'x at 127.0.0.1:1): no PostgreSQL answers there',
  );
});

test('statements that wait for each other are both done, each once', async () => {
  await database.run("insert into pet values ('Ant', 0), ('Bee', 0)");
  const older = (...names: string[]): Promise<number> =>
    database.run(
      `do $$ begin ${names.map((name) => `update pet set age = age + 1 where name = '${name}'`).join('; perform pg_sleep(0.3); ')}; end $$`,
    );
  await Promise.all([older('Ant', 'Bee'), older('Bee', 'Ant')]);
  expect(await database.many("select age from pet where name in ('Ant', 'Bee')")).toEqual([{ age: 2 }, { age: 2 }]);
});
