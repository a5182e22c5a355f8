/** Which sites have the bytes of an image. */
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { CopyKey, CopyTable, ImageCopy } from './copy-table.js';

interface SourceTools {
  readonly sites: SiteRegistry;
  readonly table: CopyTable;
}

/** Answering sites with a whole copy. */
export const sitesWith = async ({ sites, table }: SourceTools, imageId: string): Promise<Site[]> =>
  answeringAmong(sites, wholeAmong(await table.of(imageId)));

/** From where a copy can be made, the home first: its record is the one that copies are held against. */
export async function sourcesOf({ sites, table }: SourceTools, { imageId, siteId }: CopyKey): Promise<Site[]> {
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
