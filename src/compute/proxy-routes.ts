/** Nova's proxies for other services, up to 2.35: each site's Nova still has them, so they are routed like anything else. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { refs } from '../resources/references.js';
import { createAtHome } from '../routing/any-site.js';
import { createIn } from '../routing/create.js';
import { mergeLists } from '../routing/merge.js';
import { passToOwner } from '../routing/pass.js';
import type { World } from '../routing/world.js';
import { securityGroupProxies } from './security-group-proxies.js';

const until = { until: '2.35' } as const;
/** Image metadata lived on a little longer. */
const untilMetadata = { until: '2.38' } as const;

export function proxyRoutes(world: World): Route[] {
  const image = passToOwner(world, 'image', 'image_id');
  const volume = passToOwner(world, 'volume', 'volume_id');
  const snapshot = passToOwner(world, 'snapshot', 'snapshot_id');
  const network = passToOwner(world, 'network', 'network_id');
  const floatingIp = passToOwner(world, 'floating_ip', 'floating_ip_id');
  const zoneOf = (body: Record<string, unknown>): string | undefined => {
    const volumeBody = body['volume'];
    const zone = isObject(volumeBody) ? volumeBody['availability_zone'] : undefined;
    // What is no name is the site's to refuse.
    if (!isObject(volumeBody) || typeof zone !== 'string' || zone === '') return undefined;
    delete volumeBody['availability_zone'];
    return zone;
  };
  return [
    route('GET /images', 'reader', mergeLists(world, 'images', 'marker'), until),
    route('GET /images/detail', 'reader', mergeLists(world, 'images', 'marker'), until),
    route('GET /images/{image_id}', 'reader', image, until),
    route('DELETE /images/{image_id}', 'member', image, until),
    ...['GET', 'POST', 'PUT'].map((method) =>
      route(`${method} /images/{image_id}/metadata`, method === 'GET' ? 'reader' : 'member', image, untilMetadata),
    ),
    ...['GET', 'PUT', 'DELETE'].map((method) =>
      route(
        `${method} /images/{image_id}/metadata/{key}`,
        method === 'GET' ? 'reader' : 'member',
        image,
        untilMetadata,
      ),
    ),

    route('GET /os-volumes', 'reader', mergeLists(world, 'volumes', 'offset'), until),
    route('GET /os-volumes/detail', 'reader', mergeLists(world, 'volumes', 'offset'), until),
    route(
      'POST /os-volumes',
      'member',
      createIn(world, 'volume', {
        references: [...refs('snapshot', 'volume.snapshot_id'), ...refs('volume_type', 'volume.volume_type')],
        takeZone: zoneOf,
        remember: false,
      }),
      until,
    ),
    route('GET /os-volumes/{volume_id}', 'reader', volume, until),
    route('DELETE /os-volumes/{volume_id}', 'member', volume, until),
    route('GET /os-snapshots', 'reader', mergeLists(world, 'snapshots', 'offset'), until),
    route('GET /os-snapshots/detail', 'reader', mergeLists(world, 'snapshots', 'offset'), until),
    route(
      'POST /os-snapshots',
      'member',
      createIn(world, 'snapshot', { references: refs('volume', 'snapshot.volume_id'), remember: false }),
      until,
    ),
    route('GET /os-snapshots/{snapshot_id}', 'reader', snapshot, until),
    route('DELETE /os-snapshots/{snapshot_id}', 'member', snapshot, until),

    route('GET /os-networks', 'reader', mergeLists(world, 'networks'), until),
    route('POST /os-networks', 'admin', createAtHome(world, 'network'), until),
    route('GET /os-networks/{network_id}', 'reader', network, until),
    route('DELETE /os-networks/{network_id}', 'admin', network, until),
    route('GET /os-tenant-networks', 'reader', mergeLists(world, 'networks'), until),
    route('POST /os-tenant-networks', 'member', createAtHome(world, 'network'), until),
    route('GET /os-tenant-networks/{network_id}', 'reader', network, until),
    route('DELETE /os-tenant-networks/{network_id}', 'member', network, until),

    route('GET /os-floating-ip-pools', 'reader', mergeLists(world, 'floating_ip_pools'), until),
    route('GET /os-floating-ips', 'reader', mergeLists(world, 'floating_ips'), until),
    route('POST /os-floating-ips', 'member', createFloatingIp(world), until),
    route('GET /os-floating-ips/{floating_ip_id}', 'reader', floatingIp, until),
    route('DELETE /os-floating-ips/{floating_ip_id}', 'member', floatingIp, until),
    ...securityGroupProxies(world),
  ];
}

/** A pool is an external network, by name or id: its site has the address. */
const createFloatingIp = (world: World) =>
  createIn(world, 'floating_ip', { references: refs('network', 'pool'), remember: false });
