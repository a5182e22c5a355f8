/** The inventory's table. What else writes it, and why, is in `test/table-writers.ts`. */
import type { Database, Queryable } from '../database/database.js';
import { statement } from '../database/queryable.js';
import { jsonb } from '../database/storable.js';
import type { Site } from '../sites/site.js';
import { isListedNoMore, type Body, type Kind } from './kind.js';
import { timesOf } from './times.js';

export interface Row {
  readonly kind: string;
  readonly id: string;
  readonly site_id: number;
  readonly project_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly deleted_at: Date | null;
  readonly body: string;
}

/** The columns of a `Row`, without the facts, which only the database looks at. */
export const rowColumns = ['kind', 'id', 'site_id', 'project_id', 'created_at', 'updated_at', 'deleted_at', 'body']
  .map((column) => `r.${column}`)
  .join(', ');

/** Where a resource lives, and whose it is. */
export interface Located {
  readonly kind: string;
  readonly id: string;
  /** Ascending. */
  readonly site_ids: readonly number[];
  readonly project_id: string | null;
}

export const bodyOfRow = (row: Row): Body => JSON.parse(row.body) as Body;

/** A body as it is kept, with what the stored one has and the seen one, at its microversion, does not show. */
function merged(kind: Kind, seen: Body, known: Row | undefined): Body {
  const before = known && bodyOfRow(known);
  return kind.mergeSeen ? kind.mergeSeen(seen, before) : { ...before, ...seen };
}

const textOf = (kind: Kind, body: Body): string => (kind.textOf ? kind.textOf(body) : JSON.stringify(body));

/** A body's row: what is a column of its own, the body as it is kept, and what lists filter and sort by. */
export function asRow(kind: Kind, body: Body) {
  const { created = new Date(0), updated = created } = timesOf(kind, body);
  const facts = kind.factsOf ? kind.factsOf(body) : body;
  return {
    id: body['id'],
    project_id: kind.projectOf?.(body) ?? body['project_id'] ?? body['tenant_id'] ?? null,
    created_at: created,
    updated_at: updated,
    deleted_at: isListedNoMore(body) ? updated : null,
    body: textOf(kind, body),
    facts,
  };
}

/** True where merging what was seen would change nothing. */
export const isKnown = (kind: Kind, row: Row, seen: Body): boolean =>
  textOf(kind, merged(kind, seen, row)) === row.body;

/** No row of a site is newer than a moment: what a clock that was wrong said of that keeps none from being corrected. */
export async function forgetLaterThan(on: Queryable, site: Site, moment: Date): Promise<void> {
  await on.run(`update resource set seen_at = $2 where site_id = $1 and seen_at > $2`, [site.id, moment]);
}

export class Inventory {
  constructor(private readonly database: Database) {}

  /**
   * Stores what a site said of some resources. A response to an older request never overwrites newer data: a page
   * that was under way while a resource was deleted does not bring it back.
   * @param askedAt when the request was sent
   * @param existsAt until when the answer proves that they exist: a page that was asked for before a create was done
   *   lacks what it made, and must not make us forget it
   * @returns how many rows were new or different
   */
  async store(
    kind: Kind,
    site: Site,
    bodies: readonly Body[],
    askedAt: Date,
    existsAt: Date = askedAt,
  ): Promise<number> {
    if (bodies.length === 0) return 0;
    const rows = bodies.map((body) => asRow(kind, body));
    // Only what differs is written: an unchanged page costs one comparison and no dead rows.
    return this.database.relaxed.run(
      statement(
        'inventory.store',
        `insert into resource as r (kind, id, site_id, project_id, created_at, updated_at, deleted_at, body, facts, seen_at)
       select $1, n.id, $2, n.project_id, n.created_at, n.updated_at, n.deleted_at, n.body, n.facts, $5
         from jsonb_to_recordset($3::jsonb) as n(id text, project_id text, created_at timestamptz,
              updated_at timestamptz, deleted_at timestamptz, body text, facts jsonb)
        order by n.id -- as whoever else writes some of them at the same time
       on conflict (kind, id, site_id) do update
          set project_id = excluded.project_id, created_at = excluded.created_at, updated_at = excluded.updated_at,
              deleted_at = excluded.deleted_at, body = excluded.body, facts = excluded.facts, seen_at = $5
        where (r.body, r.deleted_at, r.facts, r.project_id, r.created_at, r.updated_at) is distinct from
              (excluded.body, excluded.deleted_at, excluded.facts, excluded.project_id, excluded.created_at, excluded.updated_at)
          and r.seen_at <= $4 and not r.is_placeholder`,
      ),
      [kind.name, site.id, jsonb(rows), askedAt, existsAt],
    );
  }

