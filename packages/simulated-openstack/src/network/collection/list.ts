/** Lists: filters, order, pages. */
import { json } from '@cascade/openstack-protocol/message.js';
import { looksLikeUuid } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { pageAsked, pageLinks, sortAsked, type Page } from '@cascade/openstack-protocol/network/neutron-paging.js';
import { compareTexts, idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { isKnown } from '@cascade/openstack-adapter/network/attribute.js';
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
    const stopsAt = isById && !page.reverse ? (page.limit ?? 0) : 0;
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
    const links = pageLinks(asked, ids, page.limit, page.reverse);
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

/** The keys that were asked for, then the id. @throws Fault 400 */
function orderAsked(state: NetworkState, { attributes }: Collection, query: URLSearchParams): Compare {
  const sorts = (key: string): boolean => {
    const attribute = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    return attribute?.sorts === true && isKnown(attribute, state.extensions);
  };
  const orders = sortAsked(query, sorts).map((key) => by(key.by, key.direction === 'desc'));
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
  if (limit === undefined) return reverse ? [...found].reverse() : found;
  let rest = found;
  if (marker !== undefined) {
    const row = tableOf(state, collection).require(marker);
    const place = valuesOf(state, collection, row, caller);
    rest = found.filter(({ values }) => (reverse ? order(values, place) < 0 : order(values, place) > 0));
  }
  return reverse ? rest.slice(-limit) : rest.slice(0, limit);
}
