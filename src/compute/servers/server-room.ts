/** The room that new servers need: on a host, and in storage for the volumes that are made with them. */
import { isObject } from '../../openstack/server/body.js';
import { allOf, type Need } from '../../placement/need.js';
import type { World } from '../../routing/world.js';

/** Undefined for a flavor nobody knows, which the site is to refuse. */
export async function roomFor(world: World, body: Record<string, unknown>): Promise<Need | undefined> {
  const server = body['server'];
  if (!isObject(server)) return undefined;
  const flavor = (await world.globals.find('flavor', String(server['flavorRef'])))?.body;
  if (!flavor) return undefined;
  const count = Math.max(1, Number(server['min_count'] ?? 1) || 1);
  const size = (field: string): number => Number(flavor[field] ?? 0) * count;
  const bootsFromImage = typeof server['imageRef'] === 'string' && server['imageRef'] !== '';
  const onHost = world.capacities.needOf({ ram: size('ram'), disk: bootsFromImage ? size('disk') : 0 });
  return allOf(onHost, await volumesOf(world, server, count));
}

/** Each volume that is made for a server; those that are there already have their room. */
async function volumesOf(world: World, server: Record<string, unknown>, count: number): Promise<Need[]> {
  const devices = Array.isArray(server['block_device_mapping_v2']) ? server['block_device_mapping_v2'] : [];
  const made = devices
    .filter(isObject)
    .filter((device) => device['destination_type'] === 'volume' && device['source_type'] !== 'volume');
  const { storage } = world.capacities;
  return Promise.all(
    made.map(async (device) => {
      const gib = (Number(device['volume_size'] ?? 0) || 0) * count;
      return storage.need(gib, await storage.typeNamed(device['volume_type']));
    }),
  );
}
