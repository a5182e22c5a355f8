/** Flavors in requests and answers. @see openstack/nova:nova/api/openstack/compute/schemas/flavors.py */
import { randomUUID } from 'node:crypto';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { boolean, isTrue, nameWithSpaces } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { links } from '@cascade/openstack-adapter/compute/links.js';
import type { Flavor } from './flavors.js';

type Body = Record<string, unknown>;

export function flavorBody(asked: Asked, flavor: Flavor): Body {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  return {
    id: flavor.id,
    name: flavor.name,
    ram: flavor.ram,
    disk: flavor.disk,
    swap: flavor.swap === 0 && !since('2.75') ? '' : flavor.swap,
    'OS-FLV-EXT-DATA:ephemeral': flavor.ephemeral,
    ...(since('2.102') ? {} : { 'OS-FLV-DISABLED:disabled': false, rxtx_factor: flavor.rxtxFactor }),
    vcpus: flavor.vcpus,
    'os-flavor-access:is_public': flavor.isPublic,
    links: links(asked, 'flavors', flavor.id),
    ...(since('2.55') ? { description: flavor.description } : {}),
    ...(since('2.61') ? { extra_specs: flavor.extraSpecs } : {}),
  };
}

const count = (minimum: number): object => ({
  type: ['integer', 'string'],
  pattern: '^[0-9]*$',
  minimum,
  maximum: 2147483647,
  minLength: 1,
});

const properties = {
  name: nameWithSpaces,
  id: { type: ['string', 'number', 'null'], minLength: 0, maxLength: 255, pattern: '^(?! )[a-zA-Z0-9. _-]*(?<! )$' },
  ram: count(1),
  vcpus: count(1),
  disk: count(0),
  'OS-FLV-EXT-DATA:ephemeral': count(0),
  swap: count(0),
  rxtx_factor: { type: ['number', 'string'], pattern: '^[0-9]+(\\.[0-9]+)?$', minimum: 0 },
  'os-flavor-access:is_public': boolean,
};

const schema = (more: object): object => ({
  type: 'object',
  properties: {
    flavor: {
      type: 'object',
      properties: { ...properties, ...more },
      required: ['name', 'ram', 'vcpus', 'disk'],
      additionalProperties: false,
    },
  },
  required: ['flavor'],
  additionalProperties: false,
});

const description = { type: ['string', 'null'], minLength: 0, maxLength: 65535 };
const checkOld = bodyCheck(schema({}));
const checkNew = bodyCheck(schema({ description }));

export const checkDescription = bodyCheck({
  type: 'object',
  properties: {
    flavor: { type: 'object', properties: { description }, required: ['description'], additionalProperties: false },
  },
  required: ['flavor'],
  additionalProperties: false,
});

/** @throws Fault 400 naming the field that is wrong */
export function flavorFrom(asked: Asked, body: Body): Flavor {
  (atLeast(asked.microversion, '2.55') ? checkNew : checkOld)(body);
  const given = body['flavor'] as Body;
  const id = given['id'];
  const isPublic = given['os-flavor-access:is_public'];
  return {
    id: id === undefined || id === null || id === 'auto' || id === '' ? randomUUID() : String(id),
    name: String(given['name']).trim(),
    vcpus: Number(given['vcpus']),
    ram: Number(given['ram']),
    disk: Number(given['disk']),
    ephemeral: Number(given['OS-FLV-EXT-DATA:ephemeral'] ?? 0),
    swap: Number(given['swap'] ?? 0),
    rxtxFactor: Number(given['rxtx_factor'] ?? 1),
    isPublic: isPublic === undefined || isTrue(isPublic),
    description: (given['description'] as string | null | undefined) ?? null,
    extraSpecs: {},
    access: [],
  };
}
