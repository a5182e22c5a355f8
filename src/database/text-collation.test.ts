/** The database compares texts as the simulated clouds do, and both as MySQL. */
import { expect, test } from 'vitest';
import { collated } from '@cascade/openstack-protocol/filters/text-collation.js';
import { testDatabase } from './testing.js';

test('every character of the basic plane has the same weight here and there', async () => {
  const { database, close } = await testDatabase();
  const codes = Array.from({ length: 0xffff }, (_, at) => at + 1).filter((code) => code < 0xd800 || code > 0xdfff);
  const texts = codes.map((code) => `x${String.fromCharCode(code)}y `);
  const rows = await database.many<{ found: string }>(
    `select collated(text) as found from unnest($1::text[]) with ordinality as t (text, at) order by at`,
    [texts],
  );
  await close();
  const different = texts.filter((text, at) => collated(text) !== rows[at]?.found);
  expect(different).toEqual([]);
});

test('lists are in the order of MySQL', async () => {
  const { database, close } = await testDatabase();
  const names = ['Z', 'a_b', 'ab', 'äb', 'AC', 'A-b', null, 7];
  const rows = await database.many<{ name: unknown }>(
    `select value as name from jsonb_array_elements($1::jsonb) with ordinality as t (value, at) order by sort_value(value), at`,
    [JSON.stringify(names)],
  );
  await close();
  expect(rows.map(({ name }) => name)).toEqual([null, 'A-b', 'ab', 'äb', 'AC', 'a_b', 'Z', 7]);
});

test('an index of such texts is built and analysed', async () => {
  const { database, close } = await testDatabase();
  await database.run(`create table word as select 'Wört ' || n as text from generate_series(1, 1000) n`);
  await database.run(`create index on word (collated(text))`);
  await database.run(`analyze word`);
  expect(await database.one(`select text from word where collated(text) = collated('WORT 7  ')`)).toEqual({
    text: 'Wört 7',
  });
  await close();
});
