/**
 * With whom images are shared. No list of Glance tells it over all images, so it is read image by image: after a write
 * that may have changed it, and in turns for what was written at a site itself.
 */
import { membersAt } from '../copies/members.js';
import type { Site } from '../sites/site.js';
import { kindNamed, type World } from '../routing/world.js';

/** Images of one site whose members are read in one turn. */
const aTurn = 100;

/** The members of one image, as the site's own credential sees them. @throws SiteUnreachable */
export async function readMembersOf(world: World, site: Site, imageId: string): Promise<void> {
  const askedAt = new Date();
  const members = await membersAt(site, imageId);
  if (members === 'gone') return forgetMembersOf(world, site, imageId);
  if (members === 'unshared') return; // the site keeps them too
  const bodies = members.map((member) => ({ ...member, id: `${imageId}/${member.member_id}` }));
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
