/**
 * Who holds which addresses of a subnet. What is written down are the exceptions, so that a large subnet has few rows: an
 * address that no range names is the home's.
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

export interface SliceRange extends Range {
  /** Who holds it. */
  readonly siteId: number;
  /** Whose it is once the holder's Neutron gives out none of it any more; null where it is settled. */
  readonly toSiteId: number | null;
  readonly isGateway: boolean;
}

/** Somebody has just asked for this very address at a site. */
export interface Claim {
  readonly address: bigint;
  readonly siteId: number;
}

export interface Division {
  readonly prefix: Prefix;
  /** Null where the home was taken out of the cascade: what no range names is nobody's until there is another home. */
  readonly homeId: number | null;
  /** The tenant's. */
  readonly pools: readonly Range[];
  readonly ranges: readonly SliceRange[];
  readonly claims: readonly Claim[];
}

/** What a site's Neutron may give out. */
export function settledAt({ homeId, pools, ranges }: Division, siteId: number): Range[] {
  const own = ranges.filter((range) => range.siteId === siteId && range.toSiteId === null && !range.isGateway);
  const rest = siteId === homeId ? difference(pools, ranges) : [];
  return intersection([...own, ...rest], pools);
}

/** What is on its way to a site, from one other or from any. */
export const arrivingAt = ({ pools, ranges }: Division, siteId: number, fromSiteId?: number): Range[] =>
  intersection(
    ranges.filter((range) => range.toSiteId === siteId && (fromSiteId ?? range.siteId) === range.siteId),
    pools,
  );

/** Every site that holds, or is about to get, addresses of the pools. */
export const sitesOf = ({ homeId, ranges }: Division): number[] => [
  ...new Set([homeId, ...ranges.flatMap(({ siteId, toSiteId }) => [siteId, toSiteId])].filter((id) => id !== null)),
];

/** What a site may give away: settled, not allocated as far as is known, and not asked for just now. */
export const spareAt = (division: Division, siteId: number, allocated: readonly bigint[]): Range[] =>
  difference(settledAt(division, siteId), [...allocated, ...division.claims.map(({ address }) => address)].map(single));

/** Of the addresses that are free at `fromSiteId`, so many are to become another site's, or fewer that lie together. */
export function move(
  division: Division,
  { fromSiteId, toSiteId }: { fromSiteId: number; toSiteId: number },
  { free, count, atLeast }: { free: readonly Range[]; count: bigint; atLeast: bigint },
): SliceRange[] {
  return assign(division, takeFromEnd(free, count, atLeast), { siteId: fromSiteId, toSiteId });
}

/**
 * What is leaving a site and in none of the pools that its Neutron has by now is settled: what is allocated there stays, the
 * rest is whose it was meant to be.
 */
export function settle(
  division: Division,
  fromSiteId: number,
  { pools, allocated }: { pools: readonly Range[]; allocated: readonly bigint[] },
): { ranges: SliceRange[]; kept: Range[] } {
  const claimed = division.claims.filter(({ siteId }) => siteId === fromSiteId).map(({ address }) => address);
  const inUse = union([...allocated, ...claimed].map(single));
  const leaving = division.ranges.filter(({ siteId, toSiteId }) => siteId === fromSiteId && toSiteId !== null);
  const confirmed = leaving.flatMap((range) =>
    difference([range], pools).map((part) => ({ ...part, toSiteId: range.toSiteId! })),
  );
  const kept = intersection(confirmed, inUse);
  let settled = { ...division, ranges: assign(division, kept, { siteId: fromSiteId, toSiteId: null }) };
  for (const part of confirmed) {
    const given = difference([part], kept);
    settled = { ...settled, ranges: assign(settled, given, { siteId: part.toSiteId, toSiteId: null }) };
  }
  return { ranges: settled.ranges, kept };
}

/** A single address is to be a site's, wherever it lies. */
export function carve(
  division: Division,
  siteId: number,
  address: bigint,
): { ranges: readonly SliceRange[]; outcome: 'held' | 'leaving' | 'taken' } {
  const { homeId, ranges, claims } = division;
  const range = ranges.find((one) => holds(one, address));
  const isClaimed = claims.some((claim) => claim.address === address && claim.siteId !== siteId);
  if (range?.isGateway || isClaimed) return { ranges, outcome: 'taken' };
  const holder = range ? range.siteId : homeId;
  if (holder === siteId || holder === null) {
    // What was leaving stays.
    return { ranges: assign(division, [single(address)], { siteId, toSiteId: null }), outcome: 'held' };
  }
  return { ranges: assign(division, [single(address)], { siteId: holder, toSiteId: siteId }), outcome: 'leaving' };
}

