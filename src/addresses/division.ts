/**
 * Who holds which addresses of a subnet. What is written down are the exceptions, so that a large subnet has few rows: an
 * address that no holding has is the home's.
 */
import {
  countOf,
  difference,
  intersection,
  single,
  takeFromEnd,
  union,
} from '@cascade/openstack-protocol/network/address-ranges.js';
import { holds, type Prefix, type Range } from '@cascade/openstack-protocol/network/ip-addresses.js';

export interface Holder {
  readonly siteId: number;
  /** Whose they are once the holder's Neutron gives out none of them any more; null where they are settled. */
  readonly toSiteId: number | null;
  /** The version that marked them as leaving; null where they are settled. */
  readonly leftAt: number | null;
  readonly isGateway: boolean;
}

/** All that one holds alike. */
export interface Holding extends Holder {
  readonly ranges: readonly Range[];
}

/** Somebody has just asked for this very address at a site. */
export interface Claim {
  readonly address: bigint;
  readonly siteId: number;
}

export interface Division {
  /** Counts up with each change. */
  readonly version: number;
  readonly prefix: Prefix;
  /** Null where the home was taken out of the cascade: what no holding has is nobody's until there is another home. */
  readonly homeId: number | null;
  /** The tenant's. */
  readonly pools: readonly Range[];
  readonly holdings: readonly Holding[];
  readonly claims: readonly Claim[];
}

/** What a site's Neutron may give out. */
export function settledAt(division: Division, siteId: number): Range[] {
  const own = division.holdings.filter((one) => one.siteId === siteId && one.toSiteId === null && !one.isGateway);
  return intersection([...rangesOf(own), ...restAt(division, siteId)], division.pools);
}

/** Addresses of the pools that are on their way to a site, from one other or from any. */
export function arrivingAt({ pools, holdings }: Division, siteId: number, fromSiteId?: number): Range[] {
  const from = holdings.filter((one) => one.toSiteId === siteId && (fromSiteId ?? one.siteId) === one.siteId);
  return intersection(rangesOf(from), pools);
}

/** What is leaving whom, for whom. */
export const movesIn = ({ holdings }: Division): (Holding & { readonly toSiteId: number; readonly leftAt: number })[] =>
  holdings.filter((one): one is Holding & { toSiteId: number; leftAt: number } => one.toSiteId !== null);

/** Every site that holds, or is about to get, addresses of the subnet. */
export const sitesOf = ({ homeId, holdings }: Division): number[] => [
  ...new Set([homeId, ...holdings.flatMap((one) => [one.siteId, one.toSiteId])].filter((id) => id !== null)),
];

/** How many addresses of the pools each site holds, with its gateway and what is leaving it. */
export const sizesOf = (division: Division): { siteId: number; size: bigint }[] =>
  sitesOf(division).map((siteId) => {
    const own = rangesOf(division.holdings.filter((one) => one.siteId === siteId));
    return { siteId, size: countOf(intersection([...own, ...restAt(division, siteId)], division.pools)) };
  });

/** What a site may give away: settled, not allocated as far as is known, and not asked for just now. */
export const spareAt = (division: Division, siteId: number, allocated: readonly bigint[]): Range[] =>
  difference(settledAt(division, siteId), [...allocated, ...division.claims.map(({ address }) => address)].map(single));

/** Of the addresses that are free at `fromSiteId`, so many are to become another site's, or fewer that lie together. */
export function move(
  division: Division,
  { fromSiteId, toSiteId }: { fromSiteId: number; toSiteId: number },
  { free, count, atLeast }: { free: readonly Range[]; count: bigint; atLeast: bigint },
): Division {
  const leaving = { siteId: fromSiteId, toSiteId, leftAt: division.version + 1 };
  return assign(division, takeFromEnd(free, count, atLeast), leaving);
}

export interface LetGo {
  /** Of the division, from before the pools were read that the holder's Neutron was given. */
  readonly version: number;
  /** That its Neutron showed since. */
  readonly pools: readonly Range[];
  /** What it had allocated by then. */
  readonly allocated: readonly bigint[];
}

/**
 * What was leaving a site at some version, is leaving it still, and is in none of the pools that its Neutron shows, is settled:
 * what is allocated there stays, and so does what was just asked for there; the rest is whose it was meant to be. What was
 * taken back and marked again meanwhile is another matter: its Neutron may have been given it in between.
 */
export function settle(
  division: Division,
  fromSiteId: number,
  { version, pools, allocated }: LetGo,
): { division: Division; kept: Range[] } {
  const claimed = division.claims.filter(({ siteId }) => siteId === fromSiteId).map(({ address }) => address);
  const inUse = [...allocated, ...claimed].map(single);
  const moves = movesIn(division).filter(({ siteId, leftAt }) => siteId === fromSiteId && leftAt <= version);
  const confirmed = moves.map(({ toSiteId, ranges }) => ({ toSiteId, ranges: difference(ranges, pools) }));
  const kept = intersection(rangesOf(confirmed), inUse);
  let settled = assign(division, kept, settledFor(fromSiteId));
  for (const { toSiteId, ranges } of confirmed)
    settled = assign(settled, difference(ranges, kept), settledFor(toSiteId));
  return { division: settled, kept };
}

