/** `POST /servers`: which zone, how much room, and which site's words answer. */
import { isObject } from '../../openstack/body.js';
import type { Answer } from '../../openstack/route.js';
import { createIn } from '../../routing/create.js';
import type { World } from '../../routing/world.js';
import { promiseServers } from '../promises/promise-servers.js';
import { serverReferences } from '../references.js';
import { roomFor } from './server-room.js';

export function createServer(world: World): Answer {
  return createIn(world, 'server', {
    references: serverReferences,
    takeZone: takeServerZone(world),
    need: (body) => roomFor(world, body),
    later: promiseServers(world),
  });
}

/**
 * Zone `az`, or `az:host[:node]` of an administrator. The zone is ours and taken out; a host behind it is the site's own,
 * unless it is the site's name, which is how the cascade shows a site's one huge host.
 */
export const takeServerZone =
  (world: World) =>
  (body: Record<string, unknown>): string | undefined => {
    const server = body['server'];
    if (!isObject(server) || typeof server['availability_zone'] !== 'string' || server['availability_zone'] === '')
      return undefined;
    const [zone = '', host, node] = server['availability_zone'].split(':');
    delete server['availability_zone'];
    if (host && !world.sites.byName(host)) {
      // Nova takes a forced host only behind a zone, and does not check that the host is in it.
      server['availability_zone'] = ['nova', host, ...(node ? [node] : [])].join(':');
    }
    return host && world.sites.byName(host) ? host : zone;
  };
