import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from './database.js';
import { DatabaseNewerThanProgram } from './errors.js';
import { silent } from './log.js';
import { migrate, type Migration } from './migrate.js';
import { testDatabase } from './testing.js';

const trees: Migration = { number: 1, name: 'trees', sql: 'create table tree (name text); select pg_sleep(0.2)' };
const oak: Migration = { number: 2, name: 'oak', sql: "insert into tree values ('oak')" };

let database: Database;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ database, close } = await testDatabase({ migrations: [] }));
});
afterEach(() => close());

const run = (...migrations: Migration[]) => migrate(database.transaction, migrations, silent);
const namesOf = async (table: string) =>
  (await database.many<{ name: string }>(`select name from ${table}`)).map(({ name }) => name);

test('pending migrations run in order, once, and are recorded', async () => {
  await run(trees);
  await run(trees, oak);
  await run(trees, oak);
  expect(await namesOf('tree')).toEqual(['oak']);
  expect(await database.many('select number, name, applied_at from schema_migration order by number')).toEqual([
    { number: 1, name: 'trees', applied_at: expect.any(Date) },
    { number: 2, name: 'oak', applied_at: expect.any(Date) },
  ]);
});

test('programs that start at once take turns', async () => {
  const open = () => openDatabase({ dataDir: '', url: database.url, migrations: [trees, oak] });
  const opened = await Promise.all([open(), open(), open()]);
  await Promise.all(opened.map((each) => each.close()));
  expect(await namesOf('tree')).toEqual(['oak']);
});

test('a failing migration leaves nothing, and those before it stay', async () => {
  const broken: Migration = { number: 2, name: 'broken', sql: "insert into tree values ('elm'); select 1 / 0" };
  await expect(run(trees, broken)).rejects.toThrow('migration 2 (broken) failed: division by zero');
  expect(await namesOf('tree')).toEqual([]);
  expect(await namesOf('schema_migration')).toEqual(['trees']);
});

test('a database newer than the program is left alone', async () => {
  await run(trees, oak);
  await expect(run(trees)).rejects.toThrow(DatabaseNewerThanProgram);
});

test('migrations that are not those of the database are refused', async () => {
  await run(trees);
  await expect(run({ ...trees, name: 'shrubs' }, oak)).rejects.toThrow('"trees", here it is "shrubs"');
});

test('numbers run from 1 without gaps', async () => {
  await expect(run(trees, { ...oak, number: 3 })).rejects.toThrow('"oak" has number 3, expected 2');
});
