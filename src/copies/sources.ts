/** From where an image can be copied. */
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { CopyKey, CopyTable } from './copy-table.js';

/** Answering sites that have its bytes, the home first: its record is the one that copies are held against. */
export async function sourcesOf(
  { sites, table }: { readonly sites: SiteRegistry; readonly table: CopyTable },
  { imageId, siteId }: CopyKey,
): Promise<Site[]> {
  const copies = await table.of(imageId);
  const homeId = copies.find((copy) => copy.site_id === siteId)?.home_id;
  const whole = copies.filter(({ state, doomed_at: doomed }) => state === 'active' && !doomed);
  const ids = [...(homeId === undefined || homeId === null ? [] : [homeId]), ...whole.map((copy) => copy.site_id)];
  return [...new Set(ids)].flatMap((id) => {
    const site = id === siteId ? undefined : sites.byId(id);
    return site && site.state !== 'maintenance' && site.health('image').reachable ? [site] : [];
  });
}
