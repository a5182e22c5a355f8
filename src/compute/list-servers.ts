/** `GET /servers` and `GET /servers/detail`, over all sites, from the inventory. */
import { Fault } from '../openstack/faults.js';
import { json } from '../openstack/message.js';
import { atLeast } from '../openstack/microversion.js';
import type { Answer, Asked } from '../openstack/route.js';
import type { Row } from '../resources/inventory.js';
import type { Body } from '../resources/kind.js';
import { condition, listRows } from '../resources/query.js';
import { nextLink, pageLimit } from '../routing/paging.js';
import { kindNamed, type World } from '../routing/world.js';
import { serverConditions, serverSort } from './server-filters.js';
import { briefServer, detailedServer, unknownServer, type FlavorIds } from './server-view.js';

export function listServers(world: World, detailed: boolean): Answer {
  return async (asked) => {
    const projectId = projectAsked(asked, detailed);
    const flavors = await flavorIds(world);
    const { where, withDeleted } = serverConditions(asked, flavors);
    const limit = pageLimit(asked);
    await world.freshness.catchUp(kindNamed(world, 'server'), projectId);
    const rows = await listRows(world.database, {
      kind: 'server',
      where: projectId ? [condition('r.project_id = ?', projectId), ...where] : where,
      sort: serverSort(asked),
      limit,
      marker: asked.query.get('marker') ?? undefined,
      withDeleted,
    });
    const servers = rows.map((row) => viewOf(world, asked, row, detailed, flavors));
    const next = rows.length === limit && limit > 0 ? nextLink(asked, rows.at(-1)!.id) : undefined;
    return json(200, { servers, ...(next ? { servers_links: [{ rel: 'next', href: next }] } : {}) });
  };
}

/** Names of flavors that servers carry since 2.47, with their ids; flavors deleted meanwhile too. */
export async function flavorIds(world: World): Promise<FlavorIds> {
  const rows = await world.database.many<{ id: string; name: string }>(
    `select id, body->>'name' as name from global_resource where kind = 'flavor' order by deleted_at nulls last`,
  );
  const ids = new Map<string, string>();
  for (const { id, name } of rows) if (!ids.has(name)) ids.set(name, id);
  return ids;
}

function viewOf(world: World, asked: Asked, row: Row, detailed: boolean, flavors: FlavorIds): Body {
  const reachable = world.sites.byId(row.site_id)?.health('compute').reachable;
  if (!reachable && atLeast(asked.microversion, '2.69')) return unknownServer(asked, row, detailed);
  return detailed ? detailedServer(asked, row, flavors) : briefServer(asked, row);
}

/** The project whose servers are asked for; undefined for all. @throws Fault 403 for a tenant who asks for all */
function projectAsked(asked: Asked, detailed: boolean): string | undefined {
  const all = asked.query.get('all_tenants');
  const wantsAll = all !== null && !/^(0|f|false|off|n|no)$/i.test(all);
  if (!wantsAll) return asked.caller.projectId ?? '';
  if (!asked.caller.isAdmin) {
    const rule = `os_compute_api:servers:${detailed ? 'detail' : 'index'}:get_all_tenants`;
    throw new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);
  }
  return asked.query.get('project_id') ?? asked.query.get('tenant_id') ?? undefined;
}
