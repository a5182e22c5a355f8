/**
 * What the feeds of one site may cost it, all kinds together, in the site's own time. Two token buckets fill as time goes by: the
 * aimed share says when a feed may be read early, the largest share when it may be read at all. Each holds and owes no more
 * than what a while gives, so that neither a quiet night nor one very slow answer is remembered for long.
 */

/** Share of one worker's time at which the feeds of a site aim. */
const aimedShare = 0.02;
/** Share they may take before an inventory that is up to date weighs less than the site's rest. A site has a few workers. */
const largestShare = 0.4;
/** Seconds of filling that a bucket can hold. */
const heldSeconds = 30;
/** Seconds of filling that a bucket can owe. */
const owedSeconds = 60;

class TokenBucket {
  private ms: number;

  constructor(
    private readonly share: number,
    private at: number,
  ) {
    this.ms = share * heldSeconds * 1000;
  }

  isOpen(now: number): boolean {
    return this.spend(0, now) >= 0;
  }

  /** @returns what is left */
  spend(ms: number, now: number): number {
    const filled = Math.min(this.ms + this.share * (now - this.at), this.share * heldSeconds * 1000);
    this.at = now;
    this.ms = Math.max(filled - ms, -this.share * owedSeconds * 1000);
    return this.ms;
  }
}

export class SiteBudget {
  private readonly aimed: TokenBucket;
  private readonly largest: TokenBucket;

  /** @param now milliseconds of a clock that never goes back, here and in all that follows */
  constructor(now: number) {
    this.aimed = new TokenBucket(aimedShare, now);
    this.largest = new TokenBucket(largestShare, now);
  }

  /** True while reads may come earlier than they must. */
  allowsEarly(now: number): boolean {
    return this.aimed.isOpen(now);
  }

  /** True while reads may come at all. */
  allows(now: number): boolean {
    return this.largest.isOpen(now);
  }

  spend(ms: number, now: number): void {
    this.aimed.spend(ms, now);
    this.largest.spend(ms, now);
  }
}
