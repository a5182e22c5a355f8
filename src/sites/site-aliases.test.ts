import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { AliasTable } from './alias-table.js';
import { knownIds, SiteAliases } from './site-aliases.js';

let database: Database;
let close: () => Promise<void>;
let table: AliasTable;
let siteId: number;

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  table = new AliasTable(database);
});
afterAll(() => close());
beforeEach(async () => void (siteId = await addSite()));

async function addSite(): Promise<number> {
  const { id } = await database.one<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     values ($1, 'enabled', 'http://s', 'r', 'public', true, '', '{}') returning id`,
    [randomUUID()],
  );
  return id;
}

/** What another process knows of the site. */
const process = (known = knownIds(), of = siteId): SiteAliases => new SiteAliases(table, of, known);
const bareId = (): string => randomBytes(16).toString('hex');

const toSite = async (aliases: SiteAliases, text: string) => (await aliases.toSite(Buffer.from(text))).toString();
const toCascade = async (aliases: SiteAliases, text: string) => (await aliases.toCascade(Buffer.from(text))).toString();

test('ids of both lengths are translated wherever they stand, and all else stays as it is, byte for byte', async () => {
  const [ours, theirs, other] = [randomUUID(), randomUUID(), randomUUID()];
  const [project, projectThere] = [bareId(), bareId()];
  await table.add(siteId, ours, theirs);
  await table.add(siteId, project, projectThere);
  const aliases = process();
  expect(await toSite(aliases, `/images/${ours}/members/${project}?a=${other}`)).toBe(
    `/images/${theirs}/members/${projectThere}?a=${other}`,
  );
  const body = (id: string, owner: string) =>
    JSON.stringify({ id, name: 'größe 🐟', owner, hash: theirs + theirs, other });
  expect(await toCascade(aliases, body(theirs, projectThere))).toBe(body(ours, project));
  const untouched = Buffer.from(`{"name":"${other}"}\xff`, 'latin1');
  expect(await aliases.toCascade(untouched)).toBe(untouched);
});

test('an id may be 36 characters long on one side and 32 on the other', async () => {
  const [ours, theirs] = [bareId(), randomUUID()];
  await table.add(siteId, ours, theirs);
  expect(await toSite(process(), `"${ours}"`)).toBe(`"${theirs}"`);
  expect(await toCascade(process(), `"${theirs}"`)).toBe(`"${ours}"`);
});

test('what is no id is refused as an alias, since nothing would translate it', async () => {
  await expect(table.add(siteId, randomUUID(), 'e-db')).rejects.toThrow('both must be ids');
});

test('what one process has written, no other misses: another, a change, one less', async () => {
  const [ours, theirs, later] = [randomUUID(), randomUUID(), randomUUID()];
  const others = [process(), process()];
  const seen = () => Promise.all(others.map(async (one) => [await toSite(one, ours), await toCascade(one, theirs)]));
  expect(await seen()).toEqual(others.map(() => [ours, theirs]));
  await table.add(siteId, ours, theirs);
  expect(await seen()).toEqual(others.map(() => [theirs, ours]));
  await table.add(siteId, ours, later);
  expect(await seen()).toEqual(others.map(() => [later, theirs]));
  await table.remove(siteId, ours);
  expect(await seen()).toEqual(others.map(() => [ours, theirs]));
});

test('what is taken away at all sites, or is swept since nothing uses it, is forgotten by every process', async () => {
  const [ours, theirs, unused] = [randomUUID(), randomUUID(), randomUUID()];
  await table.add(siteId, ours, theirs);
  await table.add(siteId, unused, randomUUID());
  const one = process();
  expect(await toSite(one, ours)).toBe(theirs);
  await database.transaction((tx) => table.removeEverywhere(ours, tx));
  expect([await toSite(one, ours), await toCascade(one, theirs)]).toEqual([ours, theirs]);
  expect(await toSite(one, unused)).not.toBe(unused);
  await table.sweep();
  expect(await toSite(one, unused)).toBe(unused);
});

test('nothing is missed while others write at the same time and commit in another order', async () => {
  const one = process();
  const writers = Array.from({ length: 4 }, async () => {
    for (let turn = 0; turn < 25; turn += 1) {
      const [ours, theirs] = [randomUUID(), randomUUID()];
      await database.transaction(async (tx) => {
        await table.add(siteId, ours, theirs, tx);
        if (turn % 5 === 0) await tx.run('select pg_sleep(0.01)');
      });
      expect(await Promise.all([toSite(one, ours), toCascade(one, theirs)])).toEqual([theirs, ours]);
      if (turn % 7 === 0) {
        await table.remove(siteId, ours);
        expect(await toSite(one, ours)).toBe(ours);
      }
    }
  });
  await Promise.all(writers);
});

test('an alias whose transaction is rolled back never was', async () => {
  const [ours, theirs] = [randomUUID(), randomUUID()];
  const one = process();
  const failing = database.transaction(async (tx) => {
    await table.add(siteId, ours, theirs, tx);
    throw new Error('stopped');
  });
  await expect(failing).rejects.toThrow('stopped');
  expect(await toSite(one, ours)).toBe(ours);
});

test('what is not in memory is looked up, all of a text at once', async () => {
  const pairs = Array.from({ length: 300 }, () => [randomUUID(), randomUUID()] as const);
  await database.transaction(async (tx) => {
    for (const [ours, theirs] of pairs) await table.add(siteId, ours, theirs, tx);
  });
  const one = process(knownIds(20));
  const ours = pairs.map(([id]) => id).join(' ');
  const theirs = pairs.map(([, id]) => id).join(' ');
  expect(await toSite(one, `${ours} ${theirs}`)).toBe(`${theirs} ${theirs}`);
  expect(await toCascade(one, `${theirs} ${ours}`)).toBe(`${ours} ${ours}`);
});

test('what is written after it was looked up in vain is known all the same', async () => {
  const [ours, theirs] = [randomUUID(), randomUUID()];
  await table.add(siteId, ours, theirs);
  const one = process();
  expect(await toSite(one, theirs)).toBe(theirs); // in the filter, and an alias only the other way
  await table.remove(siteId, ours);
  await table.add(siteId, theirs, ours);
  expect(await toSite(one, theirs)).toBe(ours);
});

test('sites are apart, though processes keep what they know of them together', async () => {
  const [ours, theirs, elsewhere] = [randomUUID(), randomUUID(), randomUUID()];
  const otherId = await addSite();
  await table.add(siteId, ours, theirs);
  await table.add(otherId, ours, elsewhere);
  const known = knownIds();
  const [here, there] = [process(known), process(known, otherId)];
  expect([await toSite(here, ours), await toSite(there, ours)]).toEqual([theirs, elsewhere]);
});

test('a site that is taken out and added again under its number begins without aliases', async () => {
  const [ours, theirs, later] = [randomUUID(), randomUUID(), randomUUID()];
  await table.add(siteId, ours, theirs);
  const one = process();
  expect(await toSite(one, ours)).toBe(theirs);
  await database.run(`delete from site where id = $1`, [siteId]);
  await database.run(
    `insert into site (id, name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     overriding system value values ($1, $2, 'enabled', 'http://s', 'r', 'public', true, '', '{}')`,
    [siteId, randomUUID()],
  );
  expect(await toSite(one, ours)).toBe(ours);
  await table.add(siteId, later, theirs);
  expect([await toSite(one, ours), await toCascade(one, theirs)]).toEqual([ours, later]);
});
