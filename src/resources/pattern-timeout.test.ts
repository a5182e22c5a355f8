/** No pattern, however mean, keeps a connection. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { withPatternTimeout } from './pattern-timeout.js';
import { condition, patternCondition } from './list-query.js';

let database: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ database, close } = await testDatabase({ poolSize: 1 }));
});
afterAll(() => close());

const longName = `${'ab'.repeat(120)}c`;
const match = (pattern: string, limitMs = 200) =>
  withPatternTimeout(
    database,
    [patternCondition('name ~ ?', pattern)],
    (on) => on.one<{ matches: boolean }>('select $1 ~ $2 as matches', [longName, pattern]),
    limitMs,
  );

test('a pattern is answered', async () => {
  expect(await match('(ab)*c$', 5_000)).toEqual({ matches: true });
});

test.each([
  ['goes back and forth', 'takes too long', '^(.*)(.*)(.*)(.*)\\1\\2\\3\\4$', 200],
  ['is a giant once it is written out', 'is too complex', `${'('.repeat(5)}ab${'){1,20}'.repeat(5)}$`, 60_000],
])('one that %s %s: it is refused by name, and the connection goes on', async (_how, why, pattern, limitMs) => {
  const message = `The search for '${pattern}' ${why}: narrow it.`;
  await expect(match(pattern, limitMs)).rejects.toMatchObject({ kind: 'bad-request', message });
  expect(await database.one('select 1 as alive')).toEqual({ alive: 1 });
});

test('one that is none to the database is refused', async () => {
  const message = "'(?<x>a)' is not a 'regex'";
  await expect(match('(?<x>a)')).rejects.toMatchObject({ kind: 'bad-request', message });
});

test('what has no pattern has no limit', async () => {
  const slowly = (on: Pick<Database, 'one'>) =>
    on.one<{ limit: string }>(`select current_setting('statement_timeout') as limit`);
  expect(await withPatternTimeout(database, [condition('true')], slowly)).toEqual({ limit: '0' });
});
