import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { SiteLeases } from './site-leases.js';

let database: Database;
let close: () => Promise<void>;
let sites: { id: number }[];

beforeEach(async () => {
  ({ database, close } = await testDatabase());
  sites = await database.many<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     select 'site' || n, 'enabled', '', '', 'public', true, '', '{}' from generate_series(1, 6) n returning id`,
  );
});
afterEach(() => close());

const heldBy = (leases: SiteLeases): number[] => sites.filter((site) => leases.holds(site)).map((site) => site.id);
const sorted = (...ids: number[][]): number[] => ids.flat().sort((a, b) => a - b);
const all = (): number[] => sites.map((site) => site.id);

/** As if a process had said nothing for so long. */
const silentFor = (seconds: number) =>
  database.run(`update process set seen_at = seen_at - make_interval(secs => ${seconds});
                update site_lease set expires_at = expires_at - make_interval(secs => ${seconds})`);

test('one process minds every site, also one that is added later', async () => {
  const only = new SiteLeases(database);
  expect(await only.renew()).toBe(6);
  expect(heldBy(only)).toEqual(all());
  expect(await only.renew()).toBe(0);
  const [added] = await database.many<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     values ('late', 'enabled', '', '', 'public', true, '', '{}') returning id`,
  );
  expect(await only.renew()).toBe(1);
  expect(only.holds(added!)).toBe(true);
});

test('a second process gets its share, and no site has two minders', async () => {
  const [first, second] = [new SiteLeases(database), new SiteLeases(database)];
  await first.renew();
  await second.renew(); // is seen
  await first.renew(); // gives back
  await second.renew(); // takes
  expect([heldBy(first).length, heldBy(second).length]).toEqual([3, 3]);
  expect(sorted(heldBy(first), heldBy(second))).toEqual(all());
});

test('processes that start together mind all sites after a few rounds, each one once', async () => {
  const some = [1, 2, 3, 4].map(() => new SiteLeases(database));
  for (let round = 0; round < 4; round += 1) await Promise.all(some.map((leases) => leases.renew()));
  expect(sorted(...some.map(heldBy))).toEqual(all());
  expect(Math.max(...some.map((leases) => heldBy(leases).length))).toBeLessThanOrEqual(2);
});

test('processes whose leases have all run out while they hung mind all sites again, each one once', async () => {
  const some = [1, 2, 3, 4, 5, 6].map(() => new SiteLeases(database));
  for (let round = 0; round < 20; round += 1) {
    if (round % 4 === 0) await silentFor(20);
    await Promise.all(some.map((leases) => leases.renew()));
  }
  await Promise.all(some.map((leases) => leases.renew()));
  expect(sorted(...some.map(heldBy))).toEqual(all());
});

test('the sites of a process that died go to the others when its leases have run out', async () => {
  const [dead, alive] = [new SiteLeases(database), new SiteLeases(database)];
  await Promise.all([dead.renew(), alive.renew()]);
  await dead.renew();
  await silentFor(10);
  await alive.renew();
  expect(heldBy(alive).length).toBeLessThanOrEqual(3);
  await silentFor(10);
  await alive.renew();
  expect(heldBy(alive)).toEqual(all());
});

test('a process that stops in good order leaves its sites at once', async () => {
  const [leaving, staying] = [new SiteLeases(database), new SiteLeases(database)];
  await leaving.renew();
  await leaving.release();
  expect(heldBy(leaving)).toEqual([]);
  await staying.renew();
  expect(heldBy(staying)).toEqual(all());
});

test('the lease of a site that is removed is gone with it', async () => {
  const leases = new SiteLeases(database);
  await leases.renew();
  await database.run(`delete from site where id = $1`, [all()[0]]);
  await leases.renew();
  expect(heldBy(leases)).toEqual(all().slice(1));
});

test('what another process holds and renews is not taken', async () => {
  await database.run(`insert into process values ($1, now())`, [randomUUID()]);
  await database.run(
    `insert into site_lease select id, gen_random_uuid(), now() + interval '10 s' from site where id <> $1`,
    [all()[0]],
  );
  const leases = new SiteLeases(database);
  await leases.renew();
  expect(heldBy(leases)).toEqual([all()[0]]);
});
