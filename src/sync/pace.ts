/** How often a feed is read, and what that may cost a site. */
import type { Found } from './feed-reader.js';

export interface FeedPace {
  /** Seconds between two reads of what changed. */
  readonly changesSeconds: number;
  /** Seconds between two comparisons of ids, for a thousand rows; grows with the rows. */
  readonly deletionsSeconds: number;
}

/** Share of a site's time that the reads of one kind aim at. */
const aimedShare = 0.02;
/** Share they may take before an inventory that is up to date weighs less than the site's rest. */
const largestShare = 0.2;
/** By the aimed share alone a feed would rest no longer than this: changes in a site show within ten seconds. */
const promptMs = 8_000;
/** The longest rest, however slow the site is. */
const longestMs = 60_000;
/** While something is on its way from one state to another it is looked after this much more often. */
const haste = 3;

/**
 * Milliseconds until a feed is read again.
 * @param tookMs how long a read keeps the site busy: the quicker of the last two, since one slow answer (a worker that was
 *   just started, a first import) tells nothing of what the next read costs
 */
export function restAfter(found: Found | undefined, tookMs: number, { changesSeconds }: FeedPace): number {
  const wanted = (changesSeconds * 1000) / (found?.inFlight ? haste : 1);
  const aimed = Math.min(tookMs * (1 / aimedShare - 1), promptMs);
  const least = Math.min(tookMs * (1 / largestShare - 1), longestMs);
  return Math.max(wanted, aimed, least);
}

/** Milliseconds until the ids of so many rows are compared again. Where changes tell of deletions it is a belt beside the braces. */
export function restAfterComparison(rows: number, tellsDeletions: boolean, { deletionsSeconds }: FeedPace): number {
  return deletionsSeconds * 1000 * Math.max(1, rows / 1000) * (tellsDeletions ? 30 : 1);
}
