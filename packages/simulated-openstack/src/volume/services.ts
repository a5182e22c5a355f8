/** Services of a Cinder and what is done to them. @see openstack/cinder:cinder/api/contrib/services.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidInput } from '@cascade/openstack-adapter/volume/refusals.js';
import { isDisabled, keyOf, servicesOf, type Service } from './known-services.js';
import { getLog, setLog } from './service-logs.js';
import { timeOf } from './view.js';
import type { Volumes } from './volumes.js';

const actions = [
  'enable',
  'disable',
  'disable-log-reason',
  'freeze',
  'thaw',
  'failover',
  'failover_host',
  'set-log',
  'get-log',
] as const;

export const serviceRoutes = (volumes: Volumes): Route[] => [
  route('GET /os-services', 'admin', async (asked) => {
    const [binary, host] = [asked.query.get('binary'), asked.query.get('host')];
    const services = servicesOf(volumes)
      .filter(
        (one) =>
          (binary === null || one.binary === binary) &&
          (host === null || one.host === host || one.host.startsWith(`${host}@`)),
      )
      .map((one) => shown(volumes, asked, one));
    return json(200, { services });
  }),
  // Each has a schema of its own.
  ...actions.map((action) => route(`PUT /os-services/${action}`, 'admin', (asked) => act(volumes, asked, action))),
  route('PUT /os-services/{action}', 'admin', () => Promise.reject(invalidInput('Unknown action'))),
];

function shown(volumes: Volumes, { microversion }: Asked, service: Service) {
  const isVolume = service.binary === 'cinder-volume';
  return {
    ...service,
    zone: volumes.zone,
    status: isDisabled(volumes, service) ? 'disabled' : 'enabled',
    state: 'up',
    updated_at: timeOf(volumes.now()),
    ...(isVolume && atLeast(microversion, '3.49') ? { backend_state: 'up' } : {}),
    ...(atLeast(microversion, '3.7') ? { cluster: null } : {}),
    disabled_reason: volumes.disabledServices.get(keyOf(service)) ?? null,
    ...(isVolume
      ? { replication_status: 'disabled', active_backend_id: null, frozen: volumes.frozenHosts.has(service.host) }
      : {}),
  };
}

async function act(volumes: Volumes, asked: Asked, action: (typeof actions)[number]): Promise<OpenStackResponse> {
  const given = await asked.readJson();
  const hasLogs = atLeast(asked.microversion, '3.32');
  switch (action === 'failover' && atLeast(asked.microversion, '3.26') ? 'failover_host' : action) {
    case 'enable':
    case 'disable':
    case 'disable-log-reason':
      return switchService(volumes, action, given);
    case 'freeze':
    case 'thaw':
      return freeze(volumes, action === 'freeze', given);
    case 'failover_host':
      // The one backend is replicated nowhere.
      throw invalidInput(
        `replication_status in ${backendNamed(volumes, given)} must be enabled or failed-over and must be up to failover.`,
      );
    case 'set-log':
      if (hasLogs) return setLog(volumes, given);
      break;
    case 'get-log':
      if (hasLogs) return getLog(volumes, given);
  }
  throw invalidInput('Unknown action');
}

function switchService(volumes: Volumes, action: string, given: Record<string, unknown>): OpenStackResponse {
  const { host, disabled_reason: reason = null } = given;
  const binary = given['binary'] ?? given['service'];
  if (typeof host !== 'string') throw invalidInput('Host field is missing.');
  const found = servicesOf(volumes).find((one) => one.binary === binary && one.host === host);
  if (!found) throw new Fault('not-found', `Service ${String(binary)} could not be found on host ${host}.`);
  const isEnabled = action === 'enable';
  if (isEnabled) volumes.disabledServices.delete(keyOf(found));
  else volumes.disabledServices.set(keyOf(found), typeof reason === 'string' ? reason : null);
  const words = action === 'disable-log-reason' ? { disabled_reason: reason } : {};
  return json(200, {
    host,
    service: binary,
    disabled: !isEnabled,
    binary,
    status: isEnabled ? 'enabled' : 'disabled',
    ...words,
  });
}

/** A backend that is frozen takes no changes. @see openstack/cinder:cinder/volume/api.py freeze_host */
function freeze(volumes: Volumes, isFrozen: boolean, given: Record<string, unknown>) {
  const { frozenHosts } = volumes;
  const host = backendNamed(volumes, given);
  if (frozenHosts.has(host) === isFrozen) {
    throw invalidInput(`frozen in ${host} must be ${isFrozen ? 'False' : 'True'} to failover.`);
  }
  if (isFrozen) frozenHosts.set(host, true);
  else frozenHosts.delete(host);
  return noContent(200);
}

/** @throws Fault 400 */
function backendNamed({ zone }: Pick<Volumes, 'zone'>, { host }: Record<string, unknown>): string {
  if (!host) throw invalidInput('One and only one of cluster and host must be set.');
  if (host === `${zone}@lvm`) return host;
  throw invalidInput(`Service {'host': '${String(host)}', 'binary': 'cinder-volume'} could not be found.`);
}
