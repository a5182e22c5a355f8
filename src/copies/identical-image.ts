/**
 * `register` at a site that has the bytes already, in an image of its own. Only one that is the same image in all but its
 * id: the same owner, name, format and hash. Another project's is never taken, whoever may see it: its owner may delete it,
 * and our image's owner would delete it. See docs/decisions/0022.
 */
import type { Database } from '../database/database.js';

/** The id of such an image at a site, by what the inventory knows. */
export async function identicalImage(database: Database, imageId: string, siteId: number): Promise<string | undefined> {
  const same = ['os_hash_algo', 'os_hash_value', 'size', 'name', 'disk_format', 'container_format'];
  const [identical] = await database.many<{ id: string }>(
    `select t.id from resource i join resource t on t.kind = i.kind and t.site_id = $2
      where i.kind = 'image' and i.id = $1 and i.deleted_at is null and not i.is_copy and i.site_id <> $2
        and t.deleted_at is null and not t.is_copy and t.id <> i.id
        and t.project_id = i.project_id and t.facts->>'status' = 'active'
        and ${same.map((fact) => `t.facts->>'${fact}' = i.facts->>'${fact}'`).join(' and ')}
        and not exists (select 1 from image_copy c where c.image_id = t.id)
        and not exists (select 1 from alias a where a.site_id = $2 and a.id = i.id)
      order by t.created_at, t.id limit 1`,
    [imageId, siteId],
  );
  return identical?.id;
}
