/**
 * Which way an image comes to a site, and by which tool. The most particular word counts: of this image at this site, of the
 * image, of the site.
 */
import type { Database } from '../database/database.js';
import type { Tool } from './tool.js';

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
  readonly way: Way | null;
  readonly tool: Tool | null;
}

/** What is said anew: null takes back what was said before, and what is not there stays. */
export interface Said {
  readonly way?: Way | null | undefined;
  readonly tool?: Tool | null | undefined;
}

/** Where no policy says otherwise. */
export interface Usual {
  readonly way: Way;
  readonly tool: Tool;
}

/** As SQL, of an image `i` at a site `s`; `$1` is what is usual. */
const saidOf = (what: 'way' | 'tool'): string => `coalesce(
  (select p.${what} from image_policy p
    where p.image_id in (i.id, '') and (p.site_id = s.id or p.site_id is null) and p.${what} is not null
    order by p.image_id = '', p.site_id is null limit 1), $1)`;

export const wayOf = saidOf('way');
const toolOf = saidOf('tool');

export class Policies {
  constructor(
    private readonly database: Database,
    readonly usual: Usual,
  ) {}

  all(): Promise<Policy[]> {
    return this.database.many<Policy>(`select * from image_policy order by image_id, site_id nulls first`);
  }

  async of(imageId: string, siteId: number): Promise<Way> {
    const { way } = await this.database.one<{ way: Way }>(
      `select ${wayOf} as way from (select $2::text as id) i, (select $3::int as id) s`,
      [this.usual.way, imageId, siteId],
    );
    return way;
  }

  async toolOf(imageId: string, siteId: number): Promise<Tool> {
    const { tool } = await this.database.one<{ tool: Tool }>(
      `select ${toolOf} as tool from (select $2::text as id) i, (select $3::int as id) s`,
      [this.usual.tool, imageId, siteId],
    );
    return tool;
  }

  async set(imageId: string, siteId: number | null, { way, tool }: Said): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.run(
        `insert into image_policy as p (image_id, site_id, way, tool) values ($1, $2, $3, $4)
         on conflict (image_id, site_id) do update
            set way = case when $5 then excluded.way else p.way end,
                tool = case when $6 then excluded.tool else p.tool end`,
        [imageId, siteId, way ?? null, tool ?? null, way !== undefined, tool !== undefined],
      );
      await tx.run(`delete from image_policy where way is null and tool is null`);
    });
  }

  /** An image that is gone needs no words of its own. */
  async forget(imageId: string): Promise<void> {
    await this.database.run(`delete from image_policy where image_id = $1`, [imageId]);
  }
}
