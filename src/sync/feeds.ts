/** Keeps every feed of every site going. */
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import type { Kind } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import type { Inventory } from '../resources/inventory.js';
import type { FeedReader } from './feed-reader.js';

export interface FeedPace {
  /** Seconds between two reads of what changed. */
  readonly changesSeconds: number;
  /** Seconds between two comparisons of ids, for a thousand rows; grows with the rows. */
  readonly deletionsSeconds: number;
}

/** Up to this many rows a whole read costs a site less than asking twice, for changes and for ids. */
const smallCollection = 100;
/** The longest pause of a feed, however slow its site is. */
const busiestRestMs = 60_000;

export class Feeds {
  private timer: NodeJS.Timeout | undefined;
  private readonly due = new Map<string, { changes: number; deletions: number; busy: boolean }>();

  constructor(
    private readonly database: Database,
    private readonly sites: SiteRegistry,
    private readonly inventory: Inventory,
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
        const key = `${site.id}/${kind.name}`;
        let due = this.due.get(key);
        if (!due) this.due.set(key, (due = { changes: 0, deletions: 0, busy: false }));
        if (due.busy || Date.now() < due.changes) continue;
        due.busy = true;
        const slot = due;
        void this.read(kind, site, slot).finally(() => (slot.busy = false));
      }
    }
  }

  private async read(kind: Kind, site: Site, due: { changes: number; deletions: number }): Promise<void> {
    const start = Date.now();
    try {
      const rows = (await this.inventory.livingIds(kind.name, site)).length;
      if (kind.feed?.tellsDeletions || rows > smallCollection) {
        await this.reader.readChanges(kind, site);
        if (Date.now() >= due.deletions) {
          // Where changes tell of deletions the comparison is only a belt beside the braces.
          const patience = (kind.feed?.tellsDeletions ? 30 : 1) * Math.max(1, rows / 1000);
          due.deletions = Date.now() + this.pace.deletionsSeconds * 1000 * patience;
          await this.reader.readDeletions(kind, site);
        }
      } else await this.reader.readAll(kind, site);
    } catch (error) {
      await this.report(kind, site, error);
    }
    // A site that is slow to answer is busy: it is asked less, so that we take a tenth of its time at most.
    const rest = Math.min(busiestRestMs, 9 * (Date.now() - start));
    due.changes = Date.now() + Math.max(this.pace.changesSeconds * 1000, rest);
  }

  private async report(kind: Kind, site: Site, error: unknown): Promise<void> {
    const reason = error instanceof SiteUnreachable ? error.reason : (error as Error).message;
    this.log.warn(
      { event: 'feed.failed', site: site.name, kind: kind.name, reason },
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
