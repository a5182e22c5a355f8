/** Volumes. @see openstack/cinder:cinder/api/v3/volumes.py */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidVolume } from '@cascade/openstack-adapter/volume/refusals.js';
import { actOnVolume } from './actions.js';
import { bodyUnder, requireRow, textOrNone, wordsOf } from './asked.js';
import { createVolume } from './create-volume.js';
import { list } from './list.js';
import { listedVolumes } from './listed.js';
import { metadataRoutes } from './metadata.js';
import type { Volume } from './volume.js';
import type { Volumes } from './volumes.js';
import { volumeBody, volumeBrief, volumeShown } from './view.js';

const of = '/volumes/{volume_id}';

export function volumeCrud(volumes: Volumes): Route[] {
  const listed = listedVolumes(volumes);
  const body = (asked: Asked, volume: Volume) => volumeBody(volumes, asked, volume);
  const shown = (asked: Asked, volume: Volume) => volumeShown(volumes, asked, volume);
  const one = (asked: Asked): Volume => requireRow(volumes.volumes, 'Volume', asked, asked.params['volume_id']);
  return [
    route('GET /volumes', 'reader', list(listed, volumeBrief)),
    route('GET /volumes/detail', 'reader', list(listed, shown)),
    route('GET /volumes/summary', 'reader', async (asked) => json(200, { 'volume-summary': summary(volumes, asked) }), {
      since: '3.12',
    }),
    route('POST /volumes', 'member', async (asked) =>
      json(202, { volume: body(asked, await createVolume(volumes, asked)) }),
    ),
    route(`GET ${of}`, 'reader', async (asked) => json(200, { volume: shown(asked, one(asked)) })),
    route(`PUT ${of}`, 'member', async (asked) => {
      const volume = one(asked);
      const given = await bodyUnder(asked, 'volume');
      volumes.change(volume, {
        ...('name' in given || 'display_name' in given
          ? { name: textOrNone(given, 'name') ?? textOrNone(given, 'display_name') }
          : {}),
        ...('description' in given || 'display_description' in given
          ? { description: textOrNone(given, 'description') ?? textOrNone(given, 'display_description') }
          : {}),
        ...('metadata' in given ? { metadata: wordsOf(given['metadata']) } : {}),
      });
      return json(200, { volume: body(asked, volume) });
    }),
    route(`DELETE ${of}`, 'member', async (asked) => {
      removeVolume(volumes, one(asked), asked);
      return noContent(202);
    }),
    route(`POST ${of}/action`, 'member', (asked) => actOnVolume(volumes, asked)),
    route(`GET ${of}/encryption`, 'reader', async (asked) => {
      const encryption = volumes.types.get(one(asked).typeId)?.encryption;
      return json(200, encryption ? { encryption_key_id: null, ...encryption } : { encryption_key_id: null });
    }),
    ...metadataRoutes(of, { word: 'Volume', one, change: (volume, metadata) => volumes.change(volume, { metadata }) }),
  ];
}

const deletable = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'];

/** @throws Fault 400 for a volume that is attached or has snapshots */
function removeVolume(volumes: Volumes, volume: Volume, asked: Asked): void {
  const cascade = booleanWord(asked.query.get('cascade') ?? 'false') === true;
  const force = atLeast(asked.microversion, '3.23') && booleanWord(asked.query.get('force') ?? 'false') === true;
  const own = [...volumes.snapshots.values()].filter(({ volumeId }) => volumeId === volume.id);
  const isBusy = !deletable.includes(volume.status) || volume.attachments.some(({ status }) => status === 'attached');
  if ((isBusy && !force) || (own.length > 0 && !cascade)) {
    const allowed = deletable.join(' or ');
    throw invalidVolume(
      `Volume status must be ${allowed} and must not be migrating, attached, belong to a group, have snapshots or be disassociated from snapshots after volume transfer.`,
    );
  }
  for (const { id } of own) volumes.snapshots.delete(id);
  volumes.drop(volume);
}

function summary(volumes: Volumes, { caller, query, microversion }: Asked): Record<string, unknown> {
  const all = caller.isAdmin && booleanWord(query.get('all_tenants') ?? 'false') === true;
  const rows = [...volumes.volumes.values()].filter((volume) => all || volume.projectId === caller.projectId);
  const metadata: Record<string, string[]> = {};
  for (const [key, value] of rows.flatMap((volume) => Object.entries(volume.metadata))) {
    metadata[key] = [...new Set([...(metadata[key] ?? []), value])];
  }
  const size = rows.reduce((total, volume) => total + volume.size, 0);
  return { total_count: rows.length, total_size: size, ...(atLeast(microversion, '3.36') ? { metadata } : {}) };
}
