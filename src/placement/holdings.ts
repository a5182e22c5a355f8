/** Where a project without a home has most of what it has: what it makes next belongs beside that. */
import type { Database } from '../database/database.js';

/**
 * What cannot be joined over zones weighs most: a router reaches no network of another zone, a server no port of one.
 * Storage decides only where all that is equal, then security groups. Images are not counted: they follow a server to any zone.
 */
const weights = `case r.kind when 'network' then 10 when 'router' then 10 else 1 end`;
const attached = ['network', 'router', 'server'];
const storage = ['volume', 'snapshot', 'backup', 'floating_ip'];
const groups = ['security_group'];

/** The kinds that are counted. */
export const countedKinds: readonly string[] = [...attached, ...storage, ...groups];

/** @returns the enabled site that has most of it, the oldest in the registry among equals; undefined where none has any */
export async function siteOfMost(database: Database, projectId: string): Promise<number | undefined> {
  const row = await database.maybe<{ site_id: number }>(
    `select r.site_id from resource r join site s on s.id = r.site_id and s.state = 'enabled'
      where r.project_id = $1 and r.kind = any($2) and r.deleted_at is null and not r.is_copy
      group by r.site_id
      order by coalesce(sum(${weights}) filter (where r.kind = any($3)), 0) desc,
        count(*) filter (where r.kind = any($4)) desc, count(*) desc, r.site_id limit 1`,
    [projectId, countedKinds, attached, storage],
  );
  return row?.site_id;
}
