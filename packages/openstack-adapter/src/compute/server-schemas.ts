/** Request schemas of servers. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py */
import { boolean, nameWithSpaces, uuid } from '@cascade/openstack-protocol/compute/parameter-types.js';

/** Keys and values of at most 255 characters. */
export const metadata = {
  type: 'object',
  patternProperties: { '^[a-zA-Z0-9-_:. ]{1,255}$': { type: 'string', maxLength: 255 } },
  additionalProperties: false,
};

/** Tags may hold neither slashes nor commas, since they stand in paths and queries. */
export const tag = { type: 'string', minLength: 1, maxLength: 60, pattern: '^[^,/]*$' };

/** An address, or nothing. */
const address = { type: 'string', maxLength: 45, pattern: '^[0-9a-fA-F.:]*$' };

const positive = { type: ['integer', 'string'], pattern: '^[0-9]*$', minimum: 1, minLength: 1 };
const deviceTag = { type: 'string', minLength: 1, maxLength: 60, pattern: '^[^,/]*$' };

const network = {
  type: 'object',
  properties: {
    fixed_ip: { type: 'string' },
    port: { oneOf: [uuid, { type: 'null' }] },
    uuid,
    tag: deviceTag,
  },
  additionalProperties: false,
};

const blockDevice = {
  type: 'object',
  properties: {
    virtual_name: { type: 'string', maxLength: 255 },
    volume_id: uuid,
    snapshot_id: uuid,
    volume_size: { type: ['integer', 'string', 'null'], pattern: '^[0-9]*$' },
    device_name: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._-r/]*$' },
    delete_on_termination: boolean,
    no_device: {},
    connection_info: { type: 'string', maxLength: 16777215 },
    source_type: { type: 'string', enum: ['volume', 'image', 'snapshot', 'blank'] },
    uuid: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._-]*$' },
    image_id: uuid,
    destination_type: { type: 'string', enum: ['volume', 'local'] },
    guest_format: { type: 'string', maxLength: 255 },
    device_type: { type: 'string', maxLength: 255 },
    disk_bus: { type: 'string', maxLength: 255 },
    boot_index: { type: ['integer', 'string', 'null'], pattern: '^-?[0-9]+$' },
    tag: deviceTag,
    volume_type: { type: ['string', 'null'], minLength: 0, maxLength: 255 },
  },
  additionalProperties: false,
};

const since = (floor: number, minor: number, properties: object): object => (minor >= floor ? properties : {});

const networksOf = (minor: number): object =>
  minor >= 37
    ? {
        oneOf: [
          { type: 'array', items: network },
          { type: 'string', enum: ['none', 'auto'] },
        ],
      }
    : { type: 'array', items: network };

/** @param minor of the microversion 2.x */
export const createSchema = (minor: number): object => ({
  type: 'object',
  properties: {
    server: {
      type: 'object',
      properties: {
        name: nameWithSpaces,
        imageRef: { type: 'string' },
        flavorRef: { type: ['string', 'integer'], minLength: 1 },
        adminPass: { type: 'string' },
        metadata,
        networks: networksOf(minor),
        'OS-DCF:diskConfig': { type: 'string', enum: ['AUTO', 'MANUAL'] },
        accessIPv4: address,
        accessIPv6: address,
        availability_zone: { type: 'string', minLength: 1, maxLength: 255 },
        block_device_mapping: { type: 'array', items: blockDevice },
        block_device_mapping_v2: { type: 'array', items: blockDevice },
        config_drive: boolean,
        key_name: { type: ['string', 'null'], minLength: 1, maxLength: 255 },
        min_count: positive,
        max_count: positive,
        return_reservation_id: boolean,
        security_groups: {
          type: 'array',
          items: {
            type: 'object',
            properties: { name: { type: 'string', minLength: 1 } },
            additionalProperties: false,
          },
        },
        user_data: { type: ['string', 'null'], maxLength: 65535 },
        ...(minor <= 56 ? { personality: { type: 'array' } } : {}),
        ...since(19, minor, { description: { type: ['string', 'null'], maxLength: 255 } }),
        ...since(52, minor, { tags: { type: 'array', items: tag, maxItems: 50 } }),
        ...since(63, minor, {
          trusted_image_certificates: { type: ['array', 'null'], maxItems: 50, items: { type: 'string' } },
        }),
        ...since(74, minor, { host: { type: 'string' }, hypervisor_hostname: { type: 'string' } }),
        ...since(90, minor, {
          hostname: { type: 'string', minLength: 2, maxLength: 63, pattern: '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$' },
        }),
        // With its domain.
        ...since(94, minor, { hostname: { type: 'string', minLength: 2, maxLength: 255 } }),
      },
      required: ['name', 'flavorRef', ...(minor >= 37 ? ['networks'] : [])],
      additionalProperties: false,
    },
    'os:scheduler_hints': { type: 'object' },
    'OS-SCH-HNT:scheduler_hints': { type: 'object' },
  },
  required: ['server'],
  additionalProperties: false,
});

export const updateSchema = (minor: number): object => ({
  type: 'object',
  properties: {
    server: {
      type: 'object',
      properties: {
        name: nameWithSpaces,
        'OS-DCF:diskConfig': { type: 'string', enum: ['AUTO', 'MANUAL'] },
        accessIPv4: address,
        accessIPv6: address,
        ...since(19, minor, { description: { type: ['string', 'null'], maxLength: 255 } }),
        ...since(90, minor, { hostname: { type: 'string', minLength: 2, maxLength: 63 } }),
        ...since(94, minor, { hostname: { type: 'string', minLength: 2, maxLength: 255 } }),
        ...since(104, minor, { pinned_availability_zone: { type: ['string', 'null'] } }),
      },
      additionalProperties: false,
    },
  },
  required: ['server'],
  additionalProperties: false,
});
