/**
 * `POST /volumes` from an image that must be copied first: the tenant is answered at once, with a volume that is creating,
 * and a job goes on when the image is there. See docs/decisions/0024.
 */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOfRow } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import type { Deferred } from '../../routing/create.js';
import { addPlaceholders } from '../../routing/placeholders/add-placeholders.js';
import { findPlaceholder, newPlaceholderId } from '../../routing/placeholders/placeholder-rows.js';
import { faultWords } from '../../routing/ask-as-admin.js';
import type { World } from '../../routing/world.js';
import { views } from '../lists/views.js';
import { placeholderBody } from './placeholder-body.js';
import { volumePlaceholders } from './volume-job.js';

// What is wrong with the body, the type and the group Cinder says before it looks for the image; quotas come later.
// @see openstack/cinder:cinder/api/v2/volumes.py _image_uuid_from_ref, cinder/volume/volume_utils.py check_image_metadata
const noImageYet = /invalid image identifier|image \S+ (could not be found|is not active)/i;

export function addVolumePlaceholder(world: World) {
  return async ({ asked, linked, site, awaited, refusal }: Deferred): Promise<OpenStackResponse | undefined> => {
    const wanted = linked['volume'];
    if (!isObject(wanted) || !saysNoImage(refusal)) return undefined;
    const row = await world.inventory.find('image', awaited[0].id);
    const image = row ? bodyOfRow(row) : {};
    requireFit(image, wanted['size']);
    const shown = await placeholderBody(site, asked.caller, newPlaceholderId(), wanted, image);
    await addPlaceholders(world, volumePlaceholders, asked, site, awaited, [{ shown, body: linked }]);
    const made = await findPlaceholder(world.database, 'volume', String(shown['id']));
    // The answer to a create has none of the attributes that come from extensions.
    const volume = made && views.volume.detailed(asked, made);
    return json(202, { volume: withoutExtensions(volume ?? shown) });
  };
}

const saysNoImage = (refusal: OpenStackResponse): boolean =>
  refusal.status >= 400 && refusal.status < 500 && noImageYet.test(faultWords((bodyOf(refusal) ?? {}) as Body));

const withoutExtensions = (volume: Body): Body =>
  Object.fromEntries(Object.entries(volume).filter(([name]) => !name.startsWith('os-vol-')));

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
