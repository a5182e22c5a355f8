/** Lists of kinds without a feed: the sites filter, order and pages are made here over all of them, as Cinder makes them. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { bodyOfRow } from '../../resources/inventory.js';
import type { Body, Kind } from '../../resources/kind.js';
import { answeringSites, answersOrRefusal } from '../../routing/fan-out.js';
import { ownerOf } from '../../routing/owner.js';
import { rowOrder, type RowOrder, type RowSort } from '../../routing/row-order.js';
import { hearWholeLists } from '../../routing/whole-lists.js';
import { kindNamed, type World } from '../../routing/world.js';
import { nextPage, pageAsked, sortAsked, type Asking } from '@cascade/openstack-protocol/volume/cinder-paging.js';

/** What Cinder calls the links of a list; it has none for attachments and cgsnapshots. @see openstack/cinder:cinder/api/v3/views */
const linksKeys: Readonly<Record<string, string>> = {
  transfers: 'transfers_links',
  messages: 'messages_links',
  groups: 'group_links',
  group_snapshots: 'group_snapshot_links',
  consistencygroups: 'consistencygroup_links',
};

/** Older lists, which have a limit and an offset alone. @see openstack/cinder:cinder/api/common.py limited */
const withoutMarker = new Set([
  '/os-volume-transfer',
  '/os-volume-transfer/detail',
  '/cgsnapshots',
  '/cgsnapshots/detail',
]);

const lacks = (word: string, id: string): string =>
  word === 'VolumeAttachment'
    ? `Volume attachment could not be found with filter: attachment_id = ${id}.`
    : `${word} ${id} could not be found.`;

/**
 * @param word Cinder's for one, in its messages
 * @param own rows that the cascade has itself
 */
export function mergeSites(
  world: World,
  kindName: string,
  word: string,
  own: (asked: Asked) => Promise<Body[]> = () => Promise.resolve([]),
): Answer {
  const kind = kindNamed(world, kindName);
  const { keys } = kind;
  return async (asked) => {
    const page = { ...pageAsked(asked), ...(withoutMarker.has(asked.path) ? { marker: undefined } : {}) };
    const sort = withLastKeys(sortAsked(asked.query));
    const query = new URLSearchParams(asked.rawQuery);
    for (const name of ['limit', 'marker', 'offset']) query.delete(name);
    const sites = answeringSites(world, 'volume');
    const { answers, refusal } = answersOrRefusal(await hearWholeLists(asked, sites, { keys, query }));
    if (refusal) return refusal;
    const bySite = answers.map(({ response }) => rowsIn(response, keys));
    const ours = await own(asked);
    const rows = [...bySite.flat(), ...ours];
    const areApart = [...bySite, ours].filter(({ length }) => length > 0).length > 1;
    const sorted: Sorted = areApart ? await inOrder(world, asked, { keys, query, sort }, rows) : { rows };
    const from = page.marker === undefined ? 0 : await placeAfter(world, asked, kind, sorted, page.marker);
    if (from === undefined) throw new Fault('not-found', lacks(word, page.marker ?? ''));
    const shown = sorted.rows.slice(from + page.offset, from + page.offset + page.limit);
    const links = nextPage(asked, page, shown.length, shown.at(-1)?.['id'] as string | undefined);
    const linksKey = links.length > 0 ? linksKeys[keys] : undefined;
    return withBody(answers[0]!.response, { [keys]: shown, ...(linksKey ? { [linksKey]: links } : {}) });
  };
}

const rowsIn = (response: OpenStackResponse, keys: string): Body[] =>
  ((bodyOf(response) as Body | undefined)?.[keys] ?? []) as Body[];

/** Cinder adds time and id, in the first key's direction. @see openstack/cinder:cinder/db/sqlalchemy/api.py process_sort_params */
function withLastKeys(asked: readonly Asking[]): RowSort[] {
  const sort = asked.map(({ key, direction }): RowSort => ({ key, direction: direction === 'asc' ? 'asc' : 'desc' }));
  const direction = sort[0]?.direction ?? 'desc';
  const missing = ['created_at', 'id'].filter((key) => !sort.some((one) => one.key === key));
  return [...sort, ...missing.map((key): RowSort => ({ key, direction }))];
}

interface Sorted {
  readonly rows: readonly Body[];
  /** Undefined where rows do not show what they are sorted by: each site's order is kept then, site after site. */
  readonly order?: RowOrder;
}

/** Brief rows show little: what they are sorted by stands in the detailed ones. */
async function inOrder(
  world: World,
  asked: Asked,
  { keys, query, sort }: { keys: string; query: URLSearchParams; sort: readonly RowSort[] },
  rows: readonly Body[],
): Promise<Sorted> {
  const order = rowOrder(sort);
  const shows = (all: readonly Body[]): boolean => sort.every(({ key }) => all.every((row) => key in row));
  if (shows(rows)) return { rows: [...rows].sort(order), order };
  if (asked.path.endsWith('/detail')) return { rows };
  const list = { keys, query, path: `${asked.path}/detail` };
  const { answers } = answersOrRefusal(await hearWholeLists(asked, answeringSites(world, 'volume'), list));
  const detailed = new Map(answers.flatMap(({ response }) => rowsIn(response, keys)).map((row) => [row['id'], row]));
  const detailOf = (row: Body): Body => detailed.get(row['id']) ?? row;
  if (!shows(rows.map(detailOf))) return { rows };
  const orderOfBrief: RowOrder = (a, b) => order(detailOf(a), detailOf(b));
  return { rows: [...rows].sort(orderOfBrief), order: orderOfBrief };
}

/** A marker that the filters leave out still marks a place. @returns undefined for one that is nowhere */
async function placeAfter(
  world: World,
  asked: Asked,
  kind: Kind,
  { rows, order }: Sorted,
  marker: string,
): Promise<number | undefined> {
  const at = rows.findIndex((row) => row['id'] === marker);
  if (at >= 0) return at + 1;
  await ownerOf(world, asked, kind, marker);
  const row = await world.inventory.find(kind.name, marker);
  if (!row) return undefined;
  const place = bodyOfRow(row);
  const next = rows.findIndex((one) => order && order(one, place) > 0);
  return next < 0 ? rows.length : next;
}
