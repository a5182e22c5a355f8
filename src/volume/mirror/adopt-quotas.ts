/** A project's quota, taken over from a site by a cascade that knows of none. */
import type { Body } from '../../resources/kind.js';
import { alone } from '../../routing/alone.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { ask } from './mirrored.js';
import { quotas } from './quotas.js';

/** @returns true where the project had a quota of its own, and no other is known */
export async function adoptVolumeQuota(world: World, site: Site, projectId: string): Promise<boolean> {
  const path = `/os-quota-sets/${encodeURIComponent(projectId)}`;
  const [own, usual] = await Promise.all([quotaAt(site, path), quotaAt(site, `${path}/defaults`)]);
  const set = Object.fromEntries(Object.entries(own).filter(([name, limit]) => name in usual && limit !== usual[name]));
  if (Object.keys(set).length === 0) return false;
  return alone(world, 'volume_type', async () => {
    if (await world.globals.find(quotas.kind, projectId)) return false;
    await world.globals.put(quotas.kind, projectId, null, set);
    await world.globals.putShadow(quotas.kind, projectId, site.id, projectId, set);
    return true;
  });
}

async function quotaAt(site: Site, path: string): Promise<Body> {
  const { id: _id, ...set } = ((await ask(site, 'GET', path))?.['quota_set'] ?? {}) as Body;
  return set;
}
