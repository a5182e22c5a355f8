import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.js';
import { violationOf } from '../database/errors.js';
import { testDatabase } from '../database/testing.js';
import { Slices } from './slices.js';
import { SubnetNotStretched } from './slice-table.js';
import { SubnetExhausted } from './subnet-exhausted.js';
import { addSites, confirm, pool, sizeOf, textOf } from './testing.js';

let database: Database;
let close: () => Promise<void>;
let slices: Slices;
let home: number;
let east: number;
let west: number;

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  slices = new Slices(database);
  [home, east, west] = (await addSites(database, 'home', 'east', 'west')) as [number, number, number];
});
afterAll(() => close());

let subnets = 0;
/** A subnet whose addresses are all the home's. */
async function stretched(cidr = '10.0.0.0/24', ...pools: string[]): Promise<string> {
  const subnetId = `subnet-${(subnets += 1)}`;
  const usual = pools.length > 0 ? pools : ['10.0.0.2-10.0.0.254'];
  await slices.begin({ subnetId, cidr, pools: usual.map(pool), homeId: home });
  return subnetId;
}

const at = async (subnetId: string, siteId: number): Promise<string[]> =>
  textOf(await slices.poolsAt(subnetId, siteId));
const leaving = async (subnetId: string): Promise<string[]> =>
  (await slices.leaving(subnetId)).map(
    ({ fromSiteId, toSiteId, pools }) => `${nameOf(fromSiteId)} to ${nameOf(toSiteId)}: ${textOf(pools).join(' ')}`,
  );
const nameOf = (siteId: number): string => ({ [home]: 'home', [east]: 'east', [west]: 'west' })[siteId]!;

/** A site has a slice, settled; its home has none of these allocated. */
async function slice(subnetId: string, siteId: number, wanted = 1): Promise<void> {
  await slices.delegate(subnetId, siteId, { wanted });
  await confirm(slices, subnetId, home);
}

test('a subnet begins with all addresses at home, once', async () => {
  const subnetId = await stretched('10.0.0.0/24', '10.0.0.100-10.0.0.200', '10.0.0.2-10.0.0.50', '10.0.0.51-10.0.0.60');
  await slices.begin({ subnetId, cidr: '10.0.0.0/24', pools: [pool('10.0.0.7')], homeId: east });

  expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.60', '10.0.0.100-10.0.0.200']);
  expect(await at(subnetId, east)).toEqual([]);
  expect(await slices.leaving(subnetId)).toEqual([]);
  const shown = await slices.tenantPools([subnetId, 'another']);
  expect([...shown].map(([id, pools]) => [id, textOf(pools)])).toEqual([
    [subnetId, ['10.0.0.2-10.0.0.60', '10.0.0.100-10.0.0.200']],
  ]);
});

test('of a subnet that has not begun nothing is known', async () => {
  await expect(slices.poolsAt('another', home)).rejects.toThrow(SubnetNotStretched);
  await expect(slices.delegate('another', east, { wanted: 1 })).rejects.toThrow('subnet another');
  await slices.forget('another');
  await slices.promise('another', home, 3);
});

