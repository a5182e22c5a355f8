/** Where a project without a home belongs: beside most of what it has, else where others' resources draw it. */
import type { Database } from '../database/database.js';
import type { Kind, Tie } from '../resources/kind.js';

/**
 * What cannot be joined over zones weighs most: a router reaches no network of another zone, a server no port of one.
 * Storage decides only where all that is equal, then the number of all that is counted.
 */
const weights: Readonly<Record<Tie, readonly [joined: number, stored: number]>> = {
  topology: [10, 0],
  joined: [1, 0],
  stored: [0, 1],
  loose: [0, 0],
};

/** The kinds that are counted. Images are not: they follow a server to any zone. */
export const tyingKinds = (kinds: Iterable<Kind>): Kind[] => [...kinds].filter(({ tiesProject }) => tiesProject);

/** @returns the enabled site that has most of it, the oldest in the registry among equals; undefined where none has any */
export async function siteOfMost(
  database: Database,
  kinds: readonly Kind[],
  projectId: string,
): Promise<number | undefined> {
  const weighed = kinds.map(({ name, tiesProject }) => [name, ...weights[tiesProject ?? 'loose']]);
  const row = await database.maybe<{ site_id: number }>(
    `select r.site_id from resource r join site s on s.id = r.site_id and s.state = 'enabled'
        join unnest($2::text[], $3::int[], $4::int[]) as w (kind, joined, stored) on w.kind = r.kind
      where r.project_id = $1 and r.kind = any($2) and r.deleted_at is null and not r.is_copy
      group by r.site_id order by sum(w.joined) desc, sum(w.stored) desc, count(*) desc, r.site_id limit 1`,
    [projectId, ...[0, 1, 2].map((column) => weighed.map((row) => row[column]))],
  );
  return row?.site_id;
}

/** The sites that draw projects which have nothing yet, and how much. */
export async function sitesThatDraw(database: Database, kinds: readonly Kind[]): Promise<Map<number, number>> {
  const drawn = new Map<number, number>();
  for (const { name, drawsProjects: draw } of kinds) {
    if (!draw) continue;
    const rows = await database.many<{ site_id: number; mostly: boolean }>(
      `select r.site_id, coalesce(bool_or(${draw.mostly}), false) as mostly from resource r
        where r.deleted_at is null and r.kind = $1 and ${draw.those} group by r.site_id`,
      [name],
    );
    for (const { site_id: id, mostly } of rows) drawn.set(id, (drawn.get(id) ?? 0) + (mostly ? 2 : 1));
  }
  return drawn;
}
