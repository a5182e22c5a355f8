/** Filters of lists. @see openstack/neutron:neutron/api/api_common.py get_filters_from_dict */
import {
  changedSince,
  filterFormOf,
  filterValue,
  isOnlyConverted,
  keptValue,
  pairsOf,
} from '@cascade/openstack-protocol/network/neutron-filter-values.js';
import { fixedIpsAsked, type FixedIpField } from '@cascade/openstack-protocol/network/fixed-ip-filter.js';
import { meetsTagFilter, tagFilterNamed } from '@cascade/openstack-protocol/filters/tag-filters.js';
import { collated } from '@cascade/openstack-protocol/filters/text-collation.js';
import { isKnown, type Attribute } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest } from '@cascade/openstack-adapter/network/faults.js';
import { flag } from '@cascade/openstack-adapter/network/readers.js';
import type { Collection } from './collection.js';
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

function filterNamed(state: NetworkState, { table, attributes }: Collection, name: string): Maker | undefined {
  const tags = state.extensions.has('standard-attr-tag') ? tagFilterNamed(name) : undefined;
  if (tags) return (values) => (row) => meetsTagFilter(tags, values, (row('tags') ?? []) as string[]);
  if (name === 'changed_since' && attributes['updated_at']) return isChangedSince;
  if (name === 'fixed_ips' && attributes['fixed_ips']) return fixedIps;
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (!attribute || !isKnown(attribute, state.extensions)) return undefined;
  // What is no filter is converted all the same where names are not validated.
  const isValidated = state.extensions.has('filter-validation');
  const form = filterFormOf(name);
  const isConverted = form !== undefined && isOnlyConverted(form) && !isValidated;
  if (name === 'availability_zone_hints' && table === 'network' && !isValidated) return hints;
  if (!attribute.filters && !isConverted) return undefined;
  return (values) => equal(name, attribute, values);
}

function equal(name: string, { read }: Attribute, values: readonly string[]): Filter {
  const form = filterFormOf(name) ?? (read === flag ? 'boolean' : isNumber(read) ? 'integer' : 'text');
  if (form === 'pairs') {
    pairsOf(values); // which refuses what is none
    return () => true;
  }
  const wanted = new Set(values.map((value) => filterValue(form, value)).filter((value) => value !== undefined));
  if (form === 'checked' || form === 'ignored') return () => true;
  return (row) => {
    const value = row(name);
    if (Array.isArray(value)) return value.some((one) => wanted.has(keptValue(form, one)!));
    return wanted.has(keptValue(form, value)!);
  };
}

const isNumber = (read: Attribute['read']): boolean => {
  try {
    return typeof read('1', '') === 'number';
  } catch {
    return false;
  }
};

const isChangedSince: Maker = ([value = '']) => {
  const since = changedSince(value).getTime();
  return (row) => Date.parse(String(row('updated_at'))) >= since;
};

/** A column of networks that holds a text in JSON, which no definition calls a filter. */
const hints: Maker = (values) => {
  const wanted = values.map(collated);
  return (row) => {
    const kept = ((row('availability_zone_hints') ?? []) as string[]).map((hint) => JSON.stringify(hint)).join(', ');
    return kept !== '' && wanted.includes(collated(`[${kept}]`));
  };
};

const fixedIps: Maker = (values) => {
  const asked = [...fixedIpsAsked(values)].map(([field, texts]) => ({ field, texts: texts.map(collated) }));
  return (row) => {
    const ips = (row('fixed_ips') ?? []) as FixedIp[];
    return asked.every(({ field, texts }) => ips.some((ip) => texts.some((text) => isMet[field](ip, text))));
  };
};

const isMet: Readonly<Record<FixedIpField, (ip: FixedIp, text: string) => boolean>> = {
  subnet_id: (ip, text) => collated(ip.subnet_id) === text,
  ip_address: (ip, text) => collated(ip.ip_address) === text,
  ip_address_substr: (ip, text) => collated(ip.ip_address).includes(text),
};

interface FixedIp {
  readonly subnet_id: string;
  readonly ip_address: string;
}