describe('delegation', () => {
  test('an address is given out by neither site until the home has let go of it', async () => {
    const subnetId = await stretched();

    await slices.delegate(subnetId, east, { wanted: 2 });
    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.238']);
    expect(await at(subnetId, east)).toEqual([]);
    expect(await leaving(subnetId)).toEqual(['home to east: 10.0.0.239-10.0.0.254']);

    await confirm(slices, subnetId, home);
    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.238']);
    expect(await at(subnetId, east)).toEqual(['10.0.0.239-10.0.0.254']);
    expect(await leaving(subnetId)).toEqual([]);
  });

  test('what the home has allocated meanwhile stays its own', async () => {
    const subnetId = await stretched();
    await slices.delegate(subnetId, east, { wanted: 2 });

    const kept = await confirm(slices, subnetId, home, ['10.0.0.9', '10.0.0.240', '10.0.0.241', '10.0.0.254']);

    expect(textOf(kept)).toEqual(['10.0.0.240-10.0.0.241', '10.0.0.254']);
    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.238', '10.0.0.240-10.0.0.241', '10.0.0.254']);
    expect(await at(subnetId, east)).toEqual(['10.0.0.239', '10.0.0.242-10.0.0.253']);
  });

  test('nothing is settled of what the Neutron that holds it still gives out', async () => {
    const subnetId = await stretched();
    await slices.delegate(subnetId, east, { wanted: 2 });

    const [{ version } = { version: 0 }] = await slices.leaving(subnetId);
    await slices.settle(subnetId, home, { version, pools: [pool('10.0.0.2-10.0.0.254')], allocated: [] });
    expect(await at(subnetId, east)).toEqual([]);

    await slices.settle(subnetId, home, { version, pools: [pool('10.0.0.2-10.0.0.250')], allocated: [] });
    expect(await at(subnetId, east)).toEqual(['10.0.0.251-10.0.0.254']);
    expect(await leaving(subnetId)).toEqual(['home to east: 10.0.0.239-10.0.0.250']);
  });

  test('what was taken back and marked again since its holder’s Neutron was seen is not settled by that', async () => {
    const subnetId = await stretched();
    await slices.delegate(subnetId, east, { wanted: 16 });
    const [{ version } = { version: 0 }] = await slices.leaving(subnetId);
    const seen = { version, pools: await slices.poolsAt(subnetId, home), allocated: [] };
    await slices.release(subnetId, east); // by now the home gives out all of them again
    await slices.delegate(subnetId, west, { wanted: 16 });

    await slices.settle(subnetId, home, seen);
    expect(await leaving(subnetId)).toEqual(['home to west: 10.0.0.239-10.0.0.254']);
    await confirm(slices, subnetId, home);
    expect(await at(subnetId, west)).toEqual(['10.0.0.239-10.0.0.254']);
  });

  test('each step may come twice, and what is on its way counts', async () => {
    const subnetId = await stretched();
    await slices.delegate(subnetId, east, { wanted: 2 });
    await slices.delegate(subnetId, east, { wanted: 16 });
    expect(await leaving(subnetId)).toEqual(['home to east: 10.0.0.239-10.0.0.254']);
    expect(await slices.unsettled()).toContainEqual({ subnetId, siteId: home });

    await confirm(slices, subnetId, home);
    await confirm(slices, subnetId, home, ['10.0.0.250']); // by then it is none of the home's
    expect(await at(subnetId, east)).toEqual(['10.0.0.239-10.0.0.254']);
    expect(await slices.unsettled()).not.toContainEqual({ subnetId, siteId: home });
  });

  test('slices double, up to a fair part of the subnet', async () => {
    const subnetId = await stretched();
    const sizes: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await slice(subnetId, east);
      sizes.push(sizeOf(await slices.poolsAt(subnetId, east)));
    }
    expect(sizes).toEqual([16, 32, 64, 127, 128]);

    await slice(subnetId, east, 70);
    expect(sizeOf(await slices.poolsAt(subnetId, east))).toBe(198);
  });

  test('addresses that are known to be allocated are not counted on', async () => {
    const subnetId = await stretched();
    const taken = Array.from({ length: 120 }, (_, at) => `10.0.0.${2 * at + 3}`);
    await slices.delegate(subnetId, east, { wanted: 1, taken });
    await confirm(slices, subnetId, home, taken);
    // No more than lie together, as one of them is wanted.
    expect(await at(subnetId, east)).toEqual(['10.0.0.242-10.0.0.254']);
  });

  test('a /29 is enough for two sites', async () => {
    const subnetId = await stretched('10.0.0.0/29', '10.0.0.2-10.0.0.6');
    await slices.delegate(subnetId, east, { wanted: 3, taken: ['10.0.0.2'] });
    await confirm(slices, subnetId, home, ['10.0.0.2']);

    expect(await slices.gatewayAt(subnetId, east)).toBe('10.0.0.4');
    expect(await at(subnetId, east)).toEqual(['10.0.0.5-10.0.0.6']);
    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.3']);
  });

  test('where the home has too few, the refusal has the numbers', async () => {
    const subnetId = await stretched('10.0.0.0/29', '10.0.0.2-10.0.0.6');
    await slice(subnetId, east, 2);
    await slices.gatewayAt(subnetId, east);
    const refused = slices.delegate(subnetId, west, { wanted: 3, taken: ['10.0.0.2'] });

    await expect(refused).rejects.toThrow(SubnetExhausted);
    await expect(refused).rejects.toMatchObject({
      subnetId,
      siteId: west,
      wanted: 3,
      spare: 2n,
      size: 5n,
      sites: [
        { siteId: home, size: 3n },
        { siteId: east, size: 2n },
      ],
    });
    await expect(refused).rejects.toThrow(`subnet ${subnetId} has 5 addresses`);
  });

  test.each([
    ['10.0.0.0/8', '10.0.0.2-10.255.255.254', '10.255.239.255-10.255.255.254'],
    ['10.0.0.0/16', '10.0.0.2-10.0.255.254', '10.0.255.0-10.0.255.254'],
    ['fd00::/64', 'fd00::2-fd00::ffff:ffff:ffff:ffff', 'fd00::ffff:ffff:ffff:f000-fd00::ffff:ffff:ffff:ffff'],
  ])('of %s with %s a first slice is %s', async (cidr, pools, first) => {
    const subnetId = await stretched(cidr, pools);
    await slice(subnetId, east);
    expect(await at(subnetId, east)).toEqual([first]);
  });

  test('a /8 over a hundred sites has a row for each', async () => {
    const sites = await addSites(database, ...Array.from({ length: 100 }, (_, at) => `site-${at}`));
    const subnetId = await stretched('10.0.0.0/8', '10.0.0.2-10.255.255.254');
    for (const siteId of sites) for (let round = 0; round < 3; round += 1) await slice(subnetId, siteId);

    expect(sizeOf(await slices.poolsAt(subnetId, sites[99]!))).toBe(4 * 4096);
    const { rows } = await database.one<{ rows: number }>(
      `select count(*) as rows from slice join stretched_subnet s on s.number = subnet_number where s.id = $1`,
      [subnetId],
    );
    expect(rows).toBeLessThanOrEqual(300);
  });
});

