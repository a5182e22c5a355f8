/** How often a feed is read. What that may cost a site is its budget's matter. */
import type { Found } from './feed-reader.js';

export interface FeedPace {
  /** Seconds between two reads of what changed, where something changes. */
  readonly changesSeconds: number;
  /** Seconds between two comparisons of ids, for a thousand rows; grows with the rows. */
  readonly deletionsSeconds: number;
}

/** Milliseconds from the end of one read to the next. */
export interface Rest {
  /** Not before. */
  readonly earliest: number;
  /** At the latest, whatever the site's budget aims at. */
  readonly latest: number;
}

/** Changes in a site show within ten seconds: rest, the wait for a turn and the read itself. */
const promptMs = 8_000;
/** While something is on its way from one state to another it is looked after this much more often. */
const haste = 3;
/** Where nothing changes each rest is this much longer than the one before. */
const slowing = 1.3;
/** Share of one worker's time that each of the slow reads, comparison and round, may take; beside the budget of the others. */
const slowShare = 0.005;
/** Deletions that only a comparison tells show within so long, per thousand rows, however slow the site is. */
const longestComparisonMs = 60_000;
/** Every row is read anew within an hour, or within a day where an hour's round would take more than its share. */
const roundMs = 3_600_000;
const longestRoundMs = 24 * roundMs;

/**
 * When a feed is read again.
 * @param before milliseconds of the earliest rest before
 */
export function restAfter(found: Found | undefined, before: number, { changesSeconds }: FeedPace): Rest {
  const usual = changesSeconds * 1000;
  const latest = Math.max(promptMs, usual);
  if (!found) return { earliest: latest, latest };
  if (found.inFlight) return { earliest: usual / haste, latest };
  return { earliest: found.changed > 0 ? usual : Math.min(Math.max(before, usual) * slowing, latest), latest };
}

/**
 * Milliseconds until the ids of so many rows are compared again. Where changes tell of deletions it is a belt beside the
 * braces.
 * @param spentMs of the site's time, for the comparison that was just done
 * @param spentBeforeMs for the one before: a site that was slow once is not a slow site
 */
export function restAfterComparison(
  rows: number,
  tellsDeletions: boolean,
  spentMs: number,
  spentBeforeMs: number,
  { deletionsSeconds }: FeedPace,
): number {
  const thousands = Math.max(1, rows / 1000);
  const wanted = deletionsSeconds * 1000 * thousands * (tellsDeletions ? 30 : 1);
  const fair = Math.min(spentMs, spentBeforeMs) / slowShare;
  return Math.max(wanted, Math.min(fair, longestComparisonMs * thousands));
}

/**
 * Milliseconds until the next page of the slow round.
 * @param spentMs of the site's time, for the page before
 */
export function restAfterRoundPage(pages: number, spentMs: number): number {
  return Math.min(Math.max(spentMs / slowShare, roundMs / pages), longestRoundMs / pages);
}
