/** What the copies at a site should be and are: drift is noticed in the inventory, which asks the sites nothing. */
import type { Database } from '../database/database.js';
import type { Site } from '../sites/site.js';
import type { ImageCopies } from './copies.js';
import { againMinutes, copyEagerly } from './eager.js';
import { steps } from './record.js';

interface Held {
  readonly image_id: string;
  readonly site_id: number;
  readonly home_id: number | null;
  readonly state: string;
  readonly deleting_at: Date | null;
  readonly home_body: string | null;
  readonly copy_body: string | null;
  readonly home_members: unknown;
  readonly copy_members: unknown;
}

export async function reconcileCopies(database: Database, copies: ImageCopies, site: Site): Promise<void> {
  await adopt(database, copies, site);
  await followDrift(database, copies, site);
  if (site.state === 'enabled') await copyEagerly(database, copies, { siteId: site.id });
}

/** Images of one id and the same bytes in several sites are one image: the earliest site's, and copies of it. */
async function adopt(database: Database, copies: ImageCopies, site: Site): Promise<void> {
  const found = await database.many<{ id: string; home_id: number; hash: string }>(
    `select r.id, min(h.site_id) as home_id, r.facts->>'os_hash_value' as hash
       from resource r join resource h on h.kind = r.kind and h.id = r.id and h.site_id < r.site_id
      where r.kind = 'image' and r.site_id = $1 and r.deleted_at is null and not r.is_copy
        and h.deleted_at is null and not h.is_copy
        and h.facts->>'os_hash_value' = r.facts->>'os_hash_value'
      group by r.id, hash`,
    [site.id],
  );
  for (const { id, home_id: homeId, hash } of found) {
    await copies.table.found({ imageId: id, siteId: site.id }, homeId, hash);
  }
}

async function followDrift(database: Database, copies: ImageCopies, site: Site): Promise<void> {
  const members = (of: string): string =>
    `(select jsonb_object_agg(m.facts->>'member_id', m.facts->>'status') from resource m
       where m.kind = 'image_member' and m.site_id = ${of} and m.deleted_at is null and starts_with(m.id, c.image_id || '/'))`;
  const held = await database.many<Held>(
    `select c.image_id, c.site_id, c.home_id, c.state, c.deleting_at, h.body as home_body, r.body as copy_body,
            ${members('c.home_id')} as home_members, ${members('c.site_id')} as copy_members
       from image_copy c
       left join resource h on h.kind = 'image' and h.id = c.image_id and h.site_id = c.home_id and h.deleted_at is null
       left join resource r on r.kind = 'image' and r.id = c.image_id and r.site_id = c.site_id and r.deleted_at is null
      where c.site_id = $1
        and not exists (select 1 from job j where j.kind = 'image-follow' and j.key = c.image_id || '/' || c.site_id
              and j.state = 'failed' and j.changed_at > now() - make_interval(mins => $2))`,
    [site.id, againMinutes],
  );
  for (const copy of held) {
    const key = { imageId: copy.image_id, siteId: copy.site_id };
    if (isDrifting(copy)) await copies.follow(key);
    // Its job is gone with a database that was restored, say.
    const isStuck = copy.state === 'waiting' || copy.state === 'copying';
    if (isStuck && copy.home_id !== null && !copy.deleting_at) {
      await copies.begin(key, copy.home_id);
    }
  }
}

function isDrifting({ state, deleting_at: deletingAt, home_body: home, copy_body: copy, ...held }: Held): boolean {
  if (deletingAt || home === null) return true;
  if (state !== 'active') return false;
  if (copy === null) return true;
  const [wanted, seen] = [JSON.parse(home), JSON.parse(copy)] as [Record<string, unknown>, Record<string, unknown>];
  if (steps(wanted, seen).length > 0 || wanted['status'] !== seen['status']) return true;
  return wanted['visibility'] === 'shared' && !sameMembers(held.home_members, held.copy_members);
}

const sameMembers = (a: unknown, b: unknown): boolean => sorted(a) === sorted(b);
const sorted = (members: unknown): string =>
  JSON.stringify(Object.entries(members ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