/** A single address is to be a site's, wherever it lies. */
export function carve(
  division: Division,
  siteId: number,
  address: bigint,
): { division: Division; outcome: 'held' | 'leaving' | 'taken' } {
  const { homeId, holdings, claims } = division;
  const holding = holdings.find(({ ranges }) => ranges.some((range) => holds(range, address)));
  const isClaimed = claims.some((claim) => claim.address === address && claim.siteId !== siteId);
  if (holding?.isGateway || isClaimed) return { division, outcome: 'taken' };
  const holder = holding ? holding.siteId : homeId;
  // What was leaving stays.
  if (holder === siteId || holder === null)
    return { division: assign(division, [single(address)], settledFor(siteId)), outcome: 'held' };
  // What is leaving for somebody else goes on doing so.
  const leaving = { siteId: holder, toSiteId: siteId, leftAt: holding?.leftAt ?? division.version + 1 };
  return { division: assign(division, [single(address)], leaving), outcome: 'leaving' };
}

/** The tenant wrote other pools: what is not in them any more leaves whoever has it, for the home. */
export function withPools(division: Division, pools: readonly Range[]): Division {
  const removed = difference(division.pools, pools);
  const holdings = division.holdings.flatMap((one): Holding[] => {
    if (one.isGateway) return [one];
    const isBack = one.siteId === division.homeId || division.homeId === null;
    const back = isBack
      ? settledFor(one.siteId)
      : { ...one, toSiteId: division.homeId, leftAt: one.leftAt ?? division.version + 1 };
    return [
      { ...one, ranges: difference(one.ranges, removed) },
      { ...back, ranges: intersection(one.ranges, removed) },
    ];
  });
  return tidy({ ...division, pools: union(pools), holdings });
}

/** The subnet is at a site no more. */
export function withoutSite(division: Division, siteId: number): Division {
  const others = division.holdings.filter((one) => one.siteId !== siteId);
  return tidy({
    ...division,
    holdings: others.map((one) => (one.toSiteId === siteId ? { ...one, ...settledFor(one.siteId) } : one)),
  });
}

/** Another site is the home; the one before it keeps what it held, and what is allocated there outside the pools. */
export function withHome(division: Division, homeId: number, allocated: readonly bigint[]): Division {
  const before = division.homeId;
  if (before === homeId) return division;
  if (before === null) return tidy({ ...division, homeId });
  const own = difference([...division.pools, ...allocated.map(single)], rangesOf(division.holdings));
  return assign({ ...division, homeId }, own, settledFor(before));
}

export const withGateway = (division: Division, siteId: number, address: bigint): Division =>
  assign(division, [single(address)], { ...settledFor(siteId), isGateway: true });

/** It is an address of the slice like any other. */
export function withoutGateway(division: Division, siteId: number): Division {
  const gateway = gatewayOf(division, siteId);
  return gateway === undefined ? division : assign(division, [single(gateway)], settledFor(siteId));
}

/** Who may allocate an address now; undefined where it is leaving somebody, or a gateway. */
export function holderOf({ homeId, holdings }: Division, address: bigint): number | undefined {
  const holding = holdings.find(({ ranges }) => ranges.some((range) => holds(range, address)));
  if (!holding) return homeId ?? undefined;
  return holding.toSiteId === null && !holding.isGateway ? holding.siteId : undefined;
}

export const gatewayOf = ({ holdings }: Division, siteId: number): bigint | undefined =>
  holdings.find((one) => one.siteId === siteId && one.isGateway)?.ranges[0]?.first;

const settledFor = (siteId: number): Holder => ({ siteId, toSiteId: null, leftAt: null, isGateway: false });

const rangesOf = (holdings: readonly Pick<Holding, 'ranges'>[]): Range[] => holdings.flatMap(({ ranges }) => ranges);

const restAt = ({ homeId, pools, holdings }: Division, siteId: number): Range[] =>
  siteId === homeId ? difference(pools, rangesOf(holdings)) : [];

/** Writes down who holds some addresses, whoever did before. */
function assign(
  division: Division,
  addresses: readonly Range[],
  { isGateway = false, ...holder }: Omit<Holder, 'isGateway'> & { isGateway?: boolean },
): Division {
  const others = division.holdings.map((one) => ({ ...one, ranges: difference(one.ranges, addresses) }));
  return tidy({ ...division, holdings: [...others, { ...holder, isGateway, ranges: addresses }] });
}

/** In as few ranges as say the same. */
function tidy(division: Division): Division {
  const holdings = new Map<string, Holding>();
  for (const { ranges, ...holder } of division.holdings) {
    const { siteId, toSiteId, isGateway } = holder;
    const isRest = siteId === division.homeId && toSiteId === null && !isGateway;
    if (isRest || ranges.length === 0) continue;
    const key = [siteId, toSiteId, holder.leftAt, isGateway].join();
    const same = holdings.get(key)?.ranges ?? [];
    holdings.set(key, { ...holder, ranges: union([...same, ...ranges]) });
  }
  return { ...division, holdings: [...holdings.values()] };
}
