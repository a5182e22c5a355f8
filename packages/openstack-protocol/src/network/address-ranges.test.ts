import { describe, expect, test } from 'vitest';
import { countOf, difference, intersection, poolOf, rangeOf, takeFromEnd, union } from './address-ranges.js';
import { hostsOf, parsePrefix, type Range } from './ip-addresses.js';

/** `1-4 7` */
const ranges = (text: string): Range[] =>
  text
    .split(' ')
    .filter((one) => one !== '')
    .map((one) => {
      const [first, last = first] = one.split('-').map(BigInt);
      return { first: first!, last: last! };
    });
const textOf = (found: readonly Range[]): string =>
  found.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(' ');

test.each([
  ['', ''],
  ['5-9 1-4', '1-9'],
  ['1-4 6', '1-4 6'],
  ['1-9 2-3 9-12', '1-12'],
  ['0 0', '0'],
])('%j in as few ranges as possible is %j', (given, united) => {
  expect(textOf(union(ranges(given)))).toBe(united);
});

test.each([
  ['1-9', '', '1-9', ''],
  ['1-9', '5', '1-4 6-9', '5'],
  ['1-9', '0-20', '', '1-9'],
  ['1-9', '1 9', '2-8', '1 9'],
  ['1-4 6-9', '3-7', '1-2 8-9', '3-4 6-7'],
  ['1-2 4-5 7-8', '5-7', '1-2 4 8', '5 7'],
  ['1-30', '2-3 10 20-40', '1 4-9 11-19', '2-3 10 20-30'],
  ['1-2 10-12', '3-9', '1-2 10-12', ''],
  ['1-2 4-5', '2-4', '1 5', '2 4'],
])('%j without %j is %j, both have %j', (some, others, without, both) => {
  expect(textOf(difference(ranges(some), ranges(others)))).toBe(without);
  expect(textOf(intersection(ranges(some), ranges(others)))).toBe(both);
});

describe('so many addresses from the end', () => {
  test.each([
    ['1-9', 3n, '7-9', 'of the one range'],
    ['1-9 20-21', 3n, '7-9', 'of the last range that has them all'],
    ['1-9 20-29', 3n, '27-29', 'of the last range that has them all'],
    ['1-2 4-8 10-12', 7n, '4-8 11-12', 'of the longest ranges where none has them all'],
    ['1-2 4-5', 3n, '2 4-5', 'of the last of equally long ranges first'],
    ['1-2 4', 9n, '1-2 4', 'all, where they are not enough'],
    ['1-2', 0n, '', 'none'],
    ['', 1n, '', 'none of none'],
  ])('of %j, %d: %j, %s', (given, count, taken) => {
    expect(textOf(takeFromEnd(ranges(given), count))).toBe(taken);
  });
});

test.each([
  [7n, '3-8 12'],
  [6n, '3-8'],
  [1n, '3-8'],
])('so many, or at least %d, from as few ranges as have these', (atLeast, taken) => {
  expect(textOf(takeFromEnd(ranges('1 3-8 10 12'), 9n, atLeast))).toBe(taken);
});

test.each([
  ['10.0.0.0/29', '10.0.0.1', '10.0.0.6', 6n],
  ['10.0.0.0/24', '10.0.0.1', '10.0.0.254', 254n],
  ['10.0.0.0/8', '10.0.0.1', '10.255.255.254', 2n ** 24n - 2n],
  ['fd00::/64', 'fd00::1', 'fd00::ffff:ffff:ffff:ffff', 2n ** 64n - 1n],
])('the hosts of %s are a pool from %s to %s', (cidr, start, end, count) => {
  const prefix = parsePrefix(cidr)!;
  expect(poolOf(prefix.version, hostsOf(prefix))).toEqual({ start, end });
  expect(countOf([rangeOf({ start, end })])).toBe(count);
});

test('ends that are no addresses are refused', () => {
  expect(() => rangeOf({ start: '10.0.0.1', end: '10.0.0.256' })).toThrow('10.0.0.256 is not an IP address');
});
