/** How far each feed has read a site. */
import type { Database } from '../database/database.js';
import type { Body, Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';

/** A row of table `feed`. */
export interface FeedState {
  readonly cursor: Date | null;
  readonly import_marker: string | null;
  readonly import_from: Date | null;
}

// Sites stamp changes with whole seconds, and a row that was being written while we read is not yet to be seen.
export const overlapMs = 10_000;

// A replica that lags shows what was, under today's date. Nothing newer than it has shown is taken for read, unless it has
// shown nothing new for so long: what was changed last is read again until then, and a quiet site costs nothing more.
const lagMs = 120_000;

/**
 * From when on a site is to be asked for changes the next time.
 * @param siteTime the site's clock when it was asked
 * @param newest the latest change that it showed
 * @param before where the cursor was
 */
export function nextCursor(siteTime: Date, newest: Date | undefined, before?: Date | null): Date {
  const shown = Math.max(newest?.getTime() ?? 0, before?.getTime() ?? 0, siteTime.getTime() - lagMs);
  return new Date(Math.min(siteTime.getTime(), shown));
}

/** The latest change among some rows, by the site's own stamps. */
export function newestOf(kind: Kind, bodies: readonly Body[], before?: Date): Date | undefined {
  let newest = before?.getTime() ?? 0;
  for (const body of bodies) {
    const times = kind.timesOf?.(body) ?? { created: body['created_at'], updated: body['updated_at'] };
    for (const text of [times.created, times.updated]) {
      // Cinder writes no zone and means UTC; a time without one would be taken for our own.
      const time = typeof text === 'string' ? Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`) : NaN;
      if (time > newest) newest = time;
    }
  }
  return newest > 0 ? new Date(newest) : undefined;
}

export class Cursors {
  constructor(private readonly database: Database) {}

  of(kind: Kind, site: Site): Promise<FeedState | undefined> {
    return this.database.maybe(`select cursor, import_marker, import_from from feed where site_id = $1 and kind = $2`, [
      site.id,
      kind.name,
    ]);
  }

  async noteImport(kind: Kind, site: Site, marker: string | null, from: Date | null): Promise<void> {
    await this.database.run(
      `insert into feed as f (site_id, kind, import_marker, import_from) values ($1, $2, $3, $4)
       on conflict (site_id, kind) do update set import_marker = $3, import_from = $4`,
      [site.id, kind.name, marker, from],
    );
  }

  /** Changes were read: on it goes, never back. */
  async advance(kind: Kind, site: Site, cursor: Date): Promise<void> {
    await this.database.run(
      `insert into feed as f (site_id, kind, cursor) values ($1, $2, $3)
       on conflict (site_id, kind) do update set cursor = greatest(f.cursor, excluded.cursor),
          last_error = null, error_since = null`,
      [site.id, kind.name, cursor],
    );
  }

  /** Everything was read: wherever it was, it begins here. */
  async begin(kind: Kind, site: Site, cursor: Date): Promise<void> {
    await this.database.run(
      `insert into feed as f (site_id, kind, cursor, full_read_at) values ($1, $2, $3, now())
       on conflict (site_id, kind) do update set cursor = excluded.cursor, full_read_at = excluded.full_read_at,
          import_marker = null, import_from = null, last_error = null, error_since = null`,
      [site.id, kind.name, cursor],
    );
  }
}
