/**
 * Server groups that a site had before it was one, or that a cascade made whose database is lost. Groups of one name and
 * one policy in one project are one group of the cascade: each site holds its own members of it.
 */
import { alone } from '../routing/alone.js';
import { askAsAdmin } from '../routing/speaker.js';
import type { Version } from '../resources/global.js';
import type { World } from '../routing/world.js';
import type { Body } from '../resources/kind.js';
import type { Site } from '../sites/site.js';

const kind = 'server_group';
const pageSize = 1000;

/** A site is looked at this often. */
const lookEveryMs = 300_000;
const lookedAt = new WeakMap<Site, number>();

/** @throws SiteUnreachable */
export async function adoptServerGroups(world: World, site: Site): Promise<void> {
  if (Date.now() - (lookedAt.get(site) ?? 0) < lookEveryMs) return;
  await alone(world, kind, async () => {
    // Before the list is asked for: what is deleted from now on, it says nothing against.
    const readAt = await world.globals.version();
    for (const group of await groupsAt(site)) await adoptOne(world, site, group, readAt);
  });
  lookedAt.set(site, Date.now());
}

async function groupsAt(site: Site): Promise<Body[]> {
  const groups: Body[] = [];
  for (;;) {
    const query = `all_projects=1&limit=${pageSize}&offset=${groups.length}`;
    const { body } = await askAsAdmin(site, 'compute', 'GET', '/os-server-groups', { microversion: '2.64', query });
    const page = (body['server_groups'] ?? []) as Body[];
    groups.push(...page);
    if (page.length < pageSize) return groups;
  }
}

async function adoptOne(world: World, site: Site, found: Body, readAt: Version): Promise<void> {
  const id = String(found['id']);
  if (await world.globals.globalIdOf(kind, site.id, id)) return;
  const known = await world.database.maybe<{ id: string; is_deleted: boolean }>(
    // What is being made at the site is either this one, or, where it is deleted, to be removed there.
    `select g.id, g.deleted_at is not null as is_deleted from global_resource g
       left join shadow s on s.kind = g.kind and s.global_id = g.id and s.site_id = $6
      where g.kind = $1 and (g.id = $2 or g.owner_id = $3 and g.body->>'name' = $4 and g.body->>'policy' = $5
          and (g.deleted_at is null or s.making_since is not null))
        and (s.site_id is null or s.making_since is not null)
      order by g.id = $2 desc, g.deleted_at is null desc, g.created_at limit 1`,
    [kind, id, found['project_id'], found['name'], policyOf(found), site.id],
  );
  if (known?.is_deleted) return;
  const { name, user_id, project_id } = found;
  const owner = project_id === undefined ? null : String(project_id);
  const body = { id, name, policy: policyOf(found), rules: found['rules'] ?? {}, user_id, project_id };
  if (known || (await world.globals.put(kind, id, owner, body, readAt)))
    await world.globals.putShadow(kind, known?.id ?? id, site.id, id, null);
}

/** Before 2.64 there is a list with one in it. */
const policyOf = (group: Body): unknown => group['policy'] ?? (group['policies'] as unknown[] | undefined)?.[0];
