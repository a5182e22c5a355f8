/** Quotas come back from the sites, to a cascade that lost its database. */
import type { AdoptedQuotas, SiteQuotas } from './admin/rebuild-routes.js';
import { computeQuotas } from './compute/quotas/quota-kinds.js';
import { adoptQuotasOf, ownQuotaSets, type QuotaSource } from './globals/adopt-quotas.js';
import { speaker } from './globals/speaker.js';
import { networkQuotas, ownNetworkLimits } from './network/quota-kind.js';
import type { World } from './routing/world.js';
import { quotas as volumeQuotas } from './volume/quotas/quotas.js';

const sources: readonly QuotaSource[] = [
  { kind: computeQuotas, ownLimits: ownQuotaSets('compute') },
  { kind: volumeQuotas, ownLimits: ownQuotaSets('volume') },
  { kind: networkQuotas, ownLimits: ownNetworkLimits },
];

/** @throws Fault 503 where no site answers, or the one that speaks does not tell */
async function adoptQuotas(world: World, projectIds: readonly string[]): Promise<AdoptedQuotas> {
  const offered = sources.filter(({ kind: { service } }) =>
    world.sites.answering(service).some((site) => site.capabilities.endpoints[service]),
  );
  const adopted = await Promise.all(
    offered.map((source) => adoptQuotasOf(world, speaker(world, source.kind.service), source, projectIds)),
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
