/** `GET /servers` and `GET /servers/detail`, over all sites, from the inventory. */
import { wantsAllTenants } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { listColumns } from '../../resources/query.js';
import type { GlobalRow } from '../../resources/global.js';
import { nextLink, pageLimit } from '../../routing/paging.js';
import { kindNamed, type World } from '../../routing/world.js';
import { speaks } from '../../sites/site.js';
import { namedFlavor, NamedFlavors } from './named-flavors.js';
import { serverConditions } from './server-conditions.js';
import { briefPage, detailedPage, type IsSilent, type ServerPage } from './server-pages.js';
import { serverSort } from './server-sort.js';
import { condition, type ListQuery } from '../../resources/list-query.js';

export function listServers(world: World, detailed: boolean): Answer {
  return async (asked) => {
    const projectId = projectAsked(asked, detailed);
    const flavors = asked.query.has('flavor')
      ? await namedFlavors(world)
      : detailed
        ? await flavorsShown(world, asked)
        : noFlavors;
    const { where, withDeleted } = serverConditions(
      asked,
      { flavors, sites: world.sites.all() },
      projectId !== undefined,
    );
    const limit = pageLimit(asked);
    const query: ListQuery = {
      kind: 'server',
      where: projectId === undefined ? where : [condition('r.project_id = ?', projectId), ...where],
      sort: serverSort(asked),
      limit,
      // An empty one is none. @see openstack/nova:nova/compute/instance_list.py
      marker: idAsKept(asked.query.get('marker') ?? '') || undefined,
      withDeleted,
    };
    await world.freshness.catchUp(kindNamed(world, 'server'), projectId);
    const isSilent = silence(world);
    const page = detailed
      ? detailedPage(asked, await listColumns(world.database, query, 'r.site_id, r.body'), isSilent, flavors)
      : briefPage(asked, await listColumns(world.database, query, 'r.id, r.name, r.site_id'), isSilent);
    return answer(page, page.count === limit && page.lastId !== undefined ? nextLink(asked, page.lastId) : undefined);
  };
}

function answer({ text }: ServerPage, next: string | undefined): OpenStackResponse {
  const links = next === undefined ? '' : `,"servers_links":${JSON.stringify([{ rel: 'next', href: next }])}`;
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`{"servers":[${text}]${links}}`),
  };
}

/** Which sites do not answer, as it was when the list was asked for. */
function silence(world: World): IsSilent {
  const silent = new Set(world.sites.all().flatMap((site) => (site.health('compute').reachable ? [] : site.id)));
  return (siteId) => silent.has(siteId) || !world.sites.byId(siteId);
}

const noFlavors = new NamedFlavors();

/** The flavors that servers are shown with: before 2.47 by id, then as they were when the server was made. */
export const flavorsShown = async (world: World, asked: Asked): Promise<NamedFlavors> =>
  atLeast(asked.microversion, '2.47') && !areOld(world) ? noFlavors : namedFlavors(world);

/** True where there are sites that tell the id of a server's flavor alone. */
const areOld = (world: World): boolean => world.sites.all().some((site) => !speaks(site, 'compute', '2.47'));

async function namedFlavors(world: World): Promise<NamedFlavors> {
  const rows = await world.database.many<Pick<GlobalRow, 'id' | 'body' | 'deleted_at'>>(
    `select id, body - 'access' as body, deleted_at
       from global_resource where kind = 'flavor' and body ? 'name'`,
  );
  return new NamedFlavors(rows.map(namedFlavor), areOld(world));
}

/** The project whose servers are asked for; undefined for all. @throws Fault 400, 403 for a tenant who asks for all */
function projectAsked(asked: Asked, detailed: boolean): string | undefined {
  if (!wantsAllTenants(asked.query)) return asked.caller.projectId ?? '';
  if (!asked.caller.isAdmin) {
    const rule = `os_compute_api:servers:${detailed ? 'detail' : 'index'}:get_all_tenants`;
    throw new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);
  }
  const named = asked.query.get('project_id') ?? asked.query.get('tenant_id');
  return named === null ? undefined : idAsKept(named);
}
