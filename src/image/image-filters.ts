/**
 * What `GET /images` can be asked for.
 * @see openstack/glance:glance/api/v2/images.py RequestDeserializer.index, glance/db/sqlalchemy/api.py
 *   _make_conditions_from_filters
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import {
  comparisons,
  parseIsoTime,
  splitOperator,
  splitValues,
} from '@cascade/openstack-protocol/filters/filter-operators.js';
import { collated, numberInText } from '@cascade/openstack-protocol/filters/text-collation.js';
import { hasAll, idIsIn, textIs, textIsIn } from '../resources/text-conditions.js';
import { listedFor, type MemberStatus } from './visibility.js';
import { condition, type Condition } from '../resources/list-query.js';

/** Parameters that are no filters. */
const others = new Set([
  'limit',
  'marker',
  'member_status',
  'sort',
  'sort_key',
  'sort_dir',
  'tag',
  'visibility',
  'deleted',
  'changes-since',
]);

const listable = new Set(['name', 'id', 'status', 'container_format', 'disk_format']);
const times = new Set(['created_at', 'updated_at']);
const numbers = new Set(['size', 'virtual_size', 'min_ram', 'min_disk']);

const columns = new Set(['owner', 'checksum', 'os_hash_algo', 'os_hash_value', 'visibility', ...listable, ...numbers]);

const bad = (words: string): Fault => new Fault('bad-request', words);

/** @throws Fault 400 with Glance's words for a value that does not parse */
export function imageConditions(asked: Asked): Condition[] {
  const { query, caller } = asked;
  const status = memberStatus(query.get('member_status') ?? 'accepted');
  if (query.get('changes-since')) throw bad('The "changes-since" filter is no longer available on v2.');
  // Glance reads parameters into a dictionary: of one that is repeated the last counts.
  const filters = new Map([...query].filter(([name]) => !others.has(name)));
  const where = listedFor(caller, status, visibility(query.getAll('visibility').at(-1)));
  where.push(condition(`r.facts->>'status' <> 'killed'`));
  where.push(condition(`coalesce(r.facts->>'os_hidden', 'false') = ?`, hidden(filters.get('os_hidden') ?? 'false')));
  filters.delete('os_hidden');
  // `tags` is no filter of the API, and Glance's database takes its letters for a list of tags.
  const letters = [...(filters.get('tags') ?? '')];
  filters.delete('tags');
  for (const tag of [...query.getAll('tag').map((one) => one.trim()), ...letters]) where.push(hasAll('tags', [tag]));
  for (const [name, value] of filters) where.push(filterBy(name, value));
  return where;
}

function memberStatus(value: string): MemberStatus {
  if (!['pending', 'accepted', 'rejected', 'all'].includes(value)) throw bad(`Invalid status: ${value}`);
  return value as MemberStatus;
}

function visibility(value: string | undefined): string | null {
  if (value && !['community', 'public', 'private', 'shared', 'all'].includes(value)) {
    throw bad(`Invalid visibility value: ${value}`);
  }
  return value ?? null;
}

function hidden(value: string): string {
  const lower = value.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower;
  throw bad(`Invalid value '${lower}' for 'os_hidden' filter. Valid values are 'true' or 'false'.`);
}

function filterBy(name: string, value: string): Condition {
  if (name === 'protected') return flagCondition(name, value);
  if (times.has(name)) return timeCondition(name, value);
  if (listable.has(name)) return listCondition(name, value);
  const bound = /^(.+)_(min|max)$/.exec(name);
  if (bound && numbers.has(bound[1] ?? ''))
    return rangeCondition(bound[1] ?? '', bound[2] === 'min' ? '>=' : '<=', value);
  if (numbers.has(name)) return condition(`(r.facts->>'${name}')::numeric = ?`, numberInText(value));
  if (columns.has(name)) return textIs(`r.facts->>'${name}'`, value);
  // All else is a custom property, whose name is compared as its value is.
  const property = `select 1 from jsonb_each_text(r.facts) p where collated(p.key) = ? and collated(p.value) = ? and p.key <> all(?)`;
  return condition(`exists (${property})`, collated(name), collated(value), [...columns]);
}

function flagCondition(name: string, value: string): Condition {
  if (value === 'true' || value === 'false') return condition(`r.facts->>'${name}' = ?`, value);
  throw bad(`Invalid value '${value}' for '${name}' filter. Valid values are 'true' or 'false'.`);
}

function timeCondition(name: string, expression: string): Condition {
  const { operator, value } = splitOperator(expression);
  const time = parseIsoTime(value);
  if (!time) throw bad(`Bad "${name}" query filter format. Use ISO 8601 DateTime notation.`);
  const sign = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (!sign) throw bad('Unable to filter on a unknown operator.');
  return condition(`r.${name} ${sign} ?`, time);
}

function listCondition(name: string, expression: string): Condition {
  const { operator, value } = splitOperator(expression);
  const is = (values: string[]): Condition =>
    name === 'id' ? idIsIn('r.id', values) : textIsIn(`r.facts->>'${name}'`, values);
  if (operator === 'in') return is(splitValues(value));
  if (operator === 'eq') return is([value]);
  throw bad(`Unable to filter by unknown operator '${operator}'.`);
}

function rangeCondition(name: string, sign: string, value: string): Condition {
  const number = value.replace(/(?<=\d)_(?=\d)/g, '');
  if (!/^\s*[+-]?\d{1,30}\s*$/.test(number)) throw bad('Unable to filter on a range with a non-numeric value.');
  return condition(`(r.facts->>'${name}')::numeric ${sign} ?::numeric`, number.trim());
}
