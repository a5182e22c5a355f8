/**
 * The short run of the reliability harness: histories that are the same each time. `npm run test:faults` has others.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Harness } from './harness.js';
import { histories, keystoneFaults, type Step } from './history.js';
import { startSimulatedClouds } from './simulated-clouds.js';

let harness: Harness;

beforeAll(async () => {
  const clouds = await startSimulatedClouds(['east', 'west']);
  harness = await Harness.start(clouds, { processes: 1, held: 110, timeoutMs: 90_000 });
}, 240_000);
afterAll(() => harness.stop());

describe('afterwards the inventory is the union of the sites, and each accepted request is accounted for', () => {
  test.each([
    ['faults of sites and networks', { length: 24, kills: false }, 23],
    ['the same, with processes and the database killed', { length: 26, kills: true }, 92],
  ])(
    '%s',
    async (_what, shape, seed) => {
      const [history] = fc.sample(histories(shape), { seed, numRuns: 1 });
      expect(history!.some(({ does }) => does === 'kill')).toBe(shape.kills);
      for (const wanted of ['make global', 'make group']) expect(history!.map(({ does }) => does)).toContain(wanted);
      await harness.live(history!);
    },
    180_000,
  );

  test('a Keystone that is silent, gone, overloaded or slow, or knows no token for a while', async () => {
    const steps = keystoneFaults.flatMap((fault, which): Step[] => [
      { does: 'create', kind: 'server', zone: 0 },
      { does: 'suffer at keystone', fault },
      { does: 'create', kind: 'volume', zone: 1 },
      { does: 'wait', ms: 1_100 }, // the token is not believed any longer
      { does: 'create', kind: 'server', zone: null },
      { does: 'delete', kind: 'server', which },
      { does: 'rename there', kind: 'volume', site: 1, which },
      { does: 'wait', ms: 500 },
      { does: 'heal keystone' },
    ]);
    await harness.live(steps);
  }, 180_000);
});
