/** What runs at a site, from the inventory. */
import type { Queryable } from '../../database/database.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';

export interface ServerName {
  readonly uuid: string;
  /** What the hypervisor calls it, such as `instance-0000002a`; the tenant's name for it is of no use there. */
  readonly name: string;
}

/** @see openstack/nova:nova/api/openstack/compute/hypervisors.py (`serv['name']`), nova/objects/instance.py (`name`) */
export function serverNames(world: World, site: Site): Promise<ServerName[]> {
  return world.database.many<ServerName>(
    `select id as uuid, coalesce(body::jsonb->>'OS-EXT-SRV-ATTR:instance_name', '') as name
       from resource where kind = 'server' and site_id = $1 and deleted_at is null
      order by created_at, id`,
    [site.id],
  );
}

/** True where any of these sites has a server. */
export async function anyServerAt(database: Queryable, sites: readonly Site[]): Promise<boolean> {
  const { found } = await database.one<{ found: boolean }>(
    `select exists (select from resource where kind = 'server' and site_id = any($1) and deleted_at is null) as found`,
    [sites.map((site) => site.id)],
  );
  return found;
}

/** What is allocated to a project's servers. Memory in MiB, disk in GiB. */
export interface PlaceholderKind {
  readonly project: string;
  readonly cpu: number;
  readonly memory_mb: number;
  readonly disk_gb: number;
}

export function allocatedByProject(world: World, site: Site): Promise<PlaceholderKind[]> {
  return world.database.many<PlaceholderKind>(
    `select coalesce(project_id, '') as project,
            coalesce(sum((f->>'vcpus')::int), 0)::int as cpu,
            coalesce(sum((f->>'ram')::int), 0)::int as memory_mb,
            coalesce(sum((f->>'disk')::int + (f->>'ephemeral')::int), 0)::int as disk_gb
       from resource, lateral (select body::jsonb -> 'flavor' as f) flavor
      where kind = 'server' and site_id = $1 and deleted_at is null
      group by project_id order by project_id`,
    [site.id],
  );
}
