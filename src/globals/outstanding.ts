/** What sites do not hold as they should. */
import type { World } from '../routing/world.js';

// A missing shadow is missed where every site is to have such things, or what was written through the cascade.
const isOutstanding = `
  case when g.deleted_at is not null then s.site_id is not null
       when s.site_id is null then g.is_written or g.kind = any($2)
       else s.seen is distinct from g.body or s.making_since is not null end`;

/** Ids of one kind of which a site does not hold what it should, oldest first. */
export async function outstandingAt(
  world: World,
  kind: string,
  isEverywhere: boolean,
  siteId: number,
): Promise<{ id: string; is_deleted: boolean }[]> {
  return world.database.many<{ id: string; is_deleted: boolean }>(
    `select g.id, g.deleted_at is not null as is_deleted, g.created_at
       from global_resource g left join shadow s on s.kind = g.kind and s.global_id = g.id and s.site_id = $3
      where g.kind = $1 and ${isOutstanding}
     union all
     -- Made there through the cascade, and not read since.
     select s.global_id, false, now()
       from shadow s
      where s.kind = $1 and s.site_id = $3 and s.seen is null and s.making_since is null
        and not exists (select from global_resource g where g.kind = s.kind and g.id = s.global_id)
      order by created_at, id`,
    [kind, isEverywhere ? [kind] : [], siteId],
  );
}

/** How much of some kinds, which every site is to have, each site does not hold as it should. */
export async function outstandingBySite(world: World, kinds: readonly string[]): Promise<Map<number, number>> {
  const rows = await world.database.many<{ id: number; count: number }>(
    `select site.id,
            (select count(*) from global_resource g
               left join shadow s on s.kind = g.kind and s.global_id = g.id and s.site_id = site.id
              where g.kind = any($1) and (${isOutstanding} or exists (
                select from global_error e where e.kind = g.kind and e.global_id = g.id and e.site_id = site.id))) as count
       from site`,
    [kinds, kinds],
  );
  return new Map(rows.map((row) => [row.id, row.count]));
}
