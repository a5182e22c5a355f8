/**
 * How values of attributes are read: what is kept of what was given.
 * @see openstack/neutron-lib:neutron_lib/api/validators/__init__.py and converters.py
 */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { canonical, formatPrefix, parsePrefix } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { badRequest, invalidInput, invalidValue } from './faults.js';

/** @throws Fault 400 for a value that is none of the attribute's */
export type Reader = (value: unknown, name: string) => unknown;

/** A value as Python would write it. */
export const shown = (value: unknown): string => {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value).replaceAll('"', "'") : String(value);
};

export const uuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

export const text =
  (longest = 255): Reader =>
  (value, name) => {
    if (typeof value !== 'string') throw invalidValue(name, `'${shown(value)}' is not a valid string`);
    if (value.length > longest) throw invalidValue(name, `'${value}' exceeds maximum length of ${longest}`);
    return value;
  };

export const flag: Reader = (value) => {
  const found = typeof value === 'boolean' ? value : booleanWord(String(value));
  if (found === undefined || value === null) throw invalidInput(`'${shown(value)}' cannot be converted to boolean`);
  return found;
};

export const integer =
  (least: number, most = Number.MAX_SAFE_INTEGER): Reader =>
  (value, name) => {
    if (!/^\s*[+-]?\d+\s*$/.test(String(value))) throw invalidInput(`'${shown(value)}' is not an integer`);
    const number = Number(value);
    if (number < least) throw invalidValue(name, `'${number}' is too small - must be at least '${least}'`);
    if (number > most) throw invalidValue(name, `'${number}' is too large - must be no larger than '${most}'`);
    return number;
  };

/** Zero or more, with the words of `type:non_negative`, which knows no upper bound. */
export const nonNegative: Reader = (value, name) => {
  const number = integer(Number.MIN_SAFE_INTEGER)(value, name) as number;
  if (number < 0) throw invalidValue(name, `'${number}' should be non-negative`);
  return number;
};

export const id: Reader = (value, name) => {
  if (typeof value === 'string' && uuid.test(value)) return value;
  throw invalidValue(name, `'${shown(value)}' is not a valid UUID`);
};

export const oneOf =
  (...values: readonly unknown[]): Reader =>
  (value, name) => {
    if (values.includes(value)) return value;
    throw invalidValue(name, `${shown(value)} is not in valid_values`);
  };

export const orNone =
  (reader: Reader): Reader =>
  (value, name) =>
    value === null || value === undefined ? null : reader(value, name);

export const listOf =
  (reader: Reader): Reader =>
  (value, name) => {
    if (value === null) return [];
    if (!Array.isArray(value)) throw invalidValue(name, `'${shown(value)}' is not a list`);
    const read = value.map((one) => reader(one, name));
    const keys = read.map((one) => JSON.stringify(one));
    const twice = keys.findIndex((key, at) => keys.indexOf(key) !== at);
    if (twice >= 0) throw invalidValue(name, `Duplicate items in the list: '${shown(read[twice])}'`);
    return read;
  };

export const dictionary: Reader = (value, name) => {
  if (isObject(value)) return value;
  throw invalidValue(name, `'${shown(value)}' is not a dictionary`);
};

/** A dictionary with some keys, each read by its own reader, in whose refusal the attribute is named; others are refused. */
export const record =
  (readers: Readonly<Record<string, Reader>>, required: readonly string[] = []): Reader =>
  (value, name) => {
    const given = dictionary(value, name) as Record<string, unknown>;
    const lacking = required.filter((key) => !(key in given));
    const unknown = Object.keys(given).filter((key) => !Object.hasOwn(readers, key));
    const keys = (names: readonly string[]) => names.map((key) => `'${key}'`).join(', ');
    if (lacking.length > 0)
      throw invalidValue(
        name,
        `Validation of dictionary's keys failed. Expected keys: {${keys(required)}} Provided keys: {${keys(Object.keys(given))}}`,
      );
    if (unknown.length > 0) throw invalidValue(name, `Unexpected keys supplied: ${unknown.join(', ')}`);
    return Object.fromEntries(Object.entries(given).map(([key, one]) => [key, readers[key]!(one, name)]));
  };

export const mac: Reader = (value, name) => {
  if (typeof value === 'string' && /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(value)) {
    return value.toLowerCase().replaceAll('-', ':');
  }
  throw invalidValue(name, `'${shown(value)}' is not a valid MAC address`);
};

export const address: Reader = (value, name) => {
  const found = typeof value === 'string' ? canonical(value) : undefined;
  if (found === undefined) throw invalidValue(name, `'${shown(value)}' is not a valid IP address`);
  return found;
};

export const cidr: Reader = (value, name) => {
  const found = typeof value === 'string' && value.includes('/') ? parsePrefix(value) : undefined;
  if (found) return formatPrefix(found);
  throw invalidValue(name, `'${shown(value)}' is not a valid IP subnet`);
};

/** A prefix, or one address. */
export const addressOrCidr: Reader = (value, name) =>
  typeof value === 'string' && value.includes('/') ? cidr(value, name) : address(value, name);

/** A prefix with all bits of its address, as `netaddr.IPNetwork` prints it; an address is one with all bits. */
export const prefixAsGiven: Reader = (value, name) => {
  const isOne = typeof value === 'string' && parsePrefix(value) !== undefined;
  if (!isOne) throw badRequest(`Invalid CIDR ${shown(value)} given as IP prefix.`, 'InvalidCIDR');
  const found = addressOrCidr(value, name) as string;
  if (!found.includes('/')) return `${found}/${found.includes(':') ? 128 : 32}`;
  return `${canonical(String(value).split('/')[0]!) ?? ''}/${found.split('/')[1] ?? ''}`;
};

/** Number or word, kept as a word in small letters: protocols. */
export const word: Reader = (value) => (value === null || value === '' ? null : String(value).toLowerCase());
