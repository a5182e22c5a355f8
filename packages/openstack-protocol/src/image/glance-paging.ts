/** Order and pages of `GET /images`. @see openstack/glance:glance/api/v2/images.py _get_sorting_params */
import { Fault } from '../faults.js';
import { pythonInteger } from '../validation/python-literal.js';
import type { Asked } from '../server/route.js';

const sortable = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
] as const;

export type ImageSortKey = (typeof sortable)[number];

export interface ImageSort {
  readonly by: ImageSortKey;
  readonly direction: 'asc' | 'desc';
}

// Glance's limit_param_default and api_limit_max.
const defaultLimit = 25;
const maxLimit = 1000;

const bad = (words: string): Fault => new Fault('bad-request', words);

/** @throws Fault 400 */
export function imageLimit(asked: Asked): number {
  const text = asked.query.get('limit');
  if (text === null) return defaultLimit;
  const limit = pythonInteger(text);
  if (limit === undefined) throw bad('limit param must be an integer');
  if (limit < 0) throw bad('limit param must be positive');
  return Math.min(limit, maxLimit);
}

/** Both syntaxes, `sort_key` with `sort_dir` and `sort`; ends with the id. @throws Fault 400 */
export function imageSort(asked: Asked): ImageSort[] {
  const { keys, directions } = asked.query.has('sort') ? newSyntax(asked.query) : classicSyntax(asked.query);
  const [first = 'desc'] = directions;
  const by: ImageSortKey[] = keys.length > 0 ? keys : ['created_at'];
  const sort = by.map((key, at): ImageSort => ({
    by: key,
    direction: directions.length > 1 ? (directions[at] ?? 'desc') : first,
  }));
  // What follows has the one direction that was asked for; where there were several, Glance's own.
  const direction = directions.length > 1 ? 'desc' : first;
  for (const last of ['created_at', 'id'] as const) if (!by.includes(last)) sort.push({ by: last, direction });
  return sort;
}

type Direction = ImageSort['direction'];

function newSyntax(query: URLSearchParams): { keys: ImageSortKey[]; directions: Direction[] } {
  if (query.has('sort_key') || query.has('sort_dir')) throw bad('Old and new sorting syntax cannot be combined');
  const pairs = (query.get('sort') ?? '')
    .trim()
    .split(',')
    .map((pair) => pair.split(/:(.*)/s));
  return {
    keys: pairs.map(([key = '']) => sortKey(key)),
    directions: pairs.map(([, direction]) => sortDirection(direction || 'desc')),
  };
}

function classicSyntax(query: URLSearchParams): { keys: ImageSortKey[]; directions: Direction[] } {
  const keys = query.getAll('sort_key').map(sortKey);
  const directions = query.getAll('sort_dir').map(sortDirection);
  if (directions.length > 1 && directions.length !== keys.length) {
    throw bad('Number of sort dirs does not match the number of sort keys');
  }
  return { keys, directions };
}

function sortKey(text: string): ImageSortKey {
  const key = text.trim();
  const found = sortable.find((one) => one === key);
  if (found) return found;
  throw bad(`Invalid sort key: ${key}. It must be one of the following: ${sortable.join(', ')}.`);
}

function sortDirection(text: string): Direction {
  const direction = text.trim();
  if (direction === 'asc' || direction === 'desc') return direction;
  throw bad(`Invalid sort direction: ${direction}`);
}

/** The keys around a page. They are relative, as Glance writes them. */
export function pageLinks(asked: Asked, next: string | undefined): Record<string, string> {
  const query = new URLSearchParams(asked.rawQuery);
  query.delete('marker');
  const first = query.size > 0 ? `?${query.toString()}` : '';
  if (next !== undefined) query.append('marker', next);
  const path = `${asked.service.version}${asked.path}`;
  return {
    first: `${path}${first}`,
    schema: `${asked.service.version}/schemas${asked.path}`,
    ...(next === undefined ? {} : { next: `${path}?${query.toString()}` }),
  };
}
