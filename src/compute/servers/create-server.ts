/** `POST /servers`: which zone, how much room, and which site's words answer. */
import { isObject } from '../../openstack/body.js';
import type { Answer } from '../../openstack/route.js';
import type { Need } from '../../placement/placement.js';
import { createIn } from '../../routing/create.js';
import type { World } from '../../routing/world.js';
import { promiseServers } from '../promises/promise-servers.js';
import { serverReferences } from '../references.js';

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

/** What the flavor asks for, times the number of servers. Volumes bring their own disk. */
async function roomFor(world: World, body: Record<string, unknown>): Promise<Need | undefined> {
  const server = body['server'];
  if (!isObject(server)) return undefined;
  const flavor = (await world.globals.find('flavor', String(server['flavorRef'])))?.body;
  if (!flavor) return undefined;
  const count = Math.max(1, Number(server['min_count'] ?? 1) || 1);
  const size = (field: string): number => Number(flavor[field] ?? 0) * count;
  const bootsFromImage = typeof server['imageRef'] === 'string' && server['imageRef'] !== '';
  return { vcpus: size('vcpus'), ram: size('ram'), disk: bootsFromImage ? size('disk') : 0 };
}
