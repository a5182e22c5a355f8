import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { IdFilter } from './id-filter.js';
import { eachId, hasId, isId } from './ids-in-bytes.js';

const idsIn = (text: string): string[] => {
  const bytes = Buffer.from(text);
  const ids: string[] = [];
  eachId(bytes, (at, length) => void ids.push(bytes.toString('latin1', at, at + length)));
  return ids;
};
const uuid = '0123abcd-4567-4abc-8def-0123456789ab';
const bare = uuid.replaceAll('-', '');

test.each([
  ['alone', uuid, [uuid]],
  ['bare, alone', bare, [bare]],
  ['in a path', `/v3/${bare}/volumes/${uuid}/action`, [bare, uuid]],
  ['in JSON', JSON.stringify({ a: [uuid, bare], [uuid]: 'größe 🐟' }), [uuid, bare, uuid]],
  ['after a word', `volume-${uuid}`, [uuid]],
  ['after digits and a hyphen', `cafe-${uuid}`, [uuid]],
  ['one after another', `dhcp${uuid}-${uuid}`, [uuid, uuid]],
  ['after a broken one', `0123abcd-4567-${uuid}`, [uuid]],
  ['a part of a hash', `${bare}${bare}`, []],
  ['longer by a digit', `${uuid}0`, []],
  ['after a digit', `0${uuid}`, []],
  ['shorter by a digit', uuid.slice(0, -1), []],
  ['in upper case', uuid.toUpperCase(), []],
  ['no id at all', 'a name, and another name, which are long enough for one', []],
])('ids %s', (_where, text, ids) => {
  expect(idsIn(text)).toEqual(ids);
  expect(hasId(Buffer.from(text))).toBe(ids.length > 0);
});

test('what a regular expression finds in random text, and nothing else', () => {
  const pattern = /(?<![0-9a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])/g;
  const pieces = [() => randomUUID(), () => randomBytes(16).toString('hex'), () => randomBytes(3).toString('hex')];
  const glue = ['', '-', '/', '"', ' é ', 'g'];
  for (let round = 0; round < 2_000; round += 1) {
    const [first, ...others] = randomBytes(8);
    const text = others
      .map((byte, at) => pieces[byte % 3]!().slice(byte > 200 ? first! % 9 : 0) + glue[(byte + at) % glue.length]!)
      .join('');
    expect(idsIn(text), text).toEqual(text.match(pattern) ?? []);
  }
});

test('an id is nothing but an id', () => {
  expect([uuid, bare, `${uuid} `, `/${uuid}`, 'e-db', ''].map(isId)).toEqual([true, true, false, false, false, false]);
});

test('a filter has all that was added, and few others', () => {
  const added = Array.from({ length: 10_000 }, () => randomUUID());
  const filter = new IdFilter(added.length);
  for (const id of added) filter.add(id);
  const mayHave = (id: string) => filter.mayHave(Buffer.from(id), 0, id.length);
  expect(added.filter(mayHave)).toHaveLength(added.length);
  const others = Array.from({ length: 100_000 }, () => randomUUID()).filter(mayHave);
  expect(others.length).toBeLessThan(200);
});
