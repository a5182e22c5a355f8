/** How far each feed has read, and what there is to compare it with: table `feed`, and the only file that writes it. */
import type { Database, Queryable } from '../database/database.js';
import { statement } from '../database/queryable.js';
import { forgetLaterThan } from '../resources/inventory.js';
import type { Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import { Batch } from './batch.js';

/** Up to this many rows a whole read costs a site less than asking twice, for changes and for ids. */
const smallCollection = 100;

export interface FeedState {
  /** By the site's clock: what changed before is known. Null until the first read is done. */
  readonly cursor: Date | null;
  /** The last row of a first read that was stored, and what its cursor will be. */
  readonly import_marker: string | null;
  readonly import_from: Date | null;
  readonly import_rows: number;
  readonly round_marker: string | null;
  /** True where its last read failed. */
  readonly is_failing: boolean;
  /** True where reading everything is the cheapest read there is; of kinds whose changes tell all, it never is. */
  readonly is_small: boolean;
  /** Of a small one: how many living rows the inventory has. */
  readonly known_rows: number;
  /** Of a small one: another one as soon as one of its living rows in the inventory is another one. */
  readonly fingerprint: string;
  /** Of a small one: until when the latest answer about one of its rows was true. */
  readonly newest_seen_at: Date | null;
  /** True where what was read so far is in doubt. */
  readonly is_suspected: boolean;
}

/** A column of `feed f`: there was no whole read that began after the moment of doubt. */
export const isSuspected = `(f.suspected_at is not null and coalesce(f.full_read_at <= f.suspected_at, true))`;

/** A read that found nothing to write. */
interface Reading {
  readonly site: Site;
  readonly kind: Kind;
  readonly cursor: Date;
  /** When it began, by our clock, where it was one of everything. */
  readonly fullReadAt?: Date | undefined;
  readonly readAt: Date;
}

const keyOf = (kind: Kind, site: Site): string => `${site.id}/${kind.name}`;

const states = statement(
  'feed.states',
  // A row that is written has another xmin than before.
  `select f.cursor, f.import_marker, f.import_from, coalesce(f.import_rows, 0) as import_rows, f.round_marker,
      ${isSuspected} as is_suspected, f.last_error is not null as is_failing,
      w.most > 0 and known.rows < w.most as is_small,
      known.known_rows, known.fingerprint, known.newest_seen_at
     from unnest($1::int[], $2::text[], $3::int[]) with ordinality as w(site_id, kind, most, at)
     left join feed f on f.site_id = w.site_id and f.kind = w.kind
     cross join lateral (
       select count(*) as rows, count(*) filter (where not is_placeholder) as known_rows,
           coalesce(bit_xor(hashtextextended(id, xmin::text::bigint)), 0)::text as fingerprint,
           max(seen_at) as newest_seen_at
         from (select r.id, r.xmin, r.seen_at, r.is_placeholder from resource r
                where r.kind = w.kind and r.site_id = w.site_id and r.deleted_at is null limit w.most) living
     ) known
    order by w.at`,
);

export class FeedStates {
  private readonly unwritten = new Map<string, Reading>();
  private readonly states = new Batch<readonly [site: Site, kind: Kind], FeedState>((asked) => this.read(asked));

  constructor(private readonly database: Database) {}

  of(kind: Kind, site: Site): Promise<FeedState> {
    return this.states.ask([site, kind]);
  }

  private read(asked: readonly (readonly [site: Site, kind: Kind])[]): Promise<FeedState[]> {
    return this.database.many<FeedState>(states, [
      asked.map(([site]) => site.id),
      asked.map(([, kind]) => kind.name),
      asked.map(([, kind]) => (kind.feed?.tellsDeletions ? 0 : smallCollection + 1)),
    ]);
  }

  /** @param from what the cursor will be; both null to begin again */
  async noteImport(kind: Kind, site: Site, marker: string | null, from: Date | null, rows: number): Promise<void> {
    await this.database.relaxed.run(
      `insert into feed (site_id, kind, import_marker, import_from, import_rows) values ($1, $2, $3, $4, $5)
       on conflict (site_id, kind) do update
          set import_marker = excluded.import_marker, import_from = excluded.import_from, import_rows = excluded.import_rows`,
      [site.id, kind.name, marker, from, rows],
    );
  }

  async noteRound(kind: Kind, site: Site, marker: string | null): Promise<void> {
    await this.database.relaxed.run(`update feed set round_marker = $3 where site_id = $1 and kind = $2`, [
      site.id,
      kind.name,
      marker,
    ]);
  }

  /**
   * It was read to its end, and there was nothing to write. That is to be known, but not at once: to begin from the cursor
   * before reads the same.
   */
  noteUnchanged(kind: Kind, site: Site, cursor: Date, fullReadAt?: Date): void {
    this.unwritten.set(keyOf(kind, site), { site, kind, cursor, fullReadAt, readAt: new Date() });
  }

  /** Writes what was noted, for all feeds at once. */
  async writeUnchanged(): Promise<void> {
    const notes = [...this.unwritten.values()];
    if (notes.length === 0) return;
    this.unwritten.clear();
    await this.database.relaxed.run(
      // No row is waited for: who else writes it knows more.
      `with n as (
         select * from unnest($1::int[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
                as n(site_id, kind, cursor, full_read_at, read_at)
       ), free as (
         select f.site_id, f.kind from feed f join n using (site_id, kind) for update of f skip locked
       )
       update feed f set read_at = greatest(f.read_at, n.read_at), cursor = greatest(f.cursor, n.cursor),
          full_read_at = greatest(f.full_read_at, n.full_read_at)
         from n join free using (site_id, kind)
        where f.site_id = n.site_id and f.kind = n.kind`,
      [
        notes.map(({ site }) => site.id),
        notes.map(({ kind }) => kind.name),
        notes.map(({ cursor }) => cursor),
        notes.map(({ fullReadAt }) => fullReadAt ?? null),
        notes.map(({ readAt }) => readAt),
      ],
    );
  }

  /** Changes were read to their end: on it goes, never back. */
  async advance(kind: Kind, site: Site, cursor: Date): Promise<void> {
    this.unwritten.delete(keyOf(kind, site));
    await this.database.relaxed.run(
      statement(
        'feed.advance',
        `insert into feed as f (site_id, kind, cursor, read_at) values ($1, $2, $3, now())
       on conflict (site_id, kind) do update set cursor = greatest(f.cursor, excluded.cursor),
          read_at = excluded.read_at, last_error = null, error_since = null`,
      ),
      [site.id, kind.name, cursor],
    );
  }

  /**
   * Everything was read to its end: wherever the cursor was, it begins here.
   * @param since when the read began, by our clock
   */
  async begin(kind: Kind, site: Site, cursor: Date, since: Date): Promise<void> {
    this.unwritten.delete(keyOf(kind, site));
    await this.database.relaxed.run(
      statement(
        'feed.begin',
        `insert into feed as f (site_id, kind, cursor, full_read_at, read_at) values ($1, $2, $3, $4, now())
       on conflict (site_id, kind) do update set cursor = excluded.cursor, full_read_at = excluded.full_read_at,
          read_at = excluded.read_at, import_marker = null, import_from = null, import_rows = 0,
          last_error = null, error_since = null`,
      ),
      [site.id, kind.name, cursor, since],
    );
  }

  /**
   * All that is known of a site is in doubt: the next read of each of these kinds is one of everything. What is known stays
   * until then, but no row is kept from being corrected by a moment of a clock that was wrong.
   */
  async suspect(site: Site, kinds: readonly Kind[], tx?: Queryable): Promise<void> {
    if (!tx) return this.database.transaction((own) => this.suspect(site, kinds, own));
    const now = new Date();
    await forgetLaterThan(tx, site, now);
    await tx.run(
      `insert into feed (site_id, kind, suspected_at) select $1, kind, $3 from unnest($2::text[]) kind
       on conflict (site_id, kind) do update set suspected_at = excluded.suspected_at`,
      [site.id, kinds.map((kind) => kind.name), now],
    );
  }

  /** All feeds that are to be read anew. */
  suspected(): Promise<{ site_id: number; kind: string }[]> {
    return this.database.many(`select f.site_id, f.kind from feed f where ${isSuspected}`);
  }

  async noteFailure(kind: Kind, site: Site, reason: string): Promise<void> {
    await this.database.run(
      `insert into feed as f (site_id, kind, last_error, error_since) values ($1, $2, $3, now())
       on conflict (site_id, kind) do update
          set last_error = excluded.last_error, error_since = coalesce(f.error_since, now())`,
      [site.id, kind.name, reason],
    );
  }
}
