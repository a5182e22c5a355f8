/** `POST /volumes`: in which zone, how much room, and on what storage. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Need } from '../../placement/need.js';
import { wantedType } from '../../placement/storage-room.js';
import { globalBody, type LocatedReference } from '../../routing/locate.js';
import type { World } from '../../routing/world.js';
import { create, zoneIn } from '../create.js';
import { addVolumePlaceholder } from '../placeholders/add-volume-placeholder.js';
import { volumeReferences } from '../references.js';

export const createVolume = (world: World): Answer =>
  create(world, 'volume', volumeReferences, {
    takeZone: zoneIn('volume'),
    need: (body, references, asked) => roomFor(world, body, references, asked),
    defer: addVolumePlaceholder(world),
  });

/** What a volume is made from gives it its type too. */
const sources = ['snapshot_id', 'source_volid', 'backup_id'];

async function roomFor(
  world: World,
  body: Record<string, unknown>,
  references: readonly LocatedReference[],
  { caller }: Asked,
): Promise<Need | undefined> {
  const volume = body['volume'];
  if (!isObject(volume)) return undefined;
  const { storage } = world.capacities;
  const size = Number(volume['size'] ?? 0);
  const isNew = !sources.some((source) => volume[source]);
  const type = wantedType(globalBody(references, 'volume_type', volume['volume_type']));
  return storage.need(size > 0 ? size : 0, type ?? (isNew ? await storage.defaultTypeOf(caller.projectId) : undefined));
}
