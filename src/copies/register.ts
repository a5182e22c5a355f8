/** Registering an image at a site that can fetch its bytes itself: no bytes go through the cascade, or between the sites. */
import { NonRetryable } from '../jobs/job.js';
import type { Site } from '../sites/site.js';
import { imagePath, write, type Image } from './image.js';
import { patchType } from './target-record.js';

/** Where anybody may read an image's bytes; undefined where its site alone can (its disk, its Ceph). */
export function publicLocation(image: Readonly<Record<string, unknown>>): string | undefined {
  const locations = Array.isArray(image['locations']) ? (image['locations'] as { url?: unknown }[]) : [];
  const urls = [...locations.map(({ url }) => url), image['direct_url']];
  return urls.find((url): url is string => typeof url === 'string' && /^https?:\/\//.test(url));
}

/**
 * Makes an empty record whole by a location. The site believes the hashes that come with it and compares the bytes when it
 * reads them. @see openstack/glance:api-ref/source/v2/images-parameters.yaml validation_data
 * @throws NonRetryable, ImageRefused (where the site does not let locations be seen), SiteUnreachable
 */
export async function registerAt(target: Site, image: Image): Promise<void> {
  const url = publicLocation(image);
  if (url === undefined) throw new NonRetryable('the image has no location that another site can read');
  const { checksum, os_hash_algo, os_hash_value } = image;
  const value = { url, metadata: {}, validation_data: { checksum, os_hash_algo, os_hash_value } };
  const body = [{ op: 'add', path: '/locations/-', value }];
  await write(target, 'register the location', { method: 'PATCH', path: imagePath(image.id), body, type: patchType });
}
