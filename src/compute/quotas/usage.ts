/** What projects used: the sites tell server by server, the sums are made here. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { queryCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { multiParams, nonNegativeInteger } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { nextLink } from '../../routing/paging.js';
import type { World } from '../../routing/world.js';
import { usagePage, UsageRefused, type ServerUsage, type UsagePage } from './usage-pages.js';

export const usageRoutes = (world: World): Route[] => [
  route('GET /os-simple-tenant-usage', 'admin', list(world)),
  route('GET /os-simple-tenant-usage/{tenant_id}', 'reader', show(world)),
];

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

const period = { start: multiParams({ type: 'string' }), end: multiParams({ type: 'string' }) };
const paging = { limit: multiParams(nonNegativeInteger), marker: multiParams({ type: 'string' }) };
const checkPaging = queryCheck({ type: 'object', properties: { ...period, ...paging } });
const checkOfOne = queryCheck({
  type: 'object',
  properties: { ...period, ...paging },
  additionalProperties: false,
});
const checkOfAll = queryCheck({
  type: 'object',
  properties: { ...period, ...paging, detailed: multiParams({ type: 'string' }) },
  additionalProperties: false,
});

function list(world: World): Answer {
  return answered(async (asked) => {
    checkQuery(asked, checkOfAll);
    const page = await usagePage(world, asked);
    const detailed = asked.query.get('detailed') === '1';
    const tenants = perTenant(page).map(({ server_usages, ...sums }) => (detailed ? { server_usages, ...sums } : sums));
    return json(200, { tenant_usages: tenants, ...linkIn(asked, 'tenant_usages_links', page) });
  });
}

function show(world: World): Answer {
  return answered(async (asked) => {
    // Nova has no route with a slash at the end: that is a project with no id.
    if (asked.path.endsWith('/')) throw new Fault('not-found', 'The resource could not be found.');
    checkQuery(asked, checkOfOne);
    const page = await usagePage(world, asked, asked.params['tenant_id'] ?? '');
    const [tenant_usage = {}] = perTenant(page);
    return json(200, { tenant_usage, ...linkIn(asked, 'tenant_usage_links', page) });
  });
}

/** @throws Fault 400 for a parameter that Nova does not take, which it says from 2.75 on */
function checkQuery(asked: Asked, strict: typeof checkOfAll): void {
  if (atLeast(asked.microversion, '2.75')) strict(asked.query);
  else if (atLeast(asked.microversion, '2.40')) checkPaging(asked.query);
}

/** What a site refuses is refused. */
const answered =
  (answer: Answer): Answer =>
  async (asked) => {
    try {
      return await answer(asked);
    } catch (error) {
      if (error instanceof UsageRefused) return error.response;
      throw error;
    }
  };

function linkIn(asked: Asked, key: string, { usages, limit }: UsagePage): Record<string, unknown> {
  const last = usages.at(-1);
  if (!atLeast(asked.microversion, '2.40') || !last || usages.length !== limit) return {};
  return { [key]: [{ rel: 'next', href: nextLink(asked, last.instance_id) }] };
}

/** @see openstack/nova:nova/api/openstack/compute/simple_tenant_usage.py _tenant_usages_for_period */
function perTenant({ usages, period }: UsagePage): TenantUsage[] {
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
