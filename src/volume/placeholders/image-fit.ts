/** Whether a volume can hold an image: what Cinder looks at when it has found the image, and so cannot say yet. */
import { Fault } from '../../openstack/faults.js';
import type { Body } from '../../resources/kind.js';

const gib = 2 ** 30;
const invalid = (words: string): Fault => new Fault('bad-request', `Invalid input received: ${words}`);

/**
 * @param size as the request has it, GiB
 * @throws Fault 400 in Cinder's words
 * @see openstack/cinder:cinder/volume/flows/api/create_volume.py _extract_size, cinder/volume/volume_utils.py check_image_metadata
 */
export function requireFit(image: Body, size: unknown): void {
  const wanted = Number(size);
  if (size === undefined || size === null || !(wanted > 0)) {
    throw invalid(`Volume size '${String(size ?? 'None')}' must be an integer and greater than 0`);
  }
  const bytes = Math.ceil(Number(image['size'] ?? 0) / gib);
  if (bytes > wanted) throw invalid(`Size of specified image ${bytes}GB is larger than volume size ${wanted}GB.`);
  const least = Number(image['min_disk'] ?? 0);
  if (wanted < least) {
    throw invalid(`Volume size ${wanted}GB cannot be smaller than the image minDisk size ${least}GB.`);
  }
  const virtual = Math.ceil(Number(image['virtual_size'] ?? 0) / gib);
  if (virtual > wanted) {
    const why = `Image virtual size is ${virtual}GB and doesn't fit in a volume of size ${wanted}GB.`;
    throw new Fault('bad-request', `Image ${String(image['id'])} is unacceptable: ${why}`);
  }
}
