/** What a list of Neutron can be asked for. @see openstack/neutron:neutron/api/api_common.py get_filters_from_dict */
import { parseIsoTime } from '@cascade/openstack-protocol/filters/filter-operators.js';
import {
  booleanOf,
  changedSince,
  filterValue,
  isOnlyConverted,
  pairsOf,
} from '@cascade/openstack-protocol/network/neutron-filter-values.js';
import { collated } from '@cascade/openstack-protocol/filters/text-collation.js';
import { hasAny, idIsIn } from '../resources/text-conditions.js';
import { attributesOf, type Attribute } from './attributes.js';
import { badQuery, invalidInput } from './faults.js';
import { fixedIpConditions } from './fixed-ip-filter.js';
import type { Grants } from './visibility.js';
import { condition, type Condition } from '../resources/list-query.js';
import { tagCondition } from '../resources/tag-condition.js';

/** What the sites' extensions say about filters. */
export interface FilterDialect {
  /** `filter-validation`: an unknown filter is refused; else it is ignored. */
  readonly validated: boolean;
  /** `empty-string-filtering`: `name=` asks for no name; else it asks for nothing. */
  readonly emptyStrings: boolean;
}

/** What is no filter. */
export const pagingNames = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse']);

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
    if (pagingNames.has(name)) continue;
    const values = query.getAll(name).filter((value) => value !== '' || dialect.emptyStrings);
    const known = filtersOf(kind, name, values, grants, dialect);
    if (!known) unknown.push(name);
    else if (values.length > 0) where.push(...known());
  }
  // Policies are found as objects, which know their own fields.
  if (kind === 'rbac_policy' && !dialect.validated && unknown[0] !== undefined)
    throw invalidInput(`'${unknown[0]}' is not supported for filtering`);
  if (dialect.validated && unknown.length > 0) {
    throw badQuery(`[${unknown.map((name) => `'${name}'`).join(', ')}] is invalid attribute for filtering`);
  }
  return where;
}

/** Conditions of one name, made on demand; undefined for a name nobody knows. */
function filtersOf(
  kind: string,
  name: string,
  values: string[],
  grants: Grants,
  { validated }: FilterDialect,
): (() => Condition[]) | undefined {
  const common = kind === 'rbac_policy' ? undefined : commonFilter(name, values, validated);
  if (common) return common;
  if (kind === 'port' && name === 'fixed_ips') return () => fixedIpConditions(values);
  // No filter by its definition, and a column that is compared all the same.
  if (kind === 'network' && name === 'availability_zone_hints' && !validated) return () => [hintsCondition(values)];
  const attributes = attributesOf(kind);
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  // What is no filter is converted all the same where names are not validated.
  if (!attribute || !(attribute.filters || (isOnlyConverted(attribute.type) && !validated))) return undefined;
  if (name === 'shared') return () => [sharedCondition(kind, values, grants)];
  return () => attributeCondition(name, attribute, values);
}

/** What all have that have Neutron's standard attributes. */
function commonFilter(name: string, values: string[], validated: boolean): (() => Condition[]) | undefined {
  const tagged = tagCondition(name, values);
  if (tagged) return () => [tagged];
  if (name === 'changed_since') return () => [condition('r.updated_at >= ?', changedSince(values[0] ?? ''))];
  return times.has(name) && !validated ? () => [timeIs(name, values)] : undefined;
}

function attributeCondition(name: string, { type }: Attribute, values: string[]): Condition[] {
  if (name === 'id') return [idIsIn('r.id', values)];
  if (name === 'project_id' || name === 'tenant_id') return [idIsIn('r.project_id', values)];
  const fact = `r.facts->>'${name}'`; // a name of our own table, never the request's
  if (type === 'id') return [idIsIn(fact, values)];
  // A list of ids, as a port has security groups.
  if (type === 'list') return [hasAny(name, values)];
  if (type === 'pairs') {
    pairsOf(values); // which refuses what is none
    return [];
  }
  const wanted = values.map((value) => filterValue(type, value)).filter((value) => value !== undefined);
  switch (type) {
    case 'checked':
    case 'ignored':
      return [];
    case 'boolean':
      return [condition(`coalesce(${fact}, 'false') = any(?)`, wanted.map(String))];
    case 'integer':
    case 'number':
    case 'port':
      return [condition(`(${fact})::numeric = any(?::numeric[])`, wanted)];
    case 'exact':
      return [condition(`${fact} = any(?)`, wanted)];
    default:
      return [condition(`collated(${fact}) = any(?)`, wanted)];
  }
}

/**
 * Neutron keeps hints as a text in JSON, which is what is compared. Here each network has its zone as its hint.
 * @see openstack/neutron-lib:neutron_lib/api/validators/availability_zone.py convert_az_list_to_string
 */
const hintsCondition = (values: string[]): Condition =>
  condition(
    `exists (select from site s where s.id = r.site_id and collated('["' || s.name || '"]') = any(?))`,
    values.map(collated),
  );

/** Whether something is shared depends on who asks. A subnet is shared with its network. */
function sharedCondition(kind: string, values: string[], grants: Grants): Condition {
  const column = kind === 'subnet' ? `r.facts->>'network_id'` : 'r.id';
  const wanted = booleanOf(values[0] ?? '');
  return condition(`(${column} = any(?)) = ?`, [...grants.shared], wanted);
}

/** No filters by their definition, either: a Neutron that does not validate finds nothing for '' and fails (500) for a value. */
const times = new Set(['created_at', 'updated_at']);

function timeIs(name: string, values: readonly string[]): Condition {
  const wanted = values.filter(Boolean).map((value) => {
    const time = parseIsoTime(value);
    if (!time) throw invalidInput(`'${value}' is not a valid time for '${name}'`);
    return time;
  });
  return condition(`date_trunc('second', r.${name}) = any(?::timestamptz[])`, wanted);
}
