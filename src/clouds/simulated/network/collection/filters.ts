/** Filters of lists. @see openstack/neutron:neutron/api/api_common.py get_filters_from_dict */
import { isKnown, type Attribute } from './attribute.js';
import { canonical } from '../addresses/addresses.js';
import type { Collection } from './collection.js';
import { badRequest, invalidInput } from '../faults.js';
import { flag, integer } from './readers.js';
import type { NetworkState } from '../state.js';
import type { Values } from './view.js';

export type Filter = (values: Values) => boolean;

const others = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse']);

/** @throws Fault 400 for values that do not parse, and for names nobody knows where names are validated */
export function filtersOf(state: NetworkState, collection: Collection, query: URLSearchParams): Filter[] {
  const filters: Filter[] = [];
  const unknown: string[] = [];
  for (const name of new Set(query.keys())) {
    if (others.has(name)) continue;
    const keepsEmpty = state.extensions.has('empty-string-filtering');
    const values = query.getAll(name).filter((value) => value !== '' || keepsEmpty);
    const filter = filterNamed(state, collection, name);
    if (!filter) unknown.push(name);
    else if (values.length > 0) filters.push(filter(values));
  }
  if (unknown.length > 0 && state.extensions.has('filter-validation')) {
    throw badRequest(`[${unknown.map((name) => `'${name}'`).join(', ')}] is invalid attribute for filtering`);
  }
  return filters;
}

type Maker = (wanted: readonly string[]) => Filter;

function filterNamed(state: NetworkState, { attributes }: Collection, name: string): Maker | undefined {
  if (Object.hasOwn(tagFilters, name) && state.extensions.has('standard-attr-tag')) return tagFilters[name];
  if (name === 'changed_since' && attributes['updated_at']) return changedSince;
  if (name === 'fixed_ips' && attributes['fixed_ips']) return fixedIps;
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (!attribute?.filters || !isKnown(attribute, state.extensions)) return undefined;
  return (values) => equal(name, attribute, values);
}

function equal(name: string, { read }: Attribute, values: readonly string[]): Filter {
  // A number or a boolean is compared as what it is, so that `True` finds true.
  const converted = new Set(values.map((value) => String(convert(read, value, name))));
  return (row) => {
    const value = row(name);
    if (Array.isArray(value)) return value.some((one) => converted.has(String(one)));
    return converted.has(String(value ?? 'null')) || ((value === null || value === '') && values.includes(''));
  };
}

const isNumber = (read: Attribute['read']): boolean => {
  try {
    return typeof read('1', '') === 'number' && read !== flag;
  } catch {
    return false;
  }
};

function convert(read: Attribute['read'], value: string, name: string): unknown {
  if (read === flag) return flag(value, name);
  if (isNumber(read)) return integer(Number.MIN_SAFE_INTEGER)(value, name);
  return name === 'mac_address' ? value.toLowerCase().replaceAll('-', ':') : value;
}

/** @throws Fault 400 */
function changedSince([value = '']: readonly string[]): Filter {
  const since = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`);
  if (Number.isNaN(since)) {
    throw invalidInput('The input changed_since must be in the following format: YYYY-MM-DDTHH:MM:SSZ');
  }
  return (row) => Date.parse(String(row('updated_at'))) >= since;
}

/** `fixed_ips=subnet_id=…&fixed_ips=ip_address=…`: a port with an address that is all of it. */
function fixedIps(values: readonly string[]): Filter {
  const wanted = values.map((value) => {
    const at = value.indexOf('=');
    const [name, text] = [value.slice(0, at), value.slice(at + 1)];
    if (at < 0 || !['subnet_id', 'ip_address', 'ip_address_substr'].includes(name)) {
      throw badRequest(`Invalid input for fixed_ips. Reason: '${value}' is not in the form <key>=[value].`);
    }
    return { name, text: name === 'ip_address' ? (canonical(text) ?? text) : text };
  });
  const named = (name: string) => wanted.filter((one) => one.name === name).map((one) => one.text);
  const [subnets, addresses, parts] = [named('subnet_id'), named('ip_address'), named('ip_address_substr')];
  return (row) =>
    ((row('fixed_ips') ?? []) as { subnet_id: string; ip_address: string }[]).some(
      (ip) =>
        (subnets.length === 0 || subnets.includes(ip.subnet_id)) &&
        (addresses.length === 0 || addresses.includes(ip.ip_address)) &&
        (parts.length === 0 || parts.some((part) => ip.ip_address.includes(part))),
    );
}

const tagsIn = (row: Values): readonly string[] => (row('tags') ?? []) as string[];
const wantedTags = (values: readonly string[]): string[] => values.flatMap((value) => value.split(','));

const withAll: Maker = (values) => (row) => wantedTags(values).every((tag) => tagsIn(row).includes(tag));
const withAny: Maker = (values) => (row) => wantedTags(values).some((tag) => tagsIn(row).includes(tag));
const not = (maker: Maker): Maker => (values) => {
  const filter = maker(values);
  return (row) => !filter(row);
}; // prettier-ignore

const tagFilters: Readonly<Record<string, Maker>> = {
  tags: withAll,
  'tags-any': withAny,
  'not-tags': not(withAll),
  'not-tags-any': not(withAny),
};
