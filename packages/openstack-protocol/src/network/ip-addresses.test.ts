import { expect, test } from 'vitest';
import {
  canonical,
  eui64,
  formatPrefix,
  hostsOf,
  overlap,
  parseAddress,
  parsePrefix,
  without,
} from './ip-addresses.js';

test('an address has one text, whatever it was written like', () => {
  const written = [
    '10.0.0.1',
    '2001:DB8:0:0:0:0:0:1',
    '::',
    '::1',
    'fe80::',
    '1:0:0:2:0:0:0:3',
    '::ffff:10.0.0.1',
    '1:2:3:4:5:6:7:8',
    '1:0:2:0:3:0:4:0',
  ];
  expect(written.map(canonical)).toEqual([
    '10.0.0.1',
    '2001:db8::1',
    '::',
    '::1',
    'fe80::',
    '1:0:0:2::3',
    '::ffff:a00:1',
    '1:2:3:4:5:6:7:8',
    '1:0:2:0:3:0:4:0',
  ]);
});

test('what is no address is none', () => {
  expect(['10.0.0', '10.0.0.256', 'x', '', '1::2::3', 'fe80::1%eth0'].map(parseAddress)).toEqual(
    Array(6).fill(undefined),
  );
});

test('a prefix forgets the bits behind it', () => {
  expect(formatPrefix(parsePrefix('10.1.2.3/16')!)).toBe('10.1.0.0/16');
  expect(formatPrefix(parsePrefix('2001:db8::5/64')!)).toBe('2001:db8::/64');
  expect(parsePrefix('10.0.0.0/33')).toBeUndefined();
  expect(parsePrefix('10.0.0.1')?.length).toBe(32);
});

test('hosts of a prefix: IPv4 keeps two addresses, IPv6 one', () => {
  const size = (cidr: string) => {
    const { first, last } = hostsOf(parsePrefix(cidr)!);
    return last - first + 1n;
  };
  expect(['10.0.0.0/24', '10.0.0.0/31', '10.0.0.0/32', 'fd00::/120'].map(size)).toEqual([254n, 2n, 1n, 255n]);
});

test('prefixes overlap when one holds the other', () => {
  const [wide, narrow, other] = ['10.0.0.0/8', '10.1.0.0/16', '11.0.0.0/8'].map((cidr) => parsePrefix(cidr)!);
  expect([overlap(wide!, narrow!), overlap(narrow!, wide!), overlap(wide!, other!)]).toEqual([true, true, false]);
});

test('a gateway splits a range, unless it stands at its edge', () => {
  expect(without({ first: 1n, last: 9n }, 5n)).toEqual([
    { first: 1n, last: 4n },
    { first: 6n, last: 9n },
  ]);
  expect(without({ first: 1n, last: 9n }, 1n)).toEqual([{ first: 2n, last: 9n }]);
});

test('a host makes its own address from its MAC address', () => {
  expect(eui64(parsePrefix('fd00::/64')!, 'fa:16:3e:00:00:01')).toBe('fd00::f816:3eff:fe00:1');
});
