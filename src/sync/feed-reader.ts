/** Reads what a site has of one kind into the inventory. Truth is read, never assumed; silence changes nothing. */
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import { linkBodyBack } from '../resources/linking.js';
import type { Inventory } from '../resources/inventory.js';
import type { Body, Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import { feedOf, isFollowed, PageRefused, partsOf, readPage, readPages, readPart, type Page } from './feed-pages.js';
import { FeedStates, type FeedState } from './feed-states.js';

/** What a read found. */
export interface Found {
  readonly rows: number;
  /** How many of them were new or other than they were known, or are gone. */
  readonly changed: number;
  /** True where something was on its way from one state to another. */
  readonly inFlight: boolean;
  /** True where everything was read, so that nothing is left to compare. */
  readonly isWhole: boolean;
}

const nothing: Found = { rows: 0, changed: 0, inFlight: false, isWhole: true };

const isInFlight = (body: Body): boolean =>
  Boolean(body['OS-EXT-STS:task_state']) ||
  /^(build|queued|down_pending)$|ing$|^pending_/i.test(String(body['status'] ?? ''));

// Sites stamp changes with whole seconds, and a row that was being written while we read is not yet to be seen.
const overlapMs = 10_000;

/** A site's clock that is so far behind the cursor, which was its own time, has been set back. */
const setBackMs = 60_000;

/** Rows of one page of the slow round: few, so that no site is busy with one for long. */
export const roundPage = 200;

export class FeedReader {
  readonly states: FeedStates;

  constructor(
    database: Database,
    private readonly inventory: Inventory,
    private readonly log: Logger,
  ) {
    this.states = new FeedStates(database);
  }

  /** Brings the rows of one site up to date, by what costs it least. @throws SiteUnreachable */
  async readNow(kind: Kind, site: Site): Promise<Found> {
    const found = await this.readRoutine(kind, site, await this.states.of(kind, site));
    if (!found.isWhole && !feedOf(kind).tellsDeletions) await this.readDeletions(kind, site);
    return found;
  }

  /**
   * The same but for what is gone, where a comparison of ids alone could tell.
   * @throws SiteUnreachable
   */
  readRoutine(kind: Kind, site: Site, state: FeedState): Promise<Found> {
    const isAll = state.cursor && state.is_small && !feedOf(kind).tellsDeletions;
    return isAll ? this.readAll(kind, site) : this.readSince(kind, site, state);
  }

  /** Reads all rows, or all of one project, and forgets those that are no longer there. @throws SiteUnreachable */
  async readAll(kind: Kind, site: Site, projectId?: string): Promise<Found> {
    const feed = feedOf(kind);
    if (!isFollowed(kind, site)) return nothing;
    const query = { ...feed.everything, ...(projectId ? feed.ofProject(projectId) : {}) };
    const seen = new Set<string>();
    let first: Page | undefined;
    let changed = 0;
    let inFlight = false;
    for await (const page of readPages(kind, site, { path: feed.path, query })) {
      first ??= page;
      for (const body of page.bodies) seen.add(String(body['id']));
      inFlight ||= page.bodies.some(isInFlight);
      changed += await this.keep(kind, site, page);
    }
    if (!first) return nothing;
    const known = await this.inventory.livingIds(kind.name, site, projectId);
    changed += await this.forgetUnseen(kind, site, known, seen, first.askedAt);
    if (!projectId) await this.states.moveCursor(kind, site, first.siteTime, first.askedAt);
    return { rows: seen.size, changed, inFlight, isWhole: true };
  }

  /** Reads what changed since the cursor; everything where there is no cursor or the site cannot tell. @throws SiteUnreachable */
  async readChanges(kind: Kind, site: Site): Promise<Found> {
    return this.readSince(kind, site, await this.states.of(kind, site));
  }

  private async readSince(kind: Kind, site: Site, state: FeedState): Promise<Found> {
    const feed = feedOf(kind);
    if (!isFollowed(kind, site)) return nothing;
    const { cursor } = state;
    const queries = cursor && feed.changed?.(new Date(cursor.getTime() - overlapMs), site.capabilities);
    if (!queries) {
      const canGoOn = feed.changed !== undefined && feed.parts === undefined;
      return canGoOn && !cursor ? this.import(kind, site, state) : this.readAll(kind, site);
    }
    let readFrom: Date | undefined;
    let [rows, changed, inFlight] = [0, 0, false];
    for (const query of queries) {
      for await (const page of readPages(kind, site, { path: feed.path, query: { ...feed.everything, ...query } })) {
        readFrom ??= page.siteTime;
        // Its clock was set back: what it stamps from now on would seem to be older than what is known.
        if (readFrom.getTime() + setBackMs < cursor.getTime()) return this.readAll(kind, site);
        rows += page.bodies.length;
        inFlight ||= page.bodies.some(isInFlight);
        changed += await this.keep(kind, site, page);
      }
    }
    // After the commit of every page, so that a crash in between reads them again.
    if (readFrom) await this.states.moveCursor(kind, site, readFrom);
    return { rows, changed, inFlight, isWhole: false };
  }

  /**
   * The first read of a site, which may take minutes: it goes on behind the last page that was stored, should the program
   * have been stopped in the middle. What is deleted meanwhile is found by the comparison of ids that follows.
   */
  private async import(kind: Kind, site: Site, begun: FeedState): Promise<Found> {
    const { path, everything: query } = feedOf(kind);
    const start = new Date();
    let { import_marker: marker, import_from: from, import_rows: rows } = begun;
    try {
      for await (const page of readPart(kind, site, { path, query, behind: marker ?? undefined })) {
        from ??= page.siteTime;
        rows += page.bodies.length;
        await this.keep(kind, site, page);
        marker = (page.bodies.at(-1)?.['id'] as string | undefined) ?? marker;
        await this.states.noteImport(kind, site, marker, from, rows);
      }
    } catch (error) {
      // The row it was to go on behind is gone: from the start then, where what is stored costs no write.
      if (error instanceof PageRefused) await this.states.noteImport(kind, site, null, null, 0);
      throw error;
    }
    if (from) await this.states.moveCursor(kind, site, from, start);
    return { rows, changed: rows, inFlight: false, isWhole: false };
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
    for await (const page of readPages(kind, site, ids)) {
      askedAt ??= page.askedAt;
      for (const body of page.bodies) seen.add(String(body['id']));
    }
    if (askedAt) await this.forgetUnseen(kind, site, known, seen, askedAt);
    return known.length;
  }

  /**
   * One page of the slow round over all rows: it finds what changed without the site's saying so (its time of the last
   * change stayed as it was). The next call goes on behind it, also after a restart; behind the last page it begins again.
   * @throws SiteUnreachable
   */
  async readRoundPage(kind: Kind, site: Site): Promise<void> {
    const feed = feedOf(kind);
    const { round_marker: at } = await this.states.of(kind, site);
    const [part = 0, behind] = at ? [Number(at.split('/')[0]), at.slice(at.indexOf('/') + 1)] : [];
    const query = { ...feed.everything, ...partsOf(feed)[part] };
    try {
      const page = await readPage(kind, site, { path: feed.path, query, behind, limit: roundPage });
      await this.keep(kind, site, page);
      const last = page.bodies.at(-1)?.['id'];
      const next =
        page.more && typeof last === 'string' ? `${part}/${last}` : partsOf(feed)[part + 1] && `${part + 1}/`;
      await this.states.noteRound(kind, site, next ?? null);
    } catch (error) {
      if (!(error instanceof PageRefused) || !behind) throw error;
      await this.states.noteRound(kind, site, null); // the row it was to go on behind is gone
    }
  }

  /** @returns how many rows are gone */
  private async forgetUnseen(
    kind: Kind,
    site: Site,
    known: readonly string[],
    seen: ReadonlySet<string>,
    askedAt: Date,
  ): Promise<number> {
    const gone = known.filter((id) => !seen.has(id));
    await this.inventory.forget(kind.name, site, gone, askedAt);
    return gone.length;
  }

  /** @returns how many rows were new or different */
  private async keep(kind: Kind, site: Site, page: Page): Promise<number> {
    const bodies = linkBodyBack(page.bodies, site);
    try {
      return await this.inventory.store(kind, site, bodies, page.askedAt);
    } catch (error) {
      // One bad row must not stop its page: the rows are stored one by one, and the bad one is reported.
      this.log.warn(
        { event: 'feed.page_refused', site: site.name, kind: kind.name, err: error },
        'storing a page row by row',
      );
      let stored = 0;
      for (const body of bodies) stored += await this.keepOne(kind, site, body, page.askedAt);
      return stored;
    }
  }

  private keepOne(kind: Kind, site: Site, body: Body, askedAt: Date): Promise<number> {
    return this.inventory.store(kind, site, [body], askedAt).catch((reason: unknown) => {
      if (!isRowsFault(reason)) throw reason;
      const id = String(body['id']);
      this.log.error({ event: 'feed.bad_row', site: site.name, kind: kind.name, id, err: reason }, 'row skipped');
      return 0;
    });
  }
}

/** A row that cannot be stored, for what it holds; any other failure is the database's, and the cursor must not move. */
function isRowsFault(error: unknown): boolean {
  const { code } = error as { code?: string };
  const ofData = /^(22|54|23(?!503))/; // data exceptions, program limits, violations but that of a site removed meanwhile
  return code === undefined ? error instanceof TypeError || error instanceof RangeError : ofData.test(code);
}
