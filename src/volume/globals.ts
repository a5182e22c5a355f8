/** Cinder's global resources: who makes their shadows, and who repairs them. */
import { registerPromises } from '../routing/promises/keep-promises.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { reconcileVolumeTypes } from './mirror/reconcile.js';
import { volumeShadows } from './mirror/shadows.js';
import { keepMessage } from './promises/failure-messages.js';
import { promisedVolumes } from './promises/promised-volumes.js';

export { volumeShadows } from './mirror/shadows.js';

export function registerVolumeShadows(world: World): void {
  for (const maker of volumeShadows(world)) world.shadows.add(maker);
}

/** What goes on after a request was answered: volumes that wait for their image. */
export const registerVolumeJobs = (world: World): void =>
  registerPromises(world, { ...promisedVolumes, tell: keepMessage });

export const volumeReconcilers: readonly ((world: World, site: Site) => Promise<void>)[] = [reconcileVolumeTypes];
