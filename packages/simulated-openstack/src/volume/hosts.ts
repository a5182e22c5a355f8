/** Hosts and pools, and clusters, of which there are none. @see openstack/cinder:cinder/api/contrib/hosts.py, scheduler_stats.py, cinder/api/v3/clusters.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidInput, noSuch, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { poolOf } from './scheduler.js';
import { isDisabled, servicesOf } from './known-services.js';
import { timeOf } from './view.js';
import type { Volumes } from './volumes.js';

export function hostRoutes(volumes: Volumes): Route[] {
  return [
    route('GET /os-hosts', 'admin', async () => {
      const hosts = servicesOf(volumes).map((service) => ({
        host_name: service.host,
        service: service.binary,
        zone: volumes.zone,
        'service-status': 'available',
        'service-state': isDisabled(volumes, service) ? 'disabled' : 'enabled',
        'last-update': timeOf(volumes.now()),
      }));
      return json(200, { hosts });
    }),
    route('GET /os-hosts/{host_name}', 'admin', async ({ params }) =>
      json(200, { host: usageOf(volumes, params['host_name'] ?? '') }),
    ),
    route('PUT /os-hosts/{host_name}', 'admin', async (asked) => json(200, await setStatus(volumes, asked))),
    route('GET /scheduler-stats/get_pools', 'admin', async ({ query }) => {
      const isDetailed = query.get('detail')?.toLowerCase() === 'true';
      return json(200, { pools: [{ name: volumes.host, ...(isDetailed ? { capabilities: poolOf(volumes) } : {}) }] });
    }),
    route('GET /capabilities/{host}', 'admin', async ({ params: { host } }) => {
      if (host !== `${volumes.zone}@lvm` && host !== volumes.host)
        throw new Fault('not-found', `Can't find service: ${host}`);
      return json(200, {
        namespace: `OS::Storage::Capabilities::${host}`,
        vendor_name: 'Open Source',
        volume_backend_name: 'lvm',
        pool_name: 'lvm',
        driver_version: '3.0.0',
        storage_protocol: 'iSCSI',
        display_name: null,
        description: null,
        visibility: null,
        replication_targets: [],
        properties: {},
      });
    }),
    ...clusterRoutes(),
  ];
}

/** What volumes and snapshots of each project take at a host; the first row is the sum. @throws Fault 404 */
function usageOf(volumes: Volumes, host: string) {
  if (host !== `${volumes.zone}@lvm`) throw noSuch('Host', host);
  const all = [...volumes.volumes.values()];
  const copies = [...volumes.snapshots.values()];
  const row = (project: string, isOwn: (row: { projectId: string }) => boolean) => {
    const [own, ownCopies] = [all.filter(isOwn), copies.filter(isOwn)];
    const sum = (rows: readonly { size: number }[]): string =>
      String(rows.reduce((total, { size }) => total + size, 0));
    return {
      resource: {
        host,
        project,
        volume_count: String(own.length),
        total_volume_gb: sum(own),
        snapshot_count: String(ownCopies.length),
        total_snapshot_gb: sum(ownCopies),
      },
    };
  };
  const projects = [...new Set(all.map(({ projectId }) => projectId))];
  return [row('(total)', () => true), ...projects.map((id) => row(id, ({ projectId }) => projectId === id))];
}

/** @throws Fault 400, 404 */
async function setStatus(volumes: Volumes, asked: Asked) {
  const host = asked.params['host_name'] ?? '';
  const services = servicesOf(volumes).filter((service) => service.host === host);
  if (services.length === 0) throw noSuch('Host', host);
  let status = '';
  for (const [key, value] of Object.entries(await asked.readJson())) {
    if (key.toLowerCase().trim() !== 'status') throw new Fault('bad-request', `Invalid update setting: '${key}'`);
    const word = String(value).toLowerCase().trim();
    if (word !== 'enable' && word !== 'disable') throw new Fault('bad-request', `Invalid status: '${String(value)}'`);
    status = `${word}d`;
  }
  for (const { binary } of services) {
    if (status === 'enabled') volumes.disabledServices.delete(`${binary} ${host}`);
    if (status === 'disabled') volumes.disabledServices.set(`${binary} ${host}`, null);
  }
  return status === '' ? {} : { host, status };
}

const clusterFilters = new Set([
  'name',
  'binary',
  'is_up',
  'disabled',
  'num_hosts',
  'num_down_hosts',
  'replication_status',
  'frozen',
  'active_backend_id',
]);

function clusterRoutes(): Route[] {
  const since = { since: '3.7' };
  const none = async ({ query }: Asked) => {
    const invalid = [...query.keys()].filter((name) => !clusterFilters.has(name));
    if (invalid.length > 0) throw invalidInput(`Invalid filter keys: ${invalid.join(', ')}`);
    return json(200, { clusters: [] });
  };
  const noSuchCluster = async (asked: Asked) => {
    const { name } = await asked.readJson();
    if (typeof name !== 'string') throw required('name');
    throw noSuch('Cluster', name);
  };
  return [
    route('GET /clusters', 'admin', none, since),
    route('GET /clusters/detail', 'admin', none, since),
    route(
      'GET /clusters/{name}',
      'admin',
      ({ params }) => Promise.reject(noSuch('Cluster', params['name'] ?? '')),
      since,
    ),
    route('PUT /clusters/enable', 'admin', noSuchCluster, since),
    route('PUT /clusters/disable', 'admin', noSuchCluster, since),
    // Nothing here is ever left half done.
    route('POST /workers/cleanup', 'admin', async () => json(202, { cleaning: [], unavailable: [] }), {
      since: '3.24',
    }),
  ];
}
