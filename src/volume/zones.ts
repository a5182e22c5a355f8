/** `GET /os-availability-zone`: each site is one. */
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../routing/world.js';
import { allZones } from '../routing/zones.js';

export function listZones(world: World): Answer {
  return async () => {
    const usable = new Set(
      world.sites
        .answering('volume')
        .filter((site) => site.capabilities.endpoints.volume)
        .map((site) => site.id),
    );
    const zones = await allZones(world);
    return json(200, {
      availabilityZoneInfo: zones.map(({ name, siteIds }) => ({
        zoneName: name,
        zoneState: { available: siteIds.some((id) => usable.has(id)) },
      })),
    });
  };
}
