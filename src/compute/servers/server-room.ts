/** The room that new servers need: on a host, and in storage for the volumes that are made with them. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { allOf, type Need } from '../../placement/need.js';
import { wantedType } from '../../placement/storage-room.js';
import { globalBody, type LocatedReference } from '../../routing/locate.js';
import type { World } from '../../routing/world.js';

/** Undefined for a flavor nobody knows, which the site is to refuse. */
export function roomFor(
  world: World,
  body: Record<string, unknown>,
  references: readonly LocatedReference[],
): Need | undefined {
  const server = body['server'];
  if (!isObject(server)) return undefined;
  const flavor = globalBody(references, 'flavor', server['flavorRef']);
  if (!flavor) return undefined;
  const count = Math.max(1, Number(server['min_count'] ?? 1) || 1);
  const size = (field: string): number => Number(flavor[field] ?? 0) * count;
  const bootsFromImage = typeof server['imageRef'] === 'string' && server['imageRef'] !== '';
  const onHost = onHosts(world, { ram: size('ram'), disk: bootsFromImage ? size('disk') : 0 });
  return allOf(onHost, volumesOf(world, server, references, count));
}

/** A new server goes only where there is room for it. RAM in MiB, disk in GiB. */
function onHosts({ capacities: { hosts } }: World, { ram, disk }: { ram: number; disk: number }): Need {
  return {
    fits: (site) => {
      const room = hosts.of(site);
      return !room || (room.free_ram_mb >= ram && room.free_disk_gb >= disk);
    },
    free: (site) => hosts.of(site)?.free_ram_mb ?? 0,
    isBinding: true,
  };
}

/** Each volume that is made for a server; those that are there already have their room. */
function volumesOf(
  world: World,
  server: Record<string, unknown>,
  references: readonly LocatedReference[],
  count: number,
): Need[] {
  const devices = Array.isArray(server['block_device_mapping_v2']) ? server['block_device_mapping_v2'] : [];
  const made = devices
    .filter(isObject)
    .filter((device) => device['destination_type'] === 'volume' && device['source_type'] !== 'volume');
  const { storage } = world.capacities;
  return made.map((device) => {
    const gib = (Number(device['volume_size'] ?? 0) || 0) * count;
    return storage.need(gib, wantedType(globalBody(references, 'volume_type', device['volume_type'])));
  });
}
