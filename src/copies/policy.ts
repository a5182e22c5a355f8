/** Which way an image comes to a site. The most particular word counts: of this image at this site, of the image, of the site. */
import type { Database } from '../database/database.js';

/**
 * `eager`: copied as soon as it is whole. `lazy`: copied when it is first needed there. `register`: never copied; what is at
 * the site already, or where the site itself can fetch the bytes from, is registered there.
 */
export const ways = ['eager', 'lazy', 'register'] as const;
export type Way = (typeof ways)[number];

export interface Policy {
  /** '' for all images. */
  readonly image_id: string;
  /** Null for all sites. */
  readonly site_id: number | null;
  readonly way: Way;
}

/** As SQL, of an image `i` at a site `s`; `$1` is the way where no policy says one. */
export const wayOf = `coalesce(
  (select p.way from image_policy p
    where p.image_id in (i.id, '') and (p.site_id = s.id or p.site_id is null)
    order by p.image_id = '', p.site_id is null limit 1), $1)`;

export class Policies {
  constructor(
    private readonly database: Database,
    readonly usual: Way,
  ) {}

  all(): Promise<Policy[]> {
    return this.database.many<Policy>(`select * from image_policy order by image_id, site_id nulls first`);
  }

  async of(imageId: string, siteId: number): Promise<Way> {
    const { way } = await this.database.one<{ way: Way }>(
      `select ${wayOf} as way from (select $2::text as id) i, (select $3::int as id) s`,
      [this.usual, imageId, siteId],
    );
    return way;
  }

  /** Undefined takes the word back. */
  async set(imageId: string, siteId: number | null, way: Way | undefined): Promise<void> {
    if (way === undefined) {
      await this.database.run(`delete from image_policy where image_id = $1 and site_id is not distinct from $2`, [
        imageId,
        siteId,
      ]);
      return;
    }
    await this.database.run(
      `insert into image_policy (image_id, site_id, way) values ($1, $2, $3)
       on conflict (image_id, site_id) do update set way = excluded.way`,
      [imageId, siteId, way],
    );
  }
}
