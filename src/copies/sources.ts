/** Which sites have the bytes of an image. */
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { CopyKey, CopyTable, ImageCopy } from './copy-table.js';
import type { Database } from '../database/database.js';

interface SourceContext {
  readonly sites: SiteRegistry;
  readonly table: CopyTable;
}

/** Answering sites with a whole copy. */
export const sitesWith = async ({ sites, table }: SourceContext, imageId: string): Promise<Site[]> =>
  answeringAmong(sites, wholeAmong(await table.of(imageId)));

/** From where a copy can be made, the home first: its record is the one that copies are held against. */
export async function sourcesOf({ sites, table }: SourceContext, { imageId, siteId }: CopyKey): Promise<Site[]> {
  const copies = await table.of(imageId);
  const homeId = copies.find((copy) => copy.site_id === siteId)?.home_id ?? [];
  const ids = [homeId, wholeAmong(copies)].flat();
  return answeringAmong(sites, ids).filter(({ id }) => id !== siteId);
}

const wholeAmong = (copies: readonly ImageCopy[]): number[] =>
  copies.filter(({ state, deleting_at: deletingAt }) => state === 'active' && !deletingAt).map((copy) => copy.site_id);

function answeringAmong(sites: SiteRegistry, ids: readonly number[]): Site[] {
  const answering = new Map(sites.answering('image').map((site) => [site.id, site]));
  return [...new Set(ids)].flatMap((id) => answering.get(id) ?? []);
}

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
