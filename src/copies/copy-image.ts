/** The job that brings the bytes of an image to a site, streamed from a site that has them, and looks whether they are the same. */
import type { Logger } from 'pino';
import { Hopeless, Later, type Attempt, type JobKind } from '../jobs/job.js';
import { bodyOfRow, type Inventory } from '../resources/inventory.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { SiteUnready } from './unready.js';
import type { CopyKey, CopyTable, ImageCopy } from './copy-table.js';
import { ImageRefused, isWhole, readImage, type Image } from './image.js';
import type { Pace } from './pace.js';
import type { Policies } from './policy.js';
import { registerAt } from './register.js';
import { sourcesOf } from './sources.js';
import { discard, recordAt } from './target-record.js';
import { SourceFailed, transfer } from './transfer.js';

export const copyJob = 'image-copy';

export interface CopyTools {
  readonly sites: SiteRegistry;
  readonly inventory: Inventory;
  readonly table: CopyTable;
  readonly policies: Policies;
  readonly pace: Pace;
  readonly log: Logger;
  /** Something about its image is otherwise than it was. */
  follow(key: CopyKey): Promise<void>;
  /** The copy is there: what waited for it goes on, and its record gets what an empty one may not have. */
  arrived(key: CopyKey): Promise<void>;
}

/** What a copy's job is to do. */
export interface CopyInput extends CopyKey {
  readonly isOrdered: boolean;
}

export const copyKind = (tools: CopyTools, perSite: number): JobKind<CopyInput> => ({
  name: copyJob,
  perLane: perSite,
  attempts: 8,
  run: (input, attempt) => copyImage(tools, input, attempt),
  gaveUp: (key, cause) => tools.table.failed(key, cause),
});

async function copyImage(tools: CopyTools, key: CopyInput, attempt: Attempt): Promise<void> {
  const copy = await tools.table.find(key);
  if (!copy || copy.doomed_at || copy.state === 'active') return;
  try {
    await bring(tools, key, copy, attempt);
  } catch (error) {
    if (error instanceof Doomed) return;
    if (!attempt.signal.aborted) await tools.table.noteCause(key, (error as Error).message);
    throw error;
  }
}

async function bring(tools: CopyTools, key: CopyInput, copy: ImageCopy, attempt: Attempt): Promise<void> {
  const { sites, table, policies, log } = tools;
  const [home, target] = [copy.home_id === null ? undefined : sites.byId(copy.home_id), sites.byId(key.siteId)];
  if (!home || !target) throw new Hopeless('the site of the image, or of its copy, is no longer in the cascade');
  const image = await unlessSilent(() => recordOf(tools, key, home));
  // What an earlier attempt has left at the target goes with the copy's end.
  if (!image) return tools.follow(key);
  requireCopyable(image);
  await table.begin(key, image.size, attempt.number);
  const record = await unlessSilent(() => recordAt(tools, target, image, copy, attempt.number));
  if (!isWhole(record)) {
    const way = key.isOrdered ? 'eager' : await policies.of(key.imageId, key.siteId);
    if (way !== 'register') await fill(tools, key, image, target, attempt);
    else await unlessSilent(() => registerAt(target, image));
  }
  await verify(tools, key, image, target);
  await table.verified(key, image.size, image.os_hash_value);
  log.info({ event: 'image.copied', image: key.imageId, site: target.name, bytes: image.size }, 'image copied');
  await tools.arrived(key);
}

/** The image's own record; as it was seen last where its site is silent and another has the bytes. @throws SiteUnreachable */
async function recordOf(tools: CopyTools, key: CopyKey, home: Site): Promise<Image | undefined> {
  try {
    return await readImage(home, key.imageId);
  } catch (error) {
    const others = error instanceof SiteUnreachable ? await sourcesOf(tools, key) : [];
    const row = others.some((site) => site !== home) && (await tools.inventory.find('image', key.imageId, home.id));
    if (!row) throw error;
    return bodyOfRow(row) as unknown as Image;
  }
}

