/** Storage of several sites: what each has said of its pools and types. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site, type SiteRequest } from '../sites/site.js';
import { Storages } from './storage.js';

class CinderWithPools {
  readonly capabilities = { endpoints: { volume: ['http://site'] } };
  pools: object[] = [];
  types: { name: string; extra_specs: object }[] = [];
  silent = false;

  constructor(
    readonly id: number,
    readonly name: string,
  ) {}

  request({ path }: SiteRequest) {
    if (this.silent) return Promise.reject(new SiteUnreachable(this.name, true, 'silent'));
    if (path === '/types') return Promise.resolve(json(200, { volume_types: this.types }));
    if (path === '/os-availability-zone') {
      return Promise.resolve(json(200, { availabilityZoneInfo: [{ zoneName: `nova-${this.name}` }] }));
    }
    return Promise.resolve(json(200, { pools: this.pools.map((capabilities) => ({ name: 'p', capabilities })) }));
  }
}

let sites: CinderWithPools[];
let database: Database;
let close: () => Promise<void>;
let storages: Storages;
const asSite = (site: CinderWithPools) => site as unknown as Site;
const registry = () =>
  ({ all: () => sites, answering: () => sites.filter((site) => !site.silent) }) as unknown as SiteRegistry;
const [east, west] = [() => sites[0]!, () => sites[1]!];
const pool = (free: number, backend = 'lvm') => ({
  volume_backend_name: backend,
  total_capacity_gb: 100,
  free_capacity_gb: free,
});
const fitting = (gib: number, type?: { name: string; specs: Record<string, string> }) => {
  const need = storages.need(gib, type);
  return sites.filter((site) => need.fits(asSite(site))).map((site) => site.name);
};
const ceph = { name: 'ceph', specs: { volume_backend_name: 'ceph' } };

beforeEach(async () => {
  ({ database, close } = await testDatabase());
  sites = [];
  for (const name of ['east', 'west']) {
    const { id } = await database.one<{ id: number }>(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       values ($1, 'enabled', '', '', '', true, '', '{}') returning id`,
      [name],
    );
    sites.push(new CinderWithPools(id, name));
  }
  east().pools = [pool(10), pool(30)];
  west().pools = [pool(20), pool(50, 'ceph')];
  storages = new Storages(database, registry());
  await storages.refresh(() => true);
});
afterEach(() => close());

test('a volume fits where one pool has room for all of it', () => {
  expect(fitting(30)).toEqual(['east', 'west']);
  expect(fitting(40)).toEqual(['west']);
});

test('the roomier site is the better one', () => {
  const need = storages.need(1, undefined);
  expect([need.free(asSite(east())), need.free(asSite(west()))]).toEqual([30, 50]);
});

test('a volume goes where its type is, even where no site has the room: Cinder is to say that', () => {
  expect(fitting(1, ceph)).toEqual(['west']);
  expect(fitting(1_000, ceph)).toEqual(['west']);
  expect(storages.need(1_000, ceph).isBinding).toBe(false);
});

test("a type means what the site's own extra specs say", async () => {
  east().types = [{ name: 'ceph', extra_specs: { volume_backend_name: 'lvm' } }];
  await storages.refresh(() => true);
  expect(fitting(1, ceph)).toEqual(['east', 'west']);
});

test('a zone without the type is told apart from one with it, after a fresh look', async () => {
  const lacking = (site: CinderWithPools) => storages.need(1, ceph).lacking!(asSite(site));
  expect(await lacking(west())).toBeUndefined();
  expect(await lacking(east())).toBe(
    'No storage in availability zone east is of volume type ceph; it is offered in west.',
  );
  east().pools.push(pool(1, 'ceph')); // said nowhere yet
  expect(await lacking(east())).toBeUndefined();
});

test('what no site offers is the site’s own to refuse', async () => {
  const type = { name: 'tape', specs: { volume_backend_name: 'tape' } };
  expect(await storages.need(1, type).lacking!(asSite(east()))).toBeUndefined();
});

test('a type for some zones is offered in no other', async () => {
  const type = { name: 'near', specs: { 'RESKEY:availability_zones': 'west, north' } };
  expect(fitting(1, type)).toEqual(['west']);
  expect(await storages.need(1, type).lacking!(asSite(east()))).toBe(
    "Volume type is only supported in these availability zones: ['west', 'north']",
  );
});

test('a silent site is known by what it said last, and so to every process', async () => {
  west().silent = true;
  const another = new Storages(database, registry());
  await another.refresh(() => true);
  expect(another.need(1, undefined).free(asSite(west()))).toBe(50);
  expect(another.zonesAt(asSite(west()))).toEqual(['nova-west']);
});

test('a site that never said is asked', async () => {
  const fresh = new Storages(database, registry());
  expect(sites.every((site) => fresh.need(1e6, ceph).fits(asSite(site)))).toBe(true);
});
