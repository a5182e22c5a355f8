/** All that the sites hold alike, each after what it names. */
import { defaultTypes } from '../types/default-types.js';
import { groupTypes } from '../types/group-types.js';
import type { Mirrored } from './mirrored.js';
import { qosSpecs } from '../types/qos-specs.js';
import { quotaClasses, quotas } from '../quotas/quotas.js';
import { volumeTypes } from '../types/volume-types.js';

export const mirroredKinds: readonly Mirrored[] = [
  qosSpecs,
  volumeTypes,
  groupTypes,
  defaultTypes,
  quotas,
  quotaClasses,
];

export const kindNames: readonly string[] = mirroredKinds.map((mirrored) => mirrored.kind);
