/** All that the sites hold alike, each after what it names. */
import { defaultTypes } from './default-types.js';
import { groupTypes } from './group-types.js';
import type { Mirrored } from './mirrored.js';
import { qosSpecs } from './qos-specs.js';
import { quotaClasses, quotas } from './quotas.js';
import { volumeTypes } from './volume-types.js';

export const mirroredKinds: readonly Mirrored[] = [
  qosSpecs,
  volumeTypes,
  groupTypes,
  defaultTypes,
  quotas,
  quotaClasses,
];

export const kindNames: readonly string[] = mirroredKinds.map((mirrored) => mirrored.kind);
