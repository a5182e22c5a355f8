/** `GET /servers` of one cloud. @see openstack/nova:nova/api/openstack/compute/servers.py _get_servers */
import { wantsAllTenants } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { limitOf, nextLink } from '@cascade/openstack-adapter/paging.js';
import type { Cloud } from '../cloud.js';
import { briefServer, serverBody } from './server-body.js';
import { serverTests } from './server-filters.js';
import { serverOrder } from './server-order.js';
import type { Server } from './server.js';

/** Nova's `osapi_max_limit`. */
const most = 1000;

export function listServers(cloud: Cloud, detailed: boolean): Answer {
  return async (asked) => {
    const projectId = projectAsked(asked);
    const limit = limitOf(asked, most);
    const { tests, since } = serverTests(cloud, asked);
    const page: Server[] = [];
    for (const server of limit === 0 ? [] : candidates(cloud, asked, projectId, since)) {
      if (projectId !== undefined && server.projectId !== projectId) continue;
      if (!tests.every((test) => test(server))) continue;
      page.push(server);
      if (page.length === limit) break;
    }
    const servers = page.map((server) =>
      detailed ? serverBody(cloud, asked, server, 'list') : briefServer(asked, server),
    );
    const last = page.at(-1);
    const next = last && page.length === limit ? nextLink(asked, last.id) : undefined;
    return json(200, { servers, ...(next ? { servers_links: [{ rel: 'next', href: next }] } : {}) });
  };
}

/** Whose servers are asked for; undefined for everybody's. @throws Fault 403 */
function projectAsked(asked: Asked): string | undefined {
  if (!wantsAllTenants(asked.query)) return asked.caller.projectId ?? '';
  if (asked.caller.isAdmin) return projectNamed(asked.query);
  throw new Fault('forbidden', "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed.");
}

function projectNamed(query: URLSearchParams): string | undefined {
  const named = query.get('project_id') ?? query.get('tenant_id');
  return named === null ? undefined : idAsKept(named);
}

/** In the asked order, behind the marker. @throws Fault 400 */
function candidates(
  cloud: Cloud,
  asked: Asked,
  projectId: string | undefined,
  since: number | undefined,
): Iterable<Server> {
  const marker = idAsKept(asked.query.get('marker') ?? '') || null;
  const order = serverOrder(asked);
  if (!order && since === undefined) {
    if (marker === null)
      return projectId === undefined ? cloud.servers.newestFirst() : cloud.servers.ofProject(projectId);
    return cloud.servers.behind(marker) ?? refuse(marker);
  }
  const all = since === undefined ? [...cloud.servers.newestFirst()] : cloud.servers.changedSince(since);
  all.sort(order ?? serverOrder.byDefault);
  if (marker === null) return all;
  const at = all.findIndex(({ id }) => id === marker);
  return at < 0 ? behindOneThatIsNotThere(cloud, marker, all, order ?? serverOrder.byDefault) : all.slice(at + 1);
}

/** The marker of a list of changes may have changed out of it meanwhile; its place in the order is still known. */
function behindOneThatIsNotThere(
  cloud: Cloud,
  marker: string,
  all: readonly Server[],
  order: (a: Server, b: Server) => number,
): Server[] {
  const server = cloud.servers.find(marker) ?? refuse(marker);
  return all.filter((other) => order(other, server) > 0);
}

function refuse(marker: string): never {
  throw new Fault('bad-request', `marker [${marker}] not found`);
}
