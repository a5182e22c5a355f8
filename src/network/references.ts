/** What Neutron's bodies name. Fields are those of one resource; collections put their own keys in front. */
import { refs, type Reference } from '../resources/references.js';

export type Fields = readonly Reference[];

/** What an RBAC policy or a tag speaks of. */
const byObjectType = (holder: Record<string, unknown>): string | undefined =>
  ({
    network: 'network',
    security_group: 'security_group',
    qos_policy: 'qos_policy',
    address_scope: 'address_scope',
    address_group: 'address_group',
    subnetpool: 'subnetpool',
    bgpvpn: 'bgpvpn',
  })[String(holder['object_type'])];

/** A VPN endpoint group holds subnets, networks, routers, or plain CIDRs and VLANs. */
const byEndpointType = (holder: Record<string, unknown>): string | undefined =>
  ({ subnet: 'subnet', network: 'network', router: 'router' })[String(holder['type'])];

const gateway = (at: string): Reference[] => [
  ...refs('network', `${at}.network_id`),
  ...refs('subnet', `${at}.external_fixed_ips[].subnet_id`),
  ...refs('qos_policy', `${at}.qos_policy_id`),
];

/** Kinds by name, so that a table says `fields.port`. */
export const fields = {
  network: refs('qos_policy', 'qos_policy_id'),
  subnet: [...refs('network', 'network_id'), ...refs('subnetpool', 'subnetpool_id'), ...refs('segment', 'segment_id')],
  port: [
    ...refs('network', 'network_id'),
    ...refs('subnet', 'fixed_ips[].subnet_id'),
    ...refs('security_group', 'security_groups[]'),
    ...refs('qos_policy', 'qos_policy_id'),
  ],
  router: [
    ...gateway('external_gateway_info'),
    ...gateway('external_gateways[]'),
    ...refs('network_flavor', 'flavor_id'),
  ],
  floating_ip: [
    ...refs('network', 'floating_network_id'),
    ...refs('port', 'port_id'),
    ...refs('router', 'router_id'),
    ...refs('subnet', 'subnet_id'),
    ...refs('qos_policy', 'qos_policy_id'),
  ],
  port_forwarding: refs('port', 'internal_port_id'),
  security_group_rule: [
    ...refs('security_group', 'security_group_id', 'remote_group_id'),
    ...refs('address_group', 'remote_address_group_id'),
  ],
  rbac_policy: refs(byObjectType, 'object_id'),
  subnetpool: refs('address_scope', 'address_scope_id'),
  trunk: refs('port', 'port_id', 'sub_ports[].port_id'),
  segment: refs('network', 'network_id'),
  metering_label_rule: refs('metering_label', 'metering_label_id'),
  local_ip: [...refs('network', 'network_id'), ...refs('port', 'local_port_id')],
  port_association: refs('port', 'fixed_port_id', 'port_id'),
  ndp_proxy: [...refs('router', 'router_id'), ...refs('port', 'port_id')],
  log: [...refs('port', 'target_id'), ...refs('security_group', 'resource_id')],
  firewall_group: [
    ...refs('firewall_policy', 'ingress_firewall_policy_id', 'egress_firewall_policy_id'),
    ...refs('port', 'ports[]'),
  ],
  firewall_policy: refs('firewall_rule', 'firewall_rules[]'),
  bgp_speaker: refs('bgp_peer', 'peers[]'),
  bgpvpn: [...refs('network', 'networks[]'), ...refs('router', 'routers[]')],
  bgpvpn_network: refs('network', 'network_id'),
  bgpvpn_router: refs('router', 'router_id'),
  bgpvpn_port: refs('port', 'port_id'),
  vpnservice: [...refs('router', 'router_id'), ...refs('subnet', 'subnet_id'), ...refs('network_flavor', 'flavor_id')],
  ipsec_site_connection: [
    ...refs('vpnservice', 'vpnservice_id'),
    ...refs('ikepolicy', 'ikepolicy_id'),
    ...refs('ipsecpolicy', 'ipsecpolicy_id'),
    ...refs('endpoint_group', 'local_ep_group_id', 'peer_ep_group_id'),
  ],
  endpoint_group: refs(byEndpointType, 'endpoints[]'),
  network_flavor: refs('service_profile', 'service_profiles[]'),
  l2_gateway_connection: [...refs('l2_gateway', 'l2_gateway_id'), ...refs('network', 'network_id')],
  tap_service: refs('port', 'port_id'),
  tap_flow: [...refs('tap_service', 'tap_service_id'), ...refs('port', 'source_port')],
  tap_mirror: refs('port', 'port_id'),
  port_pair: refs('port', 'ingress', 'egress'),
  port_pair_group: refs('port_pair', 'port_pairs[]'),
  port_chain: [...refs('port_pair_group', 'port_pair_groups[]'), ...refs('flow_classifier', 'flow_classifiers[]')],
  flow_classifier: refs('port', 'logical_source_port', 'logical_destination_port'),
  // Each chain of a graph with those it leads to: what a key names is where they are.
  service_graph: refs('port_chain', 'port_chains.*[]'),
  none: [],
} as const satisfies Record<string, Fields>;

/** Bodies of actions, which carry their fields without a key around them. */
export const actionFields = {
  router_interface: [...refs('subnet', 'subnet_id'), ...refs('port', 'port_id')],
  gateways: gateway('router.external_gateways[]'),
  sub_ports: refs('port', 'sub_ports[].port_id'),
  network: refs('network', 'network_id', 'subnetpool.network_id'),
  bgp_peer: refs('bgp_peer', 'bgp_peer_id'),
  bgp_speaker: refs('bgp_speaker', 'bgp_speaker_id'),
  router: refs('router', 'router_id'),
  firewall_rule: refs('firewall_rule', 'firewall_rule_id', 'insert_before', 'insert_after'),
  service_profile: refs('service_profile', 'service_profile.id'),
} as const satisfies Record<string, Fields>;

/** The fields below one key, and below the plural one of a bulk create. */
export const below = (key: string, keys: string, inner: Fields): Reference[] =>
  inner.flatMap(({ at, kind }) => [
    { at: `${key}.${at}`, kind },
    { at: `${keys}[].${at}`, kind },
  ]);
