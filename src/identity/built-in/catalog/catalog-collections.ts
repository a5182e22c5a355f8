/** What the catalog is made of, and policies, which Keystone keeps for others and does not read. */
import { serviceTypes } from '@cascade/openstack-protocol/services.js';
import { expected } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Queryable } from '../../../database/queryable.js';
import { isOwnId } from '../../catalog.js';
import { boolean, idString, name, text, url } from '../collection/body-check.js';
import type { Collection } from '../collection/collection.js';
import { findItem, insertItem, refTo, type Body } from '../collection/items.js';
import { admin, anyone, auditor } from '../policies.js';
import { conflict, forbidden, invalid } from '../refusals.js';
import { shownUrl } from './stored-catalog.js';

const lookedAtByAll = { list: anyone, show: anyone, write: admin };
const policies = { list: auditor, show: auditor, write: admin };

export const regions: Collection = {
  kind: 'region',
  ownIds: true,
  plural: 'regions',
  fields: {
    id: { type: 'string', minLength: 1, maxLength: 255 },
    description: text,
    parent_region_id: { type: ['string', 'null'] },
  },
  required: [],
  defaults: () => ({ description: '', parent_region_id: null }),
  filters: { parent_region_id: 'text' },
  policies: lookedAtByAll,
  hooks: {
    create: async (tx, body) => {
      const id = String(body['id']);
      if (await findItem(tx, 'region', id)) throw conflict('region', `Duplicate ID, ${id}`);
      return body;
    },
    update: async (tx, before, after) => {
      const parent = after['parent_region_id'];
      if (parent !== null && (await isBelow(tx, String(parent), String(before['id'])))) {
        throw invalid(`The specified parent region ${String(parent)} would create a circular region hierarchy.`);
      }
    },
  },
};

async function isBelow(tx: Queryable, region: string, above: string): Promise<boolean> {
  const found = await tx.maybe(
    `with recursive up (ref) as (
       select $1::text union select i.parent_ref from identity_item i join up on i.ref = up.ref where i.parent_ref is not null
     ) select 1 from up where ref = $2`,
    [refTo('region', region), refTo('region', above)],
  );
  return found !== undefined;
}

export const services: Collection = {
  kind: 'service',
  plural: 'services',
  fields: { type: name(), name: { type: ['string', 'null'], maxLength: 255 }, description: text, enabled: boolean },
  required: ['type'],
  defaults: () => ({ name: '', enabled: true }),
  filters: { type: 'text', name: 'text' },
  policies,
  hooks: {
    create: async (_tx, body) => {
      refuseOwnType(body);
      return body;
    },
    update: async (_tx, before, after) => {
      refuseOwn('service', before['id']);
      refuseOwnType(after);
    },
    remove: async (_tx, { id }) => refuseOwn('service', id),
  },
};

/** @throws Fault 409: a cloud has one service of a type, and clients would take either */
function refuseOwnType({ type }: Body): void {
  if (!serviceTypes.has(String(type))) return;
  throw conflict('service', `The cascade itself is the service of type ${String(type)}`);
}

/** @throws Fault 403 for what every start makes anew */
function refuseOwn(what: 'service' | 'endpoint', id: unknown): void {
  if (isOwnId(id)) throw forbidden(`The ${what} ${String(id)} is the cascade's own and cannot be changed.`);
}

export const endpoints: Collection = {
  kind: 'endpoint',
  plural: 'endpoints',
  fields: {
    service_id: idString,
    interface: { type: 'string', enum: ['admin', 'internal', 'public'] },
    url,
    region: { type: ['string', 'null'] },
    region_id: { type: ['string', 'null'] },
    name: text,
    description: text,
    enabled: boolean,
  },
  required: ['service_id', 'interface', 'url'],
  defaults: () => ({ enabled: true, region_id: null }),
  filters: { interface: 'text', service_id: 'text', region_id: 'text' },
  policies,
  view: (body, asked) => ({ ...body, region: body['region_id'], url: shownUrl(String(body['url']), asked.publicUrl) }),
  hooks: {
    create: placeEndpoint,
    update: (tx, before, { region_id: regionId, ...after }) => {
      refuseOwn('endpoint', before['id']);
      // Of the two words the one that is given counts.
      return placeEndpoint(
        tx,
        regionId === before['region_id'] && after['region'] ? after : { ...after, region_id: regionId },
      );
    },
    remove: async (_tx, { id }) => refuseOwn('endpoint', id),
  },
};

/** The older word `region` makes a region where there is none, `region_id` does not. @throws Fault 400, 409 */
async function placeEndpoint(tx: Queryable, { region, ...body }: Body): Promise<Body> {
  const regionId = body['region_id'] ?? region ?? null;
  if (!(await findItem(tx, 'service', String(body['service_id'])))) {
    throw expected('endpoint service_id', 'service table');
  }
  if (regionId !== null && !(await findItem(tx, 'region', String(regionId)))) {
    if (region === undefined) throw expected('endpoint region_id', 'region table');
    const id = String(regionId);
    await insertItem(tx, {
      kind: 'region',
      id,
      body: { id, description: '', parent_region_id: null },
      uniqueKey: null,
    });
  }
  if (isOwnId(body['service_id']))
    throw conflict('endpoint', `Its service is the cascade's own, which has all its endpoints`);
  return { ...body, region_id: regionId };
}

export const policyBlobs: Collection = {
  kind: 'policy',
  plural: 'policies',
  fields: { blob: { type: 'string' }, type: name() },
  required: ['blob', 'type'],
  filters: { type: 'text' },
  policies,
};
