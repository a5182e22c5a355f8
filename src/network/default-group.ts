/**
 * The `default` security group. Neutron makes a project's own at the first list of groups; a list from the inventory asks
 * no site, so the project's site is asked for it once, in the caller's name.
 */
import { Fault } from '../openstack/faults.js';
import type { Asked } from '../openstack/route.js';
import { kindNamed, type World } from '../routing/world.js';

export async function defaultGroupOf(world: World, asked: Asked, projectId: string | undefined): Promise<void> {
  if (!projectId || (await isKnown(world, projectId))) return;
  try {
    const site = await world.placement.homeSite(projectId, 'network');
    const query = new URLSearchParams({ project_id: projectId, name: 'default', fields: 'id' }).toString();
    await site.request({ service: 'network', method: 'GET', path: '/security-groups', query }, asked.caller);
    const read = ['security_group', 'security_group_rule'].map((kind) =>
      world.freshness.readSoon(kindNamed(world, kind), site, projectId),
    );
    await Promise.all(read);
  } catch (error) {
    if (!(error instanceof Fault)) throw error; // no site answers: the list shows what is known
  }
}

async function isKnown(world: World, projectId: string): Promise<boolean> {
  const rows = await world.database.many(
    `select 1 from resource
      where kind = 'security_group' and project_id = $1 and deleted_at is null and facts->>'name' = 'default' limit 1`,
    [projectId],
  );
  return rows.length > 0;
}
