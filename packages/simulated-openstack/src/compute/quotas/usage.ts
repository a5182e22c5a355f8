/** Hours that servers ran. @see openstack/nova:nova/api/openstack/compute/simple_tenant_usage.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { queryCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { multiParams, nonNegativeInteger } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { nextLink } from '@cascade/openstack-adapter/paging.js';
import { isoMicros } from '../../clock.js';
import type { Cloud } from '../cloud.js';
import { statusOf, type Server } from '../servers/server.js';

interface Period {
  readonly start: number;
  readonly end: number;
}

const hourMs = 3_600_000;
const mostRows = 1000;

export const usageRoutes = (cloud: Cloud): Route[] => [
  route('GET /os-simple-tenant-usage', 'admin', async (asked) => {
    checkQuery(asked, indexQuery);
    const period = periodAsked(cloud, asked);
    const { page, links } = pageAsked(cloud, asked, running(cloud, cloud.servers.newestFirst(), period));
    const projects = [...new Set(page.map(({ projectId }) => projectId))];
    const usages = projects.map((id) =>
      usageOf(
        cloud,
        id,
        page.filter(({ projectId }) => projectId === id),
        period,
        asked.query.get('detailed') === '1',
      ),
    );
    return json(200, { tenant_usages: usages, ...(links ? { tenant_usages_links: links } : {}) });
  }),
  route('GET /os-simple-tenant-usage/{id}', 'reader', async (asked) => {
    const { id = '' } = asked.params;
    if (!asked.caller.isAdmin && id !== asked.caller.projectId) {
      throw new Fault('forbidden', "Policy doesn't allow os_compute_api:os-simple-tenant-usage:show to be performed.");
    }
    checkQuery(asked, showQuery);
    const period = periodAsked(cloud, asked);
    const { page, links } = pageAsked(cloud, asked, running(cloud, cloud.servers.ofProject(id), period));
    return json(200, {
      tenant_usage: page.length > 0 ? usageOf(cloud, id, page, period, true) : {},
      ...(links ? { tenant_usage_links: links } : {}),
    });
  }),
];

/** @see openstack/nova:nova/api/openstack/compute/schemas/simple_tenant_usage.py */
const querySchemas = (properties: object) => {
  const pages = { limit: multiParams(nonNegativeInteger), marker: multiParams({ type: 'string' }) };
  return {
    first: queryCheck({ type: 'object', properties }),
    v240: queryCheck({ type: 'object', properties: { ...properties, ...pages } }),
    v275: queryCheck({ type: 'object', properties: { ...properties, ...pages }, additionalProperties: false }),
  };
};
const texts = multiParams({ type: 'string' });
const showQuery = querySchemas({ start: texts, end: texts });
const indexQuery = querySchemas({ start: texts, end: texts, detailed: texts });

function checkQuery({ microversion, query }: Asked, { first, v240, v275 }: typeof showQuery): void {
  (atLeast(microversion, '2.75') ? v275 : atLeast(microversion, '2.40') ? v240 : first)(query);
}

/** By project and id, from the one after the marker on. @throws Fault 400 for a marker that is no server */
function pageAsked(cloud: Cloud, asked: Asked, servers: readonly Server[]) {
  const rows = [...servers].sort((a, b) => byText(a.projectId, b.projectId) || byText(a.id, b.id));
  if (!atLeast(asked.microversion, '2.40')) return { page: rows.slice(0, mostRows) };
  const limit = Math.min(Number(asked.query.getAll('limit').at(-1) ?? mostRows), mostRows);
  const marker = asked.query.getAll('marker').at(-1);
  const last = marker === undefined ? undefined : cloud.servers.find(marker);
  if (marker !== undefined && !last) throw new Fault('bad-request', `Marker ${marker} could not be found.`);
  const isAfter = (one: Server): boolean =>
    !last || (byText(one.projectId, last.projectId) || byText(one.id, last.id)) > 0;
  const page = rows.filter(isAfter).slice(0, limit);
  const end = page.length === limit ? page.at(-1) : undefined;
  return { page, ...(end ? { links: [{ rel: 'next', href: nextLink(asked, end.id) }] } : {}) };
}

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** Without a period nothing but this very moment is asked for, as in Nova. @throws Fault 400 */
function periodAsked(cloud: Cloud, asked: Asked): Period {
  const now = cloud.clock.now();
  const start = timeOf(asked.query.get('start')) ?? now;
  const end = timeOf(asked.query.get('end')) ?? Math.max(now, start === now ? now + 0.001 : now);
  if (!(start < end)) {
    throw new Fault('bad-request', 'Invalid start time. The start time cannot occur after the end time.');
  }
  return { start, end: Math.min(end, now) };
}

/** @throws Fault 400 */
function timeOf(text: string | null): number | undefined {
  if (!text) return undefined;
  if (!/^\d{4}-\d\d?-\d\d?(T\d\d?:\d\d?:\d\d?(\.\d{1,6})?| \d\d?:\d\d?:\d\d?\.\d{1,6})$/.test(text)) throw badTime();
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`);
  if (Number.isNaN(ms)) throw badTime();
  return ms;
}

const badTime = (): Fault => new Fault('bad-request', 'Invalid datetime string: Datetime is in invalid format');

const running = (cloud: Cloud, servers: Iterable<Server>, { start, end }: Period): Server[] =>
  [...servers].filter(
    ({ launchedAt, deletedAt }) => launchedAt !== null && launchedAt < end && (deletedAt ?? cloud.clock.now()) > start,
  );

function hoursOf(cloud: Cloud, { launchedAt, deletedAt }: Server, { start, end }: Period): number {
  const until = Math.min(deletedAt ?? cloud.clock.now(), end);
  return Math.max(0, until - Math.max(launchedAt ?? until, start)) / hourMs;
}

function usageOf(
  cloud: Cloud,
  projectId: string,
  servers: readonly Server[],
  period: Period,
  detailed: boolean,
): Record<string, unknown> {
  const sum = { total_hours: 0, total_vcpus_usage: 0, total_memory_mb_usage: 0, total_local_gb_usage: 0 };
  const rows = servers.map((server) => {
    const { name: flavor, vcpus, ram, disk } = cloud.flavors.ever(server.flavorId);
    const hours = hoursOf(cloud, server, period);
    sum.total_hours += hours;
    sum.total_vcpus_usage += hours * vcpus;
    sum.total_memory_mb_usage += hours * ram;
    sum.total_local_gb_usage += hours * disk;
    return {
      instance_id: server.id,
      name: server.name,
      hours,
      flavor,
      vcpus,
      memory_mb: ram,
      local_gb: disk,
      tenant_id: server.projectId,
      started_at: isoMicros(server.launchedAt ?? server.createdAt),
      ended_at: server.deletedAt === null ? null : isoMicros(server.deletedAt),
      state: server.deletedAt === null ? statusOf(server).toLowerCase() : 'terminated',
      uptime: Math.floor((cloud.clock.now() - (server.launchedAt ?? 0)) / 1000),
    };
  });
  const whole = { tenant_id: projectId, start: isoMicros(period.start), stop: isoMicros(period.end), ...sum };
  return detailed ? { ...whole, server_usages: rows } : whole;
}
