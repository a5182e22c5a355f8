/** Sharing makes RBAC policies in the site; who sees what depends on them, so they are read at once. */
import type { Site } from '../sites/site.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Collection } from './collection.js';

const sharing = ['shared', 'router:external'];

/** After a write whose body shares something, or takes that back. */
export async function learnGrants(
  world: World,
  { kind }: Collection,
  items: readonly Record<string, unknown>[],
  sites: readonly Site[] = world.sites.answering('network'),
): Promise<void> {
  if (kind !== 'network' && kind !== 'security_group') return;
  if (!items.some((item) => sharing.some((word) => word in item))) return;
  const policies = kindNamed(world, 'rbac_policy');
  await Promise.all(sites.map((site) => world.freshness.readSoon(policies, site).catch(() => undefined)));
}
