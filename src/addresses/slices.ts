/**
 * The addresses of a subnet, delegated to sites. Each site holds a slice; the allocation pools of the subnet's copy at that site
 * are exactly what is settled of it, so that its Neutron gives out addresses alone and never one that another gives out.
 *
 * An address changes hands in steps, between any two of which the program may die; the same calls go on from there:
 * 1. `delegate`, `carve`, `reclaim` or `changeTenantPools` marks it as leaving: it is not in `poolsAt` its holder any more.
 * 2. The holder's Neutron is given those pools. Once it has them, it is asked which addresses are allocated.
 * 3. `settle`: what is allocated there stays there, the rest is the other site's.
 * 4. The other site's Neutron is given its pools.
 *
 * Where steps of several processes cross, a Neutron may still be given pools that were read before a mark: `settle` therefore
 * wants the pools as that Neutron showed them, and whoever writes them has to make sure that none older come after (by a lock, or
 * by `If-Match`).
 */
import {
  addressValue,
  countOf,
  poolOf,
  rangeOf,
  union,
  type Pool,
} from '@cascade/openstack-protocol/network/address-ranges.js';
import {
  formatAddress,
  formatPrefix,
  holds,
  parseAddress,
  parsePrefix,
  type Prefix,
  type Range,
} from '@cascade/openstack-protocol/network/ip-addresses.js';
import type { Database } from '../database/database.js';
import {
  arrivingAt,
  assignGateway,
  carve,
  move,
  movesIn,
  settle,
  settledAt,
  sitesOf,
  sizesOf,
  spareAt,
  withHome,
  withoutSite,
  withPools,
} from './division.js';
import { Promises } from './promises.js';
import { max, needOf, sizeToGive, sizeToTakeBack, type Need } from './slice-sizes.js';
import { SliceTable } from './slice-table.js';
import { SubnetExhausted } from './subnet-exhausted.js';

export interface StretchedSubnet {
  /** The cascade's. */
  readonly subnetId: string;
  readonly cidr: string;
  /** As the tenant wrote them. */
  readonly pools: readonly Pool[];
  readonly homeId: number;
}

/** Addresses that are to become another site's, as soon as their holder's Neutron gives out none of them. */
export interface Leaving {
  readonly fromSiteId: number;
  readonly toSiteId: number;
  readonly pools: readonly Pool[];
}

export interface SeenAtSite {
  /** The allocation pools that the site's Neutron showed before it was asked what is allocated. */
  readonly pools: readonly Pool[];
  /** The addresses of the subnet's ports there; those that are not leaving do not matter. */
  readonly allocated: readonly string[];
}

/** Where a subnet has not begun, all but `tenantPools`, `forget` and `promise` throw SubnetNotStretched. */
export class Slices {
  private readonly table: SliceTable;
  private readonly promises: Promises;

  constructor(database: Database) {
    this.table = new SliceTable(database);
    this.promises = new Promises(database);
  }

  /** From now on the addresses of a subnet can be delegated; all are the home's. Does nothing where they are already. */
  async begin({ subnetId, cidr, pools, homeId }: StretchedSubnet): Promise<void> {
    if (!parsePrefix(cidr)) throw new RangeError(`${cidr} is not a prefix`);
    await this.table.add({ subnetId, cidr, homeId, pools: union(pools.map(rangeOf)) });
  }

  /** What tenants see: the pools that they wrote, in order and with adjacent ones as one. Others have no entry. */
  async tenantPools(subnetIds: readonly string[]): Promise<Map<string, Pool[]>> {
    const found = await this.table.poolsOf(subnetIds);
    return new Map(found.map(({ id, prefix, pools }) => [id, poolsOf(prefix, pools)]));
  }

  /** The tenant has written other pools: new addresses are the home's, removed ones leave whoever holds them. */
  changeTenantPools(subnetId: string, pools: readonly Pool[]): Promise<void> {
    const wanted = union(pools.map(rangeOf));
    return this.table.change(subnetId, (division) => ({ next: withPools(division, wanted), result: undefined }));
  }

