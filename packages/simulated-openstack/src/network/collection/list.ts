/** Lists: filters, order, pages. @see openstack/neutron:neutron/api/api_common.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { looksLikeUuid } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { compareTexts, idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { isKnown } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest } from '@cascade/openstack-adapter/network/faults.js';
import type { Collection } from './collection.js';
import { filtersOf } from './filters.js';
import type { NetworkState } from '../state.js';
import { bodyOf, fieldsAsked, isVisible, tableOf, valuesOf, type Values } from './view.js';
import type { Row } from './table.js';

type Compare = (a: Values, b: Values) => number;

export function list(state: NetworkState, collection: Collection): Answer {
  return async (asked) => {
    const { query, caller } = asked;
    const page = pageAsked(query);
    const order = orderAsked(state, collection, query);
    const filters = filtersOf(state, collection, query);
    collection.rules.listed?.(state, caller, [...query.getAll('project_id'), ...query.getAll('tenant_id')]);
    // In the order of ids a page is full before everything was looked at.
    const isById = !query.getAll('sort_key').some(Boolean);
    const stopsAt = isById && !page.reverse ? page.limit : 0;
    const found: Found[] = [];
    for (const row of candidates(state, collection, query)) {
      if (stopsAt > 0 && page.marker !== undefined && row.id <= page.marker) continue;
      if (!isVisible(state, collection, row, caller)) continue;
      // Who may not see an attribute may not filter by it either: it is as if it were not there.
      const values = valuesOf(state, collection, row, caller);
      if (filters.every((filter) => filter(values))) found.push({ row, values });
      if (stopsAt > 0 && found.length === stopsAt) break;
    }
    if (!isById) found.sort((a, b) => order(a.values, b.values));
    const rows = cut(state, collection, found, page, order, asked);
    const fields = fieldsAsked(query);
    const shown = rows.map(({ row }) => bodyOf(state, collection, row, caller, fields));
    const ids = rows.map(({ row }) => row.id);
    const links = linksOf(asked, ids, page);
    return json(200, {
      [collection.keys]: shown,
      ...(links.length > 0 ? { [`${collection.keys}_links`]: links } : {}),
    });
  };
}

/** All rows in the order of their ids, or those of what the query surely asks for: most lists are of one thing's ports. */
function candidates(state: NetworkState, collection: Collection, query: URLSearchParams): readonly Row[] {
  const table = tableOf(state, collection);
  const ids = query.getAll('id').filter(Boolean).map(idAsKept);
  if (ids.length > 0) return inOrder([...new Set(ids)].flatMap((id) => table.find(id) ?? []));
  // A device in another letter case is another one to the index.
  const [device, ...more] = query.getAll('device_id').filter(Boolean);
  if (collection.table === 'port' && device && more.length === 0 && looksLikeUuid(device))
    return inOrder(table.where('device_id', idAsKept(device)));
  return table.inOrder();
}

const inOrder = (rows: Row[]): Row[] => rows.sort((a, b) => (a.id < b.id ? -1 : 1));

interface Page {
  /** 0 for everything. */
  readonly limit: number;
  readonly marker: string | undefined;
  readonly reverse: boolean;
}

/** @throws Fault 400 */
function pageAsked(query: URLSearchParams): Page {
  const text = query.get('limit') ?? '0';
  if (!/^\s*\+?\d+\s*$/.test(text)) {
    throw new Fault('bad-request', `Bad limit request: Limit must be an integer 0 or greater and not '${text}'.`);
  }
  const limit = Number(text);
  const reverse = (query.get('page_reverse') ?? '').toLowerCase() === 'true';
  return limit === 0
    ? { limit, marker: undefined, reverse }
    : { limit, marker: idAsKept(query.get('marker') ?? '') || undefined, reverse };
}

/** The keys that were asked for, then the id. @throws Fault 400 */
function orderAsked(state: NetworkState, { attributes }: Collection, query: URLSearchParams): Compare {
  const keys = query.getAll('sort_key').filter(Boolean);
  const directions = query.getAll('sort_dir').filter(Boolean);
  if (keys.length !== directions.length) throw badRequest('The number of sort_keys and sort_dirs must be same');
  const absent = keys.filter((key) => {
    const attribute = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    return !attribute?.sorts || !isKnown(attribute, state.extensions);
  });
  const listed = (names: string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`;
  if (absent.length > 0) throw badRequest(`${listed(absent)} is invalid attribute for sort_keys`);
  const wrong = directions.filter((direction) => direction !== 'asc' && direction !== 'desc');
  if (wrong.length > 0) {
    throw badRequest(`${listed(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`);
  }
  const orders = [...keys.map((key, at): Compare => by(key, directions[at] === 'desc')), by('id', false)];
  return (a, b) => {
    for (const order of orders) {
      const found = order(a, b);
      if (found !== 0) return found;
    }
    return 0;
  };
}

const by =
  (key: string, descending: boolean): Compare =>
  (a, b) => {
    const order = compare(a(key), b(key));
    return descending ? -order : order;
  };

/** What is not there comes first, as in MySQL. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : 1;
  return compareTexts(String(a), String(b));
}

interface Found {
  readonly row: Row;
  readonly values: Values;
}

/** @throws Fault 404 for a marker that is gone */
function cut(
  state: NetworkState,
  collection: Collection,
  found: readonly Found[],
  { limit, marker, reverse }: Page,
  order: Compare,
  { caller }: Asked,
): readonly Found[] {
  // A page that is read backwards is shown forwards, a whole list is shown backwards.
  if (limit === 0) return reverse ? [...found].reverse() : found;
  let rest = found;
  if (marker !== undefined) {
    const row = tableOf(state, collection).require(marker);
    const place = valuesOf(state, collection, row, caller);
    rest = found.filter(({ values }) => (reverse ? order(values, place) < 0 : order(values, place) > 0));
  }
  return reverse ? rest.slice(-limit) : rest.slice(0, limit);
}

function linksOf(asked: Asked, ids: readonly string[], { limit, reverse }: Page) {
  if (limit === 0) return [];
  const short = ids.length < limit;
  return [
    ...(short && !reverse ? [] : [{ rel: 'next', href: linkOf(asked, ids.at(-1), false) }]),
    ...(short && reverse ? [] : [{ rel: 'previous', href: linkOf(asked, ids[0], true) }]),
  ];
}

function linkOf(asked: Asked, marker: string | undefined, reverse: boolean): string {
  const query = new URLSearchParams(asked.rawQuery);
  query.delete('marker');
  query.delete('page_reverse');
  if (marker !== undefined) query.set('marker', marker);
  if (reverse) query.set('page_reverse', 'True');
  return `${asked.serviceUrl}${asked.service.version}${asked.path}?${query.toString()}`;
}
