/** Projects' quotas, taken over from a site by a cascade that knows of none. */
import { askAsAdmin } from '../../routing/speaker.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { inTurn } from '../in-turn.js';
import { quotaKind, type Quota } from './quota-shadows.js';

/** @returns how many of the projects had a quota of their own, and no other is known */
export async function adoptComputeQuotas(world: World, site: Site, projectIds: readonly string[]): Promise<number> {
  let adopted = 0;
  let usual: Quota | undefined;
  for (const projectId of projectIds) {
    if (await world.globals.find(quotaKind, projectId)) continue;
    const path = `/os-quota-sets/${encodeURIComponent(projectId)}`;
    usual ??= await quotaAt(site, `${path}/defaults`); // the same for every project
    const own = await quotaAt(site, path);
    const set = Object.fromEntries(
      Object.entries(own).filter(([name, limit]) => name in usual! && limit !== usual![name]),
    );
    if (Object.keys(set).length > 0 && (await keep(world, site, projectId, set))) adopted += 1;
  }
  return adopted;
}

const keep = (world: World, site: Site, projectId: string, set: Quota): Promise<boolean> =>
  inTurn(world, quotaKind, async (globals) => {
    if (await globals.find(quotaKind, projectId)) return false;
    await globals.put(quotaKind, projectId, null, { quota_set: set });
    await globals.putShadow(quotaKind, projectId, site.id, projectId, set);
    return true;
  });

async function quotaAt(site: Site, path: string): Promise<Quota> {
  const { body } = await askAsAdmin(site, 'compute', 'GET', path);
  const set = Object.entries((body['quota_set'] ?? {}) as Record<string, unknown>);
  return Object.fromEntries(set.filter((entry): entry is [string, number] => Number.isInteger(entry[1])));
}
