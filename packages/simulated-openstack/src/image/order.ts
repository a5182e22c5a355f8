/** Order of `GET /images`. @see openstack/glance:glance/api/v2/images.py _get_sorting_params */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { compareTexts } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Image } from './image.js';

type Direction = 'asc' | 'desc';
type Compare = (a: Image, b: Image) => number;

const columns = {
  name: 'name',
  status: 'status',
  container_format: 'container_format',
  disk_format: 'disk_format',
  size: 'size',
  id: 'id',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
} as const satisfies Record<string, keyof Image>;

type Key = keyof typeof columns;

const bad = (words: string): Fault => new Fault('bad-request', words);

/** By what was asked for, then by creation and id. @throws Fault 400 */
export function imageOrder(query: URLSearchParams): Compare {
  const { keys, directions } = query.has('sort') ? pairs(query) : lists(query);
  const [first = 'desc'] = directions;
  const asked = keys.length > 0 ? keys : (['created_at'] as const);
  const orders = asked.map((key, at) => by(key, directions.length > 1 ? (directions[at] ?? 'desc') : first));
  const rest = (['created_at', 'id'] as const).filter((key) => !asked.some((one) => one === key));
  orders.push(...rest.map((key) => by(key, directions.length > 1 ? 'desc' : first)));
  return (a, b) => orders.reduce((found, order) => found || order(a, b), 0);
}

const by =
  (key: Key, direction: Direction): Compare =>
  (a, b) => {
    const [left, right] = [a[columns[key]], b[columns[key]]];
    if (left === right) return 0;
    // What is not there comes first, as in MySQL.
    if (typeof left === 'string' && typeof right === 'string')
      return compareTexts(left, right) * (direction === 'asc' ? 1 : -1);
    const before = left === null || (right !== null && left < right);
    return before === (direction === 'asc') ? -1 : 1;
  };

function pairs(query: URLSearchParams): { keys: Key[]; directions: Direction[] } {
  if (query.has('sort_key') || query.has('sort_dir')) throw bad('Old and new sorting syntax cannot be combined');
  const parts = (query.get('sort') ?? '')
    .trim()
    .split(',')
    .map((part) => part.split(/:(.*)/s));
  return {
    keys: parts.map(([key = '']) => keyOf(key)),
    directions: parts.map(([, direction]) => directionOf(direction || 'desc')),
  };
}

function lists(query: URLSearchParams): { keys: Key[]; directions: Direction[] } {
  const keys = query.getAll('sort_key').map(keyOf);
  const directions = query.getAll('sort_dir').map(directionOf);
  if (directions.length > 1 && directions.length !== keys.length) {
    throw bad('Number of sort dirs does not match the number of sort keys');
  }
  return { keys, directions };
}

function keyOf(text: string): Key {
  const key = text.trim();
  if (Object.hasOwn(columns, key)) return key as Key;
  throw bad(`Invalid sort key: ${key}. It must be one of the following: ${Object.keys(columns).join(', ')}.`);
}

function directionOf(text: string): Direction {
  const direction = text.trim();
  if (direction === 'asc' || direction === 'desc') return direction;
  throw bad(`Invalid sort direction: ${direction}`);
}
