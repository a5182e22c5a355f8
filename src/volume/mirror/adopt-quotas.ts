/** Projects' quotas, taken over from a site by a cascade that knows of none. */
import type { Body } from '../../resources/kind.js';
import { alone } from '../../routing/alone.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { ask } from './mirrored.js';
import { quotas } from './quotas.js';

/** @returns how many of the projects had a quota of their own, and no other is known */
export async function adoptVolumeQuotas(world: World, site: Site, projectIds: readonly string[]): Promise<number> {
  let adopted = 0;
  let usual: Body | undefined;
  for (const projectId of projectIds) {
    if (await world.globals.find(quotas.kind, projectId)) continue;
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

const keep = (world: World, site: Site, projectId: string, set: Body): Promise<boolean> =>
  alone(world, 'volume_type', async () => {
    if (await world.globals.find(quotas.kind, projectId)) return false;
    await world.globals.put(quotas.kind, projectId, null, set);
    await world.globals.putShadow(quotas.kind, projectId, site.id, projectId, set);
    return true;
  });

async function quotaAt(site: Site, path: string): Promise<Body> {
  const { id: _id, ...set } = ((await ask(site, 'GET', path))?.['quota_set'] ?? {}) as Body;
  return set;
}
