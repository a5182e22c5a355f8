/** A volume as an image. @see openstack/cinder:cinder/volume/api.py copy_volume_to_image */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { visibilities } from '@cascade/openstack-adapter/image/schema.js';
import { invalidVolume, required } from '@cascade/openstack-adapter/volume/refusals.js';
import type { Visibility } from '../image/image.js';
import { imageReport } from '../image/properties.js';
import type { Volume } from './volume.js';
import type { Volumes } from './volumes.js';
import { timeOf } from './view.js';

const own = ['image_id', 'image_name', 'checksum', 'container_format', 'disk_format', 'min_disk', 'min_ram', 'size'];

/** @throws Fault 400 for a volume in use that is not forced */
export function uploadImage(
  volumes: Volumes,
  volume: Volume,
  given: Readonly<Record<string, unknown>>,
  asked: Asked,
): OpenStackResponse {
  const {
    image_name: name,
    disk_format: disk = 'raw',
    container_format: container = 'bare',
    force,
    visibility,
  } = given;
  if (typeof name !== 'string') throw required('image_name');
  const isForced = force === true || force === 'True' || force === 'true';
  if (volume.status !== 'available' && !(volume.status === 'in-use' && isForced)) {
    throw invalidVolume(`Volume ${volume.id} status must be available, but current status is: ${volume.status}.`);
  }
  requireForImage('container_format', container);
  requireForImage('disk_format', disk);
  const sees =
    atLeast(asked.microversion, '3.1') && visibilities.includes(String(visibility))
      ? (visibility as Visibility)
      : 'private';
  if (sees === 'public' && !asked.caller.isAdmin)
    throw new Fault('forbidden', "Policy doesn't allow volume_extension:volume_actions:upload_public to be performed.");
  const inherited = Object.entries(volume.imageMetadata).filter(([key]) => !own.includes(key));
  const image = volumes.images.addUpload({
    name,
    owner: volume.projectId,
    visibility: sees,
    disk_format: String(disk),
    container_format: String(container),
    min_disk: volume.size,
    properties: Object.fromEntries(inherited),
  });
  const before = volume.status;
  volumes.change(volume, { status: 'uploading' });
  volumes.after('volume upload', 'finish upload', { id: volume.id, before });
  const type = volumes.types.get(volume.typeId);
  const shown = {
    id: volume.id,
    updated_at: timeOf(volume.updatedAt),
    status: 'uploading',
    display_description: volume.description,
    size: volume.size,
    volume_type: type && { id: type.id, name: type.name, is_public: type.isPublic },
    image_id: image.id,
    container_format: container,
    disk_format: disk,
    image_name: name,
    ...(atLeast(asked.microversion, '3.1') ? { protected: image.protected, visibility: sees } : {}),
  };
  return json(202, { 'os-volume_upload_image': shown });
}

/** glanceclient holds every attribute against Glance's schema before it sends them. @throws Fault 400 */
function requireForImage(name: string, value: unknown): void {
  const why = imageReport({ [name]: value });
  if (why !== undefined)
    throw new Fault('bad-request', `Unable to set '${name}' to '${String(value)}'. Reason: ${why}`);
}
