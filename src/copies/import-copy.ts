/** A copy that its site fetches by itself: the import is ordered, and waited for as long as it comes on. */
import { setTimeout as delay } from 'node:timers/promises';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { CopyKey, CopyTable } from './copy-table.js';
import { imagePath, ImageRefused, isWhole, readImage, write } from './image.js';
import { CopyCancelled } from './progress.js';
import { sourcesOf } from './sources.js';
import { discard } from './target-record.js';
import { glanceDownload, importMethodsOf, type ImportMethod } from './method.js';
import type { Tickets } from './pull-endpoint.js';

export interface ImportContext {
  readonly sites: SiteRegistry;
  readonly table: CopyTable;
  readonly tickets: Tickets;
  /** The cascade as sites reach it; undefined where they do not. */
  readonly pullUrl: string | undefined;
}

/** It did not come by an import. The record is empty again, and takes an upload. */
export class ImportFailed extends Error {
  override readonly name = 'ImportFailed';
}

const lookMs = 1_000;
/** Stores may work for minutes on what they have got before they say that it is safe. */
const stalledMs = 600_000;
/** Until a Glance that does not show an image's tasks should have begun. */
const beginMs = 60_000;

/** @throws ImportFailed; CopyCancelled, SiteUnreachable; Error where it came to nothing and the record was thrown away */
export async function imported(
  context: ImportContext,
  key: CopyKey,
  target: Site,
  method: ImportMethod,
  signal: AbortSignal,
): Promise<void> {
  if (!(await importMethodsOf(target)).includes(method)) throw new ImportFailed(`${target.name} does not offer it`);
  await context.table.comesBy(key, method, null);
  if (method === 'web-download') return downloaded(context, key, target, signal);
  await send(target, key.imageId, await fromOtherGlance(context, key, target));
  await awaitImport(context, key, target, signal);
}

async function downloaded(context: ImportContext, key: CopyKey, target: Site, signal: AbortSignal): Promise<void> {
  const { tickets, pullUrl } = context;
  if (pullUrl === undefined) throw new ImportFailed('CASCADE_IMAGE_PULL_URL is not set');
  const ticket = await tickets.issue(key);
  try {
    await send(target, key.imageId, { name: 'web-download', uri: `${pullUrl}/image-copies/${ticket}` });
    await awaitImport(context, key, target, signal);
  } finally {
    // Where this process stops, the next one waits for the same import.
    if (!signal.aborted) await tickets.revoke(ticket);
  }
}

async function fromOtherGlance({ sites, table }: ImportContext, key: CopyKey, target: Site): Promise<object> {
  const [source] = await sourcesOf({ sites, table }, key);
  if (!source) throw new ImportFailed('no site that has the image answers');
  const method = await glanceDownload(sites, source, target, key.imageId);
  if (typeof method === 'string') throw new ImportFailed(method);
  await table.progress(key, 0, source.id);
  return method;
}

async function send(target: Site, imageId: string, method: object): Promise<void> {
  try {
    await write(target, 'import the image', { method: 'POST', path: imagePath(imageId, '/import'), body: { method } });
  } catch (error) {
    if (error instanceof ImageRefused) throw new ImportFailed(withoutUrls(error.message));
    throw error;
  }
}

/** Of one that is under way, whoever ordered it. @throws as `imported` */
export async function awaitImport(
  { sites, table }: ImportContext,
  key: CopyKey,
  target: Site,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  let hasBegun = false;
  let [seen, movedAt] = ['', begun];
  for (;;) {
    const copy = await table.find(key);
    if (!copy || copy.deleting_at) throw new CopyCancelled();
    const record = await readImage(target, key.imageId);
    if (!record) throw new Error(`${target.name} has lost the record of the copy`);
    if (isWhole(record)) return;
    const now = performance.now();
    hasBegun ||= record.status === 'importing';
    if (record.status === 'queued') await requireComing(target, key.imageId, hasBegun || now - begun > beginMs);
    const state = `${copy.bytes} ${record.status} ${String(record['updated_at'])}`;
    if (state !== seen) [seen, movedAt] = [state, now];
    if (now - movedAt > stalledMs) {
      await discard(sites, target, key.imageId);
      throw new Error(`${target.name} did not come on with the import`);
    }
    await delay(lookMs, undefined, { signal });
  }
}

interface Task {
  readonly status: string;
  readonly message?: string;
}

/**
 * Of a record that is empty: a task that waits or works may fill it yet.
 * @param isLate where the site shows no tasks, its import has ended, or never begun
 * @throws ImportFailed with the task's words
 * @see openstack/glance:glance/api/v2/images.py get_task_info
 */
async function requireComing(target: Site, imageId: string, isLate: boolean): Promise<void> {
  const response = await target.request({ service: 'image', method: 'GET', path: imagePath(imageId, '/tasks') });
  const tasks = (bodyOf(response) as { tasks?: Task[] } | undefined)?.tasks ?? [];
  if (tasks.length === 0 && isLate) throw new ImportFailed(`${target.name} ended the import`);
  if (tasks.length === 0 || tasks.some(({ status }) => status !== 'failure')) return;
  throw new ImportFailed(`${target.name}: ${withoutUrls(tasks.at(-1)?.message || 'the import failed')}`);
}

/** A ticket is in the URL. */
const withoutUrls = (text: string): string => text.replace(/https?:\/\/\S+/g, 'its URL').slice(0, 300);
