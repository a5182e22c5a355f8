/** Tickets with which sites fetch the bytes of their copies from the cascade: each is good once, for one image at one site. */
import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../database/database.js';
import type { CopyKey } from './copy-table.js';

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
