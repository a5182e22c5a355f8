/** Bodies have the keys that a real Neutron of Zed was seen to answer an administrator with. */
import { beforeAll, expect, test } from 'vitest';
import { behindDoor, factsOf, type Ask } from '../testing.js';
import { Networks } from './networks.js';
import { networkRoutes } from './routes.js';

// prettier-ignore
const seen: Readonly<Record<string, readonly string[]>> = {
  networks: ['admin_state_up', 'availability_zone_hints', 'availability_zones', 'created_at', 'description',
    'dns_domain', 'id', 'ipv4_address_scope', 'ipv6_address_scope', 'is_default', 'l2_adjacency', 'mtu', 'name',
    'port_security_enabled', 'project_id', 'provider:network_type', 'provider:physical_network',
    'provider:segmentation_id', 'qos_policy_id', 'revision_number', 'router:external', 'shared', 'status', 'subnets',
    'tags', 'tenant_id', 'updated_at'],
  subnets: ['allocation_pools', 'cidr', 'created_at', 'description', 'dns_nameservers', 'enable_dhcp', 'gateway_ip',
    'host_routes', 'id', 'ip_version', 'ipv6_address_mode', 'ipv6_ra_mode', 'name', 'network_id', 'project_id',
    'revision_number', 'segment_id', 'service_types', 'subnetpool_id', 'tags', 'tenant_id', 'updated_at'],
  ports: ['admin_state_up', 'allowed_address_pairs', 'binding:host_id', 'binding:profile', 'binding:vif_details',
    'binding:vif_type', 'binding:vnic_type', 'created_at', 'description', 'device_id', 'device_owner',
    'dns_assignment', 'dns_domain', 'dns_name', 'extra_dhcp_opts', 'fixed_ips', 'id', 'ip_allocation', 'mac_address',
    'name', 'network_id', 'port_security_enabled', 'project_id', 'qos_network_policy_id', 'qos_policy_id',
    'resource_request', 'revision_number', 'security_groups', 'status', 'tags', 'tenant_id', 'updated_at'],
  routers: ['admin_state_up', 'availability_zone_hints', 'availability_zones', 'created_at', 'description',
    'distributed', 'external_gateway_info', 'flavor_id', 'ha', 'id', 'name', 'project_id', 'revision_number',
    'routes', 'status', 'tags', 'tenant_id', 'updated_at'],
  floatingips: ['created_at', 'description', 'dns_domain', 'dns_name', 'fixed_ip_address', 'floating_ip_address',
    'floating_network_id', 'id', 'port_details', 'port_forwardings', 'port_id', 'project_id', 'qos_policy_id',
    'revision_number', 'router_id', 'status', 'tags', 'tenant_id', 'updated_at'],
  security_groups: ['created_at', 'description', 'id', 'name', 'project_id', 'revision_number',
    'security_group_rules', 'shared', 'stateful', 'tags', 'tenant_id', 'updated_at'],
  rbac_policies: ['action', 'id', 'object_id', 'object_type', 'project_id', 'target_tenant', 'tenant_id'],
  agents: ['admin_state_up', 'agent_type', 'alive', 'availability_zone', 'binary', 'configurations', 'created_at',
    'description', 'heartbeat_timestamp', 'host', 'id', 'resources_synced', 'started_at', 'topic'],
  segments: ['created_at', 'description', 'id', 'name', 'network_id', 'network_type', 'physical_network',
    'revision_number', 'segmentation_id', 'updated_at'],
  network_ip_availabilities: ['network_id', 'network_name', 'project_id', 'subnet_ip_availability', 'tenant_id',
    'total_ips', 'used_ips'],
};

let ask: Ask;

beforeAll(async () => {
  ask = behindDoor('network', networkRoutes({ networks: new Networks(factsOf()) }));
  const { body } = await ask('admin', 'GET /v2.0/networks');
  const idOf = (name: string): string => body.networks.find((one: { name: string }) => one.name === name).id;
  await ask('admin', 'POST /v2.0/ports', { body: { port: { network_id: idOf('private') } } });
  await ask('admin', 'POST /v2.0/routers', { body: { router: { name: 'r' } } });
  await ask('admin', 'POST /v2.0/floatingips', { body: { floatingip: { floating_network_id: idOf('public') } } });
});

test.each(Object.keys(seen))('%s', async (keys) => {
  const path = keys.replaceAll('_', '-');
  const { body } = await ask('admin', `GET /v2.0/${path}`);
  const rows = body[keys] as Record<string, unknown>[];
  // Only external networks tell whether they are the default.
  const row = rows.find((one) => one['router:external'] === true) ?? rows[0]!;
  expect(Object.keys(row).sort()).toEqual(seen[keys]);
});
