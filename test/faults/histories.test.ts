import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedClouds } from './simulated-clouds.js';
import { Harness } from './harness.js';
import { histories } from './history.js';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start(await startSimulatedClouds(['east', 'west']), {
    processes: 1,
    held: 110,
    patienceMs: 60_000,
  });
}, 120_000);
afterAll(() => harness.stop());

test('histories of faults', async () => {
  await fc.assert(
    fc.asyncProperty(histories({ length: 40, kills: false }), (history) => harness.live(history)),
    { seed: 1, numRuns: 1, endOnFailure: true },
  );
  expect(true).toBe(true);
}, 120_000);