describe('an address that was asked for', () => {
  test('is held by the site in whose slice it is', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    expect(await slices.carve(subnetId, east, '10.0.0.250')).toBe('held');
    expect(await slices.carve(subnetId, home, '10.0.0.7')).toBe('held');
    expect(await at(subnetId, east)).toEqual(['10.0.0.239-10.0.0.254']);
  });

  test('leaves the site in whose slice it is, if that has not allocated it', async () => {
    const subnetId = await stretched();
    expect(await slices.carve(subnetId, east, '10.0.0.7')).toBe('leaving');
    expect(await slices.carve(subnetId, east, '10.0.0.7')).toBe('leaving');
    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.6', '10.0.0.8-10.0.0.254']);

    expect(await slices.isHeldBy(subnetId, home, '10.0.0.7')).toBe(false);
    await confirm(slices, subnetId, home);
    expect(await slices.isHeldBy(subnetId, east, '10.0.0.7')).toBe(true);
    expect(await slices.isHeldBy(subnetId, home, '10.0.0.1')).toBe(true);
    expect(await slices.carve(subnetId, east, '10.0.0.7')).toBe('held');
    expect(await at(subnetId, east)).toEqual(['10.0.0.7']);
    const holders = (await slices.all()).filter((one) => one.subnetId === subnetId);
    expect(holders.map(({ siteId }) => nameOf(siteId))).toEqual(['home', 'east']);
  });

  test('stays where it is allocated', async () => {
    const subnetId = await stretched();
    await slices.carve(subnetId, east, '10.0.0.7');
    expect(textOf(await confirm(slices, subnetId, home, ['10.0.0.7']))).toEqual(['10.0.0.7']);

    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.254']);
    expect(await slices.carve(subnetId, home, '10.0.0.7')).toBe('held');
  });

  test('is given to nobody else while its port is on its way', async () => {
    const subnetId = await stretched('10.0.0.0/29', '10.0.0.2-10.0.0.6');
    await slices.carve(subnetId, home, '10.0.0.6');

    expect(await slices.carve(subnetId, east, '10.0.0.6')).toBe('taken');
    await slices.delegate(subnetId, east, { wanted: 4 });
    await confirm(slices, subnetId, home);
    expect(await at(subnetId, home)).toEqual(['10.0.0.6']);

    await database.run(`update claimed_address set until = now()`);
    expect(await slices.carve(subnetId, east, '10.0.0.6')).toBe('leaving');
  });

  test('is kept by a site that it was about to leave', async () => {
    const subnetId = await stretched();
    await slices.delegate(subnetId, east, { wanted: 1 });
    expect(await slices.carve(subnetId, home, '10.0.0.250')).toBe('held');
    await confirm(slices, subnetId, home);
    expect(await at(subnetId, east)).toEqual(['10.0.0.239-10.0.0.249', '10.0.0.251-10.0.0.254']);
  });

  test('is reserved outside the pools, and in none of them', async () => {
    const subnetId = await stretched('10.0.0.0/24', '10.0.0.100-10.0.0.200');
    expect(await slices.carve(subnetId, east, '10.0.0.9')).toBe('leaving');
    await confirm(slices, subnetId, home);

    expect(await slices.carve(subnetId, east, '10.0.0.9')).toBe('held');
    expect(await at(subnetId, east)).toEqual([]);
    expect(await slices.carve(subnetId, west, '10.0.0.9')).toBe('taken');

    await slices.changeTenantPools(subnetId, [pool('10.0.0.2-10.0.0.200')]);
    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.8', '10.0.0.10-10.0.0.200']);
    expect(await at(subnetId, east)).toEqual(['10.0.0.9']);
  });

  test('must be an address of the subnet', async () => {
    const subnetId = await stretched();
    await expect(slices.carve(subnetId, east, '10.0.1.9')).rejects.toThrow('10.0.1.9 is not an address of 10.0.0.0/24');
    await expect(slices.carve(subnetId, east, 'fd00::1')).rejects.toThrow(RangeError);
  });
});

