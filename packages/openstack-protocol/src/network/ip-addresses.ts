/** Arithmetic of IPv4 and IPv6 addresses and prefixes. */
import { isIP } from 'node:net';

export interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
}

export interface Prefix {
  readonly version: 4 | 6;
  readonly length: number;
  readonly first: bigint;
  readonly last: bigint;
}

export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

const bitsOf = (version: 4 | 6): number => (version === 4 ? 32 : 128);

/** Undefined for what is no address. */
export function parseAddress(text: string): Address | undefined {
  const version = isIP(text);
  if (version === 4) return { version, value: valueOf(text.split('.').map(Number), 8n) };
  if (version !== 6 || text.includes('%')) return undefined;
  return { version, value: valueOf(wordsOf(text), 16n) };
}

const valueOf = (parts: readonly number[], bits: bigint): bigint =>
  parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);

/** The eight words of an IPv6 address; `::` stands for those that are left out, and the last two may be written as IPv4. */
function wordsOf(text: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (dotted) {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(2).map(Number);
    return wordsOf(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const [head = '', tail] = text.split('::');
  const words = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  if (tail === undefined) return words(head);
  const [before, after] = [words(head), words(tail)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** The one text of an address. @see RFC 5952 */
export function formatAddress({ version, value }: Address): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const words = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
  const whole = words.join(':');
  const zeros = [...whole.matchAll(/\b0(:0)+\b/g)].map(([run]) => run).sort((a, b) => b.length - a.length)[0];
  if (zeros === undefined) return whole;
  const at = whole.search(new RegExp(`(^|:)${zeros}(:|$)`));
  const from = whole[at] === ':' ? at + 1 : at;
  return `${whole.slice(0, from).replace(/:$/, '')}::${whole.slice(from + zeros.length).replace(/^:/, '')}`;
}

/** An address in its one text; undefined for what is none. */
export function canonical(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/** `10.0.0.0/24`; an address alone is a prefix of full length. Bits behind the prefix are dropped. */
export function parsePrefix(text: string): Prefix | undefined {
  const [host = '', mask] = text.split('/');
  const address = parseAddress(host);
  if (!address || (mask !== undefined && !/^\d{1,3}$/.test(mask))) return undefined;
  const bits = bitsOf(address.version);
  const length = mask === undefined ? bits : Number(mask);
  return length > bits ? undefined : prefixAt(address, length);
}

export function prefixAt({ version, value }: Address, length: number): Prefix {
  const size = 1n << BigInt(bitsOf(version) - length);
  const first = value - (value % size);
  return { version, length, first, last: first + size - 1n };
}

export const formatPrefix = ({ version, first, length }: Prefix): string =>
  `${formatAddress({ version, value: first })}/${length}`;

export const holds = (range: Range, value: bigint): boolean => range.first <= value && value <= range.last;

export const overlap = (a: Range, b: Range): boolean => a.first <= b.last && b.first <= a.last;

/** Addresses that hosts may have: IPv4 keeps the first and the last for itself, IPv6 the first. */
export function hostsOf({ version, length, first, last }: Prefix): Range {
  if (version === 6) return length >= 127 ? { first, last } : { first: first + 1n, last };
  return length >= 31 ? { first, last } : { first: first + 1n, last: last - 1n };
}

/** A range without one of its addresses. */
export function without(range: Range, value: bigint): Range[] {
  if (!holds(range, value)) return [range];
  return [
    { first: range.first, last: value - 1n },
    { first: value + 1n, last: range.last },
  ].filter(({ first, last }) => first <= last);
}

/** The address a host gives itself from its MAC address. @see RFC 4291, appendix A */
export function eui64(prefix: Prefix, mac: string): string {
  const octets = mac.split(/[:-]/).map((octet) => Number.parseInt(octet, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = octets;
  const value = prefix.first | valueOf([a ^ 2, b, c, 0xff, 0xfe, d, e, f], 8n);
  return formatAddress({ version: 6, value });
}
