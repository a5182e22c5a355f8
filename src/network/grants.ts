/** Sharing makes RBAC policies in the site; who sees what depends on them, so they are read at once. */
import type { Queryable } from '../database/database.js';
import type { Site } from '../sites/site.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Collection } from './collection.js';

/** By what is known of the policies: with this project, or with all. */
export async function isSharedWith(database: Queryable, id: string, projectId: string): Promise<boolean> {
  const { shared } = await database.one<{ shared: boolean }>(
    `select exists (select 1 from resource
                     where kind = 'rbac_policy' and deleted_at is null and facts->>'object_id' = $1
                       and facts->>'target_tenant' in ('*', $2)) as shared`,
    [id, projectId],
  );
  return shared;
}

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
