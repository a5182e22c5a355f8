/** What a list of Neutron can be asked for. @see openstack/neutron:neutron/api/api_common.py get_filters_from_dict */
import { jsonb } from '../database/storable.js';
import { booleanWord } from '../openstack/boolean-word.js';
import { parseIsoTime } from '../openstack/filter-operators.js';
import { condition, type Condition } from '../resources/query.js';
import { attributesOf, type Attribute } from './attributes.js';
import { badQuery, invalidInput } from './faults.js';
import { fixedIpConditions } from './fixed-ip-filter.js';
import { isTagFilter, tagCondition } from './tag-filter.js';
import type { Grants } from './visibility.js';

/** What the sites' extensions say about filters. */
export interface FilterDialect {
  /** `filter-validation`: an unknown filter is refused; else it is ignored. */
  readonly validated: boolean;
  /** `empty-string-filtering`: `name=` asks for no name; else it asks for nothing. */
  readonly emptyStrings: boolean;
}

const paging = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse']);

/**
 * @param grants what is shared with the asking project
 * @throws Fault 400 for a value that does not parse, and for an unknown name where names are validated
 */
export function conditionsOf(
  kind: string,
  query: URLSearchParams,
  dialect: FilterDialect,
  grants: Grants,
): Condition[] {
  const where: Condition[] = [];
  const unknown: string[] = [];
  for (const name of new Set(query.keys())) {
    if (paging.has(name)) continue;
    const values = query.getAll(name).filter((value) => value !== '' || dialect.emptyStrings);
    const known = filtersOf(kind, name, values, grants);
    if (!known) unknown.push(name);
    else if (values.length > 0) where.push(...known());
  }
  if (dialect.validated && unknown.length > 0) {
    throw badQuery(`[${unknown.map((name) => `'${name}'`).join(', ')}] is invalid attribute for filtering`);
  }
  return where;
}

/** Conditions of one name, made on demand; undefined for a name nobody knows. */
function filtersOf(kind: string, name: string, values: string[], grants: Grants): (() => Condition[]) | undefined {
  if (isTagFilter(name)) return () => [tagCondition(name, values)];
  if (name === 'changed_since') return () => [changedSince(values[0] ?? '')];
  if (kind === 'port' && name === 'fixed_ips') return () => fixedIpConditions(values);
  const attributes = attributesOf(kind);
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (!attribute?.filters) return undefined;
  if (name === 'shared') return () => [sharedCondition(kind, values, grants)];
  return () => [attributeCondition(name, attribute, values)];
}

function attributeCondition(name: string, { type }: Attribute, values: string[]): Condition {
  if (name === 'id') return condition('r.id = any(?)', values);
  if (name === 'project_id' || name === 'tenant_id') return condition('r.project_id = any(?)', values);
  const fact = `r.facts->>'${name}'`; // a name of our own table, never the request's
  switch (type) {
    case 'boolean':
      return condition(
        `coalesce(${fact}, 'false') = any(?)`,
        values.map((value) => String(booleanOf(value))),
      );
    case 'integer':
      return condition(`${fact} = any(?)`, values.map(integerOf));
    case 'mac':
      return condition(
        `lower(${fact}) = any(?)`,
        values.map((value) => value.toLowerCase().replace(/-/g, ':')),
      );
    case 'list':
      return condition(
        `r.facts->'${name}' @> any(?::jsonb[])`,
        values.map((value) => jsonb([value])),
      );
    case 'text':
      return condition(`${fact} = any(?)`, values);
  }
}

/** Whether something is shared depends on who asks. A subnet is shared with its network. */
function sharedCondition(kind: string, values: string[], grants: Grants): Condition {
  const column = kind === 'subnet' ? `r.facts->>'network_id'` : 'r.id';
  const wanted = booleanOf(values[0] ?? '');
  return condition(`(${column} = any(?)) = ?`, [...grants.shared], wanted);
}

/** @see oslo.utils strutils.bool_from_string(strict=True) */
export function booleanOf(value: string): boolean {
  const wanted = booleanWord(value);
  if (wanted === undefined) throw invalidInput(`'${value}' cannot be converted to boolean`);
  return wanted;
}

function integerOf(value: string): string {
  if (!/^\s*[+-]?\d+\s*$/.test(value)) throw invalidInput(`'${value}' is not an integer`);
  return String(Number(value));
}

function changedSince(value: string): Condition {
  const time = parseIsoTime(value);
  if (!time) {
    throw invalidInput('The input changed_since must be in the following format: YYYY-MM-DDTHH:MM:SSZ');
  }
  return condition('r.updated_at >= ?', time);
}
