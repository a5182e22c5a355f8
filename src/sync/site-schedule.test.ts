import { expect, test } from 'vitest';
import type { Kind } from '../resources/kind.js';
import { SiteSchedule, type Slot } from './site-schedule.js';

const pace = { changesSeconds: 6, deletionsSeconds: 9 };
const kinds = Array.from({ length: 12 }, (_, at) => ({ name: `kind${at}`, service: 'network' }) as Kind);
const idle = { rows: 0, changed: 0, inFlight: false, isWhole: true };

/** Reads that cost the site `ms` each, for ten minutes: milliseconds of the site, and the longest that a feed waited. */
function tenMinutes(ms: number, found: (slot: Slot) => typeof idle = () => idle) {
  const schedule = new SiteSchedule(kinds, pace, 0);
  const readAt = new Map<string, number>();
  let [spent, longest] = [0, 0];
  for (let now = 0; now < 600_000; now += 500) {
    for (const slot of schedule.take(now, () => true)) {
      longest = Math.max(longest, now - (readAt.get(slot.kind.name) ?? now));
      readAt.set(slot.kind.name, now);
      spent += ms;
      schedule.ended(slot, found(slot), ms, now + ms);
    }
  }
  return { share: spent / 600_000, longest };
}

test('a quick site is read within ten seconds for about a fiftieth of its time', () => {
  const { share, longest } = tenMinutes(15);
  expect(share).toBeLessThan(0.03);
  expect(longest).toBeLessThanOrEqual(9_000);
});

test('what is in flight is looked after more often only as far as the budget of the site goes', () => {
  const building = { ...idle, inFlight: true };
  const busy = (slot: Slot) => (slot.kind.name === 'kind0' ? building : idle);
  expect(tenMinutes(5, busy).share).toBeGreaterThan(1.15 * tenMinutes(5).share);
  expect(tenMinutes(100, busy).share).toBeLessThan(1.1 * tenMinutes(100).share);
});

test('a slow site is read less often, and never takes more than its largest share', () => {
  const { share, longest } = tenMinutes(1_000);
  expect(share).toBeLessThan(0.5);
  expect(longest).toBeGreaterThan(20_000);
  expect(longest).toBeLessThan(60_000);
});

test('at most three feeds are read again at once, and no service that does not answer', () => {
  const schedule = new SiteSchedule(kinds, pace, 0);
  for (const slot of schedule.take(0, () => true)) schedule.ended(slot, idle, 10, 100);
  expect(schedule.take(10_000, () => false)).toEqual([]);
  expect(schedule.take(10_000, () => true)).toHaveLength(3);
  expect(schedule.take(10_000, () => true)).toEqual([]);
});

test('first reads wait for no budget: they take their turn among those of all sites', () => {
  const schedule = new SiteSchedule(kinds, pace, 0);
  const [first] = schedule.take(0, () => true);
  schedule.ended(first!, idle, 3_600_000, 0);
  expect(new SiteSchedule(kinds, pace, 0).take(0, () => true)).toHaveLength(12);
  // What one first read took says nothing of the reads that follow.
  expect(schedule.take(9_000, () => true)).toHaveLength(1);
});

test.each([
  ['a read that failed', (schedule: SiteSchedule, slot: Slot) => schedule.ended(slot, undefined, 10, 10_000)],
  [
    'silence that kept it from being read',
    (schedule: SiteSchedule, slot: Slot) => (
      schedule.ended(slot, idle, 10, 10_000),
      void schedule.take(11_000, () => false)
    ),
  ],
])('after %s the next page of the slow round is due, once', (_what, suffer) => {
  const schedule = new SiteSchedule(kinds.slice(0, 1), pace, 0);
  const [slot] = schedule.take(0, () => true) as [Slot];
  schedule.ended(slot, idle, 10, 100);
  slot.round = 3_600_000; // as after a page
  expect(schedule.take(10_000, () => true)).toEqual([slot]);
  suffer(schedule, slot);
  expect(slot.round).toBe(3_600_000);
  expect(schedule.take(30_000, () => true)).toEqual([slot]);
  schedule.ended(slot, idle, 10, 30_010);
  expect(slot.round).toBe(30_010);
  slot.round = 3_600_000;
  schedule.take(60_000, () => true);
  schedule.ended(slot, idle, 10, 60_010);
  expect(slot.round).toBe(3_600_000);
});
