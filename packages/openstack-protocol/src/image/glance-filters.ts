/**
 * What `GET /images` can be asked for, and how its values are read.
 * @see openstack/glance:glance/api/v2/images.py RequestDeserializer.index, glance/db/sqlalchemy/api.py
 *   _make_conditions_from_filters
 */
import { Fault } from '../faults.js';
import { comparisons, parseIsoTime, splitOperator, splitValues, type Comparison } from '../filters/filter-operators.js';
import { numberInText } from '../filters/text-collation.js';

/** Texts are compared as the database collates them. */
export type ImageFilter =
  | { readonly is: 'flag'; readonly column: 'protected' | 'os_hidden'; readonly wanted: boolean }
  | { readonly is: 'tag'; readonly tag: string }
  | { readonly is: 'time'; readonly column: Time; readonly comparison: Comparison; readonly time: Date }
  | { readonly is: 'text'; readonly column: TextColumn; readonly values: readonly string[] }
  | { readonly is: 'number'; readonly column: NumberColumn; readonly value: number }
  /** A bound is a text, for it may be greater than a number of JavaScript's is exact. */
  | { readonly is: 'bound'; readonly column: NumberColumn; readonly comparison: Comparison; readonly bound: string }
  /** A custom property, whose name is compared as its value is. */
  | { readonly is: 'property'; readonly name: string; readonly value: string };

const times = ['created_at', 'updated_at'] as const;
type Time = (typeof times)[number];

/** Columns that take several values. */
const listable = ['name', 'id', 'status', 'container_format', 'disk_format'] as const;
const single = ['owner', 'checksum', 'os_hash_algo', 'os_hash_value', 'visibility'] as const;
type TextColumn = (typeof listable)[number] | (typeof single)[number];

const numbers = ['size', 'virtual_size', 'min_ram', 'min_disk'] as const;
type NumberColumn = (typeof numbers)[number];

/** No custom property has the name of one of these. */
export const imageColumns: readonly string[] = [...single, ...listable, ...numbers];

export type MemberStatus = 'pending' | 'accepted' | 'rejected' | 'all';

export interface ImageFilters {
  /** All of which an image has to pass. */
  readonly filters: readonly ImageFilter[];
  /** Shared images are listed for members of this status. */
  readonly memberStatus: MemberStatus;
  /** Null where none was asked for: others' community images are left out. */
  readonly visibility: string | null;
}

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

const bad = (words: string): Fault => new Fault('bad-request', words);

/** @throws Fault 400 with Glance's words for a value that does not parse */
export function imageFilters(query: URLSearchParams): ImageFilters {
  const status = memberStatus(query.get('member_status') ?? 'accepted');
  if (query.get('changes-since')) throw bad('The "changes-since" filter is no longer available on v2.');
  const asked = visibility(query.getAll('visibility').at(-1));
  // Glance reads parameters into a dictionary: of one that is repeated the last counts.
  const given = new Map([...query].filter(([name]) => !others.has(name)));
  const filters: ImageFilter[] = [hidden(given.get('os_hidden') ?? 'false')];
  given.delete('os_hidden');
  // `tags` is no filter of the API, and Glance's database takes its letters for a list of tags.
  const letters = [...(given.get('tags') ?? '')];
  given.delete('tags');
  for (const tag of [...query.getAll('tag').map((one) => one.trim()), ...letters]) filters.push({ is: 'tag', tag });
  for (const [name, value] of given) filters.push(filterBy(name, value));
  return { filters, memberStatus: status, visibility: asked };
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

function hidden(value: string): ImageFilter {
  const lower = value.toLowerCase();
  if (lower === 'true' || lower === 'false') return { is: 'flag', column: 'os_hidden', wanted: lower === 'true' };
  throw bad(`Invalid value '${lower}' for 'os_hidden' filter. Valid values are 'true' or 'false'.`);
}

function filterBy(name: string, value: string): ImageFilter {
  if (name === 'protected') return flag(name, value);
  const time = times.find((one) => one === name);
  if (time) return timeFilter(time, value);
  const list = listable.find((one) => one === name);
  if (list) return listFilter(list, value);
  const [, bounded, side] = /^(.+)_(min|max)$/.exec(name) ?? [];
  const column = numbers.find((one) => one === bounded);
  if (column) return boundFilter(column, comparisons[side === 'min' ? 'gte' : 'lte']!, value);
  const number = numbers.find((one) => one === name);
  if (number) return { is: 'number', column: number, value: numberInText(value) };
  const text = single.find((one) => one === name);
  return text ? { is: 'text', column: text, values: [value] } : { is: 'property', name, value };
}

function flag(column: 'protected', value: string): ImageFilter {
  if (value === 'true' || value === 'false') return { is: 'flag', column, wanted: value === 'true' };
  throw bad(`Invalid value '${value}' for '${column}' filter. Valid values are 'true' or 'false'.`);
}

function timeFilter(column: Time, expression: string): ImageFilter {
  const { operator, value } = splitOperator(expression);
  const time = parseIsoTime(value);
  if (!time) throw bad(`Bad "${column}" query filter format. Use ISO 8601 DateTime notation.`);
  const comparison = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (!comparison) throw bad('Unable to filter on a unknown operator.');
  return { is: 'time', column, comparison, time };
}

function listFilter(column: TextColumn, expression: string): ImageFilter {
  const { operator, value } = splitOperator(expression);
  if (operator === 'in') return { is: 'text', column, values: splitValues(value) };
  if (operator === 'eq') return { is: 'text', column, values: [value] };
  throw bad(`Unable to filter by unknown operator '${operator}'.`);
}

function boundFilter(column: NumberColumn, comparison: Comparison, value: string): ImageFilter {
  const bound = value.replace(/(?<=\d)_(?=\d)/g, '').trim();
  if (!/^[+-]?\d{1,30}$/.test(bound)) throw bad('Unable to filter on a range with a non-numeric value.');
  return { is: 'bound', column, comparison, bound };
}
