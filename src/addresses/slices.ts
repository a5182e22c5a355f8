/**
 * The addresses of a subnet, delegated to sites. Each site holds a slice; the allocation pools of the subnet's copy at that site
 * are exactly what is settled of it, so that its Neutron gives out addresses alone and never one that another gives out.
 *
 * An address changes hands in steps, between any two of which the program may die; the same calls go on from there:
 * 1. `delegate`, `carve`, `reclaim` or `changeTenantPools` marks it as leaving: it is not in `poolsAt` its holder any more.
 * 2. `leaving` tells of it. The holder's Neutron is given its pools; once it shows them, it is asked which addresses are allocated.
 * 3. `settle`: what is allocated there stays there, the rest is the other site's.
 * 4. The other site's Neutron is given its pools.
 *
 * Steps of several processes may cross, as long as none gives a Neutron pools that were read before those that it has: that is
 * for whoever writes them (by a lock, or by `If-Match`). What was taken back after step 2 and marked again is not settled by it.
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
  carve,
  gatewayOf,
  holderOf,
  move,
  movesIn,
  settle,
  settledAt,
  sitesOf,
  sizesOf,
  spareAt,
  withGateway,
  withHome,
  withoutGateway,
  withoutSite,
  withPools,
} from './division.js';
import { Promises } from './promises.js';
import { max, needOf, sizeToGive, sizeToTakeBack, type Need } from './slice-sizes.js';
import { SliceTable } from './slice-table.js';
import { SubnetExhausted } from './subnet-exhausted.js';

export type { Pool };

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
  /** Of the division of the subnet, as it was read: for `settle`. */
  readonly version: number;
}

export interface SeenAtSite {
  /** As `leaving` told it, before the pools were read that the site's Neutron was given. */
  readonly version: number;
  /** The allocation pools that it showed then, and before it was asked what is allocated. */
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
    { wanted = 1, taken = [] }: { wanted?: number; taken?: readonly string[] } = {},
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
      const among = new Set([...sitesOf(division), siteId]).size;
      const held = countOf(settledAt(division, siteId)) + arriving;
      const count = sizeToGive({ ...numbers, sites: among, held, wanted: missing });
      const sites = { fromSiteId: homeId, toSiteId: siteId };
      return { next: move(division, sites, { free, count, atLeast: missing }), result: undefined };
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
      const { division: next, outcome } = carve(division, siteId, value);
      if (outcome !== 'taken') await claims.add({ address: value, siteId });
      return { next, result: outcome };
    });
  }

  /** What waits for its holder's Neutron. */
  async leaving(subnetId: string): Promise<Leaving[]> {
    const division = await this.table.read(subnetId);
    return movesIn(division).map(({ siteId, toSiteId, ranges }) => ({
      fromSiteId: siteId,
      toSiteId,
      pools: poolsOf(division.prefix, ranges),
      version: division.version,
    }));
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
  settle(subnetId: string, fromSiteId: number, { version, pools, allocated }: SeenAtSite): Promise<Pool[]> {
    const seen = { version, pools: pools.map(rangeOf), allocated: allocated.map(addressValue) };
    return this.table.change(subnetId, async (division, _, claims) => {
      const { division: next, kept } = settle(division, fromSiteId, seen);
      await claims.dropOthers(kept, fromSiteId);
      return { next, result: poolsOf(division.prefix, kept) };
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
      const { prefix, homeId, pools } = division;
      const known = gatewayOf(division, siteId);
      if (known !== undefined) return { next: division, result: textOf(prefix, known) };
      if (siteId === homeId) throw new Error(`the gateway of subnet ${subnetId} at its home is the tenant's`);
      const spare = spareAt(division, siteId, allocated.map(addressValue));
      const value = spare[0]?.first;
      if (value === undefined) {
        const numbers = { wanted: 1, spare: 0n, size: countOf(pools), sites: sizesOf(division) };
        throw new SubnetExhausted({ subnetId, siteId, ...numbers });
      }
      return { next: withGateway(division, siteId, value), result: textOf(prefix, value) };
    });
  }

  /** The gateway that a copy has of its own, if it has one. */
  async knownGateway(subnetId: string, siteId: number): Promise<string | undefined> {
    const division = await this.table.read(subnetId);
    const gateway = gatewayOf(division, siteId);
    return gateway === undefined ? undefined : textOf(division.prefix, gateway);
  }

  /** A copy needs no gateway of its own any more: its address is one of the slice again. */
  freeGateway(subnetId: string, siteId: number): Promise<void> {
    return this.table.change(subnetId, (division) => ({ next: withoutGateway(division, siteId), result: undefined }));
  }

  /** Whether a site may allocate an address, in the pools or outside of them. @throws RangeError */
  async isHeldBy(subnetId: string, siteId: number, address: string): Promise<boolean> {
    const division = await this.table.read(subnetId);
    return holderOf(division, addressIn(division.prefix, address)) === siteId;
  }

  /** Every site that holds addresses, of every stretched subnet. */
  all(): Promise<{ subnetId: string; siteId: number }[]> {
    return this.table.holders();
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
      const next = move(division, { fromSiteId, toSiteId }, { free, count, atLeast: missing });
      return { next, result: Number(countOf(arrivingAt(next, toSiteId, fromSiteId))) };
    });
  }

  /** The copy at a site is gone, and nothing is allocated there: all it held is the home's. */
  async release(subnetId: string, siteId: number): Promise<void> {
    await this.table.change(subnetId, async (division, _, claims) => {
      if (division.homeId === siteId) throw new Error(`subnet ${subnetId} is at home at site ${siteId}`);
      await claims.dropAt(siteId);
      return { next: withoutSite(division, siteId), result: undefined };
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
    { allocated, about = 0 }: { allocated: number; about?: number },
  ): Promise<Need> {
    const [size, promised] = await Promise.all([
      this.table.sizeAt(subnetId, siteId),
      this.promises.count(subnetId, siteId),
    ]);
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
