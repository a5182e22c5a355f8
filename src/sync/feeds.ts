/** Keeps every feed going of the sites this process minds. */
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Kind } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { every, type Task } from './every.js';
import { isFollowed } from './site-pages.js';
import { roundPage, type FeedReader, type Found } from './feed-reader.js';
import { MeteredSite } from './metered-site.js';
import { restAfterComparison, restAfterRoundPage, type FeedPace } from './pace.js';
import type { SiteLeases } from './site-leases.js';
import { SiteSchedule, type Slot } from './site-schedule.js';

/** Reads of everything at once: their pages are megabytes, and a hundred sites may be new. */
const importsAtOnce = 4;

export class Feeds {
  private timer: NodeJS.Timeout | undefined;
  private doubts: Task | undefined;
  private notes: Task | undefined;
  private readonly schedules = new Map<number, SiteSchedule>();
  private readonly imports = pLimit(importsAtOnce);

  constructor(
    private readonly sites: SiteRegistry,
    private readonly leases: SiteLeases,
    private readonly reader: FeedReader,
    private readonly kinds: readonly Kind[],
    private readonly pace: FeedPace,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.tick(), 500);
    this.timer.unref();
    const failed = (error: unknown) =>
      this.log.error(
        { event: 'feeds.failed', err: error },
        'suspected feeds were not read, or reads were not recorded',
      );
    this.doubts = every(3, () => this.runDoubtedNow(), failed);
    this.notes = every(5, () => this.reader.states.writeUnchanged(), failed);
  }

  stop(): void {
    clearInterval(this.timer);
    this.doubts?.stop();
    this.notes?.stop();
  }

  /** What an operator doubts is read without waiting for its turn. */
  private async runDoubtedNow(): Promise<void> {
    for (const { site_id: siteId, kind } of await this.reader.states.suspected()) {
      this.schedules.get(siteId)?.runNow(kind, performance.now());
    }
  }

  private tick(): void {
    const sites = this.sites.all();
    for (const site of sites) {
      if (site.state !== 'maintenance' && this.leases.holds(site)) this.tickSite(site);
    }
    const ids = new Set(sites.map((site) => site.id));
    for (const id of this.schedules.keys()) if (!ids.has(id)) this.schedules.delete(id);
  }

  private tickSite(site: Site): void {
    const now = performance.now();
    let schedule = this.schedules.get(site.id);
    if (!schedule) this.schedules.set(site.id, (schedule = new SiteSchedule(this.kinds, this.pace, now)));
    const isAnswering = (kind: Kind): boolean => isFollowed(kind, site) && site.health(kind.service).reachable;
    for (const slot of schedule.take(now, isAnswering)) void this.read(schedule, slot, site);
  }

  private async read(schedule: SiteSchedule, slot: Slot, site: Site): Promise<void> {
    const metered = new MeteredSite(site);
    let found: Found | undefined;
    try {
      found = await (slot.isFirst
        ? this.imports(() => this.readRoutine(slot.kind, metered))
        : this.readAgain(slot.kind, metered));
      const { spentMs } = metered;
      if (!found.isWhole) await this.readSlowly(slot, site);
      schedule.ended(slot, found, spentMs, performance.now());
    } catch (error) {
      await this.report(slot.kind, site, error);
      schedule.ended(slot, found, metered.spentMs, performance.now());
    }
  }

  private async readRoutine(kind: Kind, site: Site): Promise<Found> {
    return this.reader.readRoutine(kind, site, await this.reader.states.of(kind, site));
  }

  private async readAgain(kind: Kind, site: Site): Promise<Found> {
    const state = await this.reader.states.of(kind, site);
    if (!state.is_suspected) return this.reader.readRoutine(kind, site, state);
    const found = await this.imports(() => this.reader.readAll(kind, site));
    const { rows, changed } = found;
    this.log.info({ event: 'feed.read_anew', site: site.name, kind: kind.name, rows, changed }, 'read anew');
    return found;
  }

  /** What is read now and then, beside the changes: which rows are gone, and those that changed without saying so. */
  private async readSlowly(slot: Slot, site: Site): Promise<void> {
    const { kind } = slot;
    if (performance.now() >= slot.comparison) {
      const metered = new MeteredSite(site);
      slot.rows = await this.reader.readDeletions(kind, metered);
      const { spentMs } = metered;
      const tells = kind.feed?.tellsDeletions ?? false;
      slot.comparison =
        performance.now() + restAfterComparison(slot.rows, tells, spentMs, slot.comparisonMs, this.pace);
      slot.comparisonMs = spentMs;
    }
    if (performance.now() >= slot.round) {
      const metered = new MeteredSite(site);
      await this.reader.readRoundPage(kind, metered);
      slot.round = performance.now() + restAfterRoundPage(pages(slot), metered.spentMs);
    }
  }

  private async report(kind: Kind, site: Site, error: unknown): Promise<void> {
    const isSites = error instanceof SiteUnreachable;
    const reason = isSites ? error.reason : (error as Error).message;
    // A site that fails is the site's matter; anything else is ours.
    this.log[isSites ? 'warn' : 'error'](
      { event: 'feed.failed', site: site.name, kind: kind.name, reason, ...(isSites ? {} : { err: error }) },
      'feed failed; it will be read again',
    );
    // The site may have been removed meanwhile.
    await this.reader.states.noteFailure(kind, site, reason).catch(() => undefined);
  }
}

const pages = (slot: Slot): number => Math.max(1, Math.ceil(slot.rows / roundPage));
