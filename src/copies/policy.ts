/**
 * When an image is copied to a site, and by which method. The most particular word counts: of this image at this site, of the
 * image, of the site.
 */
import type { Database } from '../database/database.js';
import type { CopyMethod } from './method.js';

/**
 * `eager`: copied as soon as it is whole. `lazy`: copied when it is first needed there. `register`: never copied; what is at
 * the site already, or where the site itself can fetch the bytes from, is registered there.
 */
export const modes = ['eager', 'lazy', 'register'] as const;
export type CopyMode = (typeof modes)[number];

export interface Policy {
  /** '' for all images. */
  readonly image_id: string;
  /** Null for all sites. */
  readonly site_id: number | null;
  readonly mode: CopyMode | null;
  readonly method: CopyMethod | null;
}

/** What is said anew: null takes back what was said before, and what is not there stays. */
export interface Said {
  readonly mode?: CopyMode | null | undefined;
  readonly method?: CopyMethod | null | undefined;
}

/** Where no policy says otherwise. */
export interface Usual {
  readonly mode: CopyMode;
  readonly method: CopyMethod;
}

/** As SQL, of an image `i` at a site `s`; `$1` is what is usual. */
const saidOf = (what: 'mode' | 'method'): string => `coalesce(
  (select p.${what} from image_policy p
    where p.image_id in (i.id, '') and (p.site_id = s.id or p.site_id is null) and p.${what} is not null
    order by p.image_id = '', p.site_id is null limit 1), $1)`;

export const modeOf = saidOf('mode');
const methodOf = saidOf('method');

export class Policies {
  constructor(
    private readonly database: Database,
    readonly usual: Usual,
  ) {}

  all(): Promise<Policy[]> {
    return this.database.many<Policy>(`select * from image_policy order by image_id, site_id nulls first`);
  }

  async of(imageId: string, siteId: number): Promise<CopyMode> {
    const { mode } = await this.database.one<{ mode: CopyMode }>(
      `select ${modeOf} as mode from (select $2::text as id) i, (select $3::int as id) s`,
      [this.usual.mode, imageId, siteId],
    );
    return mode;
  }

  async methodOf(imageId: string, siteId: number): Promise<CopyMethod> {
    const { method } = await this.database.one<{ method: CopyMethod }>(
      `select ${methodOf} as method from (select $2::text as id) i, (select $3::int as id) s`,
      [this.usual.method, imageId, siteId],
    );
    return method;
  }

  async set(imageId: string, siteId: number | null, { mode, method }: Said): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.run(
        `insert into image_policy as p (image_id, site_id, mode, method) values ($1, $2, $3, $4)
         on conflict (image_id, site_id) do update
            set mode = case when $5 then excluded.mode else p.mode end,
                method = case when $6 then excluded.method else p.method end`,
        [imageId, siteId, mode ?? null, method ?? null, mode !== undefined, method !== undefined],
      );
      await tx.run(`delete from image_policy where mode is null and method is null`);
    });
  }

  /** An image that is gone needs no words of its own. */
  async forget(imageId: string): Promise<void> {
    await this.database.run(`delete from image_policy where image_id = $1`, [imageId]);
  }
}
