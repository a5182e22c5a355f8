/** Sharing makes RBAC policies in the site; who sees what depends on them, so they are read at once. */
import type { Site } from '../sites/site.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Collection } from './collection.js';

const sharing = ['shared', 'router:external'];

/** After a write that shares something, or takes that back. */
export async function learnGrants(
  world: World,
  { kind }: Collection,
  items: readonly Record<string, unknown>[],
  site: Site,
): Promise<void> {
  if (kind !== 'network' && kind !== 'security_group') return;
  if (!items.some((item) => sharing.some((word) => word in item))) return;
  await world.freshness.readSoon(kindNamed(world, 'rbac_policy'), site).catch(() => undefined); // its feed reads it again
}
