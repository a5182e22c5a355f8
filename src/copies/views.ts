/** Images and their copies as operators see them. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Database } from '../database/database.js';
import type { ImageCopies } from './copies.js';
import type { CopyMode } from './policy.js';
import type { CopyMethod } from './method.js';

export interface ShownCopy {
  readonly image_id: string;
  readonly site: string;
  readonly state: 'waiting' | 'copying' | 'active' | 'failed' | 'deleting';
  readonly since: Date;
  readonly bytes: number;
  readonly size: number | null;
  readonly hash: string | null;
  readonly source: string | null;
  readonly method: CopyMethod | null;
  readonly detour: string | null;
  readonly attempts: number;
  readonly cause: string | null;
  readonly is_ours: boolean;
  readonly site_image_id: string;
}

export interface ShownImage {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly size: number | null;
  readonly home: string;
  readonly modes: Readonly<Record<string, CopyMode>>;
  readonly copies: readonly ShownCopy[];
}

/** At most so many copies are shown at once, the newest changes first. */
const shownAtOnce = 1_000;

export function showCopies(
  database: Database,
  of: { imageId?: string; state?: string | undefined },
): Promise<ShownCopy[]> {
  return database.many<ShownCopy>(
    `select * from (
       select c.image_id, s.name as site, case when c.deleting_at is null then c.state else 'deleting' end as state, c.since,
              c.bytes, c.size, c.hash, f.name as source, c.method, c.detour, c.attempts, c.cause, c.is_ours,
              coalesce(a.site_resource_id, c.image_id) as site_image_id
         from image_copy c join site s on s.id = c.site_id
         left join site f on f.id = c.source_id
         left join alias a on a.site_id = c.site_id and a.id = c.image_id
        where $1::text is null or c.image_id = $1) shown
      where $2::text is null or state = $2
      order by since desc, image_id, site limit ${shownAtOnce}`,
    [of.imageId ?? null, of.state ?? null],
  );
}

/** @throws Fault 404 */
export async function showImage(database: Database, { policies }: ImageCopies, id: string): Promise<ShownImage> {
  const [image] = await database.many<Omit<ShownImage, 'modes' | 'copies'> & { home_id: number }>(
    `select r.id, r.name, r.facts->>'status' as status, (r.facts->>'size')::bigint as size, s.name as home, s.id as home_id
       from resource r join site s on s.id = r.site_id
      where r.kind = 'image' and r.id = $1 and r.deleted_at is null and not r.is_copy order by r.site_id limit 1`,
    [id],
  );
  if (!image) throw new Fault('not-found', `There is no image ${id}.`);
  const { home_id: homeId, ...shown } = image;
  const others = await database.many<{ id: number; name: string }>(
    `select id, name from site where id <> $1 order by id`,
    [homeId],
  );
  const modes = await Promise.all(others.map(async (site) => [site.name, await policies.of(id, site.id)] as const));
  return { ...shown, modes: Object.fromEntries(modes), copies: await showCopies(database, { imageId: id }) };
}