describe('a gateway', () => {
  test('is one address of the slice, in no pool, and nobody else gets it', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    expect(await slices.gatewayAt(subnetId, east)).toBe('10.0.0.239');
    expect(await slices.gatewayAt(subnetId, east)).toBe('10.0.0.239');

    expect(await at(subnetId, east)).toEqual(['10.0.0.240-10.0.0.254']);
    expect(await slices.carve(subnetId, west, '10.0.0.239')).toBe('taken');
    await slices.reclaim(subnetId, east, home, { wanted: 99, allocated: [] });
    await confirm(slices, subnetId, east);
    await slices.changeTenantPools(subnetId, [pool('10.0.0.2-10.0.0.99')]);
    expect(await slices.gatewayAt(subnetId, east)).toBe('10.0.0.239');
  });

  test('is an address of the slice again when it is needed no more', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    expect(await slices.knownGateway(subnetId, east)).toBeUndefined();
    const gateway = await slices.gatewayAt(subnetId, east);
    expect(await slices.knownGateway(subnetId, east)).toBe(gateway);
    expect(await slices.isHeldBy(subnetId, east, gateway)).toBe(false);

    await slices.freeGateway(subnetId, east);
    await slices.freeGateway(subnetId, east);
    expect(await slices.knownGateway(subnetId, east)).toBeUndefined();
    expect(await at(subnetId, east)).toEqual(['10.0.0.239-10.0.0.254']);
  });

  test('is not allocated to a port, and needs a slice', async () => {
    const subnetId = await stretched();
    await expect(slices.gatewayAt(subnetId, east)).rejects.toThrow(SubnetExhausted);
    await slice(subnetId, east);
    expect(await slices.gatewayAt(subnetId, east, { allocated: ['10.0.0.239', '10.0.0.241'] })).toBe('10.0.0.240');
  });

  test('of the home is the tenant’s', async () => {
    await expect(slices.gatewayAt(await stretched(), home)).rejects.toThrow('the tenant');
  });
});