  /**
   * Marks addresses of the home as leaving for a site: at least as many as are wanted, usually as many as it has. What is already
   * on its way there counts.
   * @param wanted with the copy's gateway, if it has none yet
   * @param taken addresses that are known to be allocated at the home, so that they are not counted on
   * @throws SubnetExhausted: the home has fewer; others may have some to `reclaim`
   */
  delegate(
    subnetId: string,
    siteId: number,
    { wanted, taken = [] }: { wanted: number; taken?: readonly string[] },
  ): Promise<void> {
    return this.table.change(subnetId, async (division, tx) => {
      const { homeId, pools } = division;
      const arriving = countOf(arrivingAt(division, siteId));
      const missing = BigInt(wanted) - arriving;
      if (missing <= 0n) return { next: division, result: undefined };
      const free = homeId === null || homeId === siteId ? [] : spareAt(division, homeId, taken.map(addressValue));
      const promised = homeId === null ? 0n : await this.promises.count(subnetId, homeId, tx);
      const numbers = { size: countOf(pools), spare: max(countOf(free) - promised, 0n) };
      if (homeId === null || numbers.spare < missing)
        throw new SubnetExhausted({ subnetId, siteId, wanted, ...numbers, sites: sizesOf(division) });
      const sites = new Set([...sitesOf(division), siteId]).size;
      const held = countOf(settledAt(division, siteId)) + arriving;
      const count = sizeToGive({ ...numbers, sites, held, wanted: missing });
      const ranges = move(division, { fromSiteId: homeId, toSiteId: siteId }, { free, count, atLeast: missing });
      return { next: { ...division, ranges }, result: undefined };
    });
  }

  /**
   * A port at a site is to have this very address of the subnet, wherever it lies; for a while nobody else is given it.
   * - `held`: the site may allocate it.
   * - `leaving`: another site held it; once that is settled, ask again. If it is leaving again, it is allocated there.
   * - `taken`: it is a gateway, or was just asked for at another site.
   * @throws RangeError for what is no address of the subnet
   */
  carve(subnetId: string, siteId: number, address: string): Promise<'held' | 'leaving' | 'taken'> {
    return this.table.change(subnetId, async (division, _, claims) => {
      const value = addressIn(division.prefix, address);
      const { ranges, outcome } = carve(division, siteId, value);
      if (outcome !== 'taken') await claims.add({ address: value, siteId });
      return { next: { ...division, ranges }, result: outcome };
    });
  }

  /** What waits for its holder's Neutron. */
  async leaving(subnetId: string): Promise<Leaving[]> {
    const division = await this.table.read(subnetId);
    return movesIn(division).map(({ ranges, ...sites }) => ({ ...sites, pools: poolsOf(division.prefix, ranges) }));
  }

  /** The subnets and sites for which `settle` is due, of whichever process: for whoever goes on after a crash. */
  unsettled(): Promise<{ subnetId: string; siteId: number }[]> {
    return this.table.leaving();
  }

  /**
   * A site's Neutron has been seen with some pools: of what is leaving it, everything outside of them has left, but for what is
   * allocated there.
   * @returns what stays where it is
   */
  settle(subnetId: string, fromSiteId: number, { pools, allocated }: SeenAtSite): Promise<Pool[]> {
    const seen = { pools: pools.map(rangeOf), allocated: allocated.map(addressValue) };
    return this.table.change(subnetId, async (division, _, claims) => {
      const { ranges, kept } = settle(division, fromSiteId, seen);
      await claims.dropOthers(kept, fromSiteId);
      return { next: { ...division, ranges }, result: poolsOf(division.prefix, kept) };
    });
  }

  /** What the allocation pools of the subnet, or of its copy, at a site have to be. */
  async poolsAt(subnetId: string, siteId: number): Promise<Pool[]> {
    const division = await this.table.read(subnetId);
    return poolsOf(division.prefix, settledAt(division, siteId));
  }

  /**
   * The gateway of a copy: an address of its slice that is the site's router's from then on, and in no pool.
   * @param allocated addresses that ports of the copy have, if it gives out any already
   * @throws SubnetExhausted where nothing of the slice is free
   */
  gatewayAt(
    subnetId: string,
    siteId: number,
    { allocated = [] }: { allocated?: readonly string[] } = {},
  ): Promise<string> {
    return this.table.change(subnetId, (division) => {
      const { homeId, ranges, pools } = division;
      const gateway = ranges.find((range) => range.siteId === siteId && range.isGateway);
      if (gateway) return { next: division, result: textOf(division.prefix, gateway.first) };
      if (siteId === homeId) throw new Error(`the gateway of subnet ${subnetId} at its home is the tenant's`);
      const spare = spareAt(division, siteId, allocated.map(addressValue));
      const value = spare[0]?.first;
      if (value === undefined) {
        const numbers = { wanted: 1, spare: 0n, size: countOf(pools), sites: sizesOf(division) };
        throw new SubnetExhausted({ subnetId, siteId, ...numbers });
      }
      const next = { ...division, ranges: assignGateway(division, siteId, value) };
      return { next, result: textOf(division.prefix, value) };
    });
  }

