/** Servers themselves. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { route, type Answer, type Route } from '@cascade/openstack-protocol/server/route.js';
import { updateSchema } from '@cascade/openstack-adapter/compute/server-schemas.js';
import type { Cloud } from '../cloud.js';
import { actOnServer } from '../actions/actions.js';
import { requireUnlocked, serverAsked } from './asked-server.js';
import { createServer } from './create-server.js';
import { deleteServer } from './delete-server.js';
import { listServers } from './list-servers.js';
import { serverBody } from './server-body.js';
import type { Server } from './server.js';

export function serverRoutes(cloud: Cloud): Route[] {
  const show: Answer = async (asked) =>
    json(200, { server: serverBody(cloud, asked, serverAsked(cloud, asked), 'one') });
  return [
    route('GET /servers', 'reader', listServers(cloud, false)),
    route('GET /servers/detail', 'reader', listServers(cloud, true)),
    route('POST /servers', 'member', createServer(cloud)),
    route('GET /servers/{id}', 'reader', show),
    route('PUT /servers/{id}', 'member', updateServer(cloud)),
    route('DELETE /servers/{id}', 'member', deleteServer(cloud)),
    route('POST /servers/{id}/action', 'member', actOnServer(cloud)),
    // The older name of the same collection, with the same handlers in Nova.
    route('GET /os-volumes_boot', 'reader', listServers(cloud, false), { until: '2.102' }),
    route('GET /os-volumes_boot/detail', 'reader', listServers(cloud, true), { until: '2.102' }),
    route('POST /os-volumes_boot', 'member', createServer(cloud), { until: '2.102' }),
    route('GET /os-volumes_boot/{id}', 'reader', show, { until: '2.102' }),
    route('DELETE /os-volumes_boot/{id}', 'member', deleteServer(cloud), { until: '2.102' }),
  ];
}

const checks = {
  old: bodyCheck(updateSchema(1)),
  described: bodyCheck(updateSchema(19)),
  named: bodyCheck(updateSchema(90)),
  inDomain: bodyCheck(updateSchema(94)),
  pinned: bodyCheck(updateSchema(104)),
};

interface Update {
  readonly name?: string;
  readonly description?: string | null;
  readonly accessIPv4?: string;
  readonly accessIPv6?: string;
  readonly hostname?: string;
  readonly pinned_availability_zone?: string | null;
  readonly 'OS-DCF:diskConfig'?: 'AUTO' | 'MANUAL';
}

function checkFor(since: (floor: string) => boolean): ReturnType<typeof bodyCheck> {
  if (since('2.104')) return checks.pinned;
  if (since('2.94')) return checks.inDomain;
  return since('2.90') ? checks.named : since('2.19') ? checks.described : checks.old;
}

/** @throws Fault 409 */
function requirePinnable(cloud: Cloud, { pinnedZone = null }: Server, wanted: string | null): void {
  if (wanted === null || wanted === pinnedZone) return;
  if (pinnedZone !== null) {
    const words =
      'Cannot change pinned availability zone directly. Unpin first by setting pinned_availability_zone to null.';
    throw new Fault('conflict', words);
  }
  if (wanted !== cloud.zone) {
    const words = `Server can only be pinned to its current availability zone '${cloud.zone}', but '${wanted}' was requested.`;
    throw new Fault('conflict', words);
  }
}

function updateServer(cloud: Cloud): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    const since = (floor: string): boolean => atLeast(asked.microversion, floor);
    checkFor(since)(body);
    const { name, 'OS-DCF:diskConfig': diskConfig, pinned_availability_zone: zone, ...rest } = body['server'] as Update;
    const server = serverAsked(cloud, asked);
    requireUnlocked(asked, server);
    if (zone !== undefined) requirePinnable(cloud, server, zone);
    const changes: Partial<Server> = {
      ...rest,
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(zone === undefined ? {} : { pinnedZone: zone }),
      ...(diskConfig === undefined ? {} : { diskConfig }),
    };
    const changed = cloud.servers.change(server.id, changes) ?? server;
    return json(200, { server: serverBody(cloud, asked, changed, 'changed') });
  };
}
