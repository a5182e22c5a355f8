import { expect, test } from 'vitest';
import { restAfter, restAfterComparison, restAfterRoundPage } from './pace.js';

const pace = { changesSeconds: 6, deletionsSeconds: 9 };
const idle = { rows: 0, changed: 0, inFlight: false, isWhole: true };

test('a feed in which something changes is read every few seconds, and more often while something is in flight', () => {
  expect(restAfter({ ...idle, changed: 1 }, 8_000, pace)).toEqual({ earliest: 6_000, latest: 8_000 });
  expect(restAfter({ ...idle, inFlight: true }, 8_000, pace)).toEqual({ earliest: 2_000, latest: 8_000 });
});

test('an idle feed is read less and less often, but changes made in a site show within ten seconds', () => {
  let rest = { earliest: 0, latest: 0 };
  const rests = [1, 2, 3].map(() => (rest = restAfter(idle, rest.earliest, pace)).earliest);
  expect(rests).toEqual([7_800, 8_000, 8_000]);
  expect(rest.latest).toBe(8_000);
});

test('a feed that failed is tried again in no hurry', () => {
  expect(restAfter(undefined, 2_000, pace)).toEqual({ earliest: 8_000, latest: 8_000 });
});

test('an operator may want all feeds to be read seldom', () => {
  expect(restAfter(idle, 0, { ...pace, changesSeconds: 3600 })).toEqual({ earliest: 3_600_000, latest: 3_600_000 });
});

test('ids are compared the less often the more there are, and the more it costs the site', () => {
  const rest = (rows: number, tells: boolean, ms: number) => restAfterComparison(rows, tells, ms, ms, pace);
  expect(rest(10, false, 40)).toBe(9_000);
  expect(rest(10, false, 100)).toBe(20_000);
  expect(rest(10_000, false, 0)).toBe(90_000);
  expect(rest(10_000, true, 0)).toBe(2_700_000);
  expect(rest(10_000, false, 2_000)).toBe(400_000);
});

test('a deletion shows in bounded time at the slowest site, and one slow answer delays none', () => {
  expect(restAfterComparison(100, false, 30_000, 30_000, pace)).toBe(60_000);
  expect(restAfterComparison(10_000, false, 500_000, 500_000, pace)).toBe(600_000);
  expect(restAfterComparison(100, false, 30_000, 40, pace)).toBe(9_000);
});

test('the slow round takes an hour, longer where it would take more than a two-hundredth of the site, a day at most', () => {
  expect(restAfterRoundPage(50, 200)).toBe(72_000);
  expect(restAfterRoundPage(50, 2_000)).toBe(400_000);
  expect(restAfterRoundPage(50, 60_000)).toBe(1_728_000);
});
