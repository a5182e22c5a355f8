/** What the tables of a Neutron hold. Names are the API's. */
import type { Row } from './collection/table.js';

export interface Pool {
  readonly start: string;
  readonly end: string;
}

export interface FixedIp {
  readonly subnet_id: string;
  readonly ip_address: string;
}

export interface NetworkRow extends Row {
  name: string;
  'router:external': boolean;
  'provider:network_type': string;
  'provider:physical_network': string | null;
  'provider:segmentation_id': number | null;
}

export interface SubnetRow extends Row {
  readonly network_id: string;
  name: string;
  readonly ip_version: 4 | 6;
  readonly cidr: string;
  gateway_ip: string | null;
  allocation_pools: readonly Pool[];
  readonly ipv6_address_mode: string | null;
  readonly subnetpool_id: string | null;
}

export interface PortRow extends Row {
  readonly network_id: string;
  mac_address: string;
  fixed_ips: readonly FixedIp[];
  device_id: string;
  device_owner: string;
  security_groups: readonly string[];
  status: string;
  port_security_enabled: boolean;
  'binding:host_id': string;
}

export interface GatewayInfo {
  readonly network_id: string;
  readonly enable_snat: boolean;
  readonly external_fixed_ips: readonly FixedIp[];
}

export interface RouterRow extends Row {
  name: string;
  status: string;
  external_gateway_info: GatewayInfo | null;
  routes: readonly { readonly destination: string; readonly nexthop: string }[];
}

export interface FloatingIpRow extends Row {
  readonly floating_network_id: string;
  readonly floating_ip_address: string;
  port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  status: string;
}

export interface SecurityGroupRow extends Row {
  name: string;
}

export interface SecurityGroupRuleRow extends Row {
  readonly security_group_id: string;
  readonly remote_group_id: string | null;
  readonly remote_address_group_id: string | null;
}

export interface RbacRow extends Row {
  readonly object_type: string;
  readonly object_id: string;
  readonly action: string;
  target_tenant: string;
}

export interface SubnetPoolRow extends Row {
  prefixes: readonly string[];
  readonly ip_version: 4 | 6;
  readonly default_prefixlen: number;
  readonly min_prefixlen: number;
  readonly max_prefixlen: number;
  readonly address_scope_id: string | null;
  is_default: boolean;
}

export interface AddressGroupRow extends Row {
  addresses: readonly string[];
}

export interface TrunkRow extends Row {
  readonly port_id: string;
  sub_ports: readonly {
    readonly port_id: string;
    readonly segmentation_type: string;
    readonly segmentation_id: number;
  }[];
}

export interface QosRule extends Record<string, unknown> {
  readonly id: string;
  readonly type: string;
}

export interface PolicyRow extends Row {
  rules: readonly QosRule[];
}
