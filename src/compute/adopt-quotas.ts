/** A project's quota, taken over from a site by a cascade that knows of none. */
import { askAsAdmin } from '../routing/speaker.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { inTurn } from './in-turn.js';
import { quotaKind, type Quota } from './quota-shadows.js';

/** @returns true where the project had a quota of its own, and no other is known */
export async function adoptComputeQuota(world: World, site: Site, projectId: string): Promise<boolean> {
  const path = `/os-quota-sets/${encodeURIComponent(projectId)}`;
  const [own, usual] = await Promise.all([quotaAt(site, path), quotaAt(site, `${path}/defaults`)]);
  if (!own || !usual) return false;
  const set = Object.fromEntries(Object.entries(own).filter(([name, limit]) => limit !== usual[name]));
  if (Object.keys(set).length === 0) return false;
  return inTurn(world, quotaKind, async (globals) => {
    if (await globals.find(quotaKind, projectId)) return false;
    await globals.put(quotaKind, projectId, null, { quota_set: set });
    await globals.putShadow(quotaKind, projectId, site.id, projectId, set);
    return true;
  });
}

async function quotaAt(site: Site, path: string): Promise<Quota | undefined> {
  const { status, body } = await askAsAdmin(site, 'compute', 'GET', path);
  if (status !== 200) return undefined;
  const set = (body['quota_set'] ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(set).filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
  );
}
