/** What Cinder could take under its management at a host. Both names since 3.8, the older ones always. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { refs } from '../../resources/references.js';
import type { Site } from '../../sites/site.js';
import type { World } from '../../routing/world.js';
import { create } from '../create.js';
import { snapshotReferences } from '../references.js';
import { listAtHosts } from './at-hosts.js';
import { hostNamed, siteWithHost } from './hosts.js';

export function manageRoutes(world: World): Route[] {
  const ofOne = { hosts: ['host', 'cluster'], isOfOne: true };
  const volumes = listAtHosts(world, { keys: ['manageable-volumes'], ...ofOne });
  const snapshots = listAtHosts(world, { keys: ['manageable-snapshots'], ...ofOne });
  const manageVolume = create(world, 'volume', refs('volume_type', 'volume.volume_type'), {
    takeZone: hostAsZone(world),
  });
  const manageSnapshot = create(world, 'snapshot', snapshotReferences);
  return [
    { volumePath: '/os-volume-manage', snapshotPath: '/os-snapshot-manage', range: {} },
    { volumePath: '/manageable_volumes', snapshotPath: '/manageable_snapshots', range: { since: '3.8' } },
  ].flatMap(({ volumePath, snapshotPath, range }) => [
    route(`GET ${volumePath}`, 'admin', volumes, range),
    route(`GET ${volumePath}/detail`, 'admin', volumes, range),
    route(`POST ${volumePath}`, 'admin', manageVolume, range),
    route(`GET ${snapshotPath}`, 'admin', snapshots, range),
    route(`GET ${snapshotPath}/detail`, 'admin', snapshots, range),
    route(`POST ${snapshotPath}`, 'admin', manageSnapshot, range),
  ]);
}

/** A volume that is there already is in the zone of its host. @throws Fault 400 where the body names another */
const hostAsZone =
  (world: World) =>
  async (body: Record<string, unknown>): Promise<string | undefined> => {
    const volume = body['volume'];
    if (!isObject(volume)) return undefined;
    for (const key of ['host', 'cluster']) {
      if (typeof volume[key] !== 'string') continue;
      const { site: named, host } = hostNamed(world, volume[key]);
      // A zone in the body says whose host it is.
      const site = named ?? (await siteOfOwn(world, volume[key], volume['availability_zone']));
      if (!site) continue;
      const zone = volume['availability_zone'] ?? site.name;
      if (typeof zone === 'string' && zone !== site.name) {
        const words = `${volume[key]} is in availability zone ${site.name}, but availability zone ${zone} was asked for.`;
        throw new Fault('bad-request', words);
      }
      if (zone === site.name) delete volume['availability_zone'];
      volume[key] = host || volume[key];
      return site.name;
    }
    return undefined;
  };

const siteOfOwn = async (world: World, host: string, zone: unknown): Promise<Site | undefined> =>
  typeof zone === 'string' ? world.sites.byName(zone) : siteWithHost(world, host);
