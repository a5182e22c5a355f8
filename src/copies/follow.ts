/**
 * The job that makes a copy follow its image: what the record says, with whom it is shared, whether it may be used, and at
 * last its end. It looks at both sites each time, and has the same effect however often it runs.
 */
import type { Logger } from 'pino';
import { NonRetryable, RetryLater, type JobKind } from '../jobs/job.js';
import type { Inventory } from '../resources/inventory.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import type { CopyKey, CopyTable, ImageCopy } from './copy-table.js';
import { imagePath, ImageRefused, isWhole, readImage, write, type Image } from './image.js';
import { steps } from './record.js';
import { discard, patchType } from './target-record.js';
import { followMembers } from './members.js';
import { SiteNotReady } from './progress.js';

export const followJob = 'image-follow';

/** A deletion that was not carried out is given so long before the copies are spared. */
const deletingSeconds = 60;

export interface FollowContext {
  readonly sites: SiteRegistry;
  readonly inventory: Inventory;
  readonly table: CopyTable;
  readonly log: Logger;
  /** True while a job may still be making the copy. */
  isComing(key: CopyKey): Promise<boolean>;
}

export const followKind = (context: FollowContext): JobKind<CopyKey> => ({
  name: followJob,
  perLane: 4,
  attempts: 6,
  backoffSeconds: 2,
  run: async (key) => {
    try {
      await follow(context, key);
    } catch (error) {
      if (error instanceof SiteUnreachable) throw new SiteNotReady(`${error.site} does not answer: ${error.reason}`);
      if (error instanceof ImageRefused) await context.table.noteCause(key, error.message);
      throw error;
    }
  },
});

async function follow(context: FollowContext, key: CopyKey): Promise<void> {
  const { sites, table } = context;
  const copy = await table.find(key);
  const target = sites.byId(key.siteId);
  if (!copy || !target) return;
  const home = copy.home_id === null ? undefined : sites.byId(copy.home_id);
  // The home was taken out of the cascade: what is left of the image is the image.
  if (!home) return letGo(context, key, copy);
  const image = await readImage(home, key.imageId);
  if (!image) return copy.deleting_at || copy.is_ours ? end(context, key, target) : letGo(context, key, copy);
  if (copy.deleting_at) await spare(context, copy);
  if (copy.state !== 'active') return; // what is on its way follows when it has arrived
  const seen = await readImage(target, key.imageId);
  if (!seen) return gone(context, key, target);
  await followRecord(target, image, seen);
  if (image.visibility === 'shared') await followMembers(home, target, key.imageId);
}

/** A copy becomes an image of its own. */
async function letGo({ table, log }: FollowContext, key: CopyKey, copy: ImageCopy): Promise<void> {
  await table.remove(key);
  log.info(
    { event: 'image.let_go', image: key.imageId, siteId: key.siteId, was: copy.home_id },
    'a copy is the image now',
  );
}

async function end(context: FollowContext, key: CopyKey, target: Site): Promise<void> {
  const { sites, inventory, table } = context;
  await table.markDeleting(key.imageId, true);
  // What it might make after we looked would be left over.
  if (await context.isComing(key)) throw new RetryLater('its copy breaks off first', 1);
  await discard(sites, target, key.imageId);
  await inventory.forget('image', target, [key.imageId], new Date());
  await table.remove(key);
}

/** The home has the image still: its deletion was refused, or is not done yet. */
async function spare(
  { table }: FollowContext,
  { deleting_at: deletingAt, image_id: imageId }: ImageCopy,
): Promise<void> {
  const age = (Date.now() - (deletingAt?.getTime() ?? 0)) / 1000;
  if (age < deletingSeconds) throw new SiteNotReady('the image is being deleted');
  await table.markDeleting(imageId, false);
}

/** Deleted at its site, behind the cascade's back. It is made again when it is needed, or wanted by policy. */
async function gone({ inventory, table, log }: FollowContext, key: CopyKey, target: Site): Promise<void> {
  await inventory.forget('image', target, [key.imageId], new Date());
  await table.remove(key);
  log.warn({ event: 'image.copy_gone', image: key.imageId, site: target.name }, 'a copy was deleted at its site');
}

/** @throws ImageRefused, NonRetryable */
async function followRecord(target: Site, image: Image, seen: Image): Promise<void> {
  if (!isWhole(seen)) throw new NonRetryable(`${target.name} shows the copy as ${seen.status}`);
  const path = imagePath(image.id);
  const body = steps(image, seen);
  if (body.length > 0) await write(target, 'change the copy', { method: 'PATCH', path, body, type: patchType });
  if (seen.status !== image.status && isWhole(image)) {
    const action = image.status === 'active' ? 'reactivate' : 'deactivate';
    await write(target, action, { method: 'POST', path: imagePath(image.id, `/actions/${action}`) });
  }
}
