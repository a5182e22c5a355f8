/** How large slices are, and when one is to grow. */

/** The first slice of a site is a 256th of the subnet, within these; then it doubles. */
const firstAtLeast = 16n;
const firstAtMost = 4096n;
const firstPart = 256n;

/** A slice is to grow when less than a fourth of it is free. */
const watermarkPart = 4n;

export interface Demand {
  /** Addresses of the tenant's pools. */
  readonly size: bigint;
  /** Sites among which they are divided, with the one that asks. */
  readonly sites: number;
  /** What that one has, or is about to get. */
  readonly held: bigint;
  /** What the home has to spare. */
  readonly spare: bigint;
  /** Fewer are of no use. */
  readonly wanted: bigint;
}

/** How many addresses a site is given: as many as it has, but of its own accord no more than a fair part of the subnet, nor more than half of what is spare. */
export function sizeToGive({ size, sites, held, spare, wanted }: Demand): bigint {
  const first = max(firstAtLeast, min(firstAtMost, size / firstPart));
  const fair = (size + BigInt(sites) - 1n) / BigInt(sites) - held;
  return max(wanted, min(max(held, first), min(fair, spare / 2n)));
}

/** How many are taken back from a site: as many as are wanted, or half of what it has to spare. */
export const sizeToTakeBack = (spare: bigint, wanted: bigint): bigint => min(spare, max(wanted, spare / 2n));

export interface Need {
  /** How many more addresses a site is to be delegated at least; 0 where it has enough. */
  readonly wanted: number;
  /** True where what is about to be taken does not fit: it has to wait for them, or be refused. */
  readonly isUrgent: boolean;
}

/** @param used allocated, promised and about to be */
export function needOf(size: bigint, used: bigint): Need {
  const free = size - used;
  if (free < 0n) return { wanted: Number(-free), isUrgent: true };
  return { wanted: free < size / watermarkPart ? 1 : 0, isUrgent: false };
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
