/** Cinder's global resources: their kinds, what makes their shadows on demand, and what goes on in the background. */
import { ensureRowAt } from '../globals/ensure.js';
import type { GlobalKind } from '../globals/global-kind.js';
import type { GlobalRow } from '../resources/global.js';
import { registerPlaceholders } from '../routing/placeholders/placeholder-job.js';
import { findEach, type ShadowMaker } from '../routing/shadows.js';
import type { World } from '../routing/world.js';
import { keepMessage } from './placeholders/failure-messages.js';
import { volumePlaceholders } from './placeholders/volume-job.js';
import { quotaClasses, quotas } from './quotas/quotas.js';
import { defaultTypes } from './types/default-types.js';
import { groupTypes } from './types/group-types.js';
import { qosSpecs } from './types/qos-specs.js';
import { volumeTypes } from './types/volume-types.js';

/** Each after what it names. */
export const volumeGlobals: readonly GlobalKind[] = [
  qosSpecs,
  volumeTypes,
  groupTypes,
  defaultTypes,
  quotas,
  quotaClasses,
];

const typeShadows = (world: World, kind: GlobalKind): ShadowMaker => ({
  kind: kind.kind,
  find: (names) =>
    findEach(names, async (named) => {
      const row = await byIdOrName(world, kind.kind, named);
      return row && { body: row.body, ensure: (site) => ensureRowAt({ world, kind, site }, row).then(() => named) };
    }),
});

async function byIdOrName(world: World, kind: string, named: string): Promise<GlobalRow | undefined> {
  const byId = await world.globals.find(kind, named);
  return byId ?? (await world.globals.list(kind)).find((row) => row.body['name'] === named);
}

export function registerVolumeShadows(world: World): void {
  for (const kind of [volumeTypes, groupTypes]) world.shadows.add(typeShadows(world, kind));
}

/** What goes on after a request was answered: volumes that wait for their image. */
export const registerVolumeJobs = (world: World): void =>
  registerPlaceholders(world, { ...volumePlaceholders, tell: keepMessage });
