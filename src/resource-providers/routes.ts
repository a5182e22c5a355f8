/**
 * Nova's Placement API over all sites, to be read: dashboards and planners see where there is room. What is claimed, and
 * on which host, is each site's own to decide, so nothing can be written.
 * @see openstack/placement:placement/handler.py
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { World } from '../routing/world.js';
import { fresh } from './answers.js';
import { listCandidates } from './candidates.js';
import { generation, inventoryView, providerNamed, providersOf, providerView, type Provider } from './providers.js';
import { asksForNone, checkParameters, checkUuid, hasRoomFor, parseResources } from './query.js';
import { projectUsages } from './usages.js';
import { listClasses, listTraits, showClass, showTrait } from './vocabulary.js';

const provider = '/resource_providers/{uuid}';

export const placementRoutes = (world: World): Route[] => [
  route('GET /resource_providers', 'service', listProviders(world)),
  route(`GET ${provider}`, 'service', about(world, providerView)),
  route(`GET ${provider}/inventories`, 'service', about(world, inventories)),
  route(`GET ${provider}/inventories/{resource_class}`, 'service', about(world, inventory)),
  route(`GET ${provider}/usages`, 'service', about(world, usages)),
  route(`GET ${provider}/aggregates`, 'service', about(world, aggregates), { since: '1.1' }),
  route(`GET ${provider}/traits`, 'service', about(world, traits), { since: '1.6' }),
  route(`GET ${provider}/allocations`, 'service', about(world, allocations)),
  route('GET /allocations/{consumer_uuid}', 'service', (asked) => Promise.resolve(fresh(asked, { allocations: {} }))),
  route('GET /allocation_candidates', 'service', listCandidates(world), { since: '1.10' }),
  route('GET /resource_classes', 'service', listClasses(world), { since: '1.2' }),
  route('GET /resource_classes/{name}', 'service', showClass(world), { since: '1.2' }),
  route('GET /traits', 'service', listTraits(world), { since: '1.6' }),
  route('GET /traits/{name}', 'service', showTrait(world), { since: '1.6' }),
  route('GET /usages', 'reader', projectUsages(world), { since: '1.9' }),
  ...writes.map(([row, since]) => route(row, 'service', refuse, { since })),
];

const writes = [
  ['POST /resource_providers', '1.0'],
  [`PUT ${provider}`, '1.0'],
  [`DELETE ${provider}`, '1.0'],
  [`POST ${provider}/inventories`, '1.0'],
  [`PUT ${provider}/inventories`, '1.0'],
  [`DELETE ${provider}/inventories`, '1.5'],
  [`PUT ${provider}/inventories/{resource_class}`, '1.0'],
  [`DELETE ${provider}/inventories/{resource_class}`, '1.0'],
  [`PUT ${provider}/aggregates`, '1.1'],
  [`PUT ${provider}/traits`, '1.6'],
  [`DELETE ${provider}/traits`, '1.6'],
  ['POST /allocations', '1.13'],
  ['PUT /allocations/{consumer_uuid}', '1.0'],
  ['DELETE /allocations/{consumer_uuid}', '1.0'],
  ['POST /reshaper', '1.30'],
  ['POST /resource_classes', '1.2'],
  ['PUT /resource_classes/{name}', '1.2'],
  ['DELETE /resource_classes/{name}', '1.2'],
  ['PUT /traits/{name}', '1.6'],
  ['DELETE /traits/{name}', '1.6'],
] as const;

const refuse: Answer = () => {
  const words = 'Resource providers, inventories and allocations belong to the availability zones: change them there.';
  return Promise.reject(new Fault('forbidden', words));
};

const about =
  (world: World, show: (asked: Asked, provider: Provider) => unknown): Answer =>
  (asked) =>
    Promise.resolve().then(() => fresh(asked, show(asked, providerNamed(world, asked.params['uuid'] ?? ''))));

const inventories = (_asked: Asked, { stocks }: Provider) => ({
  resource_provider_generation: generation,
  inventories: Object.fromEntries(Object.entries(stocks).map(([name, stock]) => [name, inventoryView(stock)])),
});

function inventory(asked: Asked, { uuid, stocks }: Provider) {
  const name = asked.params['resource_class'] ?? '';
  const stock = Object.hasOwn(stocks, name) ? stocks[name] : undefined;
  if (!stock) throw new Fault('not-found', `No inventory of class ${name} for ${uuid}`);
  return { ...inventoryView(stock), resource_provider_generation: generation };
}

const usages = (_asked: Asked, { stocks }: Provider) => ({
  resource_provider_generation: generation,
  usages: Object.fromEntries(Object.entries(stocks).map(([name, { used }]) => [name, used])),
});

const aggregates = (asked: Asked) => ({
  aggregates: [],
  ...(atLeast(asked.microversion, '1.19') ? { resource_provider_generation: generation } : {}),
});

const traits = () => ({ traits: [], resource_provider_generation: generation });
const allocations = () => ({ allocations: {}, resource_provider_generation: generation });

function listProviders(world: World): Answer {
  return async (asked) => {
    checkParameters(asked, [
      [/^(name|uuid)$/, '1.0'],
      [/^member_of$/, '1.3'],
      [/^resources$/, '1.4'],
      [/^in_tree$/, '1.14'],
      [/^required$/, '1.18'],
    ]);
    const { query } = asked;
    for (const name of ['uuid', 'in_tree']) if (query.has(name)) checkUuid(query.get(name) ?? '');
    const resources = query.get('resources');
    const wanted = resources === null ? {} : parseResources(resources);
    const excluding = asksForNone([...query.getAll('member_of'), ...query.getAll('required')]);
    const found = providersOf(world).filter(
      (one) =>
        excluding &&
        hasRoomFor(one, wanted) &&
        isSameText(query.get('name') || one.name, one.name) &&
        [query.get('uuid'), query.get('in_tree')].every((uuid) => uuid === null || uuid.toLowerCase() === one.uuid),
    );
    return fresh(asked, { resource_providers: found.map((one) => providerView(asked, one)) });
  };
}
