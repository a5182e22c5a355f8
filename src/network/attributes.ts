/**
 * What lists of followed collections can be filtered and sorted by.
 * @see openstack/neutron-lib:neutron_lib/api/definitions (is_filter, is_sort_key) and openstack/neutron:neutron/extensions
 */

export interface Attribute {
  readonly type: 'text' | 'boolean' | 'integer' | 'mac' | 'list';
  readonly filters: boolean;
  readonly sorts: boolean;
}

const attribute = (type: Attribute['type'], filters: boolean, sorts: boolean): Attribute => ({ type, filters, sorts });

const text = attribute('text', true, true);
const flag = attribute('boolean', true, true);
const number = attribute('integer', true, true);
const mac = attribute('mac', true, true);
const textFilter = attribute('text', true, false);
const flagFilter = attribute('boolean', true, false);
const numberFilter = attribute('integer', true, false);
const sortOnly = attribute('text', false, true);

/** Names of attributes, with what they hold. */
export type Attributes = Readonly<Record<string, Attribute>>;

const same = (kind: Attribute, ...names: string[]): Record<string, Attribute> =>
  Object.fromEntries(names.map((name) => [name, kind]));

/** What every resource with standard attributes has. */
const standard: Attributes = {
  ...same(text, 'id', 'tenant_id', 'project_id'),
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
    ...same(flagFilter, 'router:external', 'shared', 'is_default', 'vlan_transparent'),
    ...same(sortOnly, 'availability_zone_hints'),
  },
  subnet: {
    ...standard,
    ...same(text, 'name', 'cidr', 'gateway_ip', 'ipv6_address_mode', 'ipv6_ra_mode'),
    ...same(text, 'network_id', 'subnetpool_id', 'segment_id'),
    ...same(number, 'ip_version'),
    ...same(flag, 'enable_dhcp'),
    ...same(flagFilter, 'shared'),
  },
  port: {
    ...standard,
    ...same(text, 'name', 'status', 'network_id', 'device_id', 'device_owner', 'ip_allocation'),
    ...same(flag, 'admin_state_up'),
    ...same(mac, 'mac_address'),
    ...same(textFilter, 'binding:host_id', 'binding:vif_type'),
    security_groups: attribute('list', true, false),
  },
  router: {
    ...standard,
    ...same(text, 'name', 'status', 'flavor_id'),
    ...same(flag, 'admin_state_up'),
  },
  floating_ip: {
    ...standard,
    ...same(text, 'floating_ip_address', 'fixed_ip_address', 'floating_network_id', 'router_id', 'status'),
    ...same(textFilter, 'port_id'),
  },
  security_group: {
    ...standard,
    ...same(text, 'name'),
    ...same(flagFilter, 'shared', 'stateful'),
  },
  security_group_rule: {
    ...standard,
    ...same(text, 'security_group_id', 'remote_group_id', 'direction', 'protocol', 'ethertype'),
    ...same(text, 'remote_ip_prefix', 'normalized_cidr', 'remote_address_group_id'),
    ...same(number, 'port_range_min', 'port_range_max'),
  },
  rbac_policy: {
    ...same(textFilter, 'id', 'tenant_id', 'project_id', 'object_type', 'object_id', 'target_tenant', 'action'),
  },
};

/** @throws Error for a kind whose lists do not come from the inventory: a mistake in our own code */
export function attributesOf(kind: string): Attributes {
  const found = attributes[kind];
  if (!found) throw new Error(`no attributes of ${kind}`);
  return found;
}
