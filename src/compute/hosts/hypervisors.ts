/** Hypervisors: a site is one huge hypervisor. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { looksLikeUuid, queryCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import {
  boolean,
  fqdn,
  isTrue,
  multiParams,
  nonNegativeInteger,
  singleParam,
} from '@cascade/openstack-protocol/compute/parameter-types.js';
import { maxPage, nextLink } from '../../routing/paging.js';
import type { World } from '../../routing/world.js';
import { capacityOf, hypervisorId, hypervisorView, noCapacity } from './hypervisor-view.js';
import { siteServices, type SiteService } from './site-services.js';

export const hypervisorRoutes = (world: World): Route[] => [
  route('GET /os-hypervisors', 'admin', list(world, false)),
  route('GET /os-hypervisors/detail', 'admin', list(world, true)),
  route('GET /os-hypervisors/statistics', 'admin', statistics(world), { until: '2.87' }),
  route('GET /os-hypervisors/{hypervisor_id}', 'admin', show(world)),
  route('GET /os-hypervisors/{hypervisor_id}/uptime', 'admin', uptime(world), { until: '2.87' }),
  route('GET /os-hypervisors/{hypervisor_hostname_pattern}/search', 'admin', search(world, false), { until: '2.52' }),
  route('GET /os-hypervisors/{hypervisor_hostname_pattern}/servers', 'admin', search(world, true), { until: '2.52' }),
];

const page = { limit: singleParam(nonNegativeInteger), marker: singleParam({ type: 'string' }) };
const withServers = { with_servers: singleParam(boolean) };
const checkPage = queryCheck({ type: 'object', properties: { limit: multiParams(nonNegativeInteger) } });
const checkList = queryCheck({
  type: 'object',
  properties: { ...page, ...withServers, hypervisor_hostname_pattern: singleParam(fqdn) },
  additionalProperties: false,
});
const checkShow = queryCheck({ type: 'object', properties: withServers, additionalProperties: false });

function list(world: World, detail: boolean): Answer {
  return async (asked) => {
    const hasUuids = atLeast(asked.microversion, '2.53');
    const hasPages = atLeast(asked.microversion, '2.33');
    if (hasUuids) checkList(asked.query);
    else if (hasPages) checkPage(asked.query);
    const all = await siteServices(world);
    const pattern = hasUuids ? asked.query.get('hypervisor_hostname_pattern') : null;
    if (pattern !== null && (asked.query.has('limit') || asked.query.has('marker'))) {
      throw new Fault(
        'bad-request',
        'Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.',
      );
    }
    const shown = pattern !== null ? matching(all, pattern) : hasPages ? pageOf(asked, all) : all;
    const servers = hasUuids && isTrue(asked.query.get('with_servers'));
    const hypervisors = await Promise.all(shown.map((one) => hypervisorView(world, asked, one, { detail, servers })));
    const last = shown.at(-1);
    const isFull = hasPages && pattern === null && last !== undefined && shown.length === limitOf(asked);
    const links = isFull
      ? { hypervisors_links: [{ rel: 'next', href: nextLink(asked, String(hypervisorId(asked, last))) }] }
      : {};
    return json(200, { hypervisors, ...links });
  };
}

const limitOf = (asked: Asked): number => Math.min(Number(asked.query.get('limit') ?? maxPage), maxPage);

function pageOf(asked: Asked, all: SiteService[]): SiteService[] {
  const marker = asked.query.get('marker');
  const at = marker === null ? 0 : all.findIndex((one) => String(hypervisorId(asked, one)) === marker) + 1;
  if (marker !== null && at === 0) throw new Fault('bad-request', `marker [${marker}] not found`);
  return all.slice(at, at + limitOf(asked));
}

function matching(all: SiteService[], pattern: string): SiteService[] {
  const found = all.filter((one) => one.host.includes(pattern.toLowerCase()));
  if (found.length === 0) throw new Fault('not-found', `No hypervisor matching '${pattern}' could be found.`);
  return found;
}

function search(world: World, servers: boolean): Answer {
  return async (asked) => {
    const found = matching(await siteServices(world), asked.params['hypervisor_hostname_pattern'] ?? '');
    return json(200, {
      hypervisors: await Promise.all(found.map((one) => hypervisorView(world, asked, one, { detail: false, servers }))),
    });
  };
}

function show(world: World): Answer {
  return async (asked) => {
    if (atLeast(asked.microversion, '2.53')) checkShow(asked.query);
    const one = await found(world, asked);
    const servers = atLeast(asked.microversion, '2.53') && isTrue(asked.query.get('with_servers'));
    return json(200, { hypervisor: await hypervisorView(world, asked, one, { detail: true, servers }) });
  };
}

/** @throws Fault in the words of Nova's HypervisorsController._validate_id */
async function found(world: World, asked: Asked): Promise<SiteService> {
  const id = asked.params['hypervisor_id'] ?? '';
  if (atLeast(asked.microversion, '2.53') && !looksLikeUuid(id)) throw new Fault('bad-request', `Invalid uuid ${id}`);
  const one = (await siteServices(world)).find((service) => String(hypervisorId(asked, service)) === id);
  if (!one) throw new Fault('not-found', `Hypervisor with ID '${id}' could not be found.`);
  return one;
}

/** A cloud has no uptime: the answer of every driver that cannot tell it. */
function uptime(world: World): Answer {
  return async (asked) => {
    await found(world, asked);
    throw new Fault('not-implemented', 'The requested functionality is not supported.');
  };
}

/** Sums over the sites that are enabled, as Nova sums over its enabled hosts. */
function statistics(world: World): Answer {
  return async () => {
    const enabled = (await siteServices(world)).filter((one) => one.isEnabled);
    const sum: Record<string, number> = { ...noCapacity };
    for (const { site } of enabled) {
      for (const [key, value] of Object.entries(await capacityOf(world, site)))
        sum[key] = (sum[key] ?? 0) + Number(value);
    }
    return json(200, { hypervisor_statistics: { ...sum, count: enabled.length } });
  };
}
