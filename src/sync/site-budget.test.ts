import { expect, test } from 'vitest';
import { SiteBudget } from './site-budget.js';

/** Reads of `ms` each, every `everySeconds`, for a minute: at how many of them early reads were still allowed. */
function earlyReads(ms: number, everySeconds: number): number {
  const budget = new SiteBudget(0);
  let early = 0;
  for (let now = 0; now < 60_000; now += everySeconds * 1000) {
    if (budget.allowsEarly(now)) early += 1;
    budget.spend(ms, now);
  }
  return early;
}

test('early reads are allowed while all reads together take a fiftieth of the site', () => {
  expect(earlyReads(20, 1)).toBe(60);
  expect(earlyReads(100, 1)).toBeLessThan(30);
});

test('while they take less than two fifths of one worker, reads go on', () => {
  const budget = new SiteBudget(0);
  for (let now = 0; now < 600_000; now += 1_000) {
    expect(budget.allows(now)).toBe(true);
    budget.spend(390, now);
  }
});

test('a site of which reads take more is given a rest', () => {
  const budget = new SiteBudget(0);
  let reads = 0;
  for (let now = 0; now < 600_000; now += 1_000) {
    if (!budget.allows(now)) continue;
    reads += 1;
    budget.spend(2_000, now);
  }
  expect(reads).toBeGreaterThan(100);
  expect(reads).toBeLessThan(140);
});

test('one very slow answer is forgotten after a minute', () => {
  const budget = new SiteBudget(0);
  budget.spend(3_600_000, 0);
  expect(budget.allows(59_000)).toBe(false);
  expect([budget.allows(61_000), budget.allowsEarly(61_000)]).toEqual([true, true]);
});

test('an idle hour is no licence to press on a site', () => {
  const budget = new SiteBudget(0);
  budget.spend(1_000, 3_600_000);
  expect(budget.allowsEarly(3_600_000)).toBe(false);
});
