/** The job that brings the bytes of an image to a site, streamed from a site that has them, and looks whether they are the same. */
import { NonRetryable, RetryLater, type Attempt, type JobKind } from '../jobs/job.js';
import type { Database } from '../database/database.js';
import { bodyOfRow, type Inventory } from '../resources/inventory.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import type { CopyKey, ImageCopy } from './copy-table.js';
import { ImageRefused, isWhole, readImage, type Image } from './image.js';
import { fill, type FillContext, type ToFill } from './fill.js';
import { awaitImport } from './import-copy.js';
import { CopyCancelled, SiteNotReady } from './progress.js';
import { sourcesOf, identicalImage } from './sources.js';
import { discard, recordAt, registerAt } from './target-record.js';
export const copyJob = 'image-copy';

export interface CopyContext extends FillContext {
  readonly database: Database;
  readonly inventory: Inventory;
  /** Something about its image is otherwise than it was. */
  follow(key: CopyKey): Promise<void>;
  /** The copy is there: what waited for it goes on, and its record gets what an empty one may not have. */
  arrived(key: CopyKey): Promise<void>;
  /** An image of the site has become the copy. */
  merged(site: Site): Promise<void>;
}

/** What a copy's job is to do. */
export interface CopyInput extends CopyKey {
  readonly isOrdered: boolean;
}

export const copyKind = (context: CopyContext, perSite: number): JobKind<CopyInput> => ({
  name: copyJob,
  perLane: perSite,
  attempts: 8,
  run: (input, attempt) => copyImage(context, input, attempt),
  gaveUp: (key, cause) => context.table.failed(key, cause),
});

async function copyImage(context: CopyContext, key: CopyInput, attempt: Attempt): Promise<void> {
  const copy = await context.table.find(key);
  if (!copy || copy.deleting_at || copy.state === 'active') return;
  try {
    await bring(context, key, copy, attempt);
  } catch (error) {
    if (error instanceof CopyCancelled) return;
    if (!attempt.signal.aborted) await context.table.noteCause(key, (error as Error).message);
    throw error;
  }
}

async function bring(context: CopyContext, key: CopyInput, copy: ImageCopy, attempt: Attempt): Promise<void> {
  const { sites, table, policies, log } = context;
  const [home, target] = [copy.home_id === null ? undefined : sites.byId(copy.home_id), sites.byId(key.siteId)];
  if (!home || !target) throw new NonRetryable('the site of the image, or of its copy, is no longer in the cascade');
  const image = await unlessSilent(() => recordOf(context, key, home));
  // What an earlier attempt has left at the target goes with the copy's end.
  if (!image) return context.follow(key);
  requireCopyable(image);
  await table.begin(key, image.size, attempt.number);
  const mode = key.isOrdered ? 'eager' : await policies.of(key.imageId, key.siteId);
  if (mode === 'register') await unlessSilent(() => adoptTwin(context, key, target));
  const record = await unlessSilent(() => recordAt(context, target, image, copy, attempt.number));
  if (!isWhole(record)) {
    if (mode !== 'register') await unlessSilent(() => fill(context, { key, image, target, record }, attempt));
    else await unlessSilent(() => register(context, { key, home, target, image, record }, attempt));
  }
  await verify(context, key, image, target);
  // After each attempt, since the last may have been cut off in between.
  if (mode === 'register' && (await sites.aliases.find(target.id, key.imageId))) await context.merged(target);
  await table.verified(key, image.size, image.os_hash_value);
  log.info({ event: 'image.copied', image: key.imageId, site: target.name, bytes: image.size }, 'image copied');
  await context.arrived(key);
}

interface ToRegister extends ToFill {
  readonly home: Site;
}

/** A site that reads the bytes behind its response is waited for, also where an earlier attempt told it. */
async function register(context: CopyContext, { key, home, target, image, record }: ToRegister, { signal }: Attempt) {
  const isWhole = record.status !== 'importing' && (await registerAt(home, target, image));
  if (!isWhole) await awaitImport(context, key, target, signal);
}

