/** Where else the bytes of images are: the table of copies, and the only file that writes it. */
import type { Database, Queryable } from '../database/database.js';
import type { CopyMethod } from './method.js';

export type CopyState = 'waiting' | 'copying' | 'active' | 'failed';

export interface ImageCopy {
  readonly image_id: string;
  readonly site_id: number;
  /** The site whose record tenants read; null once it was taken out of the cascade. */
  readonly home_id: number | null;
  readonly state: CopyState;
  /** The cascade made its record; false for one that was found at its site. */
  readonly is_ours: boolean;
  /** Copied so far, in bytes. */
  readonly bytes: number;
  readonly size: number | null;
  /** `os_hash_value`, once it is verified. */
  readonly hash: string | null;
  readonly source_id: number | null;
  /** By which its bytes come, or came; null for one that was found or registered. */
  readonly method: CopyMethod | null;
  /** Why that is another one than policy wants. */
  readonly detour: string | null;
  readonly attempts: number;
  readonly cause: string | null;
  readonly deleting_at: Date | null;
  readonly since: Date;
}

/** A copy by its key. */
export interface CopyKey {
  readonly imageId: string;
  readonly siteId: number;
}

export class CopyTable {
  constructor(private readonly database: Database) {}

  find({ imageId, siteId }: CopyKey): Promise<ImageCopy | undefined> {
    return this.database.maybe<ImageCopy>(`select * from image_copy where image_id = $1 and site_id = $2`, [
      imageId,
      siteId,
    ]);
  }

  of(imageId: string): Promise<ImageCopy[]> {
    return this.database.many<ImageCopy>(`select * from image_copy where image_id = $1 order by site_id`, [imageId]);
  }

  /** A copy that is to be made; one that failed begins anew, any other stays as it is. */
  async want({ imageId, siteId }: CopyKey, homeId: number, on: Queryable): Promise<void> {
    await on.run(
      `insert into image_copy as c (image_id, site_id, home_id, state, is_ours) values ($1, $2, $3, 'waiting', false)
       on conflict (image_id, site_id) do update set state = 'waiting', attempts = 0, bytes = 0, since = now()
        where c.state = 'failed'`,
      [imageId, siteId, homeId],
    );
  }

  /** One that is there already, with the same bytes. */
  async found({ imageId, siteId }: CopyKey, homeId: number, hash: string | null, on?: Queryable): Promise<void> {
    await (on ?? this.database).run(
      `insert into image_copy (image_id, site_id, home_id, state, is_ours, hash) values ($1, $2, $3, 'active', false, $4)
       on conflict (image_id, site_id) do nothing`,
      [imageId, siteId, homeId, hash],
    );
  }

  async begin({ imageId, siteId }: CopyKey, size: number | null, attempt: number): Promise<void> {
    await this.database.run(
      `update image_copy set state = 'copying', bytes = 0, size = $3, attempts = $4, since = now()
        where image_id = $1 and site_id = $2`,
      [imageId, siteId, size, attempt],
    );
  }

  /** Whether the record at the site is the cascade's to delete. */
  async own({ imageId, siteId }: CopyKey, isOurs: boolean): Promise<void> {
    await this.database.run(`update image_copy set is_ours = $3 where image_id = $1 and site_id = $2`, [
      imageId,
      siteId,
      isOurs,
    ]);
  }

  async comesBy({ imageId, siteId }: CopyKey, method: CopyMethod, detour: string | null): Promise<void> {
    await this.database.run(`update image_copy set method = $3, detour = $4 where image_id = $1 and site_id = $2`, [
      imageId,
      siteId,
      method,
      detour,
    ]);
  }

  /** @returns false where the image is being deleted, and no more bytes are wanted */
  async progress({ imageId, siteId }: CopyKey, bytes: number, sourceId: number): Promise<boolean> {
    const wanted = await this.database.run(
      `update image_copy set bytes = $3, source_id = $4 where image_id = $1 and site_id = $2 and deleting_at is null`,
      [imageId, siteId, bytes, sourceId],
    );
    return wanted > 0;
  }

  async verified({ imageId, siteId }: CopyKey, size: number | null, hash: string | null): Promise<void> {
    await this.database.run(
      `update image_copy set state = 'active', bytes = coalesce($3, bytes), size = $3, hash = $4, cause = null, since = now()
        where image_id = $1 and site_id = $2`,
      [imageId, siteId, size, hash],
    );
  }

  /** Why it is not there yet. */
  async noteCause({ imageId, siteId }: CopyKey, cause: string): Promise<void> {
    await this.database.run(`update image_copy set cause = $3 where image_id = $1 and site_id = $2`, [
      imageId,
      siteId,
      cause,
    ]);
  }

  async failed({ imageId, siteId }: CopyKey, cause: string): Promise<void> {
    await this.database.run(
      `update image_copy set state = 'failed', cause = $3, since = now() where image_id = $1 and site_id = $2`,
      [imageId, siteId, cause],
    );
  }

  async remove({ imageId, siteId }: CopyKey): Promise<void> {
    await this.database.run(`delete from image_copy where image_id = $1 and site_id = $2`, [imageId, siteId]);
  }

  /** The image is being deleted, and its copies with it; or, with false, it stays after all. */
  async markDeleting(imageId: string, isDeleting: boolean): Promise<void> {
    await this.database.run(
      `update image_copy set deleting_at = case when $2 then now() end where image_id = $1 and (deleting_at is null) = $2`,
      [imageId, isDeleting],
    );
  }
}
