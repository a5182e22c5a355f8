/** Filters of lists. @see openstack/cinder:cinder/api/common.py, cinder/db/sqlalchemy/api.py _process_volume_filters */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { parseIsoTime } from '@cascade/openstack-protocol/filters/filter-operators.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { pythonLiteral } from '@cascade/openstack-protocol/validation/python-literal.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { isSameText, numberInText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Columns } from './columns.js';

export type Filter = (columns: Columns) => boolean;

export interface Filtered {
  /** Cinder's word, as in its messages. */
  readonly kind: 'volume' | 'snapshot' | 'backup';
  /** What tenants may filter by. @see openstack/cinder:etc/cinder/resource_filters.json */
  readonly tenantFilters: readonly string[];
  /** A column that Cinder does not have matches nothing. */
  readonly columns: ReadonlySet<string>;
}

const paging = new Set(['limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir']);

const columnOf: Readonly<Record<string, string>> = {
  name: 'display_name',
  'name~': 'display_name~',
  'description~': 'display_description~',
  consumes_quota: 'use_quota',
};

export interface Asking {
  readonly filters: readonly Filter[];
  readonly allTenants: boolean;
  readonly withCount: boolean;
}

/** @throws Fault 400 for what the caller may not filter by, and for a value that does not parse */
export function filtersAsked(asked: Asked, filtered: Filtered): Asking {
  const { caller, query, microversion } = asked;
  const given = new Map([...query].filter(([name]) => !paging.has(name)));
  const counts = atLeast(microversion, '3.45') && given.has('with_count');
  const withCount = counts && booleanOf('with_count', given.get('with_count')!);
  if (counts) given.delete('with_count');
  const all = given.get('all_tenants');
  given.delete('all_tenants');
  const allTenants = all !== undefined && caller.isAdmin && booleanOf('all_tenants', all);
  const unknown = [...given.keys()].filter((name) => !filtered.tenantFilters.includes(name));
  if (!caller.isAdmin && unknown.length > 0) {
    if (atLeast(microversion, '3.31'))
      throw new Fault('bad-request', `Invalid filters ${unknown.join(',')} are found in query options.`);
    for (const name of unknown) given.delete(name);
  }
  const filters = [...given].map(([name, value]) => filterOf(asked, filtered, columnOf[name] ?? name, value));
  return { filters, allTenants, withCount };
}

/** @throws Fault 400 */
export function booleanOf(name: string, text: string): boolean {
  const value = booleanWord(text);
  if (value === undefined) throw new Fault('bad-request', `Value '${text}' for '${name}' is not a boolean.`);
  return value;
}

const nothing: Filter = () => false;

function filterOf(asked: Asked, { kind, columns }: Filtered, name: string, value: string): Filter {
  if (name.endsWith('~') && atLeast(asked.microversion, '3.34')) {
    const column = name.slice(0, -1);
    const part = value.toLowerCase();
    return columns.has(column)
      ? (row) =>
          String(row[column] ?? '')
            .toLowerCase()
            .includes(part)
      : nothing;
  }
  if (name === 'metadata' || name === 'glance_metadata') return kind === 'backup' ? nothing : holdsWords(name, value);
  if (!columns.has(name)) return nothing;
  if (name === 'created_at' || name === 'updated_at') return kind === 'volume' ? timeFilter(name, value) : nothing;
  if (name === 'bootable' || name === 'multiattach' || name === 'use_quota' || name === 'shared_targets') {
    const wanted = booleanWord(value);
    if (wanted === undefined) throw new Fault('bad-request', `Invalid input received: '${name} = ${value}'`);
    return (row) => row[name] === wanted;
  }
  if (name === 'host')
    return (row) =>
      row[name] === value || String(row[name]).startsWith(`${value}@`) || String(row[name]).startsWith(`${value}#`);
  return equal(name, kind === 'volume' && name !== 'display_name' ? literal(value) : value);
}

// Volumes' values are Python literals, so that a list means one of several.
function literal(value: string): unknown {
  const found = pythonLiteral(value);
  return found === undefined ? value : found;
}

const numbers = new Set(['size', 'volume_size', 'object_count']);

const equal =
  (name: string, wanted: unknown): Filter =>
  (row) => {
    const value = row[name];
    if (wanted === null) return value === null;
    if (value === null || value === undefined) return false;
    const same = (one: unknown): boolean =>
      numbers.has(name) ? numberInText(String(one)) === value : isSameText(String(one), String(value));
    return Array.isArray(wanted) ? wanted.some(same) : same(wanted);
  };

function holdsWords(name: string, value: string): Filter {
  const wanted = pythonLiteral(value);
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return nothing;
  const pairs = Object.entries(wanted).map(([key, one]) => [key, String(one)] as const);
  return (row) =>
    pairs.every(([key, one]) =>
      Object.entries(row[name] as Record<string, string>).some(([k, v]) => isSameText(k, key) && isSameText(v, one)),
    );
}

const operators: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
};

/** `gte:2024-01-01T00:00:00Z,lt:…`: either of them is enough, as in Cinder. @throws Fault 400 */
function timeFilter(name: string, value: string): Filter {
  const parts = value.split(',').map((part) => {
    const at = part.indexOf(':');
    const word = at < 0 ? part : part.slice(0, at);
    const compare = Object.hasOwn(operators, word) ? operators[word] : undefined;
    if (!compare) throw new Fault('bad-request', `Invalid ${word} operator`);
    const text = part.slice(at + 1);
    const time = parseIsoTime(text)?.getTime();
    if (time === undefined) throw new Fault('bad-request', `Invalid ${text} value`);
    return { compare, time };
  });
  return (row) => {
    const seen = row[name];
    return typeof seen === 'number' && parts.some(({ compare, time }) => compare(seen, time));
  };
}