describe('taking back', () => {
  test('takes what is free at a site, but not what was promised', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    await slices.promise(subnetId, east, 4);

    const allocated = ['10.0.0.254', '10.0.0.253'];
    expect(await slices.reclaim(subnetId, east, west, { wanted: 2, allocated })).toBe(5); // half of 16 - 2 - 4
    expect(await slices.reclaim(subnetId, east, west, { wanted: 5, allocated })).toBe(5);
    expect(await leaving(subnetId)).toEqual(['east to west: 10.0.0.248-10.0.0.252']);

    await confirm(slices, subnetId, east, [...allocated, '10.0.0.250']);
    expect(await at(subnetId, west)).toEqual(['10.0.0.248-10.0.0.249', '10.0.0.251-10.0.0.252']);
    expect(await at(subnetId, east)).toEqual(['10.0.0.239-10.0.0.247', '10.0.0.250', '10.0.0.253-10.0.0.254']);
  });

  test('gives the home addresses again, and none where there are none', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    expect(await slices.reclaim(subnetId, east, home, { wanted: 16, allocated: [] })).toBe(16);
    await confirm(slices, subnetId, east);
    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.254']);
    expect(await slices.reclaim(subnetId, east, home, { wanted: 1, allocated: [] })).toBe(0);
  });
});

describe('the tenant writes other pools', () => {
  test('new addresses are the home’s, removed ones leave whoever has them', async () => {
    const subnetId = await stretched('10.0.0.0/24', '10.0.0.100-10.0.0.199');
    await slice(subnetId, east);
    expect(await at(subnetId, east)).toEqual(['10.0.0.184-10.0.0.199']);

    await slices.changeTenantPools(subnetId, [pool('10.0.0.50-10.0.0.189')]);
    expect(await at(subnetId, home)).toEqual(['10.0.0.50-10.0.0.183']);
    expect(await at(subnetId, east)).toEqual(['10.0.0.184-10.0.0.189']);
    expect(await leaving(subnetId)).toEqual(['east to home: 10.0.0.190-10.0.0.199']);
    expect(textOf((await slices.tenantPools([subnetId])).get(subnetId)!)).toEqual(['10.0.0.50-10.0.0.189']);
  });

  test('what a site has allocated of them is its own still, also once they are back', async () => {
    const subnetId = await stretched('10.0.0.0/24', '10.0.0.100-10.0.0.199');
    await slice(subnetId, east);
    await slices.changeTenantPools(subnetId, [pool('10.0.0.100-10.0.0.189')]);
    await confirm(slices, subnetId, east, ['10.0.0.195']);
    expect(await at(subnetId, east)).toEqual(['10.0.0.184-10.0.0.189']);

    await slices.changeTenantPools(subnetId, [pool('10.0.0.100-10.0.0.199')]);
    expect(await at(subnetId, east)).toEqual(['10.0.0.184-10.0.0.189', '10.0.0.195']);
    expect(await at(subnetId, home)).toEqual([
      '10.0.0.100-10.0.0.183',
      '10.0.0.190-10.0.0.194',
      '10.0.0.196-10.0.0.199',
    ]);
  });

  test('what was just asked for stays where that was', async () => {
    const subnetId = await stretched('10.0.0.0/24', '10.0.0.100-10.0.0.199');
    await slice(subnetId, east);
    await slices.carve(subnetId, east, '10.0.0.195');
    await slices.changeTenantPools(subnetId, [pool('10.0.0.100-10.0.0.189')]);
    expect(textOf(await confirm(slices, subnetId, east))).toEqual(['10.0.0.195']);

    await database.run(`update claimed_address set until = now()`);
    expect(await slices.carve(subnetId, home, '10.0.0.195')).toBe('leaving');
  });

  test('what is back before a site has let go of it leaves that site first', async () => {
    const subnetId = await stretched('10.0.0.0/24', '10.0.0.100-10.0.0.199');
    await slice(subnetId, east);
    await slices.changeTenantPools(subnetId, [pool('10.0.0.100-10.0.0.189')]);
    await slices.changeTenantPools(subnetId, [pool('10.0.0.100-10.0.0.199')]);
    expect(await at(subnetId, home)).toEqual(['10.0.0.100-10.0.0.183']);
    await confirm(slices, subnetId, east);
    expect(await at(subnetId, home)).toEqual(['10.0.0.100-10.0.0.183', '10.0.0.190-10.0.0.199']);
  });

  test('what was on its way from the home stays there', async () => {
    const subnetId = await stretched('10.0.0.0/24', '10.0.0.100-10.0.0.199');
    await slices.delegate(subnetId, east, { wanted: 1 });
    await slices.changeTenantPools(subnetId, [pool('10.0.0.100-10.0.0.189')]);
    expect(await leaving(subnetId)).toEqual(['home to east: 10.0.0.184-10.0.0.189']);
  });
});

