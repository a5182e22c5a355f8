/**
 * Quotas come back from a site: a cascade that lost its database asks the site that speaks what it holds for each project,
 * which is what the cascade once gave to all of them. What is no other than the site's default was never set.
 */
import { computeQuotaSets } from './compute/quotas/adopt-quotas.js';
import { adoptNetworkQuotas } from './network/quotas.js';
import type { ServiceName } from './openstack/service.js';
import { adoptQuotaSets, type QuotaSets } from './routing/adopt-quotas.js';
import { speaker } from './routing/speaker.js';
import type { AdoptedQuotas, SiteQuotas } from './admin/rebuild-routes.js';
import type { World } from './routing/world.js';
import type { Site } from './sites/site.js';
import { volumeQuotaSets } from './volume/quotas/adopt-quotas.js';

/** @returns how many of the projects had a quota of their own that the cascade did not know */
type Adopt = (world: World, site: Site, projectIds: readonly string[]) => Promise<number>;

const setsOf =
  (sets: QuotaSets): Adopt =>
  (world, site, projectIds) =>
    adoptQuotaSets(world, site, projectIds, sets);

const services: readonly (readonly [ServiceName, Adopt])[] = [
  ['compute', setsOf(computeQuotaSets)],
  ['volume', setsOf(volumeQuotaSets)],
  ['network', adoptNetworkQuotas],
];

/** @throws Fault 503 where no site answers, or the one that speaks does not tell */
async function adoptQuotas(world: World, projectIds: readonly string[]): Promise<AdoptedQuotas> {
  const offered = services.filter(([service]) =>
    world.sites.answering(service).some((site) => site.capabilities.endpoints[service]),
  );
  const adopted = await Promise.all(
    offered.map(([service, adopt]) => adopt(world, speaker(world, service), projectIds)),
  );
  return { adopted: adopted.reduce((sum, count) => sum + count, 0) };
}

/**
 * Projects that have something somewhere, by their ids: from one to the next by the index, since each may have a million.
 * Neutron's own things (networks of HA routers) are of a project ''.
 */
async function projectsOfResources(world: World): Promise<string[]> {
  const rows = await world.database.many<{ project_id: string }>(
    `with recursive owner (kind, project_id) as (
       select kind, (select min(r.project_id) from resource r where r.kind = k.kind and r.deleted_at is null)
         from unnest(array['server', 'volume', 'network', 'port']) as k (kind)
       union all
       select o.kind, (select min(r.project_id) from resource r
                        where r.kind = o.kind and r.project_id > o.project_id and r.deleted_at is null)
         from owner o where o.project_id is not null)
     select distinct project_id from owner where project_id <> '' order by project_id`,
  );
  return rows.map((row) => row.project_id);
}

export const siteQuotas = (world: World): SiteQuotas => ({
  projects: () => projectsOfResources(world),
  adopt: (projectIds) => adoptQuotas(world, projectIds),
});
