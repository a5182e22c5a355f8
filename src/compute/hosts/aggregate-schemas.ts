/** Bodies of aggregate requests. @see openstack/nova:nova/api/openstack/compute/schemas/aggregates.py */
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import {
  azName,
  fqdn,
  metadataWithNull,
  name,
  nameWithSpaces,
  uuid,
} from '@cascade/openstack-protocol/compute/parameter-types.js';

const availabilityZone = { oneOf: [azName, { type: 'null' }] };

const wrapped = (key: string, inner: object) =>
  bodyCheck({
    type: 'object',
    properties: { [key]: { type: 'object', additionalProperties: false, ...inner } },
    required: [key],
    additionalProperties: false,
  });

export const checkCreate = wrapped('aggregate', {
  properties: { name, availability_zone: availabilityZone },
  required: ['name'],
});

export const checkUpdate = wrapped('aggregate', {
  properties: { name: nameWithSpaces, availability_zone: availabilityZone },
  anyOf: [{ required: ['name'] }, { required: ['availability_zone'] }],
});

export const checkAction = {
  add_host: wrapped('add_host', { properties: { host: fqdn }, required: ['host'] }),
  remove_host: wrapped('remove_host', { properties: { host: fqdn }, required: ['host'] }),
  set_metadata: wrapped('set_metadata', { properties: { metadata: metadataWithNull }, required: ['metadata'] }),
} as const;

export const checkImages = bodyCheck({
  type: 'object',
  properties: {
    cache: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', properties: { id: uuid }, additionalProperties: false, required: ['id'] },
    },
  },
  required: ['cache'],
  additionalProperties: false,
});
