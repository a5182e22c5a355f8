/** Two clouds that were one operator's before the cascade often have the same image twice, under two ids: here they become one. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOfRow, type Row } from '../resources/inventory.js';
import type { ImageCopies } from './copies.js';

/**
 * The other image becomes a copy of this one: its site knows it by its own id, everybody else by this one's.
 * @throws Fault 404; 409 where they are not the same image, or the site has one of this id already
 */
export async function mergeImages(copies: ImageCopies, imageId: string, otherId: string): Promise<void> {
  const { database, inventory, sites } = copies.parts;
  const [image, other] = await Promise.all([imageId, otherId].map((id) => inventory.find('image', id)));
  for (const [id, row] of [
    [imageId, image],
    [otherId, other],
  ] as const) {
    if (!row) throw new Fault('not-found', `There is no image ${id}.`);
  }
  const [kept, merged] = [image!, other!];
  const why = differenceOf(kept, merged);
  if (why) throw new Fault('conflict', `Images ${imageId} and ${otherId} are not the same: ${why}.`);
  const siteId = merged.site_id;
  const site = sites.require(siteId);
  if (await inventory.find('image', imageId, siteId))
    throw new Fault('conflict', `Site ${site.name} has image ${imageId} already.`);
  if ((await copies.table.of(otherId)).length > 0)
    throw new Fault('conflict', `Image ${otherId} has copies of its own.`);
  await database.transaction(async (tx) => {
    await copies.table.found({ imageId, siteId }, kept.site_id, String(bodyOfRow(kept)['os_hash_value']), tx);
    await sites.aliases.add(siteId, imageId, otherId, tx);
  });
  await inventory.forget('image', site, [otherId], new Date());
  await copies.onMerged(site);
  await copies.follow({ imageId, siteId });
}

function differenceOf(a: Row, b: Row): string | undefined {
  const [one, two] = [bodyOfRow(a), bodyOfRow(b)];
  if (a.site_id === b.site_id) return 'they are in one site';
  if (one['name'] !== two['name']) return 'their names differ';
  const hash = one['os_hash_value'];
  if (typeof hash !== 'string' || one['os_hash_algo'] !== two['os_hash_algo'] || hash !== two['os_hash_value']) {
    return 'their hashes differ, or are not known';
  }
  if (a.project_id !== b.project_id && one['visibility'] !== 'public') return 'they belong to two projects';
  return undefined;
}
