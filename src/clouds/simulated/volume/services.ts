/** What operators see: services, hosts, pools, capabilities. @see openstack/cinder:cinder/api/contrib/services.py */
import { Fault } from '../../../openstack/faults.js';
import { json } from '../../../openstack/message.js';
import { atLeast } from '../../../openstack/microversion.js';
import { route, type Route } from '../../../openstack/route.js';
import { required } from './refusals.js';
import { poolOf } from './scheduler.js';
import type { Volumes } from './volumes.js';
import { timeOf } from './view.js';

export function serviceRoutes(volumes: Volumes): Route[] {
  const { zone } = volumes;
  const known = [
    ['cinder-backup', zone],
    ['cinder-scheduler', zone],
    ['cinder-volume', `${zone}@lvm`],
  ] as const;
  const keyOf = (binary: string, host: string): string => `${binary} ${host}`;
  const isDisabled = (binary: string, host: string): boolean => volumes.disabledServices.has(keyOf(binary, host));
  return [
    route('GET /os-services', 'admin', async ({ query, microversion }) => {
      const [binary, host] = [query.get('binary'), query.get('host')];
      const services = known
        .filter(([name, at]) => (binary === null || name === binary) && (host === null || at === host || at.startsWith(`${host}@`)))
        .map(([name, at]) => ({
          binary: name, host: at, zone, status: isDisabled(name, at) ? 'disabled' : 'enabled', state: 'up', updated_at: timeOf(volumes.now()),
          ...(name === 'cinder-volume' && atLeast(microversion, '3.49') ? { backend_state: 'up' } : {}),
          ...(atLeast(microversion, '3.7') ? { cluster: null } : {}),
          disabled_reason: volumes.disabledServices.get(keyOf(name, at)) ?? null,
          ...(name === 'cinder-volume' ? { replication_status: 'disabled', active_backend_id: null, frozen: false } : {}),
        }));
      return json(200, { services });
    }),
    route('PUT /os-services/{action}', 'admin', async (asked) => {
      const { host, binary, disabled_reason: reason = null } = await asked.readJson();
      const { action = '' } = asked.params;
      if (!['enable', 'disable', 'disable-log-reason'].includes(action)) throw new Fault('not-found', 'Unknown action');
      if (typeof host !== 'string') throw required('host');
      const found = known.find(([name, at]) => name === binary && at === host);
      if (!found) throw new Fault('not-found', `Service ${String(binary)} could not be found on host ${host}.`);
      const key = keyOf(found[0], found[1]);
      if (action === 'enable') volumes.disabledServices.delete(key);
      else volumes.disabledServices.set(key, typeof reason === 'string' ? reason : null);
      const words = action === 'disable-log-reason' ? { disabled_reason: reason } : {};
      return json(200, { host, service: binary, disabled: action !== 'enable', binary, status: `${action === 'enable' ? 'en' : 'dis'}abled`, ...words });
    }),
    route('GET /os-hosts', 'admin', async () => {
      const hosts = known.map(([service, host]) => ({
        host_name: host, service, zone, 'service-status': 'available',
        'service-state': isDisabled(service, host) ? 'disabled' : 'enabled', 'last-update': timeOf(volumes.now()),
      }));
      return json(200, { hosts });
    }),
    route('GET /scheduler-stats/get_pools', 'admin', async ({ query }) => {
      const detail = query.get('detail')?.toLowerCase() === 'true';
      return json(200, { pools: [{ name: volumes.host, ...(detail ? { capabilities: poolOf(volumes) } : {}) }] });
    }),
    route('GET /capabilities/{host}', 'admin', async ({ params }) => {
      if (params['host'] !== `${zone}@lvm` && params['host'] !== volumes.host) throw new Fault('not-found', `Can't find service: ${params['host']}`);
      return json(200, {
        namespace: `OS::Storage::Capabilities::${params['host']}`, vendor_name: 'Open Source', volume_backend_name: 'lvm', pool_name: 'lvm',
        driver_version: '3.0.0', storage_protocol: 'iSCSI', display_name: null, description: null, visibility: null, replication_targets: [], properties: {},
      });
    }),
  ];
} // prettier-ignore