describe('the end of a copy', () => {
  test('gives all that it held, its gateway too, to the home', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    await slice(subnetId, west);
    await slices.gatewayAt(subnetId, east);
    await slices.carve(subnetId, east, '10.0.0.1');
    await confirm(slices, subnetId, home);
    await slices.reclaim(subnetId, east, west, { wanted: 3, allocated: [] });
    await slices.reclaim(subnetId, west, east, { wanted: 2, allocated: [] });
    await slices.delegate(subnetId, east, { wanted: 5 });

    await slices.release(subnetId, east);
    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.222', '10.0.0.239-10.0.0.254']);
    expect(await at(subnetId, west)).toEqual(['10.0.0.223-10.0.0.238']);
    expect(await slices.leaving(subnetId)).toEqual([]);
    expect(await slices.carve(subnetId, home, '10.0.0.1')).toBe('held');

    await slices.release(subnetId, east);
    await expect(slices.release(subnetId, home)).rejects.toThrow('at home');
  });

  test('so does the end of its site', async () => {
    const [gone] = await addSites(database, 'gone');
    const subnetId = await stretched();
    await slice(subnetId, gone!);
    await slices.gatewayAt(subnetId, gone!);
    await slices.promise(subnetId, gone!, 1);
    await slices.delegate(subnetId, gone!, { wanted: 9 });
    await database.run(`delete from site where id = $1`, [gone]);

    expect(await at(subnetId, home)).toEqual(['10.0.0.2-10.0.0.254']);
    expect(await slices.leaving(subnetId)).toEqual([]);
  });

  test('a subnet that is forgotten leaves nothing behind', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    await slices.promise(subnetId, east, 1);
    await slices.forget(subnetId);
    await expect(slices.poolsAt(subnetId, home)).rejects.toThrow(SubnetNotStretched);
  });
});

describe('another home', () => {
  test('the one before it keeps its addresses, and loses them with its copy', async () => {
    const subnetId = await stretched('10.0.0.0/24', '10.0.0.100-10.0.0.199');
    await slice(subnetId, east);
    await slice(subnetId, west);

    await slices.moveHome(subnetId, east, { allocated: ['10.0.0.7', '10.0.0.100'] });
    await slices.moveHome(subnetId, east);
    expect(await at(subnetId, home)).toEqual(['10.0.0.100-10.0.0.167']);
    expect(await at(subnetId, east)).toEqual(['10.0.0.184-10.0.0.199']);
    await slices.changeTenantPools(subnetId, [pool('10.0.0.2-10.0.0.199')]);
    expect(await at(subnetId, home)).toEqual(['10.0.0.7', '10.0.0.100-10.0.0.167']);

    await slices.release(subnetId, home);
    expect(await at(subnetId, east)).toEqual(['10.0.0.2-10.0.0.167', '10.0.0.184-10.0.0.199']);
    expect(await at(subnetId, west)).toEqual(['10.0.0.168-10.0.0.183']);
  });

  test('where the home was taken out, its addresses are nobody’s until there is another', async () => {
    const [lost] = await addSites(database, 'lost');
    const subnetId = 'orphan';
    await slices.begin({ subnetId, cidr: '10.0.0.0/24', pools: [pool('10.0.0.2-10.0.0.254')], homeId: lost! });
    await slices.delegate(subnetId, east, { wanted: 1 });
    await confirm(slices, subnetId, lost!);
    await database.run(`delete from site where id = $1`, [lost]);

    await expect(slices.delegate(subnetId, west, { wanted: 1 })).rejects.toThrow(SubnetExhausted);
    expect(await slices.carve(subnetId, east, '10.0.0.8')).toBe('held');
    expect(await at(subnetId, east)).toEqual(['10.0.0.8', '10.0.0.239-10.0.0.254']);
    await slices.moveHome(subnetId, east);
    expect(await at(subnetId, east)).toEqual(['10.0.0.2-10.0.0.254']);
  });
});

