/** The groups `default` that sites have made by themselves, as the inventory has them. */
import type { Queryable } from '../../database/queryable.js';

/** One site's group `default` of a project: by the id that tenants know, or still by its own. */
export interface GroupRow {
  readonly id: string;
  readonly site_id: number;
}

const isDefault = `r.kind = 'security_group' and r.facts->>'name' = 'default' and r.deleted_at is null`;

/** What the sites have of a project, the oldest first: the first one's id is the same after whatever was lost. */
export function rowsOf(on: Queryable, projectId: string): Promise<GroupRow[]> {
  return on.many<GroupRow>(
    `select r.id, r.site_id from resource r where ${isDefault} and r.project_id = $1 order by r.created_at, r.id, r.site_id`,
    [projectId],
  );
}

/** Projects whose group at a site is not known as theirs yet. */
export async function unmapped(on: Queryable, siteId: number): Promise<string[]> {
  const rows = await on.many<{ project_id: string }>(
    `select distinct r.project_id from resource r
      where ${isDefault} and r.site_id = $1 and r.project_id is not null
        and not exists (select 1 from homed h join homed_site m using (kind, id)
                         where h.is_default and h.project_id = r.project_id and h.id = r.id and m.site_id = r.site_id)`,
    [siteId],
  );
  return rows.map((row) => row.project_id);
}
