/** Keeps every feed going of the sites this process minds. */
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import type { Kind } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import type { FeedReader, Found } from './feed-reader.js';
import { restAfter, restAfterComparison, type FeedPace } from './pace.js';
import type { SiteLeases } from './site-leases.js';

/** When a feed is to be read next, by `Date.now()`. */
interface Due {
  changes: number;
  deletions: number;
  busy: boolean;
  /** Milliseconds that the last read took; 0 before there was one. */
  tookMs: number;
}

/** First reads at once: their pages are megabytes, and a hundred sites may be new. */
const importsAtOnce = 8;

export class Feeds {
  private timer: NodeJS.Timeout | undefined;
  private readonly due = new Map<string, Due>();
  private readonly imports = pLimit(importsAtOnce);

  constructor(
    private readonly database: Database,
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
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    for (const kind of this.kinds) {
      for (const site of this.sites.answering(kind.service)) {
        if (!this.leases.holds(site)) continue;
        const key = `${site.id}/${kind.name}`;
        let due = this.due.get(key);
        const isFirst = due === undefined;
        if (!due) this.due.set(key, (due = { changes: 0, deletions: 0, busy: false, tookMs: 0 }));
        if (due.busy || Date.now() < due.changes) continue;
        due.busy = true;
        const slot = due;
        const read = (): Promise<void> => this.read(kind, site, slot);
        void (isFirst ? this.imports(read) : read()).finally(() => (slot.busy = false));
      }
    }
  }

  private async read(kind: Kind, site: Site, due: Due): Promise<void> {
    const start = Date.now();
    let found: Found | undefined;
    try {
      found = await this.readWhatIsDue(kind, site, due);
    } catch (error) {
      await this.report(kind, site, error);
    }
    const tookMs = Date.now() - start;
    due.changes = Date.now() + restAfter(found, Math.min(tookMs, due.tookMs), this.pace);
    due.tookMs = tookMs;
  }

  private async readWhatIsDue(kind: Kind, site: Site, due: Due): Promise<Found> {
    const tellsDeletions = kind.feed?.tellsDeletions ?? false;
    if (!tellsDeletions && (await this.reader.isSmall(kind, site))) return this.reader.readAll(kind, site);
    const found = await this.reader.readChanges(kind, site);
    if (Date.now() >= due.deletions) {
      const rows = await this.reader.readDeletions(kind, site);
      due.deletions = Date.now() + restAfterComparison(rows, tellsDeletions, this.pace);
    }
    return found;
  }

  private async report(kind: Kind, site: Site, error: unknown): Promise<void> {
    const isSites = error instanceof SiteUnreachable;
    const reason = isSites ? error.reason : (error as Error).message;
    // A site that fails is the site's matter; anything else is ours.
    this.log[isSites ? 'warn' : 'error'](
      { event: 'feed.failed', site: site.name, kind: kind.name, reason, ...(isSites ? {} : { err: error }) },
      'feed failed; it will be read again',
    );
    await this.database
      .run(
        `insert into feed as f (site_id, kind, last_error, error_since) values ($1, $2, $3, now())
         on conflict (site_id, kind) do update set last_error = $3, error_since = coalesce(f.error_since, now())`,
        [site.id, kind.name, reason],
      )
      .catch(() => undefined); // the site may have been removed meanwhile
  }
}
