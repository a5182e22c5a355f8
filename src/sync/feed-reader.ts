/** Reads what a site has of one kind into the inventory. Truth is read, never assumed; silence changes nothing. */
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import { linkBodyBack } from '../resources/linking.js';
import type { Inventory } from '../resources/inventory.js';
import type { Body, Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import { askedOneByOne, forgetMissing, readEach, type Keep } from './comparison.js';
import { Cursors, newestOf, nextCursor, overlapMs, type FeedState } from './cursors.js';
import { feedOf, isOffered, PageRefused, pages, pagesOf, type Page } from './site-pages.js';

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

export class FeedReader {
  private readonly cursors: Cursors;

  constructor(
    database: Database,
    private readonly inventory: Inventory,
    private readonly log: Logger,
  ) {
    this.cursors = new Cursors(database);
  }

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
    let newest: Date | undefined;
    let inFlight = false;
    for await (const page of pages(kind, site, feed.path, query)) {
      first ??= page;
      for (const body of page.bodies) seen.add(String(body['id']));
      inFlight ||= page.bodies.some(isInFlight);
      newest = newestOf(kind, page.bodies, newest);
      await this.keep(kind, site, page);
    }
    if (!first) return nothing;
    const known = await this.inventory.livingIds(kind.name, site, projectId);
    const isWhole = await this.forgetUnseen(kind, site, known, seen, first.askedAt);
    if (!projectId && isWhole) await this.cursors.begin(kind, site, nextCursor(first.siteTime, newest));
    return { rows: seen.size, inFlight };
  }

  /** Reads what changed since the cursor; everything where there is no cursor or the site cannot tell. @throws SiteUnreachable */
  async readChanges(kind: Kind, site: Site): Promise<Found> {
    const feed = feedOf(kind);
    if (!isOffered(feed, site)) return nothing;
    const state = await this.cursors.of(kind, site);
    const cursor = state?.cursor;
    const queries = cursor && feed.changed?.(new Date(cursor.getTime() - overlapMs), site.capabilities);
    if (!queries) {
      const canGoOn = feed.changed !== undefined && feed.parts === undefined;
      return canGoOn && !cursor ? this.import(kind, site, state) : this.readAll(kind, site);
    }
    let readFrom: Date | undefined;
    let newest: Date | undefined;
    let rows = 0;
    let inFlight = false;
    for (const query of queries) {
      for await (const page of pages(kind, site, feed.path, { ...feed.everything, ...query })) {
        readFrom ??= page.siteTime;
        newest = newestOf(kind, page.bodies, newest);
        rows += page.bodies.length;
        inFlight ||= page.bodies.some(isInFlight);
        await this.keep(kind, site, page);
      }
    }
    // A clock that went back stamps what happens now with times that were read long ago.
    if (readFrom && readFrom.getTime() < cursor.getTime() - overlapMs) return this.readAll(kind, site);
    // After the commit of every page, so that a crash in between reads them again.
    if (readFrom) await this.cursors.advance(kind, site, nextCursor(readFrom, newest, cursor));
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
      for await (const page of pagesOf(kind, site, path, everything, marker ?? undefined)) {
        from ??= page.siteTime;
        rows += page.bodies.length;
        await this.keep(kind, site, page);
        marker = (page.bodies.at(-1)?.['id'] as string | undefined) ?? marker;
        await this.cursors.noteImport(kind, site, marker ?? null, from);
      }
    } catch (error) {
      // The row it was to go on behind is gone: from the start then, where what is stored costs no write.
      if (error instanceof PageRefused) await this.cursors.noteImport(kind, site, null, null);
      throw error;
    }
    if (from) await this.cursors.begin(kind, site, nextCursor(from, undefined));
    return { rows, inFlight: false };
  }

  /**
   * Compares the ids of a site with those in the inventory, in both directions: what is gone is forgotten, and what the
   * changes did not tell of is read. Ids alone are listed, not details.
   * @returns how many rows were compared
   * @throws SiteUnreachable
   */
  async readDeletions(kind: Kind, site: Site): Promise<number> {
    const { ids } = feedOf(kind);
    const known = await this.inventory.livingIds(kind.name, site);
    const seen = new Set<string>();
    let askedAt: Date | undefined;
    for await (const page of pages(kind, site, ids.path, ids.query)) {
      askedAt ??= page.askedAt;
      for (const body of page.bodies) seen.add(String(body['id']));
    }
    if (askedAt) await this.forgetUnseen(kind, site, known, seen, askedAt);
    await this.readStrangers(kind, site, seen);
    return Math.max(known.length, seen.size);
  }

  /** What the site has and the inventory lacks: made there just now, or back from a backup with the times it had. */
  private async readStrangers(kind: Kind, site: Site, seen: ReadonlySet<string>): Promise<void> {
    const known = new Set(await this.inventory.livingIds(kind.name, site));
    const strangers = [...seen].filter((id) => !known.has(id));
    if (strangers.length > askedOneByOne) await this.readAll(kind, site);
    else await readEach(kind, site, strangers, this.keeper(kind, site));
  }

  private forgetUnseen(
    kind: Kind,
    site: Site,
    known: readonly string[],
    seen: ReadonlySet<string>,
    askedAt: Date,
  ): Promise<boolean> {
    const missing = known.filter((id) => !seen.has(id));
    return forgetMissing(this.inventory, kind, site, missing, askedAt, this.keeper(kind, site));
  }

  private keeper(kind: Kind, site: Site): Keep {
    return (body, askedAt) => this.keep(kind, site, { bodies: [body], askedAt });
  }

  private async keep(kind: Kind, site: Site, page: Pick<Page, 'bodies' | 'askedAt'>): Promise<void> {
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
}

/** A row that cannot be stored, for what it holds; any other failure is the database's, and the cursor must not move. */
function isRowsFault(error: unknown): boolean {
  const { code } = error as { code?: string };
  const ofData = /^(22|54|23(?!503))/; // data exceptions, program limits, violations but that of a site removed meanwhile
  return code === undefined ? error instanceof TypeError || error instanceof RangeError : ofData.test(code);
}
