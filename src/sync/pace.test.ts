import { expect, test } from 'vitest';
import { restAfter, restAfterComparison } from './pace.js';

const pace = { changesSeconds: 6, deletionsSeconds: 9 };
const idle = { rows: 0, inFlight: false };

test('a quick site is asked every few seconds, and more often while something is in flight', () => {
  expect(restAfter(idle, 20, pace)).toBe(6_000);
  expect(restAfter({ rows: 1, inFlight: true }, 20, pace)).toBe(2_000);
});

test('a feed aims at a fiftieth of a site, but shows changes within ten seconds while it takes less than a fifth', () => {
  expect(restAfter(idle, 150, pace)).toBe(150 * 49);
  expect(restAfter(idle, 800, pace)).toBe(8_000);
  expect(restAfter(idle, 2_000, pace)).toBe(8_000);
  expect(restAfter(idle, 5_000, pace)).toBe(20_000);
  expect(restAfter(idle, 600_000, pace)).toBe(60_000);
});

test('ids are compared the less often the more there are', () => {
  expect(restAfterComparison(10, false, pace)).toBe(9_000);
  expect(restAfterComparison(10_000, false, pace)).toBe(90_000);
  expect(restAfterComparison(10_000, true, pace)).toBe(2_700_000);
});
