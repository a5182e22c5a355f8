/** Where a walk over usage goes on at each site: Nova takes only servers of its own as markers. */
import type { Queryable } from '../../database/database.js';

/** Nova sorts usage by project, then by server. */
export interface UsagePosition {
  readonly project: string;
  readonly server: string;
}

/**
 * The last server of each site at or before a position, as the inventory has them: from there on the site has to tell,
 * which saves reading it from its beginning for every page.
 */
export async function serversUpTo(database: Queryable, at: UsagePosition): Promise<Map<number, string>> {
  const same = await database.many<Found>(
    `select distinct on (site_id) site_id, id from resource
      where kind = 'server' and deleted_at is null and not is_placeholder
        and project_id = $1 and id collate "C" <= $2
      order by site_id, id collate "C" desc`,
    [at.project, at.server],
  );
  const earlier = await database.many<Found>(
    `select distinct on (site_id) site_id, id from resource
      where kind = 'server' and deleted_at is null and not is_placeholder
        and project_id collate "C" < $1 and site_id <> all($2)
      order by site_id, project_id collate "C" desc, id collate "C" desc`,
    [at.project, same.map(({ site_id }) => site_id)],
  );
  return new Map([...same, ...earlier].map(({ site_id, id }) => [site_id, id]));
}

interface Found {
  readonly site_id: number;
  readonly id: string;
}