  /**
   * Marks addresses of a site as leaving for another, since the subnet is short: at least as many as are wanted, if the site has as
   * many to spare, up to half of those. What is on its way from one to the other counts.
   * @param allocated the addresses of the subnet's ports at the site that gives them
   * @returns how many are on their way
   */
  reclaim(
    subnetId: string,
    fromSiteId: number,
    toSiteId: number,
    { wanted, allocated }: { wanted: number; allocated: readonly string[] },
  ): Promise<number> {
    return this.table.change(subnetId, async (division, tx) => {
      const arriving = countOf(arrivingAt(division, toSiteId, fromSiteId));
      const missing = BigInt(wanted) - arriving;
      if (missing <= 0n || fromSiteId === toSiteId) return { next: division, result: Number(arriving) };
      const free = spareAt(division, fromSiteId, allocated.map(addressValue));
      const promised = await this.promises.count(subnetId, fromSiteId, tx);
      const count = sizeToTakeBack(max(countOf(free) - promised, 0n), missing);
      const ranges = move(division, { fromSiteId, toSiteId }, { free, count, atLeast: missing });
      return {
        next: { ...division, ranges },
        result: Number(countOf(arrivingAt({ ...division, ranges }, toSiteId, fromSiteId))),
      };
    });
  }

  /** The copy at a site is gone, and nothing is allocated there: all it held is the home's. */
  async release(subnetId: string, siteId: number): Promise<void> {
    await this.table.change(subnetId, async (division, _, claims) => {
      if (division.homeId === siteId) throw new Error(`subnet ${subnetId} is at home at site ${siteId}`);
      await claims.dropAt(siteId);
      return { next: { ...division, ranges: withoutSite(division, siteId) }, result: undefined };
    });
    await this.promises.forget(subnetId, siteId);
  }

  /**
   * A copy becomes the home. The home until now keeps its addresses, as a copy does; if it is gone, `release` it.
   * @param allocated addresses of ports at the home until now, of which those outside of the pools are its own from then on
   */
  moveHome(
    subnetId: string,
    siteId: number,
    { allocated = [] }: { allocated?: readonly string[] } = {},
  ): Promise<void> {
    const values = allocated.map(addressValue);
    return this.table.change(subnetId, (division) => ({
      next: withHome(division, siteId, values),
      result: undefined,
    }));
  }

  /** The subnet is gone, or at its home alone. */
  forget(subnetId: string): Promise<void> {
    return this.table.remove(subnetId);
  }

  /** Servers that a site is about to accept will take so many addresses within the next minute. */
  promise(subnetId: string, siteId: number, count: number): Promise<void> {
    return this.promises.add(subnetId, siteId, count);
  }

  /**
   * How many addresses a site is to be delegated.
   * @param allocated how many the site's Neutron has allocated
   * @param about how many a request is about to take, not promised yet
   */
  async needed(
    subnetId: string,
    siteId: number,
    { allocated, about }: { allocated: number; about: number },
  ): Promise<Need> {
    const promised = await this.promises.count(subnetId, siteId);
    const size = countOf(settledAt(await this.table.read(subnetId), siteId));
    return needOf(size, BigInt(allocated) + promised + BigInt(about));
  }
}

const poolsOf = ({ version }: Prefix, ranges: readonly Range[]): Pool[] =>
  union(ranges).map((range) => poolOf(version, range));

const textOf = ({ version }: Prefix, value: bigint): string => formatAddress({ version, value });

/** @throws RangeError */
function addressIn(prefix: Prefix, text: string): bigint {
  const address = parseAddress(text);
  if (address?.version === prefix.version && holds(prefix, address.value)) return address.value;
  throw new RangeError(`${text} is not an address of ${formatPrefix(prefix)}`);
}
