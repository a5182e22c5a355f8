/** Collections of Neutron's service plug-ins: VPN, firewall, BGP, logging, service chaining, taps, L2 gateways. */
import type { Collection } from './collection.js';
import { actionFields, fields } from './references.js';

const all = ['GC', 'GUD'] as const;

// prettier-ignore
export const advancedCollections: readonly Collection[] = [
  {
    path: '/local_ips', kind: 'local_ip', key: 'local_ip', keys: 'local_ips', verbs: all, fields: fields.local_ip,
    nested: [{ path: 'port_associations', verbs: ['GC', 'D'], key: 'port_association', fields: fields.port_association }],
  },
  { path: '/ndp_proxies', kind: 'ndp_proxy', key: 'ndp_proxy', keys: 'ndp_proxies', verbs: all, fields: fields.ndp_proxy },
  { path: '/log/logs', kind: 'network_log', key: 'log', keys: 'logs', verbs: all, fields: fields.log },
  { path: '/vpn/ikepolicies', kind: 'ikepolicy', key: 'ikepolicy', keys: 'ikepolicies', verbs: all, fields: fields.none },
  { path: '/vpn/ipsecpolicies', kind: 'ipsecpolicy', key: 'ipsecpolicy', keys: 'ipsecpolicies', verbs: all, fields: fields.none },
  {
    path: '/vpn/ipsec-site-connections', kind: 'ipsec_site_connection', key: 'ipsec_site_connection',
    keys: 'ipsec_site_connections', verbs: all, fields: fields.ipsec_site_connection,
  },
  {
    path: '/vpn/endpoint-groups', kind: 'endpoint_group', key: 'endpoint_group', keys: 'endpoint_groups', verbs: all,
    fields: fields.endpoint_group,
  },
  { path: '/vpn/vpnservices', kind: 'vpnservice', key: 'vpnservice', keys: 'vpnservices', verbs: all, fields: fields.vpnservice },
  {
    path: '/fwaas/firewall_groups', kind: 'firewall_group', key: 'firewall_group', keys: 'firewall_groups', verbs: all,
    fields: fields.firewall_group,
  },
  {
    path: '/fwaas/firewall_policies', kind: 'firewall_policy', key: 'firewall_policy', keys: 'firewall_policies', verbs: all,
    fields: fields.firewall_policy,
    actions: { insert_rule: actionFields.firewall_rule, remove_rule: actionFields.firewall_rule },
  },
  { path: '/fwaas/firewall_rules', kind: 'firewall_rule', key: 'firewall_rule', keys: 'firewall_rules', verbs: all, fields: fields.none },
  {
    path: '/bgpvpn/bgpvpns', kind: 'bgpvpn', key: 'bgpvpn', keys: 'bgpvpns', verbs: all, fields: fields.bgpvpn,
    nested: [
      { path: 'network_associations', verbs: ['GC', 'GD'], key: 'network_association', fields: fields.bgpvpn_network },
      { path: 'router_associations', verbs: all, key: 'router_association', fields: fields.bgpvpn_router },
      { path: 'port_associations', verbs: all, key: 'port_association', fields: fields.bgpvpn_port },
    ],
  },
  { path: '/bgp-peers', kind: 'bgp_peer', key: 'bgp_peer', keys: 'bgp_peers', verbs: all, fields: fields.none },
  {
    path: '/bgp-speakers', kind: 'bgp_speaker', key: 'bgp_speaker', keys: 'bgp_speakers', verbs: all, fields: fields.bgp_speaker,
    reads: ['get_advertised_routes', 'bgp-dragents'],
    actions: {
      add_bgp_peer: actionFields.bgp_peer,
      remove_bgp_peer: actionFields.bgp_peer,
      add_gateway_network: actionFields.network,
      remove_gateway_network: actionFields.network,
    },
  },
  { path: '/l2-gateways', kind: 'l2_gateway', key: 'l2_gateway', keys: 'l2_gateways', verbs: all, fields: fields.none },
  {
    path: '/l2-gateway-connections', kind: 'l2_gateway_connection', key: 'l2_gateway_connection',
    keys: 'l2_gateway_connections', verbs: ['GC', 'GD'], fields: fields.l2_gateway_connection,
  },
  { path: '/taas/tap_services', kind: 'tap_service', key: 'tap_service', keys: 'tap_services', verbs: all, fields: fields.tap_service },
  { path: '/taas/tap_flows', kind: 'tap_flow', key: 'tap_flow', keys: 'tap_flows', verbs: all, fields: fields.tap_flow },
  { path: '/taas/tap_mirrors', kind: 'tap_mirror', key: 'tap_mirror', keys: 'tap_mirrors', verbs: all, fields: fields.tap_mirror },
  { path: '/sfc/port_pairs', kind: 'port_pair', key: 'port_pair', keys: 'port_pairs', verbs: all, fields: fields.port_pair },
  {
    path: '/sfc/port_pair_groups', kind: 'port_pair_group', key: 'port_pair_group', keys: 'port_pair_groups', verbs: all,
    fields: fields.port_pair_group,
  },
  { path: '/sfc/port_chains', kind: 'port_chain', key: 'port_chain', keys: 'port_chains', verbs: all, fields: fields.port_chain },
  {
    path: '/sfc/flow_classifiers', kind: 'flow_classifier', key: 'flow_classifier', keys: 'flow_classifiers', verbs: all,
    fields: fields.flow_classifier,
  },
  { path: '/sfc/service_graphs', kind: 'service_graph', key: 'service_graph', keys: 'service_graphs', verbs: all, fields: fields.service_graph },
];
