/** What goes on by itself once a site is added, and is over after a while: tests that count requests begin behind it. */
import { expect, vi } from 'vitest';
import type { ListedSite } from '../src/cli/watch-reads.js';
import type { FeedView } from '../src/sync/feed-views.js';
import type { TestCascade } from './cascade.js';

/** Waits until each kind of all sites has been read, and what is global has been compared with them. */
export async function firstReads({ ask, admin }: TestCascade): Promise<void> {
  await vi.waitFor(
    async () => {
      const { feeds } = (await ask('GET', '/cascade/v1/feeds', { token: admin })).body as { feeds: FeedView[] };
      const { sites } = (await ask('GET', '/cascade/v1/sites', { token: admin })).body as { sites: ListedSite[] };
      const unread = feeds.filter((feed) => feed.age_seconds === null).map(({ site, kind }) => `${kind} of ${site}`);
      const uncompared = sites.filter((site) => site.reconciled_at === null).map(({ name }) => name);
      expect({ unread, uncompared }).toEqual({ unread: [], uncompared: [] });
    },
    { timeout: 20_000, interval: 100 },
  );
}
