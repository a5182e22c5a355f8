import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from './database.js';
import { jsonb } from './storable.js';
import { testDatabase } from './testing.js';

let database: Database;
let close: () => Promise<void>;
beforeAll(async () => ({ database, close } = await testDatabase()));
afterAll(() => close());

describe('what PostgreSQL does not keep', () => {
  test.each([
    ['a\0b', 'a\ufffdb'],
    ['a\ud800b', 'a\ufffdb'],
    ['\udc00', '\ufffd'],
    ['🗄', '🗄'],
    ['a\\u0000b', 'a\\u0000b'],
    ['\\\0', '\\\ufffd'],
    ['"\\"\n', '"\\"\n'],
  ])('%j is %j in jsonb, as a value and as a key', async (text, kept) => {
    const { read } = await database.one<{ read: unknown }>('select $1::jsonb as read', [jsonb({ [text]: [text] })]);
    expect(read).toEqual({ [kept]: [kept] });
  });

  test('is asked for in vain, without an error', async () => {
    const { one, many } = await database.one<{ one: boolean; many: boolean }>(
      `select 'ab' = $1 as one, 'ab' = any($2) as many`,
      ['a\0b', ['a\0b', '\ud800']],
    );
    expect([one, many]).toEqual([false, false]);
  });
});
