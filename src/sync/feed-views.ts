/** How far the feeds have come, for operators: what was read when, what is missing, what fails. */
import type { Database } from '../database/database.js';
import type { Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import { isFollowed } from './site-pages.js';
import { isSuspected } from './feed-states.js';

export interface FeedView {
  readonly site: string;
  readonly kind: string;
  /** By the site's clock: what changed there before is known. Null until the first read is done. */
  readonly cursor: Date | null;
  /** Rows of the first read so far; null once it is done. */
  readonly rows_read: number | null;
  /** When it was last read to its end, and how long ago that is. */
  readonly read_at: Date | null;
  readonly age_seconds: number | null;
  /** When everything was last read. */
  readonly full_read_at: Date | null;
  /** True while all is to be read anew: an operator asked so, or the site speaks another microversion. */
  readonly is_suspected: boolean;
  readonly last_error: string | null;
  readonly error_since: Date | null;
}

export interface SiteProgress {
  readonly feeds: readonly FeedView[];
  /** Age of the feed that was read longest ago, in seconds; one that was never read is as old as its site. */
  readonly staleness_seconds: number;
  /** When flavors, types, key pairs, groups and quotas were last compared with the site. */
  readonly reconciled_at: Date | null;
}

interface FeedRow extends FeedView {
  readonly site_id: number;
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

/** Of each of some sites, by its id: every feed it has, also those that were never read. */
export async function readProgress(
  database: Database,
  sites: readonly Site[],
  kinds: Iterable<Kind>,
): Promise<Map<number, SiteProgress>> {
  const ids = sites.map((site) => site.id);
  const rows = await database.many<FeedRow>(
    `select site_id, kind, cursor, full_read_at, read_at, last_error, error_since,
        case when cursor is null then import_rows end as rows_read,
        extract(epoch from now() - read_at)::float as age_seconds,
        ${isSuspected} as is_suspected
       from feed f where site_id = any($1)`,
    [ids],
  );
  const known = new Map(rows.map(({ site_id: siteId, ...row }) => [`${siteId}/${row.kind}`, row]));
  const facts = await database.many<{ id: number; age: number; reconciled_at: Date | null }>(
    `select id, extract(epoch from now() - created_at)::float as age, reconciled_at from site where id = any($1)`,
    [ids],
  );
  const all = [...kinds];
  const progressOf = (site: Site, siteAge: number, reconciledAt: Date | null): SiteProgress => {
    const followed = all.filter((kind) => isFollowed(kind, site));
    const feeds = followed.map((kind) => viewOf(site, kind, known.get(`${site.id}/${kind.name}`)));
    const oldest = Math.max(0, ...feeds.map((feed) => feed.age_seconds ?? siteAge));
    return { feeds, staleness_seconds: tenths(oldest), reconciled_at: reconciledAt };
  };
  const factsOf = new Map(facts.map((one) => [one.id, one]));
  return new Map(
    sites.flatMap((site) => {
      const fact = factsOf.get(site.id); // none for a site that was removed meanwhile
      return fact ? [[site.id, progressOf(site, fact.age, fact.reconciled_at)]] : [];
    }),
  );
}

function viewOf(site: Site, kind: Kind, row: Omit<FeedView, 'site'> | undefined): FeedView {
  const empty = {
    kind: kind.name,
    cursor: null,
    rows_read: 0,
    read_at: null,
    age_seconds: null,
    full_read_at: null,
    is_suspected: false,
    last_error: null,
    error_since: null,
  };
  const { age_seconds: age, ...view } = row ?? empty;
  return { site: site.name, ...view, age_seconds: age === null ? null : tenths(age) };
}

/** How many living rows of each kind the inventory has of a site. */
export async function countByKind(database: Database, site: Site): Promise<Record<string, number>> {
  const rows = await database.many<{ kind: string; count: number }>(
    `select kind, count(*) as count from resource where site_id = $1 and deleted_at is null group by kind order by kind`,
    [site.id],
  );
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}
