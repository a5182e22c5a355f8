/** Hosts, up to 2.42: every site is one. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Route } from '@cascade/openstack-protocol/server/route.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import type { World } from '../../routing/world.js';
import { allZones } from '../../routing/zones.js';
import type { Site } from '../../sites/site.js';
import { capacityOf } from './hypervisor-view.js';
import { allocatedByProject } from './site-servers.js';
import { novaServices, setEnabled } from './site-services.js';

const until = { until: '2.42' } as const;

export const hostRoutes = (world: World): Route[] => [
  route('GET /os-hosts', 'admin', list(world), until),
  route('GET /os-hosts/{host_name}', 'admin', show(world), until),
  route('PUT /os-hosts/{host_name}', 'admin', update(world), until),
  route('GET /os-hosts/{host_name}/reboot', 'admin', power(world), until),
  route('GET /os-hosts/{host_name}/shutdown', 'admin', power(world), until),
  route('GET /os-hosts/{host_name}/startup', 'admin', power(world), until),
];

const onOrOff = { type: 'string', enum: ['enable', 'disable', 'Enable', 'Disable', 'ENABLE', 'DISABLE'] };
const checkUpdate = bodyCheck({
  type: 'object',
  properties: { status: onOrOff, maintenance_mode: onOrOff },
  additionalProperties: false,
});

/** One row for each enabled service; `zone` narrows it to a site, `internal`, or an aggregate's zone. */
function list(world: World): Answer {
  return async (asked) => {
    const zone = asked.query.get('zone');
    const wider = zone ? (await allZones(world)).find((one) => one.name === zone) : undefined;
    const inZone = (host: string) => wider?.siteIds.some((id) => world.sites.byId(id)?.name === host) ?? false;
    const hosts = (await novaServices(world))
      .filter((service) => service.isEnabled && (!zone || service.zone === zone || inZone(service.host)))
      .map(({ host, binary, zone: at }) => ({ host_name: host, service: binary.replace(/^nova-/, ''), zone: at }));
    return json(200, { hosts });
  };
}

/** Nova's rows: all there is, what is used now, what was allocated to servers, and that for each project. */
function show(world: World): Answer {
  return async (asked) => {
    const site = known(world, asked.params['host_name'] ?? '');
    const host = site.name;
    const capacity = await capacityOf(world, site);
    const allocated = await allocatedByProject(world, site);
    const sum = (key: 'cpu' | 'memory_mb' | 'disk_gb') => allocated.reduce((total, row) => total + row[key], 0);
    const rows = [
      { host, project: '(total)', cpu: capacity.vcpus, memory_mb: capacity.memory_mb, disk_gb: capacity.local_gb },
      {
        host,
        project: '(used_now)',
        cpu: capacity.vcpus_used,
        memory_mb: capacity.memory_mb_used,
        disk_gb: capacity.local_gb_used,
      },
      { host, project: '(used_max)', cpu: sum('cpu'), memory_mb: sum('memory_mb'), disk_gb: sum('disk_gb') },
      ...allocated.map((row) => ({ host, ...row })),
    ];
    return json(200, { host: rows.map((resource) => ({ resource })) });
  };
}

function update(world: World): Answer {
  return async (asked) => {
    const body = (await asked.readJson()) as { status?: string; maintenance_mode?: string };
    checkUpdate(body);
    const host = asked.params['host_name'] ?? '';
    if (body.status === undefined && body.maintenance_mode === undefined) return json(200, { host });
    const site = known(world, host);
    // Nova's maintenance mode moves servers away, which no driver but one ever could.
    if (body.maintenance_mode !== undefined) throw notSupported();
    const isEnabled = body.status?.toLowerCase() === 'enable';
    await setEnabled(world, site, isEnabled);
    return json(200, { host, status: isEnabled ? 'enabled' : 'disabled' });
  };
}

/** A cloud is not rebooted by its parent. */
function power(world: World): Answer {
  return async (asked) => {
    known(world, asked.params['host_name'] ?? '');
    throw notSupported();
  };
}

const notSupported = (): Fault => new Fault('not-implemented', 'The requested functionality is not supported.');

function known(world: World, host: string): Site {
  const site = world.sites.byName(host);
  if (!site) throw new Fault('not-found', `Host '${host}' is not mapped to any cell`);
  return site;
}
