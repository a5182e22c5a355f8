/** What projects used: the sites tell server by server, the sums are made here. */
import { Fault } from '../../openstack/faults.js';
import { bodyOf, isOk, json, type OpenStackResponse } from '../../openstack/message.js';
import { atLeast } from '../../openstack/microversion.js';
import { route, type Answer, type Asked, type Route } from '../../openstack/route.js';
import { maxPage, nextLink } from '../../routing/paging.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { answeringSites, hear } from '../../routing/hear.js';

export const usageRoutes = (world: World): Route[] => [
  route('GET /os-simple-tenant-usage', 'admin', list(world)),
  route('GET /os-simple-tenant-usage/{tenant_id}', 'reader', show(world)),
];

interface ServerUsage {
  readonly instance_id: string;
  readonly tenant_id: string;
  readonly hours: number;
  readonly memory_mb: number;
  readonly local_gb: number;
  readonly vcpus: number;
}

interface TenantUsage {
  readonly tenant_id: string;
  server_usages?: ServerUsage[];
  total_local_gb_usage: number;
  total_vcpus_usage: number;
  total_memory_mb_usage: number;
  total_hours: number;
  readonly start: string;
  readonly stop: string;
}

interface Told {
  readonly usages: readonly ServerUsage[];
  /** The period, as each project's sums name it. */
  readonly period: { readonly start: string; readonly stop: string };
}

function list(world: World): Answer {
  return async (asked) => {
    const read = await readPage(world, asked);
    if ('refused' in read) return read.refused;
    const detailed = asked.query.get('detailed') === '1';
    const tenants = perTenant(read.told).map(({ server_usages, ...sums }) =>
      detailed ? { server_usages, ...sums } : sums,
    );
    return json(200, { tenant_usages: tenants, ...linkIn(asked, 'tenant_usages_links', read.told) });
  };
}

function show(world: World): Answer {
  return async (asked) => {
    const read = await readPage(world, asked);
    if ('refused' in read) return read.refused;
    const [tenant_usage = {}] = perTenant(read.told);
    return json(200, { tenant_usage, ...linkIn(asked, 'tenant_usage_links', read.told) });
  };
}

const limitOf = (asked: Asked): number => Math.min(Number(asked.query.get('limit') ?? maxPage), maxPage);

function linkIn(asked: Asked, key: string, told: Told): Record<string, unknown> {
  const last = told.usages.at(-1);
  if (!atLeast(asked.microversion, '2.40') || !last || told.usages.length !== limitOf(asked)) return {};
  return { [key]: [{ rel: 'next', href: nextLink(asked, last.instance_id) }] };
}

/**
 * One page, site by site: as Nova does with its cells, the sites come one after the other, and the marker is in one of
 * them. Up to 2.39 there are no pages: every site tells what it tells.
 */
async function readPage(world: World, asked: Asked): Promise<{ told: Told } | { refused: OpenStackResponse }> {
  // Nova has no route with a slash at the end: that is a project with no id.
  if (asked.path.endsWith('/')) throw new Fault('not-found', 'The resource could not be found.');
  const hasPages = atLeast(asked.microversion, '2.40');
  const limit = hasPages ? limitOf(asked) : Infinity;
  const marker = hasPages ? asked.query.get('marker') : null;
  const query = new URLSearchParams(asked.rawQuery);
  query.delete('marker');
  query.set('detailed', '1');
  let sites = answeringSites(world, 'compute');
  const usages: ServerUsage[] = [];
  let period = { start: '', stop: '' };

  const take = (response: OpenStackResponse): void => {
    const body = bodyOf(response) as { tenant_usages?: TenantUsage[]; tenant_usage?: Partial<TenantUsage> };
    for (const tenant of body.tenant_usages ?? [body.tenant_usage ?? {}]) {
      if (tenant.start && tenant.stop) period = { start: tenant.start, stop: tenant.stop };
      usages.push(...(tenant.server_usages ?? []));
    }
  };

  if (marker !== null) {
    const found = await siteOfMarker(asked, sites, query, marker);
    if ('refused' in found) return found;
    take(found.response);
    sites = sites.slice(sites.indexOf(found.site) + 1);
  }
  for (let at = 0; at < sites.length && usages.length < limit; at += atOnce) {
    const answers = await Promise.all(
      sites.slice(at, at + atOnce).map((site) => hear(asked, site, { query: query.toString() })),
    );
    for (const answer of answers) {
      if (!answer) continue;
      if (!isOk(answer)) return { refused: answer };
      take(answer);
    }
  }
  return { told: { usages: usages.slice(0, limit), period } };
}

/** Sites asked at once for one page: enough to be quick where they are empty, few enough to waste little where not. */
const atOnce = 8;

async function siteOfMarker(
  asked: Asked,
  sites: readonly Site[],
  query: URLSearchParams,
  marker: string,
): Promise<{ site: Site; response: OpenStackResponse } | { refused: OpenStackResponse }> {
  const marked = new URLSearchParams(query);
  marked.set('marker', marker);
  const answers = await Promise.all(
    sites.map(async (site) => ({ site, response: await hear(asked, site, { query: marked.toString() }) })),
  );
  for (const { site, response } of answers) if (response && isOk(response)) return { site, response };
  const refused = answers.find(({ response }) => response)?.response;
  if (refused) return { refused };
  throw new Fault('bad-request', `Marker ${marker} could not be found.`);
}

/** @see openstack/nova:nova/api/openstack/compute/simple_tenant_usage.py _tenant_usages_for_period */
function perTenant({ usages, period }: Told): TenantUsage[] {
  const tenants = new Map<string, TenantUsage & { server_usages: ServerUsage[] }>();
  for (const usage of usages) {
    const { tenant_id, hours } = usage;
    const sums = { total_local_gb_usage: 0, total_vcpus_usage: 0, total_memory_mb_usage: 0, total_hours: 0 };
    const tenant = tenants.get(tenant_id) ?? { tenant_id, server_usages: [], ...sums, ...period };
    tenants.set(tenant_id, tenant);
    tenant.server_usages.push(usage);
    tenant.total_local_gb_usage += usage.local_gb * hours;
    tenant.total_vcpus_usage += usage.vcpus * hours;
    tenant.total_memory_mb_usage += usage.memory_mb * hours;
    tenant.total_hours += hours;
  }
  return [...tenants.values()];
}
