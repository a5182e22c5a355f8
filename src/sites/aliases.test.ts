import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { Aliases } from './aliases.js';

const [ours, theirs, other] = ['1', '2', '3'].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
];
let database: Database;
let close: () => Promise<void>;
let siteId: number;

beforeEach(async () => {
  ({ database, close } = await testDatabase());
  ({ id: siteId } = await database.one<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     values ('s', 'enabled', 'http://s', 'r', 'public', true, '', '{}') returning id`,
  ));
});
afterEach(() => close());

const loaded = async () => {
  const aliases = new Aliases(database);
  await aliases.load();
  return aliases;
};

test('a site without aliases has none to look through', async () => {
  expect((await loaded()).of(siteId)).toBeUndefined();
});

test('ids are translated wherever they stand, and all else stays as it is', async () => {
  const aliases = await loaded();
  await aliases.add(siteId, ours, theirs);
  await aliases.load();
  const site = aliases.of(siteId)!;
  expect(site.spelledForSite(`/images/${ours}/members/${other}`)).toBe(`/images/${theirs}/members/${other}`);
  const body = Buffer.from(JSON.stringify({ imageRef: theirs, name: 'größe 🐟', port: other }));
  expect(JSON.parse(site.bytesForCascade(body).toString())).toEqual({ imageRef: ours, name: 'größe 🐟', port: other });
  const untouched = Buffer.from('{"name":"größe"}');
  expect(site.bytesForCascade(untouched)).toBe(untouched);
});

test('every process learns what one has written: more, another, fewer', async () => {
  const [one, two] = [await loaded(), await loaded()];
  await one.add(siteId, ours, theirs);
  await two.load();
  expect(two.of(siteId)?.spelledForSite(ours)).toBe(theirs);
  await one.add(siteId, ours, other);
  await two.load();
  expect([two.of(siteId)?.spelledForSite(ours), two.of(siteId)?.spelledForCascade(theirs)]).toEqual([other, theirs]);
  await one.remove(siteId, ours);
  await two.load();
  expect(two.of(siteId)?.spelledForSite(ours) ?? ours).toBe(ours);
});
