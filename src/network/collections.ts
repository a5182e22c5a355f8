/** Every collection Neutron has, the extensions of its stadium too. One row each; routes and kinds are made from them. */
import { advancedCollections } from './advanced-collections.js';
import type { Collection, Nested } from './collection.js';
import { actionFields, fields } from './references.js';

const all = ['GC', 'GUD'] as const;
const noUpdate = ['GC', 'GD'] as const;

const qosRules = ['bandwidth_limit', 'dscp_marking', 'minimum_bandwidth', 'minimum_packet_rate', 'packet_rate_limit'];

const qosRule = (family: string): Nested => ({
  path: `${family}_rules`,
  verbs: all,
  key: `${family}_rule`,
  fields: fields.none,
});

/** A rule by its own id alone. The list route does not exist; the path is where one is asked for. */
const qosAlias = (family: string): Collection => ({
  path: `/qos/alias_${family}_rules`,
  kind: `qos_${family}_rule`,
  key: `alias_${family}_rule`,
  keys: `alias_${family}_rules`,
  verbs: ['', 'GUD'],
  fields: fields.none,
});

/** Core: what every Neutron has, and what Nova, Heat and Horizon work with. */
// prettier-ignore
const coreCollections: readonly Collection[] = [
  {
    path: '/networks', kind: 'network', key: 'network', keys: 'networks', verbs: all, fields: fields.network,
    followed: true, tags: '/networks', reads: ['dhcp-agents'],
  },
  { path: '/subnets', kind: 'subnet', key: 'subnet', keys: 'subnets', verbs: all, fields: fields.subnet, followed: true, tags: '/subnets' },
  {
    path: '/ports', kind: 'port', key: 'port', keys: 'ports', verbs: all, fields: fields.port, followed: true, tags: '/ports',
    servicesWrite: true,
    actions: { add_allowed_address_pairs: fields.none, remove_allowed_address_pairs: fields.none },
    nested: [
      { path: 'bindings', verbs: ['GC', 'D'], key: 'binding', fields: fields.none },
      { path: 'bindings/{host}/activate', verbs: ['U', ''], key: '', fields: fields.none },
    ],
  },
  {
    path: '/routers', kind: 'router', key: 'router', keys: 'routers', verbs: all, fields: fields.router, followed: true, tags: '/routers',
    reads: ['l3-agents'],
    actions: {
      add_router_interface: actionFields.router_interface,
      remove_router_interface: actionFields.router_interface,
      add_extraroutes: fields.none,
      remove_extraroutes: fields.none,
      add_external_gateways: actionFields.gateways,
      update_external_gateways: actionFields.gateways,
      remove_external_gateways: actionFields.gateways,
    },
    nested: [{ path: 'conntrack_helpers', verbs: all, key: 'conntrack_helper', fields: fields.none }],
  },
  {
    path: '/floatingips', kind: 'floating_ip', key: 'floatingip', keys: 'floatingips', verbs: all, fields: fields.floating_ip,
    followed: true, tags: '/floatingips',
    nested: [{ path: 'port_forwardings', verbs: all, key: 'port_forwarding', fields: fields.port_forwarding }],
  },
  {
    path: '/security-groups', kind: 'security_group', key: 'security_group', keys: 'security_groups', verbs: all,
    fields: fields.none, followed: true, tags: '/security-groups',
  },
  {
    path: '/security-group-rules', kind: 'security_group_rule', key: 'security_group_rule', keys: 'security_group_rules',
    verbs: noUpdate, fields: fields.security_group_rule, followed: true, tags: '/security-group-rules',
  },
  {
    path: '/rbac-policies', kind: 'rbac_policy', key: 'rbac_policy', keys: 'rbac_policies', verbs: all,
    fields: fields.rbac_policy, followed: true, isPageless: true,
  },
  {
    path: '/subnetpools', kind: 'subnetpool', key: 'subnetpool', keys: 'subnetpools', verbs: all, fields: fields.subnetpool,
    tags: '/subnetpools',
    actions: { onboard_network_subnets: actionFields.network, add_prefixes: fields.none, remove_prefixes: fields.none },
  },
  { path: '/address-scopes', kind: 'address_scope', key: 'address_scope', keys: 'address_scopes', verbs: all, fields: fields.none },
  {
    path: '/address-groups', kind: 'address_group', key: 'address_group', keys: 'address_groups', verbs: all, fields: fields.none,
    actions: { add_addresses: fields.none, remove_addresses: fields.none },
  },
  {
    path: '/trunks', kind: 'trunk', key: 'trunk', keys: 'trunks', verbs: all, fields: fields.trunk, tags: '/trunks',
    reads: ['get_subports'],
    actions: { add_subports: actionFields.sub_ports, remove_subports: actionFields.sub_ports },
  },
  {
    path: '/qos/policies', kind: 'qos_policy', key: 'policy', keys: 'policies', verbs: all, fields: fields.none,
    tags: '/policies', nested: qosRules.map(qosRule),
  },
  ...qosRules.map(qosAlias),
  {
    path: '/agents', kind: 'network_agent', key: 'agent', keys: 'agents', verbs: ['G', 'GUD'], fields: fields.none, isPageless: true,
    nested: [
      { path: 'dhcp-networks', verbs: ['GC', 'D'], key: '', fields: actionFields.network },
      { path: 'l3-routers', verbs: ['GC', 'D'], key: '', fields: actionFields.router },
      { path: 'bgp-drinstances', verbs: ['GC', 'D'], key: '', fields: actionFields.bgp_speaker },
    ],
  },
  {
    path: '/metering/metering-labels', kind: 'metering_label', key: 'metering_label', keys: 'metering_labels',
    verbs: noUpdate, fields: fields.none,
  },
  {
    path: '/metering/metering-label-rules', kind: 'metering_label_rule', key: 'metering_label_rule',
    keys: 'metering_label_rules', verbs: noUpdate, fields: fields.metering_label_rule,
  },
  { path: '/segments', kind: 'segment', key: 'segment', keys: 'segments', verbs: all, fields: fields.segment },
  {
    path: '/network_segment_ranges', kind: 'network_segment_range', key: 'network_segment_range',
    keys: 'network_segment_ranges', verbs: all, fields: fields.none, tags: '/network_segment_ranges',
  },
  {
    path: '/default-security-group-rules', kind: 'default_security_group_rule', key: 'default_security_group_rule',
    keys: 'default_security_group_rules', verbs: noUpdate, fields: fields.none,
  },
  {
    path: '/security-groups-default-statefulness', kind: 'security_groups_default_statefulness',
    key: 'security_groups_default_statefulness', keys: 'security_groups_default_statefulness', verbs: all, fields: fields.none,
  },
  {
    path: '/flavors', kind: 'network_flavor', key: 'flavor', keys: 'flavors', verbs: all, fields: fields.network_flavor,
    reads: ['next_provider'],
    nested: [{ path: 'service_profiles', verbs: ['C', 'D'], key: '', fields: actionFields.service_profile }],
  },
  { path: '/service_profiles', kind: 'service_profile', key: 'service_profile', keys: 'service_profiles', verbs: all, fields: fields.none },
  {
    path: '/network-ip-availabilities', kind: 'network_ip_availability', key: 'network_ip_availability',
    keys: 'network_ip_availabilities', verbs: ['G', 'G'], fields: fields.none, idsOf: 'network',
    primaryKey: 'network_id',
  },
  { path: '/floatingip_pools', kind: 'floating_ip_pool', key: 'floatingip_pool', keys: 'floatingip_pools', verbs: ['G', ''], fields: fields.none },
];

export const collections: readonly Collection[] = [...coreCollections, ...advancedCollections];

/** @throws Error for a kind no row has: a mistake in our own code */
export function collectionOf(kind: string): Collection {
  const found = collections.find((one) => one.kind === kind);
  if (!found) throw new Error(`no network collection of ${kind}`);
  return found;
}
