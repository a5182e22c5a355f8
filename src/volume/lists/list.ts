/** Lists of volumes, snapshots and backups, over all sites, from the inventory. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { filtersAsked } from '@cascade/openstack-protocol/volume/cinder-filters.js';
import { sortColumn, type CinderList } from '@cascade/openstack-protocol/volume/cinder-lists.js';
import { nextPage, pageAsked, sortAsked, sortKeys } from '@cascade/openstack-protocol/volume/cinder-paging.js';
import { countRows, listRows } from '../../resources/query.js';
import { kindNamed, type World } from '../../routing/world.js';
import { conditionOf } from './conditions.js';
import { views } from './views.js';
import { condition, type Condition } from '../../resources/list-query.js';

export function listFromInventory(world: World, listed: CinderList, detailed: boolean): Answer {
  const { keys } = kindNamed(world, listed.kind);
  const view = views[listed.kind][detailed ? 'detailed' : 'brief'];
  return async (asked) => {
    const page = pageAsked(asked);
    const sort = sortKeys(sortAsked(asked.query), listed.relationships, (key) => factOf(asked, listed, key));
    const { filters, allTenants, withCount } = filtersAsked(asked, listed);
    const siteNames = new Set(world.sites.all().map((site) => site.name));
    const conditions = filters.map((filter) => conditionOf(filter, listed.kind, { siteNames }));
    const where = [...ownership(asked, listed, allTenants), ...conditions];
    await world.freshness.catchUp(kindNamed(world, listed.kind), allTenants ? undefined : asked.caller.projectId);
    if (page.marker !== undefined) await requireMarker(world, asked, listed, page.marker, allTenants);
    const count = withCount ? await countRows(world.database, listed.kind, where) : undefined;
    const rows = await listRows(world.database, { kind: listed.kind, where, sort, ...page });
    const links = nextPage(asked, page, rows.length, rows.at(-1)?.id, count);
    return json(200, {
      [keys]: rows.map((row) => view(asked, row)),
      ...(links.length > 0 ? { [`${keys}_links`]: links } : {}),
      ...(count === undefined ? {} : { count }),
    });
  };
}

function ownership(asked: Asked, listed: CinderList, allTenants: boolean): Condition[] {
  const own = allTenants ? [] : [condition('r.project_id = ?', asked.caller.projectId ?? '')];
  if (asked.caller.isAdmin || listed.kind !== 'volume') return own;
  // The volume that a migration fills is nobody's business but the operator's.
  return [...own, condition(`coalesce(r.facts->>'migration_status', '') not like 'target:%'`)];
}

function factOf(asked: Asked, listed: CinderList, key: string): string | undefined {
  const column = sortColumn(asked, listed, key);
  return column === 'updated_at' ? 'changed_at' : column;
}

async function requireMarker(world: World, asked: Asked, listed: CinderList, id: string, all: boolean): Promise<void> {
  const row = await world.inventory.find(listed.kind, id);
  const seen = row && (all || asked.caller.isAdmin || row.project_id === asked.caller.projectId);
  if (!seen) throw new Fault('not-found', `${listed.word} ${id} could not be found.`);
}
