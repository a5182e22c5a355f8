/** What is asked of one image goes to its site; what the answer changes is read back, so that the next list shows it. */
import { isOk, json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { readImage } from '../copies/image.js';
import { bodyOfRow } from '../resources/inventory.js';
import { linkBodyBack } from '../resources/linking.js';
import { listRows } from '../resources/query.js';
import { passOne, passToOwner } from '../routing/pass.js';
import { kindNamed, type World } from '../routing/world.js';
import { ignoreSilence, SiteUnreachable, type Site } from '../sites/site.js';
import { imageShown, shownTo } from './image-view.js';
import { forgetMembersOf, readMembersOf } from './members.js';
import { orTooOld, requirePath } from './older-glance.js';
import { visibleTo } from './visibility.js';
import { modeOfPatch } from './mode-property.js';
import { condition } from '../resources/list-query.js';

const idOf = (asked: Asked): string => asked.params['image_id'] ?? '';

/** `GET /images/{image_id}`; where its site is known to be down, as it was last seen. */
export function showImage(world: World): Answer {
  const pass = passOne(world, 'image', 'image_id', { shown: imageShown });
  return async (asked) => {
    try {
      return await pass(asked);
    } catch (error) {
      const seen = error instanceof SiteUnreachable && error.isDown ? await lastSeen(world, asked) : undefined;
      if (!seen) throw error;
      return seen;
    }
  };
}

async function lastSeen(world: World, asked: Asked): Promise<OpenStackResponse | undefined> {
  const where = [...visibleTo(asked.caller), condition('r.id = ?', idOf(asked))];
  const [row] = await listRows(world.database, {
    kind: 'image',
    where,
    sort: [{ by: 'id', direction: 'asc' }],
    limit: 1,
  });
  return row && json(200, shownTo(asked.caller, bodyOfRow(row)));
}

export function updateImage(world: World): Answer {
  const pass = passOne(world, 'image', 'image_id', { shown: imageShown });
  return async (asked) => {
    const raw = await asked.readBody();
    const mode = modeOfPatch(asked.caller, raw);
    const response = await pass({ ...asked, readBody: () => Promise.resolve(raw) });
    if (!isOk(response)) return response;
    if (mode !== undefined) await world.copies.policies.set(idOf(asked), null, { mode });
    await world.copies.changed(idOf(asked));
    return response;
  };
}

/** Its copies go with it; should the program stop in between, whoever looks next finds that they are to go. */
export function deleteImage(world: World): Answer {
  const shown = async (asked: Asked, response: OpenStackResponse, site: Site): Promise<OpenStackResponse> => {
    if (isOk(response)) await forgetMembersOf(world, site, idOf(asked));
    return response;
  };
  const pass = passOne(world, 'image', 'image_id', { shown });
  return async (asked) => {
    const id = idOf(asked);
    const { isAdmin, projectId } = asked.caller;
    const row = await world.inventory.find('image', id);
    // Who may not delete it, and is told so by its site, does not hold up its copies.
    const isOwn = row !== undefined && (isAdmin || row.project_id === projectId);
    if (isOwn) await world.copies.table.markDeleting(id, true);
    const response = await pass(asked);
    if (isOk(response)) await world.copies.deleted(id);
    else if (isOwn) await world.copies.table.markDeleting(id, false);
    return response;
  };
}

interface Below {
  readonly streams?: boolean;
  /** What this is, where an older Glance does not have the path. */
  readonly newer?: string;
}

/** Anything about an image that changes nothing of what lists show. */
export const passBelow = (world: World, { newer }: Below = {}): Answer =>
  passToOwner(world, 'image', 'image_id', newer === undefined ? {} : { shown: orTooOld(newer) });

/** Anything about an image that changes it. `streams` where the body is its data. */
export function writeBelow(world: World, { streams = false, newer }: Below = {}): Answer {
  const seen = readBack(world, readBackImage);
  return passToOwner(world, 'image', 'image_id', {
    streams,
    shown: (asked, response, site) =>
      seen(asked, newer === undefined ? response : requirePath(response, site, newer), site),
  });
}

/** Anything that changes with whom it is shared. */
export function writeMembers(world: World): Answer {
  return passToOwner(world, 'image', 'image_id', { shown: readBack(world, readMembersOf) });
}

function readBack(world: World, read: (world: World, site: Site, imageId: string) => Promise<void>) {
  return async (asked: Asked, response: OpenStackResponse, site: Site): Promise<OpenStackResponse> => {
    // The write is done; should the site fall silent now, a feed tells later.
    if (!isOk(response)) return response;
    await read(world, site, idOf(asked)).catch(ignoreSilence);
    await world.copies.changed(idOf(asked));
    return response;
  };
}

/** One image as its site's administrator sees it. @throws SiteUnreachable */
async function readBackImage(world: World, site: Site, id: string): Promise<void> {
  const askedAt = new Date();
  const image = await readImage(site, id);
  if (!image) return world.inventory.forget('image', site, [id], askedAt);
  await world.inventory.store(kindNamed(world, 'image'), site, [linkBodyBack({ ...image }, site)], askedAt);
}
