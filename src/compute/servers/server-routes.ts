/** Servers and everything below one server. */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { consoleActionOr, showConsole } from '../../consoles/show-console.js';
import { passOne, passToOwner } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { createServer } from './create-server.js';
import { groupsOfServer } from './groups-of-server.js';
import { moveWithinSiteOr } from './host-actions.js';
import { listServers } from './list-servers.js';
import { actionReferences, attachmentReferences, interfaceReferences } from '../references.js';
import { stayPinnedOr } from './pinned-zone.js';
import { lastSeenServer } from './show-server.js';
import { unshelveHereOr } from './unshelve.js';

export function serverRoutes(world: World): Route[] {
  const one = passOne(world, 'server', 'server_id', { lastSeen: lastSeenServer(world) });
  const below = passToOwner(world, 'server', 'server_id');
  const id = '/servers/{server_id}';
  const sharesSince = { since: '2.97' } as const;
  return [
    route('GET /servers', 'reader', listServers(world, false)),
    route('GET /servers/detail', 'reader', listServers(world, true)),
    route('POST /servers', 'member', createServer(world)),
    route(`GET ${id}`, 'reader', one),
    route(`PUT ${id}`, 'member', stayPinnedOr(world, one)),
    route(`DELETE ${id}`, 'member', one),
    route(
      `POST ${id}/action`,
      'member',
      consoleActionOr(
        world,
        unshelveHereOr(
          world,
          moveWithinSiteOr(world, passToOwner(world, 'server', 'server_id', { references: actionReferences })),
        ),
      ),
    ),
    route(`POST ${id}/remote-consoles`, 'member', showConsole(world), { since: '2.6' }),

    ...['GET', 'POST', 'PUT'].map((method) =>
      route(`${method} ${id}/metadata`, method === 'GET' ? 'reader' : 'member', below),
    ),
    ...['GET', 'PUT', 'DELETE'].map((method) =>
      route(`${method} ${id}/metadata/{key}`, method === 'GET' ? 'reader' : 'member', below),
    ),
    ...['GET', 'PUT', 'DELETE'].map((method) =>
      route(`${method} ${id}/tags`, method === 'GET' ? 'reader' : 'member', below),
    ),
    ...['GET', 'PUT', 'DELETE'].map((method) =>
      route(`${method} ${id}/tags/{tag}`, method === 'GET' ? 'reader' : 'member', below),
    ),
    route(`GET ${id}/diagnostics`, 'reader', below),
    route(`GET ${id}/ips`, 'reader', below),
    route(`GET ${id}/ips/{network_label}`, 'reader', below),
    route(`GET ${id}/os-instance-actions`, 'reader', below),
    route(`GET ${id}/os-instance-actions/{request_id}`, 'reader', below),
    route(`GET ${id}/os-security-groups`, 'reader', groupsOfServer(world)),
    route(`GET ${id}/topology`, 'reader', below, { since: '2.78' }),
    route(`GET ${id}/os-server-password`, 'reader', below),
    route(`DELETE ${id}/os-server-password`, 'member', below),

    route(`GET ${id}/os-interface`, 'reader', below),
    route(
      `POST ${id}/os-interface`,
      'member',
      passToOwner(world, 'server', 'server_id', { references: interfaceReferences }),
    ),
    route(`GET ${id}/os-interface/{port_id}`, 'reader', below),
    route(`DELETE ${id}/os-interface/{port_id}`, 'member', below),
    route(`GET ${id}/os-volume_attachments`, 'reader', below),
    route(
      `POST ${id}/os-volume_attachments`,
      'member',
      passToOwner(world, 'server', 'server_id', { references: attachmentReferences }),
    ),
    route(`GET ${id}/os-volume_attachments/{volume_id}`, 'reader', below),
    route(
      `PUT ${id}/os-volume_attachments/{volume_id}`,
      // A service swaps the volume, a member changes what happens to it.
      'member or service',
      passToOwner(world, 'server', 'server_id', { references: attachmentReferences }),
    ),
    route(`DELETE ${id}/os-volume_attachments/{volume_id}`, 'member', below),
    route(`GET ${id}/shares`, 'reader', below, sharesSince),
    route(`POST ${id}/shares`, 'member', below, sharesSince),
    route(`GET ${id}/shares/{share_id}`, 'reader', below, sharesSince),
    route(`DELETE ${id}/shares/{share_id}`, 'member', below, sharesSince),

    route(`GET ${id}/migrations`, 'manager', below, { since: '2.23' }),
    route(`GET ${id}/migrations/{migration_id}`, 'admin', below, { since: '2.23' }),
    route(`POST ${id}/migrations/{migration_id}/action`, 'manager', below, { since: '2.22' }),
    route(`DELETE ${id}/migrations/{migration_id}`, 'manager', below, { since: '2.24' }),

    ...olderNames(world),
  ];
}

/** The older name of the same collection, with the same handlers in Nova. */
function olderNames(world: World): Route[] {
  const until = { until: '2.102' } as const;
  const shown = passOne(world, 'server', 'id', { lastSeen: lastSeenServer(world) });
  return [
    route('GET /os-volumes_boot', 'reader', listServers(world, false), until),
    route('GET /os-volumes_boot/detail', 'reader', listServers(world, true), until),
    route('POST /os-volumes_boot', 'member', createServer(world), until),
    route('GET /os-volumes_boot/{id}', 'reader', shown, until),
    route('DELETE /os-volumes_boot/{id}', 'member', passOne(world, 'server', 'id'), until),
  ];
}
