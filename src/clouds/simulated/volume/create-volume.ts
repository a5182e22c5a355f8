/** `POST /volumes`. @see openstack/cinder:cinder/api/v3/volumes.py create, cinder/volume/flows/api/create_volume.py */
import { Fault } from '../../../openstack/faults.js';
import { atLeast } from '../../../openstack/microversion.js';
import type { Asked } from '../../../openstack/route.js';
import { bodyUnder, requireRow, sizeOf, textOrNone, wordsOf } from './asked.js';
import { booleanOf } from './filters.js';
import { imageMetadataOf } from './image-metadata.js';
import { invalidInput } from './refusals.js';
import { isFitting } from './scheduler.js';
import { typeFor } from './types.js';
import type { Volume } from './volume.js';
import type { Volumes } from './volumes.js';

export async function createVolume(volumes: Volumes, asked: Asked): Promise<Volume> {
  const given = await bodyUnder(asked, 'volume');
  const zone = textOrNone(given, 'availability_zone');
  if (zone !== null && zone !== volumes.zone) throw new Fault('bad-request', `Availability zone '${zone}' is invalid.`);
  const { caller } = asked;
  // A schema looks at the body first, then comes the type, and then what the volume is made from.
  const described = {
    name: textOrNone(given, 'name') ?? textOrNone(given, 'display_name'),
    description: textOrNone(given, 'description') ?? textOrNone(given, 'display_description'),
    metadata: wordsOf(given['metadata']),
    multiattach: given['multiattach'] !== undefined && booleanOf('multiattach', String(given['multiattach'])),
  };
  const named = given['volume_type'] ?? null;
  const type = named === null ? undefined : typeFor(volumes, caller, String(named));
  const source = sourceOf(volumes, asked, given);
  const wanted = given['size'] === undefined || given['size'] === null ? source.size : sizeOf(given['size'], 'size');
  if (wanted === undefined) throw invalidInput("Volume size 'None' must be an integer and greater than 0");
  if (source.size !== undefined && wanted < source.size)
    throw invalidInput(
      `Volume size '${wanted}'GB cannot be smaller than the ${source.word} size ${source.size}GB. They must be >= original ${source.word} size.`,
    );
  if (source.leastSize !== undefined && wanted < source.leastSize) {
    throw invalidInput(`Size of specified image ${source.leastSize}GB is larger than volume size ${wanted}GB.`);
  }
  const fields = {
    projectId: caller.projectId ?? '',
    userId: caller.userId,
    size: wanted,
    ...described,
    groupId: groupOf(volumes, asked, given),
    ...source.fields,
    ...(type ? { typeId: type.id } : {}),
  };
  return schedule(volumes, asked, fields);
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
  /** GiB; undefined for an empty volume, and for an image, which says only how small a volume may be. */
  readonly size?: number;
  readonly leastSize?: number;
  readonly word: string;
  readonly fields: Partial<Volume>;
}

/** What a volume begins with: nothing, a snapshot, a volume, an image or a backup. @throws Fault 400, 404 */
function sourceOf(volumes: Volumes, asked: Asked, given: Record<string, unknown>): Source {
  const { snapshot_id: snapshotId, source_volid: sourceId } = given;
  const imageId = given['imageRef'] ?? given['image_id'];
  const backupId = atLeast(asked.microversion, '3.47') ? given['backup_id'] : undefined;
  const named = [snapshotId, sourceId, imageId, backupId].filter((id) => id !== undefined && id !== null && id !== '');
  if (named.length > 1)
    throw invalidInput('Source volume, snapshot, image and backup exclude each other: only one may be given.');
  if (snapshotId) {
    const snapshot = requireRow(volumes.snapshots, 'Snapshot', asked, snapshotId);
    requireStatus('snapshot', snapshot.id, snapshot.status, ['available']);
    return like(volumes.volumes.get(snapshot.volumeId), 'snapshot', { size: snapshot.size, snapshotId: snapshot.id });
  }
  if (sourceId) {
    const source = requireRow(volumes.volumes, 'Volume', asked, sourceId);
    requireStatus('volume', source.id, source.status, ['available', 'in-use']);
    return like(source, 'source volume', { size: source.size, sourceId: source.id });
  }
  if (backupId) {
    const backup = requireRow(volumes.backups, 'Backup', asked, backupId);
    return like(volumes.volumes.get(backup.volumeId), 'backup', { size: backup.size });
  }
  if (!imageId) return { word: '', fields: {} };
  const image = volumes.images.row(String(imageId));
  if (!image || !volumes.images.isVisible(image, asked.caller)) {
    throw new Fault('bad-request', 'Invalid image identifier or unable to access requested image.');
  }
  if (image.status !== 'active') throw invalidInput(`Image ${image.id} is not active.`);
  const leastSize = Math.max(image.min_disk, Math.ceil((image.size ?? 0) / 2 ** 30), 1);
  return { leastSize, word: 'image', fields: { bootable: true, imageMetadata: imageMetadataOf(image) } };
}

function like(
  origin: Volume | undefined,
  word: string,
  { size, ...fields }: Partial<Volume> & { size: number },
): Source {
  const inherited = origin && { bootable: origin.bootable, imageMetadata: origin.imageMetadata, typeId: origin.typeId };
  return { size, word, fields: { ...inherited, ...fields } };
}

/** @throws Fault 400 */
function requireStatus(word: string, id: string, status: string, allowed: readonly string[]): void {
  if (allowed.includes(status)) return;
  throw invalidInput(`Originating ${word} ${id} status must be one of '${allowed.join(', ')}' values`);
}
