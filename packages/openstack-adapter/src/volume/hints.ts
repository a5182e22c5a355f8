/** What the scheduler is told beside a new volume. @see openstack/cinder:cinder/api/schemas/scheduler_hints.py */
import { uuid } from '@cascade/openstack-protocol/compute/parameter-types.js';

export const hintsKey = 'OS-SCH-HNT:scheduler_hints';

const volumeIds = {
  oneOf: [
    { type: 'string', format: 'uuid' },
    { type: 'array', items: uuid, uniqueItems: true },
  ],
};

export const hintsSchema = {
  type: 'object',
  properties: {
    [hintsKey]: {
      type: ['object', 'null'],
      properties: {
        local_to_instance: uuid,
        different_host: volumeIds,
        same_host: volumeIds,
        query: { type: ['string', 'object'] },
      },
      additionalProperties: true,
    },
  },
};
