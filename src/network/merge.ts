/** Lists of collections that no feed follows: the sites are asked; order, pages and links are made here over all of them. */
import { bodyOf, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../resources/kind.js';
import { answeringSites, answersOrRefusal } from '../routing/fan-out.js';
import { ownerOf } from '../routing/owner.js';
import { rowOrder, type RowOrder, type RowSort } from '../routing/row-order.js';
import { hearWholeLists } from '../routing/whole-lists.js';
import { kindNamed, type World } from '../routing/world.js';
import { bodyOfRow } from '../resources/inventory.js';
import type { Collection } from './collection.js';
import { noPage, type Page } from '@cascade/openstack-protocol/network/neutron-paging.js';
import { dialectOf } from './list.js';
import { fieldsOf, listBody, ordered, pageOf } from './pages.js';

export function listMerged(world: World, collection: Collection): Answer {
  const { keys, primaryKey = 'id' } = collection;
  return async (asked) => {
    const page = collection.isPageless ? noPage : pageOf(asked.query);
    const sort = ordered(sortAsked(asked.query, primaryKey), page);
    const { isCopy } = kindNamed(world, collection.kind);
    const { query, added } = questionTo(asked, [...sort.map(({ key }) => key), ...(isCopy ? ['description'] : [])]);
    const sites = answeringSites(world, 'network');
    const relaxed = dialectOf(world).validated ? undefined : withoutRefusedFilters;
    const list = { keys, query, id: primaryKey, ...(relaxed && { relaxed }) };
    const { answers, refusal } = answersOrRefusal(await hearWholeLists(asked, sites, list));
    if (refusal) return refusal;
    const rows = answers.flatMap(({ response }) => ((bodyOf(response) as Body | undefined)?.[keys] ?? []) as Body[]);
    const order = rowOrder(sort);
    const unordered = withoutRepeats(isCopy ? rows.filter((row) => !isCopy(row)) : rows, primaryKey);
    // Neutron gives a list without pages no order of its own (agents): it stays as the sites gave it, site after site.
    const inOrder = collection.isPageless && !asked.query.has('sort_key') ? unordered : unordered.sort(order);
    const shown = cut(inOrder, page, order, await placeOf(world, asked, collection, inOrder, page.marker));
    const ids = shown.map((row) => String(row[primaryKey] ?? ''));
    const bodies = shown.map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => !added.includes(key))));
    return withBody(answers[0]!.response, listBody(asked, keys, bodies, ids, page));
  };
}

/** The keys that were asked for, then the id, as Neutron adds it. Each site refuses keys that it cannot sort by. */
function sortAsked(query: URLSearchParams, primaryKey: string): RowSort[] {
  const directions = query.getAll('sort_dir').filter(Boolean);
  const sort = query
    .getAll('sort_key')
    .filter(Boolean)
    .map((key, at): RowSort => ({ key, direction: directions[at] === 'desc' ? 'desc' : 'asc' }));
  return sort.some(({ key }) => key === primaryKey) ? sort : [...sort, { key: primaryKey, direction: 'asc' }];
}

/** Whole lists, with the fields by which they are put together, which are not shown where they were not asked for. */
function questionTo(asked: Asked, needed: readonly string[]) {
  const query = new URLSearchParams(asked.rawQuery);
  for (const name of ['limit', 'marker', 'page_reverse']) query.delete(name);
  const fields = fieldsOf(query);
  const added = fields.length > 0 ? needed.filter((key) => !fields.includes(key)) : [];
  for (const key of added) query.append('fields', key);
  return { query, added };
}

/**
 * Filters that a site does not know are refused by some and no filters to others (`filter-validation`): where not all zones
 * refuse them, none does. @see openstack/neutron:neutron/api/api_common.py get_filters_from_dict
 */
function withoutRefusedFilters(refusal: OpenStackResponse, query: URLSearchParams): URLSearchParams | undefined {
  const { NeutronError: error } = (bodyOf(refusal) ?? {}) as { NeutronError?: { message?: unknown } };
  const [, names = ''] = /^\[(.+)\] is invalid attribute for filtering$/.exec(String(error?.message)) ?? [];
  const refused = [...names.matchAll(/'([^']*)'/g)].map(([, name = '']) => name).filter((name) => query.has(name));
  if (refusal.status !== 400 || refused.length === 0) return undefined;
  const fewer = new URLSearchParams(query);
  for (const name of refused) fewer.delete(name);
  return fewer;
}

function withoutRepeats(rows: readonly Body[], primaryKey: string): Body[] {
  const seen = new Set<unknown>();
  return rows.filter((row) => {
    const id = row[primaryKey];
    if (id === undefined) return true;
    const isNew = !seen.has(id);
    seen.add(id);
    return isNew;
  });
}

/** A marker that the filters leave out still marks a place; of one that is nowhere Neutron takes no notice. */
async function placeOf(
  world: World,
  asked: Asked,
  { kind, primaryKey = 'id' }: Collection,
  rows: readonly Body[],
  marker: string | undefined,
): Promise<Body | undefined> {
  if (marker === undefined) return undefined;
  const listed = rows.find((row) => row[primaryKey] === marker);
  if (listed) return listed;
  const owner = await ownerOf(world, asked, kindNamed(world, kind), marker);
  const row = owner && (await world.inventory.find(kind, marker));
  return row && bodyOfRow(row);
}

function cut(rows: readonly Body[], { limit, reverse }: Page, order: RowOrder, place: Body | undefined): Body[] {
  if (limit === undefined) return [...rows];
  const rest = place ? rows.filter((row) => (reverse ? order(row, place) < 0 : order(row, place) > 0)) : [...rows];
  return reverse ? rest.slice(-limit) : rest.slice(0, limit);
}