/** The tenant wrote other pools: what is not in them any more leaves whoever has it, for the home. */
export function withPools(division: Division, pools: readonly Range[]): Division {
  const removed = difference(division.pools, pools);
  const changed = division.ranges.flatMap((range): SliceRange[] => {
    if (range.isGateway) return [range];
    const back = range.siteId === division.homeId ? null : division.homeId;
    return [
      ...difference([range], removed).map((part) => ({ ...range, ...part })),
      ...intersection([range], removed).map((part) => ({ ...range, ...part, toSiteId: back })),
    ];
  });
  const next = { ...division, pools: union(pools) };
  return { ...next, ranges: tidy(next, changed) };
}

/** The subnet is at a site no more. */
export function withoutSite(division: Division, siteId: number): SliceRange[] {
  const others = division.ranges.filter((range) => range.siteId !== siteId);
  const staying = others.map((range) => (range.toSiteId === siteId ? { ...range, toSiteId: null } : range));
  return tidy(division, staying);
}

/** Another site is the home; the one before it keeps what it held, and what is allocated there outside the pools. */
export function withHome(division: Division, homeId: number, allocated: readonly bigint[]): Division {
  if (division.homeId === homeId) return division;
  const before = division.homeId;
  const next = { ...division, homeId };
  if (before === null) return { ...next, ranges: tidy(next, division.ranges) };
  const own = difference([...division.pools, ...allocated.map(single)], division.ranges);
  return { ...next, ranges: assign(next, own, { siteId: before, toSiteId: null }) };
}

export const assignGateway = (division: Division, siteId: number, address: bigint): SliceRange[] =>
  assign(division, [single(address)], { siteId, toSiteId: null, isGateway: true });

export interface Move {
  readonly fromSiteId: number;
  readonly toSiteId: number;
  readonly ranges: readonly Range[];
}

/** What is leaving whom, for whom. */
export function movesIn({ ranges }: Division): Move[] {
  const moves = new Map<string, { fromSiteId: number; toSiteId: number; ranges: Range[] }>();
  for (const { siteId: fromSiteId, toSiteId, first, last } of ranges) {
    if (toSiteId === null) continue;
    const key = `${fromSiteId} ${toSiteId}`;
    const move = moves.get(key) ?? { fromSiteId, toSiteId, ranges: [] };
    moves.set(key, move);
    move.ranges.push({ first, last });
  }
  return [...moves.values()];
}

/** How many addresses of the pools each site holds, with what is leaving it. */
export const sizesOf = (division: Division): { siteId: number; size: bigint }[] =>
  sitesOf(division).map((siteId) => {
    const leaving = division.ranges.filter((range) => range.siteId === siteId && range.toSiteId !== null);
    return { siteId, size: countOf(settledAt(division, siteId)) + countOf(intersection(leaving, division.pools)) };
  });

/** Writes down who holds some addresses, whoever did before. */
function assign(
  division: Division,
  addresses: readonly Range[],
  holder: Pick<SliceRange, 'siteId' | 'toSiteId'> & Partial<SliceRange>,
): SliceRange[] {
  const others = division.ranges.flatMap((range) =>
    difference([range], addresses).map((part) => ({ ...range, ...part })),
  );
  return tidy(division, [...others, ...union(addresses).map((part) => ({ isGateway: false, ...holder, ...part }))]);
}

/** As few ranges as say the same. */
function tidy({ homeId }: Division, ranges: readonly SliceRange[]): SliceRange[] {
  const tidied: SliceRange[] = [];
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : 1))) {
    if (range.siteId === homeId && range.toSiteId === null && !range.isGateway) continue;
    const before = tidied.at(-1);
    const isSame =
      before &&
      !before.isGateway &&
      !range.isGateway &&
      before.siteId === range.siteId &&
      before.toSiteId === range.toSiteId;
    if (isSame && before.last + 1n === range.first) tidied[tidied.length - 1] = { ...before, last: range.last };
    else tidied.push(range);
  }
  return tidied;
}