describe('what a site needs', () => {
  test('is nothing until less than a fourth is free, then more before it runs out', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    const needed = (allocated: number, about: number) => slices.needed(subnetId, east, { allocated, about });

    expect(await needed(8, 4)).toEqual({ wanted: 0, isUrgent: false });
    expect(await needed(8, 5)).toEqual({ wanted: 1, isUrgent: false });
    expect(await needed(15, 1)).toEqual({ wanted: 1, isUrgent: false });
    expect(await needed(16, 3)).toEqual({ wanted: 3, isUrgent: true });
    expect(await slices.needed(subnetId, west, { allocated: 0, about: 2 })).toEqual({ wanted: 2, isUrgent: true });
  });

  test('counts what was promised in the last minute, by whichever process', async () => {
    const subnetId = await stretched();
    await slice(subnetId, east);
    const other = new Slices(database);
    await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 ? slices : other).promise(subnetId, east, 1)));
    expect(await slices.needed(subnetId, east, { allocated: 0, about: 0 })).toEqual({ wanted: 4, isUrgent: true });

    await database.run(`update promised_addresses set period = period - 6 where subnet_id = $1`, [subnetId]);
    expect(await slices.needed(subnetId, east, { allocated: 0, about: 0 })).toEqual({ wanted: 0, isUrgent: false });
  });

  test('a promise takes the place of one that is long over', async () => {
    const subnetId = await stretched();
    await slices.promise(subnetId, home, 200);
    await database.run(`update promised_addresses set period = period - 8 where subnet_id = $1`, [subnetId]);
    await slices.promise(subnetId, home, 5);
    expect(await slices.needed(subnetId, home, { allocated: 0, about: 253 })).toEqual({ wanted: 5, isUrgent: true });
  });
});

describe('PostgreSQL guards', () => {
  const refusal = async (sql: string, values: unknown[]) =>
    violationOf(await database.run(sql, values).catch((error: unknown) => error));
  const add = `insert into slice (subnet_number, addresses, site_id, to_site_id, left_at, is_gateway)
    select number, $2::numrange, $3, $4, 1, $5 from stretched_subnet where id = $1`;

  test('no two slices of a subnet overlap, those of two subnets may', async () => {
    const [one, other] = [await stretched(), await stretched()];
    await database.run(add, [one, '[10,20)', east, null, false]);
    expect(await refusal(add, [one, '[19,21)', west, null, false])).toEqual({
      kind: 'exclusion',
      constraint: 'slice_disjoint',
    });
    expect(await refusal(add, [one, '[20,21)', west, null, false])).toBeUndefined();
    expect(await refusal(add, [other, '[10,20)', east, null, false])).toBeUndefined();
  });

  test('a copy has one gateway, and a range is of whole addresses and leaves for somebody else', async () => {
    const subnetId = await stretched();
    await database.run(add, [subnetId, '[10,11)', east, null, true]);
    expect(await refusal(add, [subnetId, '[11,12)', east, null, true])).toMatchObject({ kind: 'unique' });
    for (const [addresses, to, isGateway] of [
      ['[12,14)', null, true],
      ['[12,13]', null, false],
      ['[12.5,14)', null, false],
      ['empty', null, false],
      ['[12,14)', west, false],
    ])
      expect(await refusal(add, [subnetId, addresses, west, to, isGateway])).toMatchObject({ kind: 'check' });
  });
});
