/** What one project has at sites that have not been read to the end yet, read ahead of the first read of everything. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Kind } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import { ignoreSilence, type Site } from '../sites/site.js';
import type { FeedReader } from './feed-reader.js';

/** For how long a request waits for sites that are slow to tell. */
const timeoutMs = 10_000;

/** A site that is silent, or too slow, is left to its first read. */
export async function readAhead(
  reader: FeedReader,
  sites: SiteRegistry,
  kinds: readonly Kind[],
  projectId: string,
): Promise<void> {
  const readOne = async (kind: Kind, site: Site): Promise<void> => {
    const { cursor } = await reader.states.of(kind, site);
    if (!cursor) await reader.readAll(kind, site, projectId);
  };
  const reads = kinds.flatMap((kind) =>
    sites.answering(kind.service).map((site) => readOne(kind, site).catch(ignoreSilence)),
  );
  await Promise.race([Promise.all(reads), delay(timeoutMs, undefined, { ref: false })]);
}
