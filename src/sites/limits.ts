/** How hard the cascade may press on one site. */
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';

export interface SiteLimits {
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Requests a second; 0 is no limit. */
  readonly perSecond: number;
}

/** Runs work within a site's limits, in the order it came. */
export function limited({ concurrency, perSecond }: SiteLimits): <T>(work: () => Promise<T>) => Promise<T> {
  const slots = pLimit(concurrency);
  let nextStart = 0;
  const turn = async (): Promise<void> => {
    if (perSecond <= 0) return;
    const now = Date.now();
    const start = Math.max(now, nextStart);
    nextStart = start + 1000 / perSecond;
    if (start > now) await delay(start - now);
  };
  return (work) =>
    slots(async () => {
      await turn();
      return work();
    });
}
