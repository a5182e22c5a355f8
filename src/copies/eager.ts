/** Copies that policy wants as soon as an image is whole: of a new image, and at a new site. */
import type { Database } from '../database/database.js';
import type { CopyKey } from './copy-table.js';
import { modeOf, type Usual } from './policy.js';

/** Minutes after which what was given up is tried again. */
export const againMinutes = 10;

interface Beginner {
  readonly policies: { readonly usual: Usual };
  begin(key: CopyKey, homeId: number): Promise<void>;
}

/** Begins all that are missing, of one image or at one site. */
export async function copyEagerly(database: Database, copies: Beginner, of: Partial<CopyKey>): Promise<void> {
  if (copies.policies.usual.mode !== 'eager' && !(await isAnythingEager(database))) return;
  const missing = await database.many<{ id: string; site_id: number; home_id: number }>(
    `select i.id, s.id as site_id, i.site_id as home_id from resource i cross join site s
      where i.kind = 'image' and i.deleted_at is null and not i.is_copy and i.site_id <> s.id and s.state = 'enabled'
        and ($2::text is null or i.id = $2) and ($3::int is null or s.id = $3)
        and i.facts->>'status' = 'active' and ${modeOf} = 'eager'
        and not exists (select 1 from resource r
              where r.kind = 'image' and r.id = i.id and r.site_id = s.id and r.deleted_at is null)
        and not exists (select 1 from image_copy c where c.image_id = i.id and c.site_id = s.id
              and (c.state <> 'failed' or c.since > now() - make_interval(mins => $4)))`,
    [copies.policies.usual.mode, of.imageId ?? null, of.siteId ?? null, againMinutes],
  );
  for (const { id, site_id: siteId, home_id: homeId } of missing) await copies.begin({ imageId: id, siteId }, homeId);
}

async function isAnythingEager(database: Database): Promise<boolean> {
  const { is } = await database.one<{ is: boolean }>(
    `select exists (select 1 from image_policy where mode = 'eager') as is`,
  );
  return is;
}
