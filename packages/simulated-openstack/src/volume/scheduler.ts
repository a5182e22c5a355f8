/** Which backend a volume gets: there is one, and it fits or not. @see openstack/cinder:cinder/scheduler/filters */
import { freeGib, satisfies, type Pool } from '@cascade/openstack-protocol/volume/storage-pools.js';
import type { Volumes } from './volumes.js';

/** GiB. */
const capacity = 1_000_000;

/** The one pool, as it tells of itself. */
export function poolOf(volumes: Volumes): Pool {
  const used = [...volumes.volumes.values()].reduce(
    (sum, { size, status }) => sum + (status === 'error' ? 0 : size),
    0,
  );
  return {
    pool_name: 'lvm',
    total_capacity_gb: capacity,
    free_capacity_gb: capacity - used,
    allocated_capacity_gb: used,
    provisioned_capacity_gb: used,
    reserved_percentage: 0,
    max_over_subscription_ratio: 20,
    thin_provisioning_support: true,
    QoS_support: false,
    multiattach: true,
    online_extend_support: true,
    filter_function: null,
    goodness_function: null,
    backend_state: 'up',
    volume_backend_name: 'lvm',
    storage_protocol: 'iSCSI',
    vendor_name: 'Open Source',
    driver_version: '3.0.0',
    timestamp: new Date(volumes.now()).toISOString().replace('Z', '000'),
  };
}

/** Whether the backend is of a type, has room for so many GiB more, and takes volumes at all. */
export function isFitting(volumes: Volumes, typeId: string, gib: number): boolean {
  const isDisabled = volumes.disabledServices.has(`cinder-volume ${volumes.zone}@lvm`);
  const pool = poolOf(volumes);
  return !isDisabled && satisfies(pool, volumes.types.get(typeId)?.extraSpecs ?? {}) && freeGib(pool) >= gib;
}
