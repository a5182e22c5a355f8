/** Sets of addresses, as ranges, and as Neutron's allocation pools write them. */
import { formatAddress, parseAddress, type Range } from './ip-addresses.js';

export interface Pool {
  readonly start: string;
  readonly end: string;
}

/** @throws RangeError for what is no address */
export function addressValue(text: string): bigint {
  const address = parseAddress(text);
  if (!address) throw new RangeError(`${text} is not an IP address`);
  return address.value;
}

export const single = (value: bigint): Range => ({ first: value, last: value });

/** @throws RangeError for ends that are no addresses */
export const rangeOf = ({ start, end }: Pool): Range => ({ first: addressValue(start), last: addressValue(end) });

export const poolOf = (version: 4 | 6, { first, last }: Range): Pool => ({
  start: formatAddress({ version, value: first }),
  end: formatAddress({ version, value: last }),
});

/** The fewest ranges that hold the same addresses, in order. */
export function union(ranges: readonly Range[]): Range[] {
  const united: { first: bigint; last: bigint }[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => compare(a.first, b.first))) {
    const before = united.at(-1);
    if (!before || first > before.last + 1n) united.push({ first, last });
    else if (last > before.last) before.last = last;
  }
  return united;
}

/** What is in both. */
export function intersection(some: readonly Range[], others: readonly Range[]): Range[] {
  const [left, right] = [union(some), union(others)];
  const found: Range[] = [];
  for (let at = 0, other = 0; at < left.length && other < right.length;) {
    const [a, b] = [left[at]!, right[other]!];
    const [first, last] = [a.first > b.first ? a.first : b.first, a.last < b.last ? a.last : b.last];
    if (first <= last) found.push({ first, last });
    if (a.last < b.last) at += 1;
    else other += 1;
  }
  return found;
}

/** What is in `some` and not in `others`. */
export function difference(some: readonly Range[], others: readonly Range[]): Range[] {
  const [left, holes] = [union(some), union(others)];
  const found: Range[] = [];
  let at = 0;
  for (const { first, last } of left) {
    let from = first;
    while (at < holes.length && holes[at]!.last < from) at += 1;
    for (let hole = at; hole < holes.length && holes[hole]!.first <= last; hole += 1) {
      if (holes[hole]!.first > from) found.push({ first: from, last: holes[hole]!.first - 1n });
      from = holes[hole]!.last + 1n;
    }
    if (from <= last) found.push({ first: from, last });
  }
  return found;
}

/** Of ranges that do not overlap. */
export const countOf = (ranges: readonly Range[]): bigint =>
  ranges.reduce((count, { first, last }) => count + last - first + 1n, 0n);

/**
 * So many addresses from the far end: of the last range that has them all, else of the longest ones, of no more than it takes to
 * have at least some number, so that few ranges are cut. All there are where they are not enough.
 */
export function takeFromEnd(ranges: readonly Range[], count: bigint, atLeast = count): Range[] {
  const united = union(ranges);
  const tail = ({ first, last }: Range, size: bigint): Range =>
    last - first + 1n <= size ? { first, last } : { first: last - size + 1n, last };
  const whole = united.findLast((range) => countOf([range]) >= count);
  if (whole) return count > 0n ? [tail(whole, count)] : [];
  const taken: Range[] = [];
  for (const range of united.toReversed().toSorted((a, b) => compare(countOf([b]), countOf([a])))) {
    const had = countOf(taken);
    if (had < atLeast) taken.push(tail(range, count - had));
  }
  return union(taken);
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
