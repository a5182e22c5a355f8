/** What the inventory has of a site under an id of its own, by the id that tenants know it by. */
import type { Queryable } from '../database/queryable.js';

export interface Respelled {
  readonly kind: string;
  /** Kinds whose rows may name it, and its own. */
  readonly namedBy: readonly string[];
  readonly projectId: string;
  readonly siteId: number;
  readonly id: string;
  /** The site's id of it. */
  readonly own: string;
}

export async function respell(tx: Queryable, { kind, namedBy, projectId, siteId, id, own }: Respelled): Promise<void> {
  // An earlier one of this name was deleted at the site.
  await tx.run(`delete from resource where kind = $3 and id = $1 and site_id = $2`, [id, siteId, kind]);
  const { shared } = await tx.one<{ shared: boolean }>(
    `select exists (select 1 from resource where kind = 'rbac_policy' and facts->>'object_id' = $1) as shared`,
    [own],
  );
  // Where it is not shared, no other project's things name it. Answers that were asked for before this are older than it.
  await tx.run(
    `update resource r
        set id = case r.id when $1 then $2 else r.id end, body = replace(r.body, $1, $2),
            facts = replace(r.facts::text, $1, $2)::jsonb, seen_at = clock_timestamp()
      where r.site_id = $3 and r.kind = any($6)
        and ($4 or r.project_id = $5) and position($1 in r.body) > 0`,
    [own, id, siteId, shared, projectId, namedBy],
  );
  // An answer that was read before the alias was in force must not bring back the site's own id, nor show what belongs to it.
  await tx.run(
    `insert into resource (kind, id, site_id, project_id, created_at, updated_at, deleted_at, body, facts, seen_at)
     select kind, $1, site_id, project_id, created_at, now(), now(), '{}',
            jsonb_build_object('name', facts->'name', 'description', facts->'description'), 'infinity'
       from resource where kind = $4 and id = $2 and site_id = $3
     on conflict (kind, id, site_id) do update set deleted_at = now(), seen_at = excluded.seen_at`,
    [own, id, siteId, kind],
  );
}
