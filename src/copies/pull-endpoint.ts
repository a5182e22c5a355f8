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
import type { CopyKey, CopyTable } from './copy-table.js';
import { Progress } from './progress.js';
import { sourcesOf } from './sources.js';
import { bytesAt, counting, SourceFailed, type Pace } from './transfer.js';
import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../database/database.js';

export interface PullContext {
  readonly sites: SiteRegistry;
  readonly inventory: Inventory;
  readonly table: CopyTable;
  readonly tickets: Tickets;
  readonly pace: Pace;
  readonly log: Logger;
}

/** Adds the endpoint to a server that does not listen yet. Transfers that run when it closes are broken off. */
export function addPullEndpoint(server: FastifyInstance, context: PullContext): void {
  const passing = new Set<Readable>();
  server.addHook('preClose', async () => passing.forEach((bytes) => bytes.destroy(new Error('the cascade stops'))));
  server.get<{ Params: { ticket: string } }>('/image-copies/:ticket', async ({ params }, reply) => {
    reply.header('cache-control', 'no-store');
    const key = await context.tickets.redeem(params.ticket);
    // A ticket that was used, is too old or never was: nobody learns which.
    if (!key) return reply.code(404).type('text/plain').send('There is no such image.\n');
    const opened = await openBytes(context, key);
    if (!opened) return reply.code(503).type('text/plain').send('No site that has the image answers.\n');
    const bytes = counted(context, key, opened);
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

async function openBytes(context: PullContext, key: CopyKey): Promise<Opened | undefined> {
  const { inventory, log } = context;
  const row = await inventory.find('image', key.imageId);
  const size = row ? (bodyOfRow(row)['size'] as number | null) : null;
  for (const source of await sourcesOf(context, key)) {
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
function counted({ table, pace, log }: PullContext, key: CopyKey, { source, bytes, size }: Opened): Readable {
  const progress = new Progress(table, key, source.id);
  const passed = counting({ siteId: key.siteId, size, pace, progress: (count) => progress.tell(count) });
  progress.cancelled.addEventListener('abort', () => passed.destroy(progress.cancelled.reason as Error));
  pipeline(bytes, passed, (error) => {
    const about = { event: 'image.pull_broke_off', image: key.imageId, site: source.name, reason: error?.message };
    if (error) log.warn(about, 'a site did not receive all bytes of an image');
  });
  return passed;
}

/** A Glance that is busy begins an import when it has a worker for it. */
const lifeSeconds = 900;

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export class Tickets {
  constructor(private readonly database: Queryable) {}

  /** The secret of a new ticket; it is kept nowhere. */
  async issue({ imageId, siteId }: CopyKey): Promise<string> {
    const secret = randomBytes(32).toString('base64url');
    await this.database.run(
      `insert into image_ticket (secret_hash, image_id, site_id, expires_at)
       values ($1, $2, $3, now() + make_interval(secs => $4))`,
      [hashOf(secret), imageId, siteId, lifeSeconds],
    );
    return secret;
  }

  /** The copy that may be fetched with it: the first who comes has it. */
  async redeem(secret: string): Promise<CopyKey | undefined> {
    const row = await this.database.maybe<{ image_id: string; site_id: number }>(
      `delete from image_ticket where secret_hash = $1 and expires_at > now() returning image_id, site_id`,
      [hashOf(secret)],
    );
    return row && { imageId: row.image_id, siteId: row.site_id };
  }

  async revoke(secret: string): Promise<void> {
    await this.database.run(`delete from image_ticket where secret_hash = $1`, [hashOf(secret)]);
  }

  /** Removes those that nobody came with in time. */
  sweep(): Promise<number> {
    return this.database.run(`delete from image_ticket where expires_at < now()`);
  }
}
