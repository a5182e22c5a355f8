/**
 * Where sites fetch the bytes of their copies by themselves: `/image-copies/<ticket>`, once. The bytes go through, from
 * whichever site has them, and are counted here.
 */
import { pipeline, type Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { bodyOfRow, type Inventory } from '../resources/inventory.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import { bytesAt, counting, SourceFailed } from './bytes.js';
import type { CopyKey, CopyTable } from './copy-table.js';
import type { Pace } from './pace.js';
import { Progress } from './progress.js';
import { sourcesOf } from './sources.js';
import type { Tickets } from './tickets.js';

export interface PullTools {
  readonly sites: SiteRegistry;
  readonly inventory: Inventory;
  readonly table: CopyTable;
  readonly tickets: Tickets;
  readonly pace: Pace;
  readonly log: Logger;
}

/** Adds the endpoint to a server that does not listen yet. Transfers that run when it closes are broken off. */
export function addPullEndpoint(server: FastifyInstance, tools: PullTools): void {
  const passing = new Set<Readable>();
  server.addHook('preClose', async () => passing.forEach((bytes) => bytes.destroy(new Error('the cascade stops'))));
  server.get<{ Params: { ticket: string } }>('/image-copies/:ticket', async ({ params }, reply) => {
    reply.header('cache-control', 'no-store');
    const key = await tools.tickets.redeem(params.ticket);
    // A ticket that was used, is too old or never was: nobody learns which.
    if (!key) return reply.code(404).type('text/plain').send('There is no such image.\n');
    const opened = await openBytes(tools, key);
    if (!opened) return reply.code(503).type('text/plain').send('No site that has the image answers.\n');
    const bytes = counted(tools, key, opened);
    passing.add(bytes);
    bytes.once('close', () => passing.delete(bytes));
    // Glance takes nothing of unknown length. @see openstack/glance:glance/async_/flows/_internal_plugins/web_download.py
    if (opened.size !== null) reply.header('content-length', opened.size);
    return reply.code(200).type('application/octet-stream').send(bytes);
  });
}

interface Opened {
  readonly source: Site;
  readonly bytes: Readable;
  /** In bytes. */
  readonly size: number | null;
}

async function openBytes(tools: PullTools, key: CopyKey): Promise<Opened | undefined> {
  const { inventory, log } = tools;
  const row = await inventory.find('image', key.imageId);
  const size = row ? (bodyOfRow(row)['size'] as number | null) : null;
  for (const source of await sourcesOf(tools, key)) {
    try {
      return { source, size, bytes: await bytesAt(source, key.imageId, size) };
    } catch (error) {
      if (!(error instanceof SourceFailed)) throw error;
      const about = { event: 'image.source_failed', image: key.imageId, site: source.name, reason: error.message };
      log.warn(about, 'next source');
    }
  }
  return undefined;
}

/** Counted on their way. What breaks off is shorter than was said, and no whole image to who reads it. */
function counted({ table, pace, log }: PullTools, key: CopyKey, { source, bytes, size }: Opened): Readable {
  const progress = new Progress(table, key, source.id);
  const passed = counting({ siteId: key.siteId, size, pace, progress: (count) => progress.tell(count) });
  progress.cancelled.addEventListener('abort', () => passed.destroy(progress.cancelled.reason as Error));
  pipeline(bytes, passed, (error) => {
    const about = { event: 'image.pull_broke_off', image: key.imageId, site: source.name, reason: error?.message };
    if (error) log.warn(about, 'a site did not receive all bytes of an image');
  });
  return passed;
}
