/** Nova's global resources: who makes their shadows, and who repairs them. */
import { registerPromises } from '../routing/promises/keep-promises.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { flavorShadows } from './flavors/flavors.js';
import { keyPairShadows, reconcileKeyPairs } from './key-pairs.js';
import { reconcileFlavors } from './flavors/reconcile-flavors.js';
import { promisedServers } from './promises/boot-job.js';
import { reconcileServerGroups, serverGroupShadows } from './server-groups.js';

export function registerComputeShadows(world: World): void {
  for (const maker of [flavorShadows(world), keyPairShadows(world), serverGroupShadows(world)])
    world.shadows.add(maker);
}

/** What goes on after a request was answered: servers that wait for their image. */
export function registerComputeJobs(world: World): void {
  registerPromises(world, promisedServers);
}

export const computeReconcilers: readonly ((world: World, site: Site) => Promise<void>)[] = [
  reconcileFlavors,
  reconcileKeyPairs,
  reconcileServerGroups,
];
