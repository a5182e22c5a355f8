/** What a volume remembers of the image it was made from. @see openstack/cinder:cinder/volume/flows/manager/create_volume.py */
import type { Image } from '../image/image.js';
import type { Words } from './volume.js';

export const imageMetadataOf = (image: Image): Words => ({
  ...image.properties,
  image_id: image.id,
  image_name: image.name ?? '',
  checksum: image.checksum ?? '',
  container_format: image.container_format ?? '',
  disk_format: image.disk_format ?? '',
  min_disk: String(image.min_disk),
  min_ram: String(image.min_ram),
  size: String(image.size ?? 0),
});
