/** Cinder's global resources: who makes their shadows, and who repairs them. */
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { reconcileVolumeTypes } from './mirror/reconcile.js';
import { volumeShadows } from './mirror/shadows.js';

export { volumeShadows } from './mirror/shadows.js';

export function registerVolumeShadows(world: World): void {
  for (const maker of volumeShadows(world)) world.shadows.add(maker);
}

export const volumeReconcilers: readonly ((world: World, site: Site) => Promise<void>)[] = [reconcileVolumeTypes];
