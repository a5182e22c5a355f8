/**
 * Quotas come back from a site: a cascade that lost its database asks the site that speaks what it holds for each project,
 * which is what the cascade once gave to all of them. What is no other than the site's default was never set.
 */
import { computeQuotaSets } from './compute/quotas/adopt-quotas.js';
import { adoptNetworkQuotas } from './network/quotas.js';
import type { ServiceName } from './openstack/service.js';
import { adoptQuotaSets, type QuotaSets } from './routing/adopt-quotas.js';
import { speaker } from './routing/speaker.js';
import type { AdoptedQuotas } from './admin/rebuild-routes.js';
import type { World } from './routing/world.js';
import type { Site } from './sites/site.js';
import { volumeQuotaSets } from './volume/quotas/adopt-quotas.js';

/** Projects in one turn: a few seconds at a site that takes five requests a second. */
const aTurn = 25;

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

/** @throws Fault 503 where no site answers */
export async function adoptQuotas(world: World, after: string): Promise<AdoptedQuotas> {
  const rows = await world.database.many<{ project_id: string }>(
    `select distinct project_id from resource
      where kind in ('server', 'volume', 'network', 'port') and deleted_at is null and project_id > $1
      order by project_id limit $2`,
    [after, aTurn],
  );
  const projectIds = rows.map((row) => row.project_id);
  let adopted = 0;
  for (const [service, adopt] of services) {
    if (!world.sites.answering(service).some((site) => site.capabilities.endpoints[service])) continue;
    adopted += await adopt(world, speaker(world, service), projectIds);
  }
  return { adopted, projects: rows.length, next: rows.length === aTurn ? (projectIds.at(-1) ?? null) : null };
}
