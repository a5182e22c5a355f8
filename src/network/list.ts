/** Lists of followed collections, over all sites, from the inventory. */
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { listRows } from '../resources/query.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Collection } from './collection.js';
import { offered } from './extensions.js';
import { noSuch } from './faults.js';
import { conditionsOf } from './filters.js';
import { noPage, type Page } from '@cascade/openstack-protocol/network/neutron-paging.js';
import { fieldsOf, listBody, ordered, pageOf, rowsToRead, sortOf } from './pages.js';
import { viewOf } from './view.js';
import { grantsTo, visibleTo } from './visibility.js';
import { condition, type Condition } from '../resources/list-query.js';

const groups = new Set(['security_group', 'security_group_rule']);

/** A project's group `default` is shown once, with the rules and policies of one site. */
const notACopy = (kind: string): Condition[] =>
  groups.has(kind) || kind === 'rbac_policy' ? [condition('not r.is_copy')] : [];

export function listFollowed(world: World, { kind, keys, isPageless }: Collection): Answer {
  return async (asked) => {
    const { caller, query } = asked;
    const pageAsked = isPageless ? noPage : pageOf(query);
    const sort = sortOf(kind, query);
    const projectId = projectAsked(asked);
    if (groups.has(kind)) await world.defaultGroups.shown(caller, projectId ?? caller.projectId);
    await world.freshness.catchUp(kindNamed(world, kind), projectId);
    const visibility = await visibleTo(world.database, kind, caller);
    const grants = visibility.grants ?? (await grantsTo(world.database, kind, caller.projectId ?? ''));
    const filters = conditionsOf(kind, query, dialectOf(world), grants);
    const page = await withKnownMarker(world, kind, pageAsked);
    const rows = await listRows(world.database, {
      kind,
      where: [...notACopy(kind), ...(visibility.where ? [visibility.where] : []), ...filters],
      sort: ordered(sort, page),
      limit: rowsToRead(page),
      marker: page.marker,
      backwards: page.limit !== undefined && page.reverse,
    });
    const fields = fieldsOf(query);
    const shown = rows.map((row) => viewOf(row, caller, visibility, fields));
    const ids = rows.map((row) => row.id);
    return json(200, listBody(asked, keys, shown, ids, page));
  };
}

/** The one project whose rows are asked for; undefined where an administrator asks for all. */
function projectAsked({ caller, query }: Asked): string | undefined {
  if (!caller.isAdmin) return caller.projectId;
  const named = [...query.getAll('project_id'), ...query.getAll('tenant_id')];
  const [only] = named.length === 1 ? named : [];
  return only && only === idAsKept(only) ? only : undefined;
}

export const dialectOf = (world: World) => ({
  validated: offered(world, 'filter-validation'),
  emptyStrings: offered(world, 'empty-string-filtering'),
});

/** Neutron looks the marker of these up as if it were asked for, and takes no notice of any other that is not there. */
const refuseMarkers = new Set(['network', 'port', 'router']);

/** A row that was deleted since the last page still marks a place. @throws Fault 404 for an id that never was */
async function withKnownMarker(world: World, kind: string, page: Page): Promise<Page> {
  if (page.marker === undefined) return page;
  const sql = 'select 1 from resource where kind = $1 and id = $2 limit 1';
  const known = await world.database.many(sql, [kind, page.marker]);
  if (known.length > 0) return page;
  if (refuseMarkers.has(kind)) throw noSuch(kind, page.marker);
  return { ...page, marker: undefined };
}

/** What was last seen of one resource, for the time its site is silent; undefined where the caller may not see it. */
export async function lastSeen(world: World, asked: Asked, collection: Collection, id: string) {
  const visibility = await visibleTo(world.database, collection.kind, asked.caller);
  const own = condition('r.id = ?', id);
  const [row] = await listRows(world.database, {
    kind: collection.kind,
    where: [...notACopy(collection.kind), ...(visibility.where ? [visibility.where] : []), own],
    sort: [{ by: 'id', direction: 'asc' }],
    limit: 1,
  });
  const fields = fieldsOf(asked.query);
  return row && json(200, { [collection.key]: viewOf(row, asked.caller, visibility, fields) });
}
