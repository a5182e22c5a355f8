/** Waits until sites have been read, and says how far each has come. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SiteView } from '../sites/views.js';
import type { FeedView, SiteProgress } from '../sync/feed-views.js';
import { CascadeSilent, type Ask } from './operator-client.js';
import { StatusLines } from './status-lines.js';
import { ago, grouped } from './words.js';

export type ListedSite = SiteView & Pick<SiteProgress, 'staleness_seconds' | 'reconciled_at'>;

interface Look {
  readonly site: ListedSite;
  readonly feeds: readonly FeedView[];
}

export interface Wanted {
  /** Sites that are waited for. */
  readonly names: readonly string[];
  readonly isRead: (feed: FeedView) => boolean;
  /** Seconds after which a site that fails and comes no further is waited for no longer. */
  readonly timeout: number;
  /** What else goes on meanwhile, in a line. */
  readonly beside?: () => string;
}

const pauseMs = 1_000;

/** @returns of each site that was given up, why */
export async function watchReads(ask: Ask, { names, isRead, timeout, beside }: Wanted): Promise<Map<string, string>> {
  const start = performance.now();
  const lines = new StatusLines();
  const givenUp = new Map<string, string>();
  const progress = new Map<string, { mark: string; at: number }>();
  let left = [...names];
  for (;;) {
    const looks = await look(ask, timeout);
    const going: string[] = [];
    for (const name of left) {
      const seen = looks.get(name);
      const unread = seen?.feeds.filter((feed) => !isRead(feed)) ?? [];
      if (!seen) givenUp.set(name, 'it is no site any more');
      else if (unread.length === 0) lines.done(`${name}: read after ${ago((performance.now() - start) / 1000)}`);
      else {
        const why = troubleOf(seen.site, unread);
        if (why && isStuck(progress, name, unread, timeout)) givenUp.set(name, why);
        else going.push(lineOf(name, seen.feeds, unread, why));
        continue;
      }
      left = left.filter((one) => one !== name);
    }
    for (const name of left.filter((one) => givenUp.has(one))) lines.done(`${name}: ${givenUp.get(name)}`);
    left = left.filter((name) => !givenUp.has(name));
    if (left.length === 0) break;
    const also = beside ? [beside()] : [];
    const summary = `${names.length - left.length} of ${names.length} sites are read`;
    lines.now([...going, ...also], [summary, ...also].join(', '));
    await delay(pauseMs);
  }
  lines.clear();
  return givenUp;
}

/** The cascade may be started again meanwhile, and everything goes on then. */
async function look(ask: Ask, timeout: number): Promise<Map<string, Look>> {
  for (const until = performance.now() + timeout * 1000; ;) {
    try {
      const { sites } = await ask<{ sites: ListedSite[] }>('GET', '/sites');
      const { feeds } = await ask<{ feeds: FeedView[] }>('GET', '/feeds');
      return new Map(
        sites.map((site) => [site.name, { site, feeds: feeds.filter((feed) => feed.site === site.name) }]),
      );
    } catch (error) {
      if (!(error instanceof CascadeSilent) || performance.now() > until) throw error;
      await delay(pauseMs);
    }
  }
}

/** Why a site cannot be read now; undefined where it merely takes its time. */
function troubleOf(site: ListedSite, unread: readonly FeedView[]): string | undefined {
  if (site.state === 'maintenance') return 'it is in maintenance, and so it is not read';
  const silent = Object.entries(site.health).find(([, { status }]) => status === 'unreachable');
  if (silent) return `its ${silent[0]} service does not answer (${silent[1].last_error ?? 'no reason given'})`;
  const failing = unread.every((feed) => feed.last_error !== null) ? unread[0] : undefined;
  return failing && `${failing.kind}: ${failing.last_error}`;
}

function isStuck(
  progress: Map<string, { mark: string; at: number }>,
  name: string,
  unread: readonly FeedView[],
  timeout: number,
): boolean {
  const mark = unread.map(({ kind, rows_read: rows }) => `${kind} ${rows}`).join();
  const before = progress.get(name);
  if (before?.mark !== mark) progress.set(name, { mark, at: performance.now() });
  return before?.mark === mark && performance.now() - before.at > timeout * 1000;
}

function lineOf(name: string, all: readonly FeedView[], unread: readonly FeedView[], why: string | undefined): string {
  const begun = unread
    .filter((feed) => feed.rows_read)
    .map((feed) => `${feed.kind} ${grouped(feed.rows_read ?? 0)} so far`);
  const words = [`${all.length - unread.length} of ${all.length} kinds read`, ...begun, ...(why ? [why] : [])];
  return `${name}: ${words.join(', ')}`;
}
