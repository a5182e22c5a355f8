/** The image without which a job cannot go on: it is at a site, or the job is told what became of its copy. */
import { NonRetryable, RetryLater } from '../jobs/job.js';
import type { Inventory } from '../resources/inventory.js';
import type { CopyKey, CopyTable } from './copy-table.js';

const lookSeconds = 2;

export interface CopyNeeds {
  readonly table: CopyTable;
  readonly inventory: Inventory;
  begin(key: CopyKey, homeId: number): Promise<void>;
}

/** @throws RetryLater until it is at the site, NonRetryable where it will not be */
export async function requireCopy({ table, inventory, begin }: CopyNeeds, key: CopyKey): Promise<void> {
  const { imageId, siteId } = key;
  const copy = await table.find(key);
  if (copy?.state === 'active') return;
  if (copy?.state === 'failed')
    throw new NonRetryable(`Image ${imageId} could not be copied: ${copy.cause ?? 'no cause is known'}`);
  if (await inventory.find('image', imageId, siteId)) {
    if (!copy) return;
  } else if (!copy) {
    const home = await inventory.find('image', imageId);
    if (!home) throw new NonRetryable(`Image ${imageId} could not be found.`);
    await begin(key, home.site_id);
  }
  throw new RetryLater(`image ${imageId} is being copied`, lookSeconds);
}
