/** Extra specs of flavors. @see openstack/nova:nova/api/openstack/compute/flavors_extraspecs.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Flavor, Flavors } from './flavors.js';
import { flavorAsked } from './asked-flavor.js';

const specs = {
  type: 'object',
  patternProperties: { '^[a-zA-Z0-9-_:. ]{1,255}$': { type: ['string', 'number'], maxLength: 255 } },
  additionalProperties: false,
};

const checkAll = bodyCheck({
  type: 'object',
  properties: { extra_specs: specs },
  required: ['extra_specs'],
  additionalProperties: false,
});

const checkOne = bodyCheck({ ...specs, minProperties: 1, maxProperties: 1 });

export function extraSpecRoutes(flavors: Flavors): Route[] {
  const path = '/flavors/{id}/os-extra_specs';
  return [
    route(`GET ${path}`, 'reader', async (asked) => json(200, { extra_specs: flavorAsked(flavors, asked).extraSpecs })),
    route(`POST ${path}`, 'admin', async (asked) => {
      const body = await asked.readJson();
      checkAll(body);
      const flavor = flavorAsked(flavors, asked);
      const given = body['extra_specs'] as Record<string, string>;
      flavors.change(flavor.id, { extraSpecs: { ...flavor.extraSpecs, ...given } });
      return json(200, { extra_specs: given });
    }),
    route(`GET ${path}/{key}`, 'reader', async (asked) => {
      const [key, value] = specAsked(flavorAsked(flavors, asked), asked);
      return json(200, { [key]: value });
    }),
    route(`PUT ${path}/{key}`, 'admin', async (asked) => {
      const body = await asked.readJson();
      checkOne(body);
      const { key = '' } = asked.params;
      const value = body[key] as string | undefined;
      if (value === undefined) throw new Fault('bad-request', 'Request body and URI mismatch');
      const flavor = flavorAsked(flavors, asked);
      flavors.change(flavor.id, { extraSpecs: { ...flavor.extraSpecs, [key]: value } });
      return json(200, { [key]: value });
    }),
    route(`DELETE ${path}/{key}`, 'admin', async (asked) => {
      const flavor = flavorAsked(flavors, asked);
      const [key] = specAsked(flavor, asked);
      const { [key]: _gone, ...extraSpecs } = flavor.extraSpecs;
      flavors.change(flavor.id, { extraSpecs });
      return noContent(200);
    }),
  ];
}

/** @throws Fault 404 */
function specAsked(flavor: Flavor, asked: Asked): [key: string, value: string] {
  const { key = '' } = asked.params;
  const value = Object.hasOwn(flavor.extraSpecs, key) ? flavor.extraSpecs[key] : undefined;
  if (value !== undefined) return [key, value];
  throw new Fault('not-found', `Flavor ${flavor.id} has no extra specs with key ${key}.`);
}
