/**
 * Eight processes delegate, carve, settle, take back and release addresses of one subnet over four sites, whose Neutrons give out
 * addresses alone and answer when they like. Whatever happens, none gives out an address that another has given out, and in the end
 * all addresses are where they began.
 */
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { difference, rangeOf, union, type Pool } from '@cascade/openstack-protocol/network/address-ranges.js';
import { formatAddress, holds, parseAddress } from '@cascade/openstack-protocol/network/ip-addresses.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { Slices } from './slices.js';
import { SubnetExhausted } from './subnet-exhausted.js';
import { addSites, pool, sizeOf } from './testing.js';

const cidr = '10.0.0.0/26';
const narrow = [pool('10.0.0.8-10.0.0.50')];
const wide = [pool('10.0.0.2-10.0.0.62')];
const processes = 8;
const steps = 40;

let database: Database;
let close: () => Promise<void>;
let sites: number[];
beforeAll(async () => {
  ({ database, close } = await testDatabase({ poolSize: 12 }));
  sites = await addSites(database, 'home', 'east', 'west', 'north');
});
afterAll(() => close());

/** Reproducible numbers below `limit`. */
function dice(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
type Dice = (limit: number) => number;

/** The subnet at one site, as its Neutron keeps it: pools, and what is allocated. */
class Neutron {
  private pools: readonly Pool[] = [];
  readonly allocated = new Set<string>();
  /** Counts up with each change of the pools: what was read before is not written after (`If-Match`). */
  private revision = 0;
  /** Undefined before the copy is made; another one each time that it is. */
  copy: number | undefined;
  private copies = 0;

  constructor(
    private readonly roll: Dice,
    private readonly collide: (address: string) => void,
  ) {}

  /** A copy is made without pools: they are written like any others. */
  make(): void {
    if (this.copy === undefined) this.copy = this.copies += 1;
  }

  remove(): void {
    [this.copy, this.pools] = [undefined, []];
    this.allocated.clear();
    this.revision += 1;
  }

  async show(): Promise<{ copy: number | undefined; pools: readonly Pool[]; revision: number }> {
    await this.lag();
    const { copy, pools, revision } = this;
    return { copy, pools, revision };
  }

  /** @returns false where they have changed since */
  async put(pools: readonly Pool[], revision: number): Promise<boolean> {
    await this.lag();
    if (this.copy === undefined || this.revision !== revision) return false;
    this.pools = pools;
    this.revision += 1;
    await this.lag();
    return true;
  }

  async list(): Promise<string[]> {
    await this.lag();
    return [...this.allocated];
  }

  /** A port, with some address of the pools or with the one that is wanted. */
  async createPort(copy: number | undefined, wanted?: string): Promise<void> {
    await this.lag();
    if (copy === undefined || this.copy !== copy) return;
    const free = wanted === undefined ? this.free() : [wanted].filter((one) => !this.allocated.has(one));
    const address = free[this.roll(free.length)];
    if (address === undefined) return;
    this.collide(address);
    this.allocated.add(address);
  }

  deletePort(): void {
    const all = [...this.allocated];
    this.allocated.delete(all[this.roll(all.length)] ?? '');
  }

  private free(): string[] {
    return this.pools
      .map(rangeOf)
      .flatMap(({ first, last }) =>
        Array.from({ length: Number(last - first) + 1 }, (_, at) =>
          formatAddress({ version: 4, value: first + BigInt(at) }),
        ).filter((address) => !this.allocated.has(address)),
      );
  }

  private lag(): Promise<void> {
    return this.roll(3) === 0 ? Promise.resolve() : delay(this.roll(8));
  }
}

class World {
  readonly collisions: string[] = [];
  readonly neutrons: ReadonlyMap<number, Neutron>;
  /** How many are at work with a copy, so that it is not taken away under their hands. */
  private readonly users = new Map<number, number>();
  readonly slices = new Slices(database);
  readonly home = sites[0]!;

  constructor(
    readonly subnetId: string,
    private readonly roll: Dice,
  ) {
    this.neutrons = new Map(
      sites.map((siteId) => [siteId, new Neutron(roll, (address) => this.check(siteId, address))]),
    );
  }

  private check(siteId: number, address: string): void {
    for (const [other, { allocated }] of this.neutrons)
      if (other !== siteId && allocated.has(address)) this.collisions.push(`${address} at ${siteId} and ${other}`);
  }

  async begin(): Promise<void> {
    await this.slices.begin({ subnetId: this.subnetId, cidr, pools: narrow, homeId: this.home });
    this.neutrons.get(this.home)!.make();
    await this.converge(this.home);
  }

  /** Brings a site's Neutron to its pools, and settles what it has let go of; it may stop after any step. */
  async converge(siteId: number, mayStop = false): Promise<void> {
    if (this.users.get(siteId) === -1) return;
    this.users.set(siteId, (this.users.get(siteId) ?? 0) + 1);
    const dies = () => mayStop && this.roll(6) === 0;
    try {
      const neutron = this.neutrons.get(siteId)!;
      if (siteId !== this.home && neutron.copy === undefined) {
        const leaving = (await this.slices.leaving(this.subnetId)).some(({ fromSiteId }) => fromSiteId === siteId);
        if (!leaving && (await this.slices.poolsAt(this.subnetId, siteId)).length === 0) return;
        await this.slices.gatewayAt(this.subnetId, siteId).catch(unlessExhausted);
        neutron.make();
      }
      const [move] = await this.slices.leaving(this.subnetId);
      const { revision } = await neutron.show();
      const pools = await this.slices.poolsAt(this.subnetId, siteId);
      if (dies() || !(await neutron.put(pools, revision)) || dies()) return;
      const allocated = await neutron.list();
      if (dies()) return;
      if (move) await this.slices.settle(this.subnetId, siteId, { version: move.version, pools, allocated });
    } finally {
      this.users.set(siteId, this.users.get(siteId)! - 1);
    }
  }

  async step(): Promise<void> {
    const { slices, subnetId, roll } = this;
    const siteId = sites[roll(sites.length)]!;
    const neutron = this.neutrons.get(siteId)!;
    const { copy } = neutron;
    const kind = roll(100);
    if (kind < 25) return this.converge(siteId, true);
    if (kind < 45) return neutron.createPort(copy);
    if (kind < 55) return neutron.deletePort();
    if (kind < 70) {
      const taken = roll(2) === 0 ? [...this.neutrons.get(this.home)!.allocated] : [];
      await slices.delegate(subnetId, siteId, { wanted: 1 + roll(6), taken }).catch(unlessExhausted);
      return this.converge(this.home, true);
    }
    if (kind < 82) {
      const address = `10.0.0.${1 + roll(62)}`;
      if ((await slices.carve(subnetId, siteId, address)) === 'held') await neutron.createPort(copy, address);
      return;
    }
    if (kind < 92) {
      const toSiteId = sites[roll(sites.length)]!;
      await slices.reclaim(subnetId, siteId, toSiteId, { wanted: 1 + roll(4), allocated: [...neutron.allocated] });
      return;
    }
    if (kind < 96) return this.release(siteId);
    return slices.changeTenantPools(subnetId, roll(2) === 0 ? narrow : wide);
  }

  async release(siteId: number): Promise<void> {
    if (siteId === this.home || (this.users.get(siteId) ?? 0) !== 0) return;
    this.users.set(siteId, -1);
    this.neutrons.get(siteId)!.remove();
    await delay(this.roll(5));
    await this.slices.release(this.subnetId, siteId);
    this.users.set(siteId, 0);
  }

  /** As long as anything leaves anybody. */
  async settleAll(): Promise<void> {
    for (let round = 0; round < 10; round += 1) {
      for (const siteId of sites) await this.converge(siteId);
      if ((await this.slices.leaving(this.subnetId)).length === 0) break;
    }
    for (const siteId of sites) await this.converge(siteId);
  }
}

function unlessExhausted(error: unknown): void {
  if (!(error instanceof SubnetExhausted)) throw error;
}

let races = 0;

test('no address is given out twice, and none is lost', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = dice(seed);
      const subnetId = `race-${(races += 1)}`;
      const world = new World(subnetId, roll);
      const { slices } = world;
      await world.begin();

      const worker = async (): Promise<void> => {
        for (let step = 0; step < steps; step += 1) await world.step();
      };
      await Promise.all(Array.from({ length: processes }, worker));
      await world.settleAll();

      expect(world.collisions).toEqual([]);
      expect(await slices.leaving(subnetId)).toEqual([]);
      const [tenantPools] = [...(await slices.tenantPools([subnetId])).values()];
      const parts = await Promise.all(sites.map((siteId) => slices.poolsAt(subnetId, siteId)));
      const gateways = await database.many<{ address: string }>(
        `select lower(addresses)::text as address from slice join stretched_subnet s on s.number = subnet_number
          where s.id = $1 and is_gateway`,
        [subnetId],
      );
      for (const [at, siteId] of sites.entries()) {
        const about = sizeOf(parts[at]!) + 1;
        expect(await slices.needed(subnetId, siteId, { allocated: 0, about })).toEqual({ wanted: 1, isUrgent: true });
      }
      const all = [
        ...parts.flat().map(rangeOf),
        ...gateways.map(({ address }) => ({ first: BigInt(address), last: BigInt(address) })),
      ];
      expect(difference(tenantPools!.map(rangeOf), all)).toEqual([]);
      for (const [siteId, { allocated }] of world.neutrons)
        for (const [at, part] of parts.entries())
          if (sites[at] !== siteId)
            expect(
              [...allocated].filter((one) => part.map(rangeOf).some((range) => holds(range, valueOf(one)))),
            ).toEqual([]);

      for (const siteId of sites.slice(1)) await world.release(siteId);
      expect(union((await slices.poolsAt(subnetId, world.home)).map(rangeOf))).toEqual(tenantPools!.map(rangeOf));
    }),
    { numRuns: 10, endOnFailure: true },
  );
});

const valueOf = (address: string): bigint => parseAddress(address)!.value;
