/**
 * What lists of followed collections can be filtered and sorted by.
 * @see openstack/neutron-lib:neutron_lib/api/definitions (is_filter, is_sort_key) and openstack/neutron:neutron/extensions
 */

import { filterFormOf, type FilterForm } from '@cascade/openstack-protocol/network/neutron-filter-values.js';

export interface Attribute {
  /** `id`: of a resource, in an index as it is kept; `list`: of texts, one of which is asked for. */
  readonly type: FilterForm | 'id' | 'list';
  readonly filters: boolean;
  readonly sorts: boolean;
  /** What Neutron's database holds as an enumeration, in its order. @see openstack/neutron:neutron/db/models */
  readonly enumeration?: readonly string[];
}

const attribute = (type: Attribute['type'], filters: boolean, sorts: boolean): Attribute => ({ type, filters, sorts });

const text = attribute('text', true, true);
const flag = attribute('boolean', true, true);
const number = attribute('integer', true, true);
const id = attribute('id', true, true);
const textFilter = attribute('text', true, false);
const flagFilter = attribute('boolean', true, false);
const numberFilter = attribute('integer', true, false);
const idFilter = attribute('id', true, false);
const converted = attribute('checked', false, false);
const sortOnly = attribute('text', false, true);

const enumerated = (...enumeration: string[]): Attribute => ({ ...text, enumeration });
const ipv6Mode = enumerated('slaac', 'dhcpv6-stateful', 'dhcpv6-stateless');

/** Names of attributes, with what they hold. */
export type Attributes = Readonly<Record<string, Attribute>>;

const same = (kind: Attribute, ...names: string[]): Record<string, Attribute> =>
  Object.fromEntries(names.map((name) => [name, { ...kind, type: filterFormOf(name) ?? kind.type }]));

/** What every resource with standard attributes has. */
const standard: Attributes = {
  ...same(id, 'id', 'tenant_id', 'project_id'),
  ...same(textFilter, 'description'),
  ...same(numberFilter, 'revision_number'),
};

const attributes: Readonly<Record<string, Attributes>> = {
  network: {
    ...standard,
    ...same(text, 'name', 'status'),
    ...same(flag, 'admin_state_up'),
    ...same(number, 'mtu'),
    ...same(textFilter, 'provider:network_type', 'provider:physical_network'),
    ...same(numberFilter, 'provider:segmentation_id'),
    ...same(flagFilter, 'router:external', 'shared', 'is_default', 'vlan_transparent', 'qinq'),
    ...same(converted, 'port_security_enabled', 'segments'),
    ...same(sortOnly, 'availability_zone_hints'),
  },
  subnet: {
    ...standard,
    ...same(text, 'name', 'cidr', 'gateway_ip'),
    ...same(ipv6Mode, 'ipv6_address_mode', 'ipv6_ra_mode'),
    ...same(id, 'network_id', 'subnetpool_id', 'segment_id'),
    ...same(number, 'ip_version'),
    ...same(flag, 'enable_dhcp'),
    ...same(flagFilter, 'shared', 'router:external'),
  },
  port: {
    ...standard,
    ...same(text, 'name', 'status', 'device_id', 'device_owner', 'ip_allocation', 'mac_address'),
    ...same(id, 'network_id'),
    ...same(flag, 'admin_state_up'),
    ...same(converted, 'port_security_enabled', 'allowed_address_pairs'),
    ...same(textFilter, 'binding:host_id', 'binding:vif_type'),
    security_groups: attribute('list', true, false),
  },
  router: {
    ...standard,
    ...same(text, 'name', 'status'),
    ...same(id, 'flavor_id'),
    ...same(flag, 'admin_state_up'),
    ...same(converted, 'distributed', 'ha'),
  },
  floating_ip: {
    ...standard,
    ...same(text, 'floating_ip_address', 'fixed_ip_address', 'status'),
    ...same(id, 'floating_network_id', 'router_id'),
    ...same(idFilter, 'port_id'),
  },
  security_group: {
    ...standard,
    ...same(text, 'name'),
    ...same(flagFilter, 'shared', 'stateful'),
  },
  security_group_rule: {
    ...standard,
    ...same(id, 'security_group_id', 'remote_group_id', 'remote_address_group_id'),
    ...same(enumerated('ingress', 'egress'), 'direction'),
    ...same(text, 'protocol', 'ethertype', 'remote_ip_prefix'),
    ...same(textFilter, 'normalized_cidr'),
    ...same(flagFilter, 'belongs_to_default_sg'),
    ...same(number, 'port_range_min', 'port_range_max'),
  },
  rbac_policy: {
    ...same(idFilter, 'id', 'tenant_id', 'project_id', 'object_id', 'target_tenant'),
    ...same(textFilter, 'object_type', 'action'),
  },
};

/** @throws Error for a kind whose lists do not come from the inventory: a mistake in our own code */
export function attributesOf(kind: string): Attributes {
  const found = attributes[kind];
  if (!found) throw new Error(`no attributes of ${kind}`);
  return found;
}
