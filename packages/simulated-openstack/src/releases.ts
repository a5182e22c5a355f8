/** What clouds of different releases say they can do. */
import type { ServiceName } from '@cascade/openstack-protocol/service.js';

export const releaseNames = ['mitaka', 'train', 'zed', '2026.1', '2026.2'] as const;
export type ReleaseName = (typeof releaseNames)[number];

interface Range {
  readonly min: string;
  readonly max: string;
}

export interface Release {
  /** @see openstack/nova:nova/api/openstack/compute/rest_api_version_history.rst and its sisters in cinder and placement */
  readonly microversions: Partial<Record<ServiceName, Range>>;
  /** As `GET /versions` lists them, of a Glance with several stores and without a cache. @see openstack/glance:glance/api/versions.py */
  readonly imageVersions: readonly string[];
  /** Aliases that `GET /v2.0/extensions` lists. */
  readonly networkExtensions: readonly string[];
}

const oldExtensions = [
  'address-scope', 'agent', 'allowed-address-pairs', 'availability_zone', 'binding', 'default-subnetpools',
  'dhcp_agent_scheduler', 'dns-integration', 'dvr', 'external-net', 'ext-gw-mode', 'extra_dhcp_opt', 'extraroute', 'l3-ha',
  'l3_agent_scheduler', 'net-mtu', 'network-ip-availability', 'network_availability_zone', 'port-security', 'provider',
  'quotas', 'rbac-policies', 'router', 'router_availability_zone', 'security-group', 'service-type',
  'standard-attr-description', 'subnet_allocation', 'timestamp_core',
]; // prettier-ignore

const trainExtensions = [
  ...oldExtensions.filter((alias) => alias !== 'timestamp_core'), 'empty-string-filtering', 'extraroute-atomic',
  'fip-port-details', 'ip-substring-filtering', 'ip_allocation', 'l2_adjacency', 'l3-flavors', 'net-mtu-writable',
  'pagination', 'port-resource-request', 'port-security-groups-filtering', 'project-id', 'qos', 'qos-default', 'qos-fip',
  'quota_details', 'rbac-security-groups', 'revision-if-match', 'segment', 'sorting', 'standard-attr-revisions',
  'standard-attr-segment', 'standard-attr-tag', 'standard-attr-timestamp', 'subnet-service-types', 'trunk',
]; // prettier-ignore

const zedExtensions = [
  ...trainExtensions, 'address-group', 'agent-resources-synced', 'dns-domain-ports', 'expose-port-forwarding-in-fip',
  'qos-port-network-policy', 'quota-check-limit', 'rbac-address-group', 'rbac-address-scope', 'rbac-subnetpool',
  'security-groups-normalized-cidr', 'security-groups-remote-address-group', 'security-groups-shared-filtering',
  'stateful-security-group', 'subnetpool-prefix-ops',
]; // prettier-ignore

/** @see the extensions of a Neutron 29 beside those of a Neutron of Zed, with the same plugins */
const newestExtensions = [
  ...zedExtensions, 'aap-reject-multicast', 'agent_sort_key', 'filter-validation', 'floating-ip-router-writable',
  'network-ip-availability-details', 'network_ha', 'port-numa-affinity-policy',
  'port-numa-affinity-policy-socket', 'qinq', 'quota-check-limit-default',
  'security-groups-default-rules', 'security-groups-default-statefulness', 'security-groups-rules-belongs-to-default-sg',
  'subnet-external-network', 'tag-creation', 'vlan-transparent',
].sort(); // prettier-ignore

const ranges = (compute: string, volume: string, placement?: string): Release['microversions'] => ({
  compute: { min: '2.1', max: compute },
  volume: { min: '3.0', max: volume },
  ...(placement ? { placement: { min: '1.0', max: placement } } : {}),
});

const minors = (...ranges: readonly (readonly [from: number, to: number])[]): string[] =>
  ranges.flatMap(([from, to]) => Array.from({ length: from - to + 1 }, (_, at) => `2.${from - at}`));

const imageVersionsOfZed = ['2.15', ...minors([13, 0])];
// The latest, which needs no store, is named after those that several stores bring.
const newestImageVersions = ['2.15', ...minors([13, 8], [17, 17], [7, 0])];

export const releases: Readonly<Record<ReleaseName, Release>> = {
  mitaka: { microversions: ranges('2.25', '3.0'), imageVersions: minors([3, 0]), networkExtensions: oldExtensions },
  train: {
    microversions: ranges('2.79', '3.59', '1.36'),
    imageVersions: ['2.8', '2.9', ...minors([7, 0])],
    networkExtensions: trainExtensions,
  },
  zed: {
    microversions: ranges('2.93', '3.70', '1.39'),
    imageVersions: imageVersionsOfZed,
    networkExtensions: zedExtensions,
  },
  '2026.1': {
    microversions: ranges('2.103', '3.71', '1.39'),
    imageVersions: newestImageVersions,
    networkExtensions: [...zedExtensions, 'filter-validation'],
  },
  '2026.2': {
    microversions: ranges('2.104', '3.71', '1.39'),
    imageVersions: newestImageVersions,
    networkExtensions: newestExtensions,
  },
};
