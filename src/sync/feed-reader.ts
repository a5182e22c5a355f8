/** Reads what a site has of one kind into the inventory. Truth is read, never assumed; silence changes nothing. */
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import { bodyOf, type OpenStackResponse } from '../openstack/message.js';
import { linkBodyBack } from '../resources/linking.js';
import type { Inventory } from '../resources/inventory.js';
import type { Body, Kind, KindFeed } from '../resources/kind.js';
import { SiteUnreachable, type Site } from '../sites/site.js';

/** Up to this many rows a whole read costs a site less than asking twice, for changes and for ids. */
const smallCollection = 100;

/** What a read found. */
export interface Found {
  readonly rows: number;
  /** True where something was on its way from one state to another. */
  readonly inFlight: boolean;
}

const nothing: Found = { rows: 0, inFlight: false };

const isInFlight = (body: Body): boolean =>
  Boolean(body['OS-EXT-STS:task_state']) ||
  /^(build|queued|down_pending)$|ing$|^pending_/i.test(String(body['status'] ?? ''));

// Sites stamp changes with whole seconds, and a row that was being written while we read is not yet to be seen.
const overlapMs = 10_000;

/** A page of rows, and when and by whose clock it was asked for. */
interface Page {
  readonly bodies: Body[];
  readonly askedAt: Date;
  readonly siteTime: Date;
}

/** The site does not know what was asked for: the marker's row is gone. */
class PageRefused extends SiteUnreachable {}

/** A row of table `feed`. */
interface FeedState {
  readonly cursor: Date | null;
  readonly import_marker: string | null;
  readonly import_from: Date | null;
}

export class FeedReader {
  constructor(
    private readonly database: Database,
    private readonly inventory: Inventory,
    private readonly log: Logger,
  ) {}

  /** Brings the rows of one site up to date, by what costs it least. @throws SiteUnreachable */
  async readNow(kind: Kind, site: Site): Promise<Found> {
    if (feedOf(kind).tellsDeletions) return this.readChanges(kind, site);
    if (await this.isSmall(kind, site)) return this.readAll(kind, site);
    const found = await this.readChanges(kind, site);
    await this.readDeletions(kind, site);
    return found;
  }

  /** True where reading everything is the cheapest read there is. */
  async isSmall(kind: Kind, site: Site): Promise<boolean> {
    return (await this.inventory.countUpTo(smallCollection + 1, kind.name, site)) <= smallCollection;
  }

  /** Reads all rows, or all of one project, and forgets those that are no longer there. @throws SiteUnreachable */
  async readAll(kind: Kind, site: Site, projectId?: string): Promise<Found> {
    const feed = feedOf(kind);
    if (!isOffered(feed, site)) return nothing;
    const query = { ...feed.everything, ...(projectId ? feed.ofProject(projectId) : {}) };
    const seen = new Set<string>();
    let first: Page | undefined;
    let inFlight = false;
    for await (const page of this.pages(kind, site, feed.path, query)) {
      first ??= page;
      for (const body of page.bodies) seen.add(String(body['id']));
      inFlight ||= page.bodies.some(isInFlight);
      await this.keep(kind, site, page);
    }
    if (!first) return nothing;
    await this.forgetUnseen(
      kind,
      site,
      await this.inventory.livingIds(kind.name, site, projectId),
      seen,
      first.askedAt,
    );
    if (!projectId) await this.moveCursor(kind, site, first.siteTime, true);
    return { rows: seen.size, inFlight };
  }

