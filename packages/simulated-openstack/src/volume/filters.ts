/** Filters of lists, on rows in memory. */
import { collated, isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { CinderFilter } from '@cascade/openstack-protocol/volume/cinder-filter-values.js';
import type { Columns } from './columns.js';

/** @returns whether a row passes the filter; a column that is not simulated is empty */
export function passes(filter: CinderFilter, row: Columns): boolean {
  const value = 'column' in filter ? (row[filter.column] ?? null) : null;
  switch (filter.is) {
    case 'anything':
      return true;
    case 'nothing':
      return false;
    case 'like':
      return String(value ?? '')
        .toLowerCase()
        .includes(filter.part.toLowerCase());
    case 'text':
      return value !== null && filter.values.some((one) => isSameText(one, String(value)));
    case 'number':
      return value !== null && filter.values.includes(Number(value));
    case 'flag':
      return value === filter.wanted;
    case 'null':
      return value === null;
    case 'time':
      return typeof value === 'number' && filter.any.some(({ comparison, time }) => comparison.holds(value, +time));
    case 'dictionary':
      return filter.pairs.every((pair) => has(value as Readonly<Record<string, string>>, pair));
    case 'host':
      return row['host'] === filter.value || ['@', '#'].some((mark) => hostOf(row).startsWith(filter.value + mark));
    case 'zone':
      return row['availability_zone'] === filter.value;
  }
}

const hostOf = (row: Columns): string => String(row['host'] ?? '');

const has = (words: Readonly<Record<string, string>>, [key, value]: readonly [string, string]): boolean =>
  Object.entries(words).some(([k, v]) => collated(k) === collated(key) && isSameText(v, value));
