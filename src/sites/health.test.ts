/** When a service counts as unreachable, when as reachable again, and how little it is asked to find out. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Health } from './health.js';

const second = 1_000;
let now: number;
let health: Health;
let probes: number[];

beforeEach(() => {
  now = 0;
  health = new Health(undefined, () => now);
  probes = [];
});

/** A while in which a service answers, or does not, to probes that are looked after every second. */
function pass(seconds: number, answers: boolean, requestEvery = 0, inDoubt = false): void {
  for (const end = now + seconds * second; now < end; now += second) {
    if (requestEvery > 0 && now % (requestEvery * second) === 0) tell(answers, false);
    if (!health.isProbeDue(inDoubt)) continue;
    probes.push(now);
    health.probing();
    tell(answers, true);
  }
}
const tell = (answers: boolean, byProbe: boolean) => (answers ? health.answered(byProbe) : health.silent('ETIMEDOUT'));

describe('the breaker', () => {
  test('opens within 16 seconds where nothing but the probe asks', () => {
    pass(60, true);
    const start = now;
    while (health.now.reachable) pass(1, false);
    expect(now - start).toBeLessThanOrEqual(17 * second);
  });

  test('opens after three silences of requests, without waiting for a probe', () => {
    pass(60, true);
    const start = now;
    while (health.now.reachable) pass(1, false, 1);
    expect(now - start).toBeLessThanOrEqual(3 * second);
  });

  test('closes within six seconds, after two answers to the probe: a request is no proof', () => {
    pass(30, false);
    health.answered(false);
    health.answered(false);
    expect(health.now.reachable).toBe(false);
    const start = now;
    while (!health.now.reachable) pass(1, true);
    expect(now - start).toBeLessThanOrEqual(6 * second);
  });

  test('does not open for silences that an answer interrupts', () => {
    for (let time = 0; time < 5; time += 1) {
      [1, 2].forEach(() => health.silent('ECONNRESET'));
      health.answered(false);
    }
    expect(health.now.reachable).toBe(true);
  });
});

describe('in a minute', () => {
  test('a service that answers requests is not probed again', () => {
    pass(60, true, 8);
    expect(probes).toEqual([]);
  });

  test('a service that nobody asks is probed six times', () => {
    pass(60, true);
    expect(probes).toHaveLength(6);
  });

  test('one that is unreachable is probed every three seconds', () => {
    pass(30, false);
    probes = [];
    pass(60, false);
    expect(probes).toHaveLength(20);
  });

  test('and so is one whose site is in doubt', () => {
    pass(60, true, 0, true);
    expect(probes).toHaveLength(20);
  });
});