  /** Reads what changed since the cursor; everything where there is no cursor or the site cannot tell. @throws SiteUnreachable */
  async readChanges(kind: Kind, site: Site): Promise<Found> {
    const feed = feedOf(kind);
    if (!isOffered(feed, site)) return nothing;
    const state = await this.state(kind, site);
    const cursor = state?.cursor;
    const queries = cursor && feed.changed?.(new Date(cursor.getTime() - overlapMs), site.capabilities);
    if (!queries) {
      const canGoOn = feed.changed !== undefined && feed.parts === undefined;
      return canGoOn && !cursor ? this.import(kind, site, state) : this.readAll(kind, site);
    }
    let readFrom: Date | undefined;
    let rows = 0;
    let inFlight = false;
    for (const query of queries) {
      for await (const page of this.pages(kind, site, feed.path, { ...feed.everything, ...query })) {
        readFrom ??= page.siteTime;
        rows += page.bodies.length;
        inFlight ||= page.bodies.some(isInFlight);
        await this.keep(kind, site, page);
      }
    }
    // After the commit of every page, so that a crash in between reads them again.
    if (readFrom) await this.moveCursor(kind, site, readFrom, false);
    return { rows, inFlight };
  }

  /**
   * The first read of a site, which may take minutes: it goes on behind the last page that was stored, should the program
   * have been stopped in the middle. What is deleted meanwhile is found by the comparison of ids that follows.
   */
  private async import(kind: Kind, site: Site, begun: FeedState | undefined): Promise<Found> {
    const { path, everything } = feedOf(kind);
    let { import_marker: marker, import_from: from } = begun ?? {};
    let rows = 0;
    try {
      for await (const page of this.pagesOf(kind, site, path, everything, marker ?? undefined)) {
        from ??= page.siteTime;
        rows += page.bodies.length;
        await this.keep(kind, site, page);
        marker = (page.bodies.at(-1)?.['id'] as string | undefined) ?? marker;
        await this.noteImport(kind, site, marker ?? null, from);
      }
    } catch (error) {
      // The row it was to go on behind is gone: from the start then, where what is stored costs no write.
      if (error instanceof PageRefused) await this.noteImport(kind, site, null, null);
      throw error;
    }
    if (from) await this.moveCursor(kind, site, from, true);
    return { rows, inFlight: false };
  }

  /**
   * Forgets rows whose ids the site no longer has: ids alone are read, not details.
   * @returns how many rows were compared
   * @throws SiteUnreachable
   */
  async readDeletions(kind: Kind, site: Site): Promise<number> {
    const { ids } = feedOf(kind);
    const known = await this.inventory.livingIds(kind.name, site);
    if (known.length === 0) return 0;
    const seen = new Set<string>();
    let askedAt: Date | undefined;
    for await (const page of this.pages(kind, site, ids.path, ids.query)) {
      askedAt ??= page.askedAt;
      for (const body of page.bodies) seen.add(String(body['id']));
    }
    if (askedAt) await this.forgetUnseen(kind, site, known, seen, askedAt);
    return known.length;
  }

  private forgetUnseen(
    kind: Kind,
    site: Site,
    known: readonly string[],
    seen: ReadonlySet<string>,
    askedAt: Date,
  ): Promise<void> {
    const gone = known.filter((id) => !seen.has(id));
    return this.inventory.forget(kind.name, site, gone, askedAt);
  }

  private async keep(kind: Kind, site: Site, page: Page): Promise<void> {
    const bodies = linkBodyBack(page.bodies, site);
    try {
      await this.inventory.store(kind, site, bodies, page.askedAt);
    } catch (error) {
      // One bad row must not stop its page: the rows are stored one by one, and the bad one is reported.
      this.log.warn(
        { event: 'feed.page_refused', site: site.name, kind: kind.name, err: error },
        'storing a page row by row',
      );
      for (const body of bodies) {
        await this.inventory.store(kind, site, [body], page.askedAt).catch((reason: unknown) => {
          if (!isRowsFault(reason)) throw reason;
          const id = String(body['id']);
          this.log.error({ event: 'feed.bad_row', site: site.name, kind: kind.name, id, err: reason }, 'row skipped');
        });
      }
    }
  }

  private async *pages(kind: Kind, site: Site, path: string, query: Record<string, string>): AsyncGenerator<Page> {
    for (const part of feedOf(kind).parts ?? [{}]) yield* this.pagesOf(kind, site, path, { ...query, ...part });
  }

