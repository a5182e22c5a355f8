/** `GET /images`. @see openstack/glance:glance/api/v2/images.py, glance/db/simple/api.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { parseIsoTime, splitOperator, splitValues } from '@cascade/openstack-protocol/filters/filter-operators.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept, isSameText, numberInText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Image } from './image.js';
import type { Images } from './images.js';
import { imageOrder } from './order.js';
import { imageBody } from './view.js';

// Glance's limit_param_default and api_limit_max.
const usualLimit = 25;
const mostRows = 1000;

type Filter = (image: Image) => boolean;

const bad = (words: string): Fault => new Fault('bad-request', words);

export function listImages(images: Images): Answer {
  return async (asked) => {
    const limit = limitAsked(asked.query);
    const filters = filtersAsked(images, asked);
    const order = imageOrder(asked.query);
    const found = [...images.all()].filter((image) => filters.every((filter) => filter(image))).sort(order);
    const marker = asked.query.get('marker');
    const from = marker === null ? 0 : behind(images, asked.caller, found, marker, order);
    const page = found.slice(from, from + limit);
    const last = page.length > 0 && page.length === limit ? page.at(-1)?.id : undefined;
    return json(200, { images: page.map(imageBody), ...linksOf(asked, last) });
  };
}

/** @throws Fault 400 for a marker that does not exist, 403 for one the caller may not see */
function behind(
  images: Images,
  caller: Caller,
  found: readonly Image[],
  marker: string,
  order: (a: Image, b: Image) => number,
): number {
  const place = images.row(marker) ?? images.row(idAsKept(marker));
  if (!place) throw bad(`No image found with ID ${marker}`);
  if (!images.isVisible(place, caller)) throw new Fault('forbidden', `Forbidding request, image ${marker} not visible`);
  const at = found.findIndex((image) => order(image, place) > 0);
  return at < 0 ? found.length : at;
}

/** @throws Fault 400 */
function limitAsked(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) return usualLimit;
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw bad('limit param must be an integer');
  if (Number(text) < 0) throw bad('limit param must be positive');
  return Math.min(Number(text), mostRows);
}

/** The keys around a page. They are relative, as Glance writes them. */
function linksOf(asked: Asked, last: string | undefined): Record<string, string> {
  const query = new URLSearchParams(asked.rawQuery);
  query.delete('marker');
  const first = query.size > 0 ? `?${query.toString()}` : '';
  if (last !== undefined) query.append('marker', last);
  return {
    first: `/v2/images${first}`,
    schema: '/v2/schemas/images',
    ...(last === undefined ? {} : { next: `/v2/images?${query.toString()}` }),
  };
}

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

/** @throws Fault 400 */
function filtersAsked(images: Images, { query, caller }: Asked): Filter[] {
  if (query.get('changes-since')) throw bad('The "changes-since" filter is no longer available on v2.');
  const status = query.get('member_status') ?? 'accepted';
  if (!['pending', 'accepted', 'rejected', 'all'].includes(status)) throw bad(`Invalid status: ${status}`);
  const filters = [listedFor(images, caller, status, visibilityAsked(query))];
  const given = new Map([...query].filter(([name]) => !others.has(name)));
  const hidden = (given.get('os_hidden') ?? 'false').toLowerCase();
  if (hidden !== 'true' && hidden !== 'false')
    throw bad(`Invalid value '${hidden}' for 'os_hidden' filter. Valid values are 'true' or 'false'.`);
  filters.push((image) => String(image.os_hidden) === hidden);
  given.delete('os_hidden');
  // `tags` is no filter of the API, and Glance's database takes its letters for a list of tags.
  const letters = [...(given.get('tags') ?? '')];
  given.delete('tags');
  for (const tag of [...query.getAll('tag').map((one) => one.trim()), ...letters])
    filters.push((image) => image.tags.some((one) => isSameText(one, tag)));
  for (const [name, value] of given) filters.push(filterNamed(name, value));
  return filters;
}

function visibilityAsked(query: URLSearchParams): string | undefined {
  const value = query.getAll('visibility').at(-1);
  if (value && !['community', 'public', 'private', 'shared', 'all'].includes(value)) {
    throw bad(`Invalid visibility value: ${value}`);
  }
  return value || undefined;
}

/** Others' community images are listed only where that visibility, or all, is asked for. */
function listedFor(images: Images, caller: Caller, status: string, wanted: string | undefined): Filter {
  const { isAdmin, projectId } = caller;
  const isMember = (image: Image): boolean => {
    const member = projectId === undefined ? undefined : images.membersOf(image.id).get(projectId);
    return member !== undefined && (status === 'all' || member.status === status);
  };
  const isOwn = (image: Image): boolean => projectId !== undefined && image.owner === projectId;
  return (image) => {
    if (wanted !== undefined && wanted !== 'all' && image.visibility !== wanted) return false;
    if (wanted === undefined && image.visibility === 'community' && !isOwn(image)) return false;
    if (isAdmin || image.visibility === 'public' || image.visibility === 'community' || isOwn(image)) return true;
    return image.visibility === 'shared' && isMember(image);
  };
}

const listable = new Set(['name', 'id', 'status', 'container_format', 'disk_format']);
const times = new Set(['created_at', 'updated_at']);
const numbers = new Set(['size', 'virtual_size', 'min_ram', 'min_disk']);
const bound = /^(size|virtual_size|min_ram|min_disk)_(min|max)$/;

/** @throws Fault 400 */
function filterNamed(name: string, value: string): Filter {
  if (times.has(name)) return timeFilter(name === 'created_at' ? 'createdAt' : 'updatedAt', name, value);
  if (listable.has(name)) return listFilter(name, value);
  if (name === 'protected') {
    if (value !== 'true' && value !== 'false')
      throw bad(`Invalid value '${value}' for 'protected' filter. Valid values are 'true' or 'false'.`);
    return (image) => String(image.protected) === value;
  }
  const [, column, side] = bound.exec(name) ?? [];
  if (column !== undefined) {
    if (!/^\s*[+-]?\d+(_\d+)*\s*$/.test(value)) throw bad('Unable to filter on a range with a non-numeric value.');
    const limit = Number(value.replaceAll('_', ''));
    return (image) => {
      const number = image[column as 'size'];
      return number !== null && (side === 'min' ? number >= limit : number <= limit);
    };
  }
  if (numbers.has(name)) return (image) => imageBody(image)[name] === numberInText(value);
  return (image) =>
    Object.entries(imageBody(image)).some(
      ([key, one]) => typeof one === 'string' && isSameText(key, name) && isSameText(one, value),
    );
}

/** @throws Fault 400 */
function timeFilter(column: 'createdAt' | 'updatedAt', name: string, expression: string): Filter {
  const { operator, value } = splitOperator(expression);
  const time = parseIsoTime(value)?.getTime();
  if (time === undefined) throw bad(`Bad "${name}" query filter format. Use ISO 8601 DateTime notation.`);
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (!compare) throw bad('Unable to filter on a unknown operator.');
  return (image) => compare(image[column], time);
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  neq: (a, b) => a !== b,
  eq: (a, b) => a === b,
};

/** @throws Fault 400 */
function listFilter(name: string, expression: string): Filter {
  const { operator, value } = splitOperator(expression);
  const valueOf = (image: Image): string => String(image[name as 'name'] ?? '');
  if (operator === 'in') {
    const values = splitValues(value);
    return (image) => values.some((one) => isSameText(one, valueOf(image)));
  }
  if (operator === 'eq') return (image) => isSameText(valueOf(image), value);
  throw bad(`Unable to filter by unknown operator '${operator}'.`);
}
