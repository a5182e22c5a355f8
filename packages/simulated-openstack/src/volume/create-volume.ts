/** `POST /volumes`. @see openstack/cinder:cinder/api/v3/volumes.py create, cinder/volume/flows/api/create_volume.py */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { hintsKey, hintsSchema } from '@cascade/openstack-adapter/volume/hints.js';
import { invalidInput } from '@cascade/openstack-adapter/volume/refusals.js';
import { dictionaryAt, requireRow, sizeOf, textOrNone, wordsOf } from './asked.js';
import { imageMetadataOf } from './image-metadata.js';
import { isFitting } from './scheduler.js';
import { typeFor } from './types.js';
import type { Backup, Snapshot, Volume } from './volume.js';
import type { Volumes } from './volumes.js';

const checkHints = bodyCheck(hintsSchema);

/** The order is Cinder's: what is named must be there, then comes the size, and then what the size must be. */
export async function createVolume(volumes: Volumes, asked: Asked): Promise<Volume> {
  const body = await asked.readJson();
  const given = dictionaryAt(body, 'volume');
  const { [hintsKey]: hints } = body;
  if (hints !== undefined && hints !== null) checkHints({ [hintsKey]: hints });
  const { caller } = asked;
  const described = {
    name: textOrNone(given, 'name') ?? textOrNone(given, 'display_name'),
    description: textOrNone(given, 'description') ?? textOrNone(given, 'display_description'),
    metadata: wordsOf(given['metadata']),
  };
  const named = given['volume_type'] || null;
  const type = named === null ? undefined : typeFor(volumes, caller, String(named));
  const sources = sourcesOf(volumes, asked, given);
  const groupId = groupOf(volumes, asked, given);
  if (booleanWord(String(given['multiattach'] ?? 'false')) === true) throw new Fault('bad-request', noMultiattach);
  const asksSize = given['size'] !== undefined && given['size'] !== null;
  const size = asksSize ? sizeOf(given['size'], 'size') : sources.find((one) => one.size !== undefined)?.size;
  // Cinder counts with a size that is not there.
  if (size === undefined) throw new Fault('bad-request', malformed);
  if (sources.length > 1) throw invalidInput('May specify only one of backup, imageRef, snapshot, source volume');
  const [source = nothing] = sources;
  source.check(size);
  requireZone(volumes, given);
  const typeId = type?.id ?? source.fields.typeId;
  const specs = volumes.types.get(typeId ?? volumes.defaultTypeOf(caller.projectId ?? ''))?.extraSpecs ?? {};
  return schedule(volumes, asked, {
    projectId: caller.projectId ?? '',
    userId: caller.userId,
    size,
    ...described,
    groupId,
    multiattach: specs['multiattach'] === '<is> True',
    ...source.fields,
    ...(typeId === undefined ? {} : { typeId }),
  });
}

const malformed = 'The server could not comply with the request since it is either malformed or otherwise incorrect.';
const noMultiattach =
  'multiattach parameter has been removed. The default behavior is to use multiattach enabled volume types. ' +
  'Contact your administrator to create a multiattach enabled volume type and use it to create multiattach volumes.';

/** @throws Fault 400 */
function requireZone({ zone: own }: Volumes, given: Record<string, unknown>): void {
  const zone = textOrNone(given, 'availability_zone');
  if (zone !== null && zone !== own) throw new Fault('bad-request', `Availability zone '${zone}' is invalid.`);
}

/** What no backend fits is made all the same, and in error with a message that tells why. */
function schedule(volumes: Volumes, { requestId }: Asked, fields: Parameters<Volumes['add']>[0]): Volume {
  const { projectId, size, typeId = volumes.defaultTypeOf(projectId) } = fields;
  if (isFitting(volumes, typeId, size)) return volumes.add(fields);
  const volume = volumes.add(fields, 'error');
  const told = { projectId, volumeId: volume.id, requestId };
  volumes.messages.tell(told, 'schedule allocate volume', 'Could not find any available weighted backend.');
  return volume;
}

/** Since 3.13 a volume may be made in a group. @throws Fault 404 */
function groupOf(volumes: Volumes, asked: Asked, given: Record<string, unknown>): string | null {
  const id = atLeast(asked.microversion, '3.13') ? textOrNone(given, 'group_id') : null;
  return id === null ? null : requireRow(volumes.groups, 'Group', asked, id).id;
}

