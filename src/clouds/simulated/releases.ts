/** What clouds of different releases say they can do. */
import type { ServiceName } from '../../openstack/service.js';

export const releaseNames = ['mitaka', 'train', 'zed', '2026.1'] as const;
export type ReleaseName = (typeof releaseNames)[number];

interface Range {
  readonly min: string;
  readonly max: string;
}

export interface Release {
  /** @see openstack/nova:nova/api/openstack/compute/rest_api_version_history.rst and its sisters in cinder and placement */
  readonly microversions: Partial<Record<ServiceName, Range>>;
  /** Aliases that `GET /v2.0/extensions` lists. */
  readonly networkExtensions: readonly string[];
}

const oldExtensions = [
  'address-scope', 'agent', 'allowed-address-pairs', 'auto-allocated-topology', 'availability_zone', 'binding',
  'default-subnetpools', 'dhcp_agent_scheduler', 'dvr', 'external-net', 'ext-gw-mode', 'extra_dhcp_opt', 'extraroute',
  'l3-ha', 'l3_agent_scheduler', 'multi-provider', 'net-mtu', 'network-ip-availability', 'network_availability_zone',
  'port-security', 'provider', 'quotas', 'rbac-policies', 'router', 'router_availability_zone', 'security-group',
  'subnet_allocation',
]; // prettier-ignore

const trainExtensions = [
  ...oldExtensions, 'empty-string-filtering', 'filter-validation', 'ip-substring-filtering', 'net-mtu-writable',
  'pagination', 'port-mac-address-regenerate', 'project-id', 'quota_details', 'rbac-security-groups', 'revision-if-match',
  'sorting', 'standard-attr-description', 'standard-attr-revisions', 'standard-attr-tag', 'standard-attr-timestamp',
  'subnet-service-types', 'uplink-status-propagation',
]; // prettier-ignore

const zedExtensions = [
  ...trainExtensions, 'address-group', 'rbac-address-scope', 'rbac-subnetpool', 'router-admin-state-down-before-update',
  'security-groups-remote-address-group', 'security-groups-shared-filtering', 'stateful-security-group',
]; // prettier-ignore

const ranges = (compute: string, volume: string, placement?: string): Release['microversions'] => ({
  compute: { min: '2.1', max: compute },
  volume: { min: '3.0', max: volume },
  ...(placement ? { placement: { min: '1.0', max: placement } } : {}),
});

export const releases: Readonly<Record<ReleaseName, Release>> = {
  mitaka: { microversions: ranges('2.25', '3.0'), networkExtensions: oldExtensions },
  train: { microversions: ranges('2.79', '3.59', '1.36'), networkExtensions: trainExtensions },
  zed: { microversions: ranges('2.93', '3.70', '1.39'), networkExtensions: zedExtensions },
  '2026.1': { microversions: ranges('2.103', '3.71', '1.39'), networkExtensions: zedExtensions },
};