  private async *pagesOf(
    kind: Kind,
    site: Site,
    path: string,
    query: Record<string, string>,
    behind?: string,
  ): AsyncGenerator<Page> {
    const feed = feedOf(kind);
    const markers = new Set<string>();
    let marker = behind;
    for (;;) {
      const askedAt = new Date();
      const asked = new URLSearchParams({ ...query, limit: String(feed.page), ...(marker ? { marker } : {}) });
      const response = await site.request({
        service: kind.service,
        method: 'GET',
        path,
        query: asked.toString(),
        microversion: feed.microversion,
        deadlineMs: 60_000,
      });
      const { bodies, more } = rowsOf(kind, site, response);
      yield { bodies, askedAt, siteTime: new Date(response.headers['date'] ?? askedAt) };
      const last = bodies.at(-1)?.['id'];
      if (!more || typeof last !== 'string') return;
      // A site that repeats pages forever must not keep us reading, and what it did not show is not gone.
      if (markers.has(last)) throw new SiteUnreachable(site.name, true, `${kind.name} feed: a page comes again`);
      markers.add((marker = last));
    }
  }

  private state(kind: Kind, site: Site): Promise<FeedState | undefined> {
    return this.database.maybe(`select cursor, import_marker, import_from from feed where site_id = $1 and kind = $2`, [
      site.id,
      kind.name,
    ]);
  }

  private async noteImport(kind: Kind, site: Site, marker: string | null, from: Date | null): Promise<void> {
    await this.database.run(
      `insert into feed as f (site_id, kind, import_marker, import_from) values ($1, $2, $3, $4)
       on conflict (site_id, kind) do update set import_marker = $3, import_from = $4`,
      [site.id, kind.name, marker, from],
    );
  }

  private async moveCursor(kind: Kind, site: Site, cursor: Date, full: boolean): Promise<void> {
    await this.database.run(
      `insert into feed as f (site_id, kind, cursor, full_read_at) values ($1, $2, $3, case when $4 then now() end)
       on conflict (site_id, kind) do update set cursor = greatest(f.cursor, excluded.cursor),
          full_read_at = coalesce(excluded.full_read_at, f.full_read_at),
          import_marker = null, import_from = null, last_error = null, error_since = null`,
      [site.id, kind.name, cursor, full],
    );
  }
}

/** A row that cannot be stored, for what it holds; any other failure is the database's, and the cursor must not move. */
function isRowsFault(error: unknown): boolean {
  const { code } = error as { code?: string };
  const ofData = /^(22|54|23(?!503))/; // data exceptions, program limits, violations but that of a site removed meanwhile
  return code === undefined ? error instanceof TypeError || error instanceof RangeError : ofData.test(code);
}

/** What a site does not have is not asked for. */
const isOffered = (feed: KindFeed, site: Site): boolean => feed.offered?.(site.capabilities) ?? true;

export function feedOf(kind: Kind): KindFeed {
  if (!kind.feed) throw new Error(`${kind.name} has no feed`);
  return kind.feed;
}

function rowsOf(kind: Kind, site: Site, response: OpenStackResponse): { bodies: Body[]; more: boolean } {
  const body = bodyOf(response) as Record<string, unknown> | undefined;
  const rows = body?.[kind.keys];
  if (response.status !== 200 || !Array.isArray(rows)) {
    const Reason = response.status === 400 || response.status === 404 ? PageRefused : SiteUnreachable;
    throw new Reason(site.name, true, `${kind.name} feed: ${response.status} instead of a list`);
  }
  const links = body?.[`${kind.keys}_links`] as { rel: string }[] | undefined;
  const more = Boolean(links?.some((link) => link.rel === 'next') || body?.['next']);
  return { bodies: rows.filter((row): row is Body => typeof (row as { id?: unknown } | null)?.id === 'string'), more };
}