interface Source {
  /** GiB, for a volume whose size is not given; an image says only how small one may be. */
  readonly size?: number;
  readonly fields: Partial<Volume>;
  /** @throws Fault 400 where nothing can be made of it now, or of that size */
  check(size: number): void;
}

const nothing: Source = { fields: {}, check: () => undefined };

/** What a volume could begin with; all that is named must be there. @throws Fault 400, 404 */
function sourcesOf(volumes: Volumes, asked: Asked, given: Record<string, unknown>): Source[] {
  const { snapshot_id: snapshotId, source_volid: sourceId } = given;
  const imageId = given['imageRef'] || given['image_id'];
  const backupId = atLeast(asked.microversion, '3.47') ? given['backup_id'] : undefined;
  return [
    ...(snapshotId ? [ofSnapshot(volumes, requireRow(volumes.snapshots, 'Snapshot', asked, snapshotId))] : []),
    ...(sourceId ? [ofVolume(requireRow(volumes.volumes, 'Volume', asked, sourceId))] : []),
    ...(imageId ? [ofImage(volumes, asked.caller, String(imageId))] : []),
    ...(backupId ? [ofBackup(volumes, requireRow(volumes.backups, 'Backup', asked, backupId))] : []),
  ];
}

const ofSnapshot = (volumes: Volumes, { id, status, size: own, volumeId }: Snapshot): Source => ({
  size: own,
  fields: { ...inherited(volumes.volumes.get(volumeId)), snapshotId: id },
  check(size) {
    requireStatus('snapshot', 'snapshot', status, ['available']);
    if (size < own) {
      throw invalidInput(
        `Volume size '${size}'GB cannot be smaller than the snapshot size ${own}GB. They must be >= original snapshot size.`,
      );
    }
  },
});

const ofVolume = (source: Volume): Source => ({
  size: source.size,
  fields: { ...inherited(source), sourceId: source.id },
  check(size) {
    requireStatus('volume', 'source volume', source.status, ['available', 'in-use']);
    if (size < source.size) {
      throw invalidInput(
        `Volume size '${size}'GB cannot be smaller than original volume size  ${source.size}GB. They must be >= original volume size.`,
      );
    }
  },
});

const ofBackup = (volumes: Volumes, { status, size: own, volumeId }: Backup): Source => ({
  size: own,
  fields: inherited(volumes.volumes.get(volumeId)),
  check(size) {
    requireStatus('backup', 'backup', status, ['available']);
    if (size < own) {
      throw invalidInput(
        `Volume size ${size}GB cannot be smaller than the backup size ${own}GB. It must be >= backup size.`,
      );
    }
  },
});

/** @throws Fault 400 */
function ofImage({ images }: Volumes, caller: Caller, id: string): Source {
  const image = images.row(id);
  if (!image || !images.isVisible(image, caller)) {
    throw new Fault('bad-request', 'Invalid image identifier or unable to access requested image.');
  }
  const own = Math.ceil((image.size ?? 0) / 2 ** 30);
  return {
    fields: { bootable: true, imageMetadata: imageMetadataOf(image) },
    check(size) {
      if (image.status !== 'active') throw invalidInput(`Image ${image.id} is not active.`);
      if (own > size) throw invalidInput(`Size of specified image ${own}GB is larger than volume size ${size}GB.`);
      if (size < image.min_disk) {
        throw invalidInput(`Volume size ${size}GB cannot be smaller than the image minDisk size ${image.min_disk}GB.`);
      }
    },
  };
}

const inherited = (origin: Volume | undefined): Partial<Volume> =>
  origin ? { bootable: origin.bootable, imageMetadata: origin.imageMetadata, typeId: origin.typeId } : {};

/** @throws Fault 400 */
function requireStatus(kind: string, word: string, status: string, allowed: readonly string[]): void {
  if (allowed.includes(status)) return;
  const why = `Originating ${word} status must be one of '${allowed.join(', ')}' values`;
  throw new Fault('bad-request', `Invalid ${kind}: ${why}`);
}
