/** Reads what a site has of one kind into the inventory. Truth is read, never assumed; silence changes nothing. */
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import { bodyOf, type OpenStackResponse } from '../openstack/message.js';
import { linkBodyBack } from '../resources/linking.js';
import type { Inventory } from '../resources/inventory.js';
import type { Body, Kind, KindFeed } from '../resources/kind.js';
import { SiteUnreachable, type Site } from '../sites/site.js';

// Sites stamp changes with whole seconds, and a row that was being written while we read is not yet to be seen.
const overlapMs = 10_000;

/** A page of rows, and when and by whose clock it was asked for. */
interface Page {
  readonly bodies: Body[];
  readonly askedAt: Date;
  readonly siteTime: Date;
}

export class FeedReader {
  constructor(
    private readonly database: Database,
    private readonly inventory: Inventory,
    private readonly log: Logger,
  ) {}

  /** Reads all rows, or all of one project, and forgets those that are no longer there. @throws SiteUnreachable */
  async readAll(kind: Kind, site: Site, projectId?: string): Promise<void> {
    const feed = feedOf(kind);
    if (!isOffered(feed, site)) return;
    const query = { ...feed.everything, ...(projectId ? feed.ofProject(projectId) : {}) };
    const seen = new Set<string>();
    let first: Page | undefined;
    for await (const page of this.pages(kind, site, feed.path, query)) {
      first ??= page;
      for (const body of page.bodies) seen.add(String(body['id']));
      await this.keep(kind, site, page);
    }
    if (!first) return;
    await this.forgetUnseen(
      kind,
      site,
      await this.inventory.livingIds(kind.name, site, projectId),
      seen,
      first.askedAt,
    );
    if (!projectId) await this.moveCursor(kind, site, first.siteTime, true);
  }

  /** Reads what changed since the cursor; everything where there is no cursor or the site cannot tell. @throws SiteUnreachable */
  async readChanges(kind: Kind, site: Site): Promise<void> {
    const feed = feedOf(kind);
    if (!isOffered(feed, site)) return;
    const { cursor } = (await this.cursor(kind, site)) ?? {};
    const queries = cursor && feed.changed?.(new Date(cursor.getTime() - overlapMs), site.capabilities);
    if (!queries) return this.readAll(kind, site);
    let readFrom: Date | undefined;
    for (const query of queries) {
      for await (const page of this.pages(kind, site, feed.path, { ...feed.everything, ...query })) {
        readFrom ??= page.siteTime;
        await this.keep(kind, site, page);
      }
    }
    // After the commit of every page, so that a crash in between reads them again.
    if (readFrom) await this.moveCursor(kind, site, readFrom, false);
  }

  /** Forgets rows whose ids the site no longer has: ids alone are read, not details. @throws SiteUnreachable */
  async readDeletions(kind: Kind, site: Site): Promise<void> {
    const { ids } = feedOf(kind);
    const known = await this.inventory.livingIds(kind.name, site);
    if (known.length === 0) return;
    const seen = new Set<string>();
    let askedAt: Date | undefined;
    for await (const page of this.pages(kind, site, ids.path, ids.query)) {
      askedAt ??= page.askedAt;
      for (const body of page.bodies) seen.add(String(body['id']));
    }
    if (askedAt) await this.forgetUnseen(kind, site, known, seen, askedAt);
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

  private async *pagesOf(kind: Kind, site: Site, path: string, query: Record<string, string>): AsyncGenerator<Page> {
    const feed = feedOf(kind);
    const markers = new Set<string>();
    let marker: string | undefined;
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

  private cursor(kind: Kind, site: Site): Promise<{ cursor: Date | null } | undefined> {
    return this.database.maybe(`select cursor from feed where site_id = $1 and kind = $2`, [site.id, kind.name]);
  }

  private async moveCursor(kind: Kind, site: Site, cursor: Date, full: boolean): Promise<void> {
    await this.database.run(
      `insert into feed as f (site_id, kind, cursor, full_read_at) values ($1, $2, $3, case when $4 then now() end)
       on conflict (site_id, kind) do update set cursor = greatest(f.cursor, excluded.cursor),
          full_read_at = coalesce(excluded.full_read_at, f.full_read_at), last_error = null, error_since = null`,
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
    throw new SiteUnreachable(site.name, true, `${kind.name} feed: ${response.status} instead of a list`);
  }
  const links = body?.[`${kind.keys}_links`] as { rel: string }[] | undefined;
  const more = Boolean(links?.some((link) => link.rel === 'next') || body?.['next']);
  return { bodies: rows.filter((row): row is Body => typeof (row as { id?: unknown } | null)?.id === 'string'), more };
}
