/**
 * With whom images are shared. No list of Glance tells it over all images, so it is read image by image: after a write
 * that may have changed it, and in turns for what was written at a site itself.
 */
import { bodyOf } from '../openstack/message.js';
import type { Body } from '../resources/kind.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { kindNamed, type World } from '../routing/world.js';

/** Images of one site whose members are read in one turn. */
const aTurn = 100;

/** The members of one image, as the site's own credential sees them. @throws SiteUnreachable */
export async function readMembersOf(world: World, site: Site, imageId: string): Promise<void> {
  const askedAt = new Date();
  const path = `/images/${encodeURIComponent(imageId)}/members`;
  const response = await site.request({ service: 'image', method: 'GET', path });
  if (response.status === 404) return forgetMembersOf(world, site, imageId);
  const members = (bodyOf(response) as { members?: Body[] } | undefined)?.members;
  // 403 means that its visibility is another now. Its members count for nothing then, and the site keeps them too.
  if (response.status === 403) return;
  if (response.status !== 200 || !Array.isArray(members)) {
    throw new SiteUnreachable(site.name, true, `members of image ${imageId}: ${response.status} instead of a list`);
  }
  const bodies = members.map((member) => ({ ...member, id: `${imageId}/${String(member['member_id'])}` }));
  await world.inventory.store(kindNamed(world, 'image_member'), site, bodies, askedAt);
  const seen = new Set(bodies.map((body) => body.id));
  const gone = (await memberIds(world, site, imageId)).filter((id) => !seen.has(id));
  await world.inventory.forget('image_member', site, gone, askedAt);
}

export async function forgetMembersOf(world: World, site: Site, imageId: string): Promise<void> {
  await world.inventory.forget('image_member', site, await memberIds(world, site, imageId), new Date());
}

async function memberIds(world: World, site: Site, imageId: string): Promise<string[]> {
  const rows = await world.database.many<{ id: string }>(
    `select id from resource where kind = 'image_member' and site_id = $1 and deleted_at is null
        and starts_with(id, $2)`,
    [site.id, `${imageId}/`],
  );
  return rows.map((row) => row.id);
}

// Where each site's next turn begins. Lost with the process, which then begins again: no harm.
const turns = new WeakMap<World, Map<number, string>>();

/**
 * Reads the members of the next hundred shared images of a site, in the order of their ids and round again: called by the
 * reconciler every thirty seconds it costs a site four cheap requests a second at most. @throws SiteUnreachable
 */
export async function readMembers(world: World, site: Site): Promise<void> {
  const next = turns.get(world) ?? new Map<number, string>();
  turns.set(world, next);
  const images = await world.database.many<{ id: string }>(
    `select id from resource where kind = 'image' and site_id = $1 and deleted_at is null and id > $2
        and facts->>'visibility' = 'shared' order by id limit $3`,
    [site.id, next.get(site.id) ?? '', aTurn],
  );
  for (const { id } of images) await readMembersOf(world, site, id);
  const last = images.length === aTurn ? images.at(-1)?.id : undefined;
  if (last === undefined) {
    next.delete(site.id);
    await forgetOrphans(world, site);
  } else next.set(site.id, last);
}

/** Members of images that are gone. */
async function forgetOrphans(world: World, site: Site): Promise<void> {
  const rows = await world.database.many<{ id: string }>(
    `select m.id from resource m where m.kind = 'image_member' and m.site_id = $1 and m.deleted_at is null
        and not exists (select 1 from resource i where i.kind = 'image' and i.site_id = m.site_id
          and i.id = split_part(m.id, '/', 1) and i.deleted_at is null)`,
    [site.id],
  );
  await world.inventory.forget(
    'image_member',
    site,
    rows.map((row) => row.id),
    new Date(),
  );
}
