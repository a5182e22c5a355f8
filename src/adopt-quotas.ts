/**
 * Quotas come back from a site: a cascade that lost its database asks the site that speaks what it holds for each project,
 * which is what the cascade once gave to all of them. What is no other than the site's default was never set.
 */
import { adoptComputeQuota } from './compute/adopt-quotas.js';
import { adoptNetworkQuota } from './network/quotas.js';
import type { ServiceName } from './openstack/service.js';
import { speaker } from './routing/speaker.js';
import type { World } from './routing/world.js';
import type { Site } from './sites/site.js';
import { adoptVolumeQuota } from './volume/mirror/adopt-quotas.js';

/** Projects in one turn: a few seconds at a site that takes five requests a second. */
const aTurn = 25;

/** True where the project had a quota of its own that the cascade did not know. */
type Adopt = (world: World, site: Site, projectId: string) => Promise<boolean>;

const services: readonly (readonly [ServiceName, Adopt])[] = [
  ['compute', adoptComputeQuota],
  ['volume', adoptVolumeQuota],
  ['network', adoptNetworkQuota],
];

/** @throws Fault 503 where no site answers */
export async function adoptQuotas(world: World, after: string): Promise<{ adopted: number; next: string | null }> {
  const rows = await world.database.many<{ project_id: string }>(
    `select distinct project_id from resource
      where kind in ('server', 'volume', 'network', 'port') and deleted_at is null and project_id > $1
      order by project_id limit $2`,
    [after, aTurn],
  );
  let adopted = 0;
  for (const [service, adopt] of services) {
    if (!world.sites.answering(service).some((site) => site.capabilities.endpoints[service])) continue;
    const site = speaker(world, service);
    for (const { project_id: projectId } of rows) if (await adopt(world, site, projectId)) adopted += 1;
  }
  return { adopted, next: rows.length === aTurn ? (rows.at(-1)?.project_id ?? null) : null };
}
