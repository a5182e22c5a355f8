/** Waits for the images without which a resource cannot be created. */
import { NonRetryable, RetryLater } from '../../jobs/job.js';
import type { Site } from '../../sites/site.js';
import type { World } from '../world.js';

const lookSeconds = 2;

/** @throws RetryLater until they are at the site, NonRetryable where one will not be */
export async function waitForImages(
  { copies, inventory }: World,
  imageIds: readonly string[],
  site: Site,
): Promise<void> {
  for (const imageId of imageIds) {
    const copy = await copies.table.find({ imageId, siteId: site.id });
    if (copy?.state === 'active') continue;
    if (copy?.state === 'failed')
      throw new NonRetryable(`Image ${imageId} could not be copied: ${copy.cause ?? 'no cause is known'}`);
    if (await inventory.find('image', imageId, site.id)) {
      if (!copy) continue;
    } else if (!copy) {
      const home = await inventory.find('image', imageId);
      if (!home) throw new NonRetryable(`Image ${imageId} could not be found.`);
      await copies.begin({ imageId, siteId: site.id }, home.site_id);
    }
    throw new RetryLater(`image ${imageId} is being copied`, lookSeconds);
  }
}
