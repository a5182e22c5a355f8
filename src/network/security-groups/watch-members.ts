/**
 * Ports of projects whose security groups are in several sites, read every few moments while their writes take effect: Nova makes
 * and removes a server's ports behind its answers, and the members of a group are to be admitted in all zones within seconds.
 */
import pLimit from 'p-limit';
import { kindNamed, type World } from '../../routing/world.js';
import { ignoreSilence, type Site } from '../../sites/site.js';

const atOnce = 8;

export async function watchMembers(world: World, minded: (site: Site) => boolean): Promise<void> {
  const unsettled = (await world.freshness.unsettled('network')).flatMap(({ siteId, projectId }) => {
    const site = world.sites.byId(siteId);
    return site && minded(site) && site.health('network').reachable ? [{ site, projectId }] : [];
  });
  if (unsettled.length === 0) return;
  const spread = await spreadProjects(world, [...new Set(unsettled.map(({ projectId }) => projectId))]);
  const port = kindNamed(world, 'port');
  const turn = pLimit(atOnce);
  await Promise.all(
    unsettled
      .filter(({ projectId }) => spread.has(projectId))
      .map(({ site, projectId }) => turn(() => world.freshness.readSoon(port, site, projectId).catch(ignoreSilence))),
  );
}

/** Those among some projects that have, or are given, a group that is in several sites. */
async function spreadProjects({ database }: World, projectIds: readonly string[]): Promise<Set<string>> {
  const rows = await database.many<{ id: string }>(
    `select p.id from unnest($1::text[]) p(id)
      where exists (
        select from homed h
         where h.kind = 'security_group' and (select count(*) from homed_site s where s.kind = h.kind and s.id = h.id) > 1
           and (h.project_id = p.id or exists (
             select from resource r where r.kind = 'rbac_policy' and r.deleted_at is null and r.facts->>'object_id' = h.id
                and r.facts->>'target_tenant' in ('*', p.id))))`,
    [projectIds],
  );
  return new Set(rows.map(({ id }) => id));
}
