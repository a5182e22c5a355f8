/** Hours that servers ran. @see openstack/nova:nova/api/openstack/compute/simple_tenant_usage.py */
import { Fault } from '../../../../openstack/faults.js';
import { json } from '../../../../openstack/message.js';
import { route, type Asked, type Route } from '../../../../openstack/route.js';
import { isoMicros } from '../../clock.js';
import type { Cloud } from '../../cloud.js';
import { statusOf, type Server } from '../servers/server.js';

interface Period {
  readonly start: number;
  readonly end: number;
}

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;

export const usageRoutes = (cloud: Cloud): Route[] => [
  route('GET /os-simple-tenant-usage', 'admin', async (asked) => {
    const period = periodAsked(cloud, asked);
    const byProject = new Map<string, Server[]>();
    for (const server of running(cloud, cloud.servers.newestFirst(), period)) {
      const known = byProject.get(server.projectId);
      if (known) known.push(server);
      else byProject.set(server.projectId, [server]);
    }
    const usages = [...byProject].map(([projectId, servers]) =>
      usageOf(cloud, projectId, servers, period, asked.query.get('detailed') === '1'),
    );
    return json(200, { tenant_usages: usages });
  }),
  route('GET /os-simple-tenant-usage/{id}', 'reader', async (asked) => {
    const { id = '' } = asked.params;
    if (!asked.caller.isAdmin && id !== asked.caller.projectId) {
      throw new Fault('forbidden', "Policy doesn't allow os_compute_api:os-simple-tenant-usage:show to be performed.");
    }
    const period = periodAsked(cloud, asked);
    const servers = running(cloud, cloud.servers.ofProject(id), period);
    return json(200, { tenant_usage: servers.length > 0 ? usageOf(cloud, id, servers, period, true) : {} });
  }),
];

/** @throws Fault 400 */
function periodAsked(cloud: Cloud, asked: Asked): Period {
  const time = (name: string): number | undefined => {
    const text = asked.query.get(name);
    if (text === null || text === '') return undefined;
    const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
    if (Number.isNaN(ms)) throw new Fault('bad-request', `Datetime is in invalid format: ${text}`);
    return ms;
  };
  const end = time('end') ?? cloud.clock.now();
  const start = time('start') ?? end - weekMs;
  if (start > end)
    throw new Fault('bad-request', 'Invalid start time. The start time cannot occur after the end time.');
  return { start, end };
}

const running = (cloud: Cloud, servers: Iterable<Server>, { start, end }: Period): Server[] =>
  [...servers].filter(({ launchedAt, deletedAt }) => launchedAt !== null && launchedAt < end && (deletedAt ?? cloud.clock.now()) > start); // prettier-ignore

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
