/** `GET /images`, over all sites, from the inventory. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { bodyOfRow } from '../resources/inventory.js';
import { listRows } from '../resources/query.js';
import { idIsIn } from '../resources/text-conditions.js';
import { kindNamed, type World } from '../routing/world.js';
import { imageConditions } from './image-conditions.js';
import { imageLimit, imageSort, pageLinks } from '@cascade/openstack-protocol/image/glance-paging.js';
import { shownTo } from './image-view.js';
import { visibleTo } from './visibility.js';

export function listImages(world: World): Answer {
  return async (asked) => {
    const limit = imageLimit(asked);
    const where = imageConditions(asked);
    const sort = imageSort(asked);
    await catchUp(world, asked);
    const asWritten = asked.query.get('marker');
    const marker = asWritten === null ? undefined : await requireMarker(world, asked, asWritten);
    const rows = await listRows(world.database, { kind: 'image', where, sort, limit, marker });
    const images = rows.map((row) => shownTo(asked.caller, bodyOfRow(row)));
    const next = limit > 0 && rows.length === limit ? rows.at(-1)?.id : undefined;
    return json(200, { images, ...pageLinks(asked, next) });
  };
}

async function catchUp(world: World, asked: Asked): Promise<void> {
  const { isAdmin, projectId } = asked.caller;
  const owner = asked.query.get('owner');
  const ownerId = isAdmin ? (owner === null ? undefined : idAsKept(owner)) : projectId;
  if (isAdmin || ownerId) await world.freshness.catchUp(kindNamed(world, 'image'), ownerId);
}

/** The marker's id as it is kept. @throws Fault 400 for an image that does not exist, 403 for one the caller may not see */
async function requireMarker(world: World, asked: Asked, id: string): Promise<string> {
  const where = [...visibleTo(asked.caller), idIsIn('r.id', [id])];
  const seen = await listRows(world.database, {
    kind: 'image',
    where,
    sort: [{ by: 'id', direction: 'asc' }],
    limit: 1,
  });
  if (seen[0]) return seen[0].id;
  if (await world.inventory.find('image', id))
    throw new Fault('forbidden', `Forbidding request, image ${id} not visible`);
  throw new Fault('bad-request', `No image found with ID ${id}`);
}
