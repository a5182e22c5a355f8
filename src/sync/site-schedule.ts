/** Which feeds of one site are to be read now: bookkeeping by a clock that it is given. */
import type { Kind } from '../resources/kind.js';
import type { Found } from './feed-reader.js';
import { restAfter, type FeedPace } from './pace.js';
import { SiteBudget } from './site-budget.js';

/** Reads at once at one site; first reads are not among them. */
const atOnce = 3;

/** One feed. Times are in milliseconds by the schedule's clock. */
export interface Slot {
  readonly kind: Kind;
  /** Not read yet by this process: its first read may take minutes and waits for a turn among those of all sites. */
  isFirst: boolean;
  isBusy: boolean;
  earliest: number;
  latest: number;
  /** How long its last rest was. */
  restMs: number;
  /** What its last read cost the site. */
  spentMs: number;
  /** How many there were when ids were compared last. */
  rows: number;
  /** When ids are to be compared, and when the next page of the slow round is to be read. */
  comparison: number;
  round: number;
  /** What the last comparison took of the site's time. */
  comparisonMs: number;
  /** True from a failed read, or one that silence kept from being tried, to the next that succeeds. */
  wasSilent: boolean;
}

export class SiteSchedule {
  private readonly slots: readonly Slot[];
  private readonly budget: SiteBudget;

  constructor(
    kinds: readonly Kind[],
    private readonly pace: FeedPace,
    now: number,
  ) {
    this.budget = new SiteBudget(now);
    this.slots = kinds.map((kind) => ({
      kind,
      isFirst: true,
      isBusy: false,
      earliest: now,
      latest: now,
      restMs: 0,
      spentMs: 0,
      rows: 0,
      comparison: now,
      round: now,
      comparisonMs: 0,
      wasSilent: false,
    }));
  }

  /** Marks as busy, and returns, what is to be read now: the most overdue first. */
  take(now: number, isAnswering: (kind: Kind) => boolean): Slot[] {
    for (const slot of this.slots) slot.wasSilent ||= !isAnswering(slot.kind);
    const due = this.slots.filter((slot) => !slot.isBusy && slot.earliest <= now && isAnswering(slot.kind));
    const first = due.filter((slot) => slot.isFirst);
    const again = due.filter((slot) => !slot.isFirst && this.mayRead(slot, now)).sort((a, b) => a.latest - b.latest);
    const running = this.slots.filter((slot) => slot.isBusy && !slot.isFirst).length;
    const taken = [...first, ...again.slice(0, Math.max(0, atOnce - running))];
    for (const slot of taken) slot.isBusy = true;
    return taken;
  }

  /** A feed is read without waiting for the end of its rest. */
  runNow(kind: string, now: number): void {
    const slot = this.slots.find((one) => one.kind.name === kind);
    if (slot) slot.earliest = slot.latest = Math.min(slot.earliest, now);
  }

  /**
   * A read has ended.
   * @param found undefined where it failed
   * @param spentMs of the site's time, for this read
   */
  ended(slot: Slot, found: Found | undefined, spentMs: number, now: number): void {
    // The quicker of two reads counts: one slow answer (a worker that was just started, a first read) tells nothing of
    // what the next one costs.
    this.budget.spend(Math.min(spentMs, slot.spentMs), now);
    const rest = restAfter(found, slot.restMs, this.pace);
    // A little uneven, so that feeds which began together do not go on together.
    const unevenness = 0.9 + 0.1 * Math.random();
    slot.earliest = now + rest.earliest * unevenness;
    slot.latest = now + rest.latest * unevenness;
    // While nobody could see it the site's clock may have been anything, and what changed then bears times that no change is
    // asked by: a page of the slow round is due, which is all there is of most sites.
    if (found && slot.wasSilent) slot.round = now;
    slot.wasSilent = !found;
    Object.assign(slot, { isFirst: false, isBusy: false, restMs: rest.earliest, spentMs });
  }

  private mayRead(slot: Slot, now: number): boolean {
    return this.budget.allows(now) && (slot.latest <= now || this.budget.allowsEarly(now));
  }
}