  /** Merges a body a tenant saw, at any microversion, into the stored row; stores it whole where there is none yet. */
  async remember(kind: Kind, site: Site, seen: Body, askedAt: Date, existsAt: Date = askedAt): Promise<void> {
    const id = seen['id'];
    if (typeof id !== 'string') return;
    if (await this.add(kind, site, merged(kind, seen, undefined), existsAt)) return;
    await this.merge(kind, site, await this.find(kind.name, id, site.id), seen, askedAt, existsAt);
  }

  /** @returns false where there is a row of it, living or gone */
  private async add(kind: Kind, site: Site, body: Body, existsAt: Date): Promise<boolean> {
    const { id, project_id, created_at, updated_at, deleted_at, body: text, facts } = asRow(kind, body);
    const added = await this.database.relaxed.run(
      statement(
        'inventory.add',
        `insert into resource (kind, id, site_id, project_id, created_at, updated_at, deleted_at, body, facts, seen_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (kind, id, site_id) do nothing`,
      ),
      [kind.name, id, site.id, project_id, created_at, updated_at, deleted_at, text, jsonb(facts), existsAt],
    );
    return added > 0;
  }

  /** The same where the stored row is at hand. */
  async merge(
    kind: Kind,
    site: Site,
    known: Row | undefined,
    seen: Body,
    askedAt: Date,
    existsAt: Date = askedAt,
  ): Promise<void> {
    await this.store(kind, site, [merged(kind, seen, known)], askedAt, existsAt);
  }

  /**
   * Marks rows as deleted; the tombstone stays until it is swept, and tells where it was. What it was last is kept, so that
   * `changes-since` shows what the site has called deleted, and nothing that it has forgotten. Rows seen after `askedAt` stay.
   * @param askedAt when the request was sent whose answer says that they are gone
   */
  async forget(kind: string, site: Site, ids: readonly string[], askedAt: Date): Promise<void> {
    if (ids.length === 0) return;
    await this.database.relaxed.run(
      statement(
        'inventory.forget',
        `update resource set deleted_at = now(), updated_at = now(), seen_at = $4
        where kind = $1 and site_id = $2 and id = any($3) and deleted_at is null and seen_at <= $4`,
      ),
      [kind, site.id, ids, askedAt],
    );
  }

  /** Ids of living rows that the site has, or had, all or of one project. */
  async livingIds(kind: string, site: Site, projectId?: string): Promise<string[]> {
    const rows = await this.database.many<{ id: string }>(
      // (The few placeholders have an index of their own, so that the many other rows need not be visited.)
      `select id from resource where kind = $1 and site_id = $2 and deleted_at is null
          and ($3::text is null or project_id = $3)
          and id not in (select id from resource where kind = $1 and is_placeholder)`,
      [kind, site.id, projectId ?? null],
    );
    return rows.map((row) => row.id);
  }

  /** Ids of living rows that the site may have forgotten without telling. */
  async untracedIds({ name, feed }: Kind, site: Site): Promise<string[]> {
    if (feed?.untraced === undefined) return [];
    const rows = await this.database.many<{ id: string }>(
      `select r.id from resource r
        where r.kind = $1 and r.site_id = $2 and r.deleted_at is null and not r.is_placeholder and ${feed.untraced}`,
      [name, site.id],
    );
    return rows.map((row) => row.id);
  }

  /** A living row; the earliest site's where several hold the same id. A copy is found only where its site is named. */
  find(kind: string, id: string, siteId?: number): Promise<Row | undefined> {
    return this.database.maybe<Row>(
      statement(
        'inventory.find',
        `select ${rowColumns} from resource r where kind = $1 and id = $2 and deleted_at is null
          and (site_id = $3 or $3::int is null and not is_copy) order by site_id limit 1`,
      ),
      [kind, id, siteId ?? null],
    );
  }

  /** The tombstone of a resource that is gone: the youngest. */
  findGone(kind: string, id: string): Promise<Row | undefined> {
    return this.database.maybe<Row>(
      `select ${rowColumns} from resource r where kind = $1 and id = $2 and deleted_at is not null and not is_copy
        order by deleted_at desc limit 1`,
      [kind, id],
    );
  }

  /** Where some ids of given kinds live, and where copies of them can be used. */
  locate(wanted: readonly { kind: string; id: string }[]): Promise<Located[]> {
    return this.database.many<Located>(
      statement(
        'inventory.locate',
        `select r.kind, r.id, r.project_id, array_agg(r.site_id order by r.site_id) as site_ids
         from resource r join jsonb_to_recordset($1::jsonb) as w(kind text, id text) on r.kind = w.kind and r.id = w.id
        where r.deleted_at is null and (not r.is_copy or r.facts->>'status' = 'active')
        group by r.kind, r.id, r.project_id`,
      ),
      [jsonb(wanted)],
    );
  }

  /** Tombstones older than `hours` go. */
  sweep(hours: number): Promise<number> {
    return this.database.run(`delete from resource where deleted_at < now() - make_interval(hours => $1)`, [hours]);
  }
}
