/** The Placement API of a simulated cloud, to be read: its Nova alone claims, and does so by itself. */
import { standardResourceClasses } from '@cascade/openstack-protocol/placement/resource-classes.js';
import { collated, isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import {
  checkCandidateQuery,
  checkProviderQuery,
  checkUsageQuery,
} from '@cascade/openstack-adapter/placement/query-schemas.js';
import { allocationsOn, claimOf, usageOf } from './allocations.js';
import {
  capacityOf,
  generation,
  hasRoomFor,
  inventoryBody,
  providerBody,
  providerId,
  providersOf,
  requireProvider,
  rootPath,
  traits,
  type PlacementCloud,
  type Provider,
} from './providers.js';
import { checkAggregates, checkTraitQuery, checkTraits, hasTraits, resourcesOf } from './query.js';

const of = '/resource_providers/{uuid}';

/** What each handler says before the words of what it looked for. @see openstack/placement:placement/handlers */
const lacking: Readonly<Record<string, (uuid: string) => string>> = {
  '/inventories': (uuid) => `No resource provider with uuid ${uuid} found : `,
  '/inventories/{name}': (uuid) => `No resource provider with uuid ${uuid} found : `,
  '/traits': (uuid) => `No resource provider with uuid ${uuid} found: `,
  '/usages': (uuid) => `No resource provider with uuid ${uuid} found: `,
  '/allocations': (uuid) => `Resource provider '${uuid}' not found: `,
};

export function placementRoutes(cloud: PlacementCloud): Route[] {
  const about = (path: string, body: (provider: Provider, asked: Asked) => unknown, range = {}): Route =>
    route(
      `GET ${of}${path}`,
      'admin',
      async (asked) => {
        const uuid = asked.params['uuid'] ?? '';
        return fresh(asked, body(requireProvider(cloud, uuid, lacking[path]?.(uuid)), asked));
      },
      range,
    );
  return [
    route('GET /resource_providers', 'admin', async (asked) => {
      checkProviderQuery(asked);
      checkAggregates(asked.query.getAll('member_of'));
      checkTraits(asked.query.getAll('required'), 'Invalid trait(s) in "required" parameter: ');
      const found = providersOf(cloud).filter((provider) => matches(asked, provider));
      return fresh(asked, { resource_providers: found.map((provider) => providerBody(asked, provider)) });
    }),
    about('', (provider, asked) => providerBody(asked, provider)),
    about('/inventories', ({ stocks }) => ({
      resource_provider_generation: generation,
      inventories: Object.fromEntries(Object.entries(stocks).map(([name, stock]) => [name, inventoryBody(stock)])),
    })),
    about('/inventories/{name}', ({ uuid, stocks }, { params: { name = '' } }) => {
      const stock = Object.hasOwn(stocks, name) ? stocks[name] : undefined;
      if (!stock) throw new Fault('not-found', `No inventory of class ${name} for ${uuid}`);
      return { ...inventoryBody(stock), resource_provider_generation: generation };
    }),
    about('/usages', ({ stocks }) => ({
      resource_provider_generation: generation,
      usages: Object.fromEntries(Object.entries(stocks).map(([name, { used }]) => [name, used])),
    })),
    about(
      '/aggregates',
      (_provider, { microversion }) => ({
        aggregates: [],
        ...(atLeast(microversion, '1.19') ? { resource_provider_generation: generation } : {}),
      }),
      { since: '1.1' },
    ),
    about('/traits', () => ({ traits, resource_provider_generation: generation }), { since: '1.6' }),
    about('/allocations', ({ name }, { microversion }) => {
      const consumer = atLeast(microversion, '1.28') ? { consumer_generation: 1 } : {};
      const claims = allocationsOn(cloud, name).map(([id, resources]) => [id, { resources, ...consumer }] as const);
      return { allocations: Object.fromEntries(claims), resource_provider_generation: generation };
    }),
    route('GET /allocations/{consumer}', 'admin', async (asked) => fresh(asked, consumerBody(cloud, asked))),
    route('GET /allocation_candidates', 'admin', async (asked) => fresh(asked, candidates(cloud, asked)), {
      since: '1.10',
    }),
    route('GET /usages', 'admin', async (asked) => fresh(asked, projectUsages(cloud, asked)), { since: '1.9' }),
    ...vocabulary,
  ];
}

const vocabulary: Route[] = [
  route(
    'GET /resource_classes',
    'admin',
    async (asked) => {
      const href = (name: string): string => `${rootPath(asked)}/resource_classes/${name}`;
      return fresh(asked, {
        resource_classes: standardResourceClasses.map((name) => ({ name, links: [{ rel: 'self', href: href(name) }] })),
      });
    },
    { since: '1.2' },
  ),
  route(
    'GET /resource_classes/{name}',
    'admin',
    async (asked) => {
      const { name = '' } = asked.params;
      if (!standardResourceClasses.includes(name)) throw new Fault('not-found', `No such resource class ${name}.`);
      return fresh(asked, { name, links: [{ rel: 'self', href: `${rootPath(asked)}/resource_classes/${name}` }] });
    },
    { since: '1.2' },
  ),
  route(
    'GET /traits',
    'admin',
    async (asked) => {
      checkTraitQuery(asked.query);
      const [, operator, value = ''] = /^(in|startswith):(.*)$/.exec(asked.query.get('name') ?? '') ?? [];
      const isIt = (name: string): boolean =>
        operator === undefined ||
        (operator === 'in'
          ? value.split(',').some((one) => isSameText(one, name))
          : collated(name).startsWith(collated(value)));
      return fresh(asked, { traits: traits.filter(isIt) });
    },
    { since: '1.6' },
  ),
  route(
    'GET /traits/{name}',
    'admin',
    async ({ params: { name = '' } }) => {
      if (!traits.includes(name)) throw new Fault('not-found', `No such trait(s): ${name}.`);
      return noContent();
    },
    { since: '1.6' },
  ),
];

/** From 1.15 on answers say how fresh they are, which is always now. */
function fresh(asked: Asked, body: unknown): OpenStackResponse {
  if (!atLeast(asked.microversion, '1.15')) return json(200, body);
  return json(200, body, { 'last-modified': new Date().toUTCString(), 'cache-control': 'no-cache' });
}

function matches({ query }: Asked, provider: Provider): boolean {
  const resources = query.get('resources');
  return (
    isSameText(query.get('name') || provider.name, provider.name) &&
    [query.get('uuid'), query.get('in_tree')].every((uuid) => uuid === null || uuid.toLowerCase() === provider.uuid) &&
    hasTraits(query.getAll('required'), traits) &&
    query.getAll('member_of').every((value) => value.startsWith('!')) &&
    (resources === null || hasRoomFor(provider, resourcesOf(resources)))
  );
}

function consumerBody(cloud: PlacementCloud, { params, microversion }: Asked): Record<string, unknown> {
  const server = cloud.servers.find(params['consumer'] ?? '');
  if (!server || server.deletedAt !== null || server.host === null) return { allocations: {} };
  const resources = claimOf(cloud, server);
  return {
    allocations: { [providerId(cloud, server.host)]: { resources, generation } },
    ...(atLeast(microversion, '1.12') ? { project_id: server.projectId, user_id: server.userId } : {}),
    ...(atLeast(microversion, '1.28') ? { consumer_generation: 1 } : {}),
    ...(atLeast(microversion, '1.38') ? { consumer_type: 'INSTANCE' } : {}),
  };
}

/** Hosts with room for everything that is asked for, together. @throws Fault 400 */
function candidates(cloud: PlacementCloud, { query, microversion }: Asked): Record<string, unknown> {
  checkCandidateQuery({ query, microversion });
  checkAggregates(query.getAll('member_of'));
  const numbered = [...query.keys()].filter((name) => /^resources./.test(name));
  if (numbered.length > 1 && !query.has('group_policy')) {
    throw new Fault(
      'bad-request',
      'The "group_policy" parameter is required when specifying more than one "resources{N}" parameter.',
    );
  }
  const resources = query.get('resources');
  if (resources === null) {
    const fields = atLeast(microversion, '1.23') ? { code: 'placement.query.missing_value' } : {};
    throw new Fault('bad-request', 'There must be at least one resources or resources[$S] parameter.', { fields });
  }
  const wanted = resourcesOf(resources);
  checkTraits(query.getAll('required'), '');
  const limit = Number(query.get('limit') ?? Number.MAX_SAFE_INTEGER);
  const isEnabled = ({ name }: Provider): boolean => cloud.hosts.isEnabled(name) && cloud.hosts.isUp(name);
  const found = hasTraits(query.getAll('required'), traits)
    ? providersOf(cloud)
        .filter((provider) => isEnabled(provider) && hasRoomFor(provider, wanted))
        .slice(0, limit)
    : [];
  const since = (floor: string): boolean => atLeast(microversion, floor);
  const request = ({ uuid }: Provider) => ({
    allocations: since('1.12')
      ? { [uuid]: { resources: wanted } }
      : [{ resource_provider: { uuid }, resources: wanted }],
    ...(since('1.34') ? { mappings: { '': [uuid] } } : {}),
  });
  const summary = ({ uuid, stocks }: Provider) => ({
    resources: Object.fromEntries(
      Object.entries(stocks).map(([name, stock]) => [name, { capacity: capacityOf(stock), used: stock.used }]),
    ),
    ...(since('1.17') ? { traits } : {}),
    ...(since('1.29') ? { parent_provider_uuid: null, root_provider_uuid: uuid } : {}),
  });
  return {
    allocation_requests: found.map(request),
    provider_summaries: Object.fromEntries(found.map((provider) => [provider.uuid, summary(provider)])),
  };
}

/** @throws Fault 400 */
function projectUsages(cloud: PlacementCloud, { query, microversion }: Asked): Record<string, unknown> {
  checkUsageQuery({ query, microversion });
  const projectId = query.get('project_id') ?? '';
  const { servers, sum } = usageOf(cloud, projectId, query.get('user_id'));
  if (servers === 0) return { usages: {} };
  if (!atLeast(microversion, '1.38')) return { usages: sum };
  const type = query.get('consumer_type') ?? 'INSTANCE';
  const isTheirs = type === 'INSTANCE' || type === 'all';
  return { usages: isTheirs ? { [type]: { ...sum, consumer_count: servers } } : {} };
}
