/** Reads and writes of what every site's Cinder holds alike, through the one that speaks. */
import type { Asked, Answer } from '@cascade/openstack-protocol/server/route.js';
import { readGlobal, writeGlobal, type GlobalWrite } from '../../globals/write.js';
import type { SpeakerChoice } from '../../globals/speaker.js';
import type { World } from '../../routing/world.js';
import { volumeLock } from './cinder-requests.js';
import { zoneTranslation } from './zone-spec.js';

/** Names of the kinds, of which the speaker should lack nothing. */
export const cinderKinds: readonly string[] = [
  'volume_qos_specs',
  'volume_type',
  'volume_group_type',
  'volume_default_type',
  'volume_quota',
  'volume_quota_class',
];

/** What a write changed, by its response. */
export type Changed = GlobalWrite['changed'];

export const readCinder = (world: World): Answer =>
  readGlobal(world, { service: 'volume', speaker: () => ({ kinds: cinderKinds }), translation: zoneTranslation });

interface CinderWrite extends Pick<GlobalWrite, 'before' | 'changed'> {
  /** The volume type that a request is about. */
  readonly typeOf?: (asked: Asked) => string | undefined;
}

export const writeCinder = (world: World, { typeOf, ...write }: CinderWrite): Answer =>
  writeGlobal(world, {
    service: 'volume',
    lock: () => volumeLock,
    speaker: async (asked): Promise<SpeakerChoice> => {
      const typeId = typeOf?.(asked);
      // A site that has volumes of it speaks first: it alone knows that a type in use must not be changed.
      return { kinds: cinderKinds, ...(typeId === undefined ? {} : { first: await sitesUsing(world, typeId) }) };
    },
    ...write,
    translation: zoneTranslation,
  });

async function sitesUsing(world: World, typeId: string): Promise<Set<number>> {
  const rows = await world.database.many<{ site_id: number }>(
    `select distinct site_id from resource
      where kind = 'volume' and deleted_at is null and facts->>'volume_type_id' = $1`,
    [typeId],
  );
  return new Set(rows.map((row) => row.site_id));
}
