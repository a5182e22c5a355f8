/** Nova's global resources: their kinds, what makes their shadows on demand, and what goes on in the background. */
import { ensureRowAt } from '../globals/ensure.js';
import type { GlobalKind } from '../globals/global-kind.js';
import { registerPlaceholders } from '../routing/placeholders/placeholder-job.js';
import { findEach, type ShadowMaker } from '../routing/shadows.js';
import type { World } from '../routing/world.js';
import { flavors } from './flavors/flavor-kind.js';
import { keyPairs, keyPairShadows } from './key-pairs.js';
import { serverPlaceholders } from './placeholders/boot-job.js';
import { computeQuotaClasses, computeQuotas } from './quotas/quota-kinds.js';
import { serverGroups, serverGroupShadows } from './server-groups.js';

export const computeGlobals: readonly GlobalKind[] = [
  flavors,
  keyPairs,
  serverGroups,
  computeQuotas,
  computeQuotaClasses,
];

const flavorShadows = (world: World): ShadowMaker => ({
  kind: flavors.kind,
  find: (names) =>
    findEach(names, async (named) => {
      // A link instead of an id is as good to Nova: `http://…/flavors/1`.
      const id = named.split('/').at(-1) ?? named;
      const row = await world.globals.find(flavors.kind, id);
      return (
        row && { body: row.body, ensure: (site) => ensureRowAt({ world, kind: flavors, site }, row).then(() => id) }
      );
    }),
});

export function registerComputeShadows(world: World): void {
  for (const maker of [flavorShadows(world), keyPairShadows(world), serverGroupShadows(world)])
    world.shadows.add(maker);
}

/** What goes on after a request was answered: servers that wait for their image. */
export function registerComputeJobs(world: World): void {
  registerPlaceholders(world, serverPlaceholders);
}
