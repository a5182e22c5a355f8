/** Reads what a site has of one kind into the inventory. Truth is read, never assumed; silence changes nothing. */
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import { linkBodyBack } from '../resources/linking.js';
import type { Inventory } from '../resources/inventory.js';
import type { Body, Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import { UnchangedLists, digestOf } from './unchanged-lists.js';
import { askedOneByOne, forgetMissing, readEach, type Keep } from './comparison.js';
import { newestOf, nextCursor, overlapMs } from './cursors.js';
import { FeedStates, type FeedState } from './feed-states.js';
import { feedOf, isFollowed, PageRefused, pages, pagesOf, partsOf, readPage, type Page } from './site-pages.js';

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

/** Rows of one page of the slow round: few, so that no site is busy with one for long. */
export const roundPage = 200;

export class FeedReader {
  readonly states: FeedStates;
  /** Called when rows of a site are known that were not, or were others. */
  onStored: (kind: Kind, site: Site) => Promise<void> = async () => undefined;
  private readonly unchangedLists = new UnchangedLists();

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
    return state.cursor && state.is_small ? this.readSmall(kind, site, state) : this.readSince(kind, site, state);
  }

  /** Reads all rows, or all of one project, and forgets those that are no longer there. @throws SiteUnreachable */
  async readAll(kind: Kind, site: Site, projectId?: string): Promise<Found> {
    if (!isFollowed(kind, site)) return nothing;
    const { path, everything, ofProject } = feedOf(kind);
    const query = { ...everything, ...(projectId ? ofProject(projectId) : {}) };
    return this.keepAll(kind, site, pages(kind, site, { path, query }), projectId);
  }

  /** Reads all rows of a list so short that it is held whole: where it is as it was, there is nothing to compare. */
  private async readSmall(kind: Kind, site: Site, state: FeedState): Promise<Found> {
    if (!isFollowed(kind, site)) return nothing;
    const { path, everything: query } = feedOf(kind);
    const list: Page[] = [];
    for await (const page of pages(kind, site, { path, query })) list.push(page);
    const [first] = list;
    if (!first) return nothing;
    const digest = digestOf(list);
    if (!state.is_failing && this.unchangedLists.holds(kind, site, state, digest)) {
      const bodies = list.flatMap((page) => page.bodies);
      this.states.noteUnchanged(kind, site, nextCursor(first.siteTime, newestOf(kind, bodies)), first.askedAt);
      return { rows: bodies.length, changed: 0, inFlight: bodies.some(isInFlight), isWhole: true };
    }
    const found = await this.keepAll(kind, site, list);
    this.unchangedLists.note(kind, site, state, digest, first.askedAt, found);
    return found;
  }

  /** Stores a whole list, of a site or of one project, and forgets what is not in it. */
  private async keepAll(
    kind: Kind,
    site: Site,
    list: AsyncIterable<Page> | Iterable<Page>,
    projectId?: string,
  ): Promise<Found> {
    const seen = new Set<string>();
    let first: Page | undefined;
    let newest: Date | undefined;
    let changed = 0;
    let inFlight = false;
    for await (const page of list) {
      first ??= page;
      for (const body of page.bodies) seen.add(String(body['id']));
      inFlight ||= page.bodies.some(isInFlight);
      newest = newestOf(kind, page.bodies, newest);
      changed += await this.keep(kind, site, page);
    }
    if (!first) return nothing;
    const known = await this.inventory.livingIds(kind.name, site, projectId);
    changed += known.filter((id) => !seen.has(id)).length;
    const isTrue = await this.forgetUnseen(kind, site, known, seen, first.askedAt);
    if (!projectId && isTrue) {
      await this.states.begin(kind, site, nextCursor(first.siteTime, newest), first.askedAt);
    }
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
    let first: Page | undefined;
    let newest: Date | undefined;
    let [rows, changed, inFlight, isPartial] = [0, 0, false, false];
    const seen = new Set<string>();
    for (const query of queries) {
      for await (const page of pages(kind, site, { path: feed.path, query: { ...feed.everything, ...query } })) {
        first ??= page;
        for (const body of page.bodies) seen.add(String(body['id']));
        newest = newestOf(kind, page.bodies, newest);
        rows += page.bodies.length;
        inFlight ||= page.bodies.some(isInFlight);
        isPartial ||= page.bodies.some((body) => feed.isPartial?.(body));
        changed += await this.keep(kind, site, page);
      }
    }
    if (first) changed += await this.forgetUntraced(kind, site, seen, first.askedAt);
    // What changed in a part of the site that is down is told when it is back, with the times it had.
    if (isPartial) return { rows, changed, inFlight, isWhole: false };
    // A clock that went back stamps what happens now with times that were read long ago.
    const readFrom = first?.siteTime;
    if (readFrom && readFrom.getTime() < cursor.getTime() - overlapMs) return this.readAll(kind, site);
    // After the commit of every page, so that a crash in between reads them again.
    if (readFrom) {
      const next = nextCursor(readFrom, newest, cursor);
      if (changed === 0 && !state.is_failing) this.states.noteUnchanged(kind, site, next);
      else await this.states.advance(kind, site, next);
    }
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
      for await (const page of pagesOf(kind, site, { path, query, behind: marker ?? undefined })) {
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
    if (from) await this.states.begin(kind, site, nextCursor(from, undefined), start);
    return { rows, changed: rows, inFlight: false, isWhole: false };
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
    for await (const page of pages(kind, site, ids)) {
      askedAt ??= page.askedAt;
      for (const body of page.bodies) seen.add(String(body['id']));
    }
    if (askedAt) await this.forgetUnseen(kind, site, known, seen, askedAt);
    await this.readUnknown(kind, site, seen);
    return Math.max(known.length, seen.size);
  }

  /** What the site has and the inventory lacks: made there just now, or back from a backup with the times it had. */
  private async readUnknown(kind: Kind, site: Site, seen: ReadonlySet<string>): Promise<void> {
    const known = new Set(await this.inventory.livingIds(kind.name, site));
    const unknown = [...seen].filter((id) => !known.has(id));
    if (unknown.length > askedOneByOne) await this.readAll(kind, site);
    else await readEach(kind, site, unknown, this.keeper(kind, site));
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

  /**
   * Forgets what the site shows with every change as long as it has it, and has shown no more.
   * @returns how many
   */
  private async forgetUntraced(kind: Kind, site: Site, seen: ReadonlySet<string>, askedAt: Date): Promise<number> {
    const missing = (await this.inventory.untracedIds(kind, site)).filter((id) => !seen.has(id));
    if (missing.length > 0) await this.forgetUnseen(kind, site, missing, seen, askedAt);
    return missing.length;
  }

  /** @returns false where the list turned out to lack what is there */
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

  /** @returns how many rows were new or different */
  private async keep(kind: Kind, site: Site, page: Pick<Page, 'bodies' | 'askedAt'>): Promise<number> {
    const whole = page.bodies.filter((body) => !feedOf(kind).isPartial?.(body));
    const bodies = linkBodyBack(whole, site);
    try {
      const changed = await this.inventory.store(kind, site, bodies, page.askedAt);
      if (changed > 0) await this.onStored(kind, site);
      return changed;
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
