/** Brings the bytes of an image into the empty record of its copy: by the method that policy asks for, or by upload. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Attempt } from '../jobs/job.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { CopyKey, CopyTable } from './copy-table.js';
import { awaitImport, imported, ImportFailed, type ImportContext } from './import-copy.js';
import { readImage, type Image } from './image.js';
import type { Policies } from './policy.js';
import { Progress, SiteNotReady } from './progress.js';
import { sourcesOf } from './sources.js';
import { transfer, SourceFailed, type Pace } from './transfer.js';

export interface FillContext extends ImportContext {
  readonly sites: SiteRegistry;
  readonly table: CopyTable;
  readonly policies: Policies;
  readonly pace: Pace;
  readonly log: Logger;
}

/** The copy's record at its site, as it was a moment ago, and what it is filled from. */
export interface ToFill {
  readonly key: CopyKey;
  readonly image: Image;
  readonly target: Site;
  readonly record: Image;
}

/** @throws CopyCancelled, SiteNotReady, NonRetryable; ImageRefused, SiteUnreachable by the target */
export async function fill(
  context: FillContext,
  { key, image, target, record }: ToFill,
  attempt: Attempt,
): Promise<void> {
  const { policies, table, log } = context;
  const wanted = await policies.methodOf(key.imageId, key.siteId);
  // An import that an earlier attempt has begun goes on without it.
  const isUnderWay = record.status === 'importing';
  let detour: string | null = null;
  if (wanted !== 'upload' || isUnderWay) {
    try {
      if (isUnderWay || wanted === 'upload') return await awaitImport(context, key, target, attempt.signal);
      // What failed once may have changed the bytes on their way (a site that converts what it imports).
      if (attempt.number > 1) throw new ImportFailed('an earlier attempt failed');
      return await imported(context, key, target, wanted, attempt.signal);
    } catch (error) {
      if (!(error instanceof ImportFailed)) throw error;
      detour = wanted === 'upload' ? null : `not by ${wanted}: ${error.message}`;
      log.info(
        { event: 'image.detour', image: key.imageId, site: target.name, reason: error.message },
        'upload instead',
      );
    }
  }
  await table.comesBy(key, 'upload', detour);
  await upload(context, key, image, target, attempt);
}

/** From the first source that gives all of them. */
async function upload(context: FillContext, key: CopyKey, image: Image, target: Site, attempt: Attempt): Promise<void> {
  const { table, pace, log } = context;
  const failed: string[] = [];
  for (const source of await sourcesOf(context, key)) {
    const progress = new Progress(table, key, source.id);
    const signal = AbortSignal.any([attempt.signal, progress.cancelled]);
    const tell = (bytes: number): void => progress.tell(bytes);
    try {
      const { size } = image;
      return await transfer({ imageId: key.imageId, size, source, target, pace, signal, progress: tell });
    } catch (error) {
      if (progress.cancelled.aborted) throw progress.cancelled.reason;
      if (!(error instanceof SourceFailed)) throw error;
      failed.push(error.message);
      log.warn(
        { event: 'image.source_failed', image: key.imageId, site: source.name, reason: error.message },
        'next source',
      );
      await settle(target, key.imageId);
    } finally {
      await progress.settled();
    }
  }
  throw new SiteNotReady(failed.join('; ') || 'no site that has the image answers');
}

/** Until the target has noticed that an upload broke off; then the same record takes the next. */
async function settle(target: Site, imageId: string): Promise<void> {
  for (let look = 0; look < 20; look += 1) {
    const record = await readImage(target, imageId);
    if (record?.status !== 'saving') return;
    await delay(250);
  }
}