/** The image's own record; as it was seen last where its site is silent and another has the bytes. @throws SiteUnreachable */
async function recordOf(context: CopyContext, key: CopyKey, home: Site): Promise<Image | undefined> {
  try {
    return await readImage(home, key.imageId);
  } catch (error) {
    const others = error instanceof SiteUnreachable ? await sourcesOf(context, key) : [];
    const row = others.some((site) => site !== home) && (await context.inventory.find('image', key.imageId, home.id));
    if (!row) throw error;
    return bodyOfRow(row) as unknown as Image;
  }
}

/** @throws RetryLater before it has bytes; NonRetryable where it has none that could be copied */
function requireCopyable(image: Image): void {
  if (isWhole(image)) {
    // A snapshot of a server that boots from a volume: its bytes are snapshots of that zone's volumes.
    const devices = image['block_device_mapping'];
    if (image.size === 0 && typeof devices === 'string' && devices.includes('snapshot_id')) {
      throw new NonRetryable('the image is made of volume snapshots, which are in its own availability zone');
    }
    return;
  }
  if (['queued', 'saving', 'uploading', 'importing'].includes(image.status)) {
    throw new RetryLater(`the image is ${image.status}`, 3);
  }
  throw new NonRetryable(`the image is ${image.status}`);
}

/** What another attempt cannot change is not tried again. */
async function inTheirWords(error: unknown): Promise<unknown> {
  const isFinal = error instanceof ImageRefused && [400, 401, 403, 415].includes(error.status);
  if (isFinal) return new NonRetryable(error.message);
  return error instanceof SiteUnreachable ? new SiteNotReady(`${error.site} does not answer: ${error.reason}`) : error;
}

/** Where the target has the same image under an id of its own, that one is the copy. */
async function adoptTwin({ sites, inventory, database, log }: CopyContext, key: CopyKey, target: Site): Promise<void> {
  const identical = await identicalImage(database, key.imageId, key.siteId);
  if (identical === undefined || (await readImage(target, key.imageId))) return;
  await sites.aliases.add(target.id, key.imageId, identical);
  await inventory.forget('image', target, [identical], new Date());
  log.info(
    { event: 'image.adopted', image: key.imageId, site: target.name, as: identical },
    'an image that the site already had is used as the copy',
  );
}

/** The target has made its own hash of what it got. @throws Error where it is another one: what came is thrown away */
async function verify({ sites, table }: CopyContext, key: CopyKey, image: Image, target: Site): Promise<void> {
  const record = await unlessSilent(() => readImage(target, key.imageId));
  if (!record || !isWhole(record)) throw new Error(`${target.name} shows the copy as ${record?.status ?? 'gone'}`);
  const difference = differenceOf(image, record);
  if (difference === undefined) return;
  // Somebody else's image, which happens to have this id, is not ours to delete.
  const copy = await table.find(key);
  if (!copy?.is_ours) throw new NonRetryable(`${target.name} has another image of this id (${difference})`);
  await discard(sites, target, key.imageId);
  throw new Error(`${target.name} got other bytes than the image has (${difference}); they were thrown away`);
}

function differenceOf(image: Image, copy: Image): string | undefined {
  if (image.size !== null && copy.size !== image.size) return `${copy.size} bytes instead of ${image.size}`;
  if (image.os_hash_value && copy.os_hash_algo === image.os_hash_algo) {
    return copy.os_hash_value === image.os_hash_value ? undefined : `${image.os_hash_algo} ${copy.os_hash_value}`;
  }
  // Sites that hash differently have md5 in common.
  if (!image.checksum || !copy.checksum) throw new NonRetryable('the two sites have no kind of hash in common');
  return copy.checksum === image.checksum ? undefined : `md5 ${copy.checksum}`;
}

/** A site that is silent costs no attempt: it is waited for. */
async function unlessSilent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await inTheirWords(error);
  }
}
