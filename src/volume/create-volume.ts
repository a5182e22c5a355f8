/** `POST /volumes`: in which zone, how much room, and on what storage. */
import { isObject } from '../openstack/body.js';
import type { Answer } from '../openstack/route.js';
import type { Need } from '../placement/need.js';
import type { WantedType } from '../placement/storage.js';
import type { World } from '../routing/world.js';
import { create, zoneIn } from './create.js';
import { rowNamed } from './mirror/shadows.js';
import { volumeTypes } from './mirror/volume-types.js';
import { volumeReferences } from './references.js';

export const createVolume = (world: World): Answer =>
  create(world, 'volume', volumeReferences, { takeZone: zoneIn('volume'), need: (body) => roomFor(world, body) });

async function roomFor(world: World, body: Record<string, unknown>): Promise<Need | undefined> {
  const volume = body['volume'];
  if (!isObject(volume)) return undefined;
  const size = Number(volume['size'] ?? 0);
  return world.capacities.storage.need(size > 0 ? size : 0, await typeNamed(world, volume['volume_type']));
}

/** Undefined where none is named: what a project gets then is the site's matter. */
async function typeNamed(world: World, named: unknown): Promise<WantedType | undefined> {
  const row = typeof named === 'string' ? await rowNamed(world, volumeTypes.kind, named) : undefined;
  if (!row) return undefined;
  return { name: String(row.body['name']), specs: (row.body['extra_specs'] ?? {}) as Record<string, string> };
}