/** @throws Later before it has bytes; Hopeless where it has none that could be copied */
function requireCopyable(image: Image): void {
  if (isWhole(image)) {
    // A snapshot of a server that boots from a volume: its bytes are snapshots of that zone's volumes.
    const devices = image['block_device_mapping'];
    if (image.size === 0 && typeof devices === 'string' && devices.includes('snapshot_id')) {
      throw new Hopeless('the image is made of volume snapshots, which are in its own availability zone');
    }
    return;
  }
  if (['queued', 'saving', 'uploading', 'importing'].includes(image.status)) {
    throw new Later(`the image is ${image.status}`, 3);
  }
  throw new Hopeless(`the image is ${image.status}`);
}

async function fill(tools: CopyTools, key: CopyKey, image: Image, target: Site, attempt: Attempt): Promise<void> {
  const { table, pace, log } = tools;
  const failed: string[] = [];
  for (const source of await sourcesOf(tools, key)) {
    let last: Promise<unknown> = Promise.resolve();
    const doomed = new AbortController();
    const note = async (bytes: number): Promise<void> => {
      if (!(await table.progress(key, bytes, source.id))) doomed.abort(new Doomed('the image is being deleted'));
    };
    const progress = (bytes: number): void => {
      last = last.then(() => note(bytes)).catch(() => undefined); // it is told again in a second
    };
    const signal = AbortSignal.any([attempt.signal, doomed.signal]);
    try {
      return await transfer({ imageId: key.imageId, size: image.size, source, target, pace, signal, progress });
    } catch (error) {
      if (doomed.signal.aborted) throw doomed.signal.reason as Doomed;
      if (!(error instanceof SourceFailed)) throw await inTheirWords(error);
      failed.push(error.message);
      log.warn({ event: 'image.source_failed', image: key.imageId, site: source.name, reason: error.message }, 'next source');
      await settle(target, key.imageId);
    } finally {
      await last;
    }
  }
  throw new SiteUnready(failed.join('; ') || 'no site that has the image answers');
} // prettier-ignore

/** Its bytes are wanted no more. What there is of them at the target goes with the copy's end. */
class Doomed extends Error {
  override readonly name = 'Doomed';
}

/** Until the target has noticed that an upload broke off; then the same record takes the next. */
async function settle(target: Site, imageId: string): Promise<void> {
  for (let look = 0; look < 20; look += 1) {
    const record = await readImage(target, imageId);
    if (record?.status !== 'saving') return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** What another attempt cannot change is not tried again. */
async function inTheirWords(error: unknown): Promise<unknown> {
  const isFinal = error instanceof ImageRefused && [400, 401, 403, 415].includes(error.status);
  if (isFinal) return new Hopeless(error.message);
  return error instanceof SiteUnreachable ? new SiteUnready(`${error.site} does not answer: ${error.reason}`) : error;
}

/** The target has made its own hash of what it got. @throws Error where it is another one: what came is thrown away */
async function verify({ sites, table }: CopyTools, key: CopyKey, image: Image, target: Site): Promise<void> {
  const record = await unlessSilent(() => readImage(target, key.imageId));
  if (!record || !isWhole(record)) throw new Error(`${target.name} shows the copy as ${record?.status ?? 'gone'}`);
  const difference = differenceOf(image, record);
  if (difference === undefined) return;
  // Somebody else's image, which happens to have this id, is not ours to delete.
  const copy = await table.find(key);
  if (!copy?.is_ours) throw new Hopeless(`${target.name} has another image of this id (${difference})`);
  await discard(sites, target, key.imageId);
  throw new Error(`${target.name} got other bytes than the image has (${difference}); they were thrown away`);
}

function differenceOf(image: Image, copy: Image): string | undefined {
  if (image.size !== null && copy.size !== image.size) return `${copy.size} bytes instead of ${image.size}`;
  if (image.os_hash_value && copy.os_hash_algo === image.os_hash_algo) {
    return copy.os_hash_value === image.os_hash_value ? undefined : `${image.os_hash_algo} ${copy.os_hash_value}`;
  }
  // Sites that hash differently have md5 in common.
  if (!image.checksum || !copy.checksum) throw new Hopeless('the two sites have no kind of hash in common');
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
