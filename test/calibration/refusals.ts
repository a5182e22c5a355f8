/** What a cloud refuses: requests that are wrong in one way each, of every service, and what they are tried on. */
import type { Service, Step } from './conversation.js';

type More = Partial<Step>;
type Ask = (call: string, body?: unknown, more?: More) => Step;

/** Paths are below `prefix`. A step without a name of its own is called after its request. */
const asked =
  (service: Service, prefix: string, usual: More = {}): Ask =>
  (call, body, more = {}) => {
    const { microversion } = { ...usual, ...more };
    const what = [service, call, body === undefined ? '' : JSON.stringify(body), microversion, JSON.stringify(more.headers)]
      .filter(Boolean)
      .join(' ')
      .replace(/x{30,}/g, (run) => `x*${run.length}`);
    return { what, service, call: call.replace(' /', ` ${prefix}/`), ...usual, ...more, ...(body === undefined ? {} : { body }) };
  };

const nova = asked('compute', '/v2.1', { microversion: 'latest' });
const neutron = asked('network', '/v2.0');
const cinder = asked('volume', '/v3/{project}', { microversion: 'latest' });
const glance = asked('image', '/v2');
const keystone = asked('identity', '/v3');
const placement = asked('placement', '', { microversion: '1.39' });
const nowhere = '00000000-0000-4000-8000-000000000000';
const old: More = { microversion: '2.1' };
const long = (count: number): string => 'x'.repeat(count);
const patch: More = { headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' } };

/** What the refused requests name: g-… things that are made for it. */
export const fixtures: readonly Step[] = [
  neutron('POST /networks', { network: { name: 'g-refusals' } }, { keep: { network: 'network.id', mtu: 'network.mtu' } }),
  neutron('POST /networks', { network: { name: 'g-unsafe', port_security_enabled: false } }, { keep: { unsafe: 'network.id' } }),
  neutron('POST /subnets', { subnet: { network_id: '{network}', ip_version: 4, cidr: '10.63.0.0/24', name: 'g-refusals' } }, { keep: { subnet: 'subnet.id' } }),
  neutron('POST /subnets', { subnet: { network_id: '{unsafe}', ip_version: 4, cidr: '10.64.0.0/24', name: 'g-unsafe' } }, { keep: { unsafe_subnet: 'subnet.id' } }),
  neutron('POST /security-groups', { security_group: { name: 'g-refusals' } }, { keep: { group: 'security_group.id' } }),
  neutron('POST /security-group-rules', { security_group_rule: { security_group_id: '{group}', direction: 'ingress', protocol: 'tcp', port_range_min: 80, port_range_max: 80, remote_ip_prefix: '10.0.0.0/8' } }, { keep: { rule: 'security_group_rule.id' } }),
  neutron('POST /security-group-rules', { security_group_rule: { security_group_id: '{group}', direction: 'ingress', ethertype: 'IPv6', protocol: 'icmpv6' } }, { keep: { rule_v6: 'security_group_rule.id' } }),
  neutron('POST /ports', { port: { network_id: '{network}', name: 'g-port' } }, { keep: { port: 'port.id' } }),
  neutron('POST /ports', { port: { network_id: '{unsafe}', name: 'g-unsafe' } }, { keep: { unsafe_port: 'port.id' } }),
  neutron('POST /routers', { router: { name: 'g-router' } }, { keep: { router: 'router.id' } }),
  neutron('PUT /routers/{router}/add_router_interface', { subnet_id: '{subnet}' }),
  nova('POST /flavors', { flavor: { name: 'g-{run}', ram: 64, vcpus: 1, disk: 1 } }, { keep: { flavor: 'flavor.id' } }),
  nova('POST /os-server-groups', { server_group: { name: 'g-refusals', policy: 'affinity' } }, { keep: { server_group: 'server_group.id' } }),
  glance('POST /images', { name: 'g-refusals', container_format: 'bare', disk_format: 'raw' }, { keep: { image: 'id' } }),
  glance('GET /images?limit=1&status=active', undefined, { keep: { active: 'images.0.id' } }),
  cinder('PUT /os-quota-sets/{project}', { quota_set: { gigabytes: 1000 } }),
  cinder('POST /volumes', { volume: { name: 'g-refusals', size: 1 } }, { keep: { volume: 'volume.id' } }),
  cinder('GET /volumes/{volume}', undefined, { until: { 'volume.status': 'available' } }),
  cinder('POST /types', { volume_type: { name: 'g-{run}' } }, { keep: { type: 'volume_type.id' } }),
  nova('POST /servers', { server: { name: 'g-refusals', flavorRef: '{flavor}', imageRef: '{active}', networks: [{ uuid: '{network}' }] } }, { keep: { server: 'server.id' } }),
  nova('GET /servers/{server}', undefined, { until: { 'server.status': 'ACTIVE' }, keep: { host: 'server.OS-EXT-SRV-ATTR:host' } }),
];

const rule = (more: object): unknown => ({
  security_group_rule: { security_group_id: '{group}', direction: 'ingress', ...more },
});
const http = { protocol: 'tcp', port_range_min: 80, port_range_max: 80, remote_ip_prefix: '10.0.0.0/8' };
const network = (more: object): unknown => ({ network: { name: 'g-x', ...more } });
const subnet = (more: object): unknown => ({
  subnet: { network_id: '{network}', ip_version: 4, cidr: '10.70.0.0/24', ...more },
});
const port = (more: object): unknown => ({ port: { network_id: '{network}', ...more } });

const networkRefusals: readonly Step[] = [
  // the same rule in other spellings
  ...[http, { ...http, protocol: '6' }, { ...http, protocol: 6 }, { ...http, protocol: 'TCP' }, { ...http, remote_ip_prefix: '10.1.2.3/8' }, { ...http, ethertype: 'IPv4', description: 'another' }, { ...http, ethertype: 'ipv4' }].map((more) => neutron('POST /security-group-rules', rule(more))),
  ...['icmpv6', 'ipv6-icmp', '58', 'ICMPv6', 'icmp'].map((protocol) => neutron('POST /security-group-rules', rule({ ethertype: 'IPv6', protocol }))),
  // rules that cannot be
  ...[
    { protocol: 'tcp', port_range_min: 90, port_range_max: 80 }, { protocol: 'tcp', port_range_min: 0, port_range_max: 65536 }, { protocol: 'tcp', port_range_min: -1, port_range_max: 5 },
    { protocol: 'tcp', port_range_min: 'x', port_range_max: 5 }, { protocol: 'tcp', port_range_min: 1 }, { protocol: 'icmp', port_range_min: 256 }, { protocol: 'icmp', port_range_max: 1 }, { protocol: 'icmp', port_range_min: 8, port_range_max: 300 },
    { port_range_min: 1, port_range_max: 2 }, { protocol: '256' }, { protocol: '-1' }, { protocol: 'nonsense' }, { protocol: true }, { protocol: ['tcp'] }, { protocol: 'icmpv6' }, { protocol: 'esp', port_range_min: 1, port_range_max: 2 },
    { ethertype: 'IPv5' }, { direction: 'up' }, { direction: null }, { remote_ip_prefix: 'nonsense' }, { remote_ip_prefix: '10.0.0.0/33' }, { remote_ip_prefix: '::/0' }, { remote_ip_prefix: '10.0.0.0/8', remote_group_id: '{group}' },
    { remote_group_id: nowhere }, { remote_group_id: 'x' }, { security_group_id: nowhere }, { security_group_id: 'x' }, { description: long(256) }, { colour: 'red' }, { id: nowhere },
    { protocol: 'tcp', port_range_min: 0, port_range_max: 0 },
  ].map((more) => neutron('POST /security-group-rules', rule(more))),
  neutron('POST /security-group-rules', { security_group_rules: [1, 1].map(() => ({ security_group_id: '{group}', direction: 'ingress', protocol: 'udp', port_range_min: 53, port_range_max: 53 })) }),
  neutron('POST /security-group-rules', { security_group_rules: [{ security_group_id: '{group}', direction: 'ingress', protocol: 'udp', port_range_min: 54, port_range_max: 54 }, { security_group_id: '{group}', direction: 'ingress', protocol: '17', port_range_min: 54, port_range_max: 54 }] }),
  neutron('POST /security-group-rules', { security_group_rules: [{ security_group_id: '{group}', direction: 'ingress', protocol: 'udp', port_range_min: 55, port_range_max: 55 }, { security_group_id: '{group}', direction: 'ingress', protocol: 'nonsense' }] }),
  neutron('POST /security-group-rules', { security_group_rules: [] }),
  neutron('POST /security-group-rules', { security_group_rules: {} }),
  neutron('GET /security-group-rules?security_group_id={group}&fields=port_range_min&sort_key=id'),
  neutron('PUT /security-group-rules/{rule}', { security_group_rule: { description: 'x' } }),
  // bodies
  ...[{}, [], 'x', null, { network: [] }, { network: null }, { network: 'x' }, { networks: { name: 'x' } }, { router: {} }, { network: { name: 'x' }, more: 1 }, { network: {}, networks: [] }].map((body) => neutron('POST /networks', body)),
  ...[
    { name: long(256) }, { name: 5 }, { name: null }, { name: ['x'] }, { admin_state_up: 'perhaps' }, { admin_state_up: null }, { shared: 'x' }, { mtu: 'x' }, { mtu: 67 }, { mtu: -1 }, { mtu: 100_000 }, { colour: 'red' }, { id: nowhere }, { status: 'ACTIVE' }, { subnets: [] },
    { 'router:external': 'x' }, { port_security_enabled: 'x' }, { 'provider:network_type': 'nonsense' }, { 'provider:network_type': 'vlan', 'provider:segmentation_id': 5000 }, { 'provider:segmentation_id': 'x' }, { description: long(256) }, { tenant_id: '' }, { project_id: 5 }, { availability_zone_hints: ['nowhere'] }, { availability_zone_hints: 'nova' },
    { dns_domain: 'x' }, { qos_policy_id: nowhere }, { tags: ['x'] }, { revision_number: 3 },
  ].map((more) => neutron('POST /networks', network(more))),
  ...[{ status: 'DOWN' }, { id: nowhere }, { tenant_id: 'x' }, { colour: 'red' }, { subnets: [] }, { revision_number: 1 }, { created_at: 'x' }, { admin_state_up: 'x' }, { name: long(300) }, { 'router:external': 'x' }, {}].map((more) => neutron('PUT /networks/{network}', { network: more })),
  ...[
    { cidr: 'nonsense' }, { cidr: '10.63.0.0/24' }, { cidr: '10.63.0.128/25' }, { cidr: '10.71.0.5/24' }, { cidr: '::/64' }, { cidr: '10.71.0.0/33' }, { cidr: null }, { ip_version: 5 }, { ip_version: 'x' }, { ip_version: 6 }, { gateway_ip: '10.99.0.1' }, { gateway_ip: 'x' }, { gateway_ip: '10.70.0.0' }, { gateway_ip: '10.70.0.255' },
    { enable_dhcp: 'x' }, { network_id: nowhere }, { network_id: 'x' }, { allocation_pools: 'x' }, { allocation_pools: [{ start: '10.70.0.9', end: '10.70.0.5' }] }, { allocation_pools: [{ start: '10.70.0.5', end: '10.70.1.5' }] }, { allocation_pools: [{ start: '10.70.0.5' }] }, { allocation_pools: [{ start: '10.70.0.5', end: '10.70.0.9' }, { start: '10.70.0.8', end: '10.70.0.20' }] },
    { allocation_pools: [{ start: '10.70.0.1', end: '10.70.0.9' }], gateway_ip: '10.70.0.1' }, { dns_nameservers: 'x' }, { dns_nameservers: ['x'] }, { dns_nameservers: ['10.0.0.1', '10.0.0.1'] }, { dns_nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5', '1.1.1.6'] },
    { host_routes: [{ destination: 'x', nexthop: '10.0.0.1' }] }, { host_routes: [{ destination: '10.0.0.0/8' }] }, { host_routes: 'x' }, { ipv6_ra_mode: 'slaac' }, { ipv6_address_mode: 'x' }, { ip_version: 6, cidr: 'fd00:70::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'dhcpv6-stateful' }, { ip_version: 6, cidr: 'fd00:70::/64', ipv6_ra_mode: 'slaac', enable_dhcp: false },
    { colour: 'red' }, { name: long(256) }, { subnetpool_id: nowhere }, { subnetpool_id: 'x' }, { prefixlen: 24 }, { prefixlen: 'x' }, { segment_id: 'x' }, { service_types: ['x'] },
  ].map((more) => neutron('POST /subnets', subnet(more))),
  neutron('POST /subnets', { subnet: { network_id: '{network}', ip_version: 4 } }),
  neutron('POST /subnets', { subnet: { network_id: '{network}', cidr: '10.70.0.0/24' } }),
  neutron('POST /subnets', { subnet: { ip_version: 4, cidr: '10.70.0.0/24' } }),
  neutron('POST /subnets', { subnets: [{ network_id: '{network}', ip_version: 4, cidr: '10.72.0.0/24' }, { network_id: '{network}', ip_version: 4, cidr: '10.72.0.0/25' }] }),
  neutron('GET /subnets?network_id={network}&fields=cidr'),
  ...[{ cidr: '10.0.0.0/8' }, { ip_version: 6 }, { network_id: '{network}' }, { gateway_ip: '10.99.0.1' }, { gateway_ip: '10.63.0.7' }, { allocation_pools: [{ start: '10.63.0.1', end: '10.63.0.9' }] }, { colour: 1 }, { ipv6_ra_mode: 'slaac' }, { tenant_id: 'x' }].map((more) => neutron('PUT /subnets/{subnet}', { subnet: more })),
  ...[
    { network_id: nowhere }, { network_id: 'x' }, { network_id: null }, { mac_address: 'x' }, { fixed_ips: 'x' }, { fixed_ips: [{ ip_address: 'x' }] }, { fixed_ips: [{ ip_address: '10.99.0.5' }] }, { fixed_ips: [{ subnet_id: '{subnet}', ip_address: '10.99.0.5' }] }, { fixed_ips: [{ subnet_id: nowhere }] }, { fixed_ips: [{ subnet_id: '{unsafe_subnet}' }] }, { fixed_ips: [{ subnet_id: '{subnet}', ip_address: '10.63.0.255' }] }, { fixed_ips: [{ subnet_id: '{subnet}', ip_address: '10.63.0.1' }] },
    { fixed_ips: [{ colour: 1 }] }, { fixed_ips: [{ subnet_id: '{subnet}', ip_address: '10.63.0.20' }, { subnet_id: '{subnet}', ip_address: '10.63.0.20' }] }, { security_groups: [nowhere] }, { security_groups: ['x'] }, { security_groups: 'x' }, { security_groups: ['{group}', '{group}'] }, { port_security_enabled: false, security_groups: ['{group}'] }, { port_security_enabled: false, allowed_address_pairs: [{ ip_address: '10.0.0.1' }] },
    { allowed_address_pairs: 'x' }, { allowed_address_pairs: [{}] }, { allowed_address_pairs: [{ ip_address: 'x' }] }, { allowed_address_pairs: [{ mac_address: 'fa:16:3e:00:00:01' }] }, { allowed_address_pairs: [{ ip_address: '10.0.0.1', colour: 1 }] }, { allowed_address_pairs: [{ ip_address: '10.0.0.1' }, { ip_address: '10.0.0.1' }] }, { allowed_address_pairs: [{ ip_address: '10.0.0.1', mac_address: 'x' }] },
    { 'binding:vnic_type': 'x' }, { 'binding:profile': 'x' }, { device_id: long(256) }, { device_owner: long(256) }, { admin_state_up: 'x' }, { colour: 1 }, { status: 'ACTIVE' }, { extra_dhcp_opts: 'x' }, { extra_dhcp_opts: [{ opt_name: 'x' }] }, { qos_policy_id: nowhere }, { dns_name: 'x y' }, { propagate_uplink_status: 'x' }, { name: long(256) },
  ].map((more) => neutron('POST /ports', port(more))),
  neutron('POST /ports', { ports: [{ network_id: '{network}', fixed_ips: [{ ip_address: '10.63.0.40' }] }, { network_id: '{network}', fixed_ips: [{ ip_address: '10.63.0.40' }] }] }),
  neutron('GET /ports?network_id={network}&fixed_ips=ip_address=10.63.0.40&fields=name'),
  ...[{ allowed_address_pairs: [{ ip_address: '10.0.0.1' }] }, { security_groups: ['{group}'] }, { port_security_enabled: false, security_groups: ['{group}'] }].map((more) => neutron('PUT /ports/{unsafe_port}', { port: more })),
  neutron('POST /ports', { port: { network_id: '{unsafe}', security_groups: ['{group}'] } }),
  neutron('POST /ports', { port: { network_id: '{unsafe}', allowed_address_pairs: [{ ip_address: '10.0.0.1' }] } }),
  ...[{ port_security_enabled: false }, { network_id: '{unsafe}' }, { id: nowhere }, { tenant_id: 'x' }, { status: 'DOWN' }, { fixed_ips: [{ ip_address: '10.99.0.5' }] }, { mac_address: 'x' }, { mac_address: null }].map((more) => neutron('PUT /ports/{port}', { port: more })),
  ...[{ name: long(256) }, { admin_state_up: 'x' }, { external_gateway_info: 'x' }, { external_gateway_info: {} }, { external_gateway_info: { network_id: nowhere } }, { external_gateway_info: { network_id: '{network}' } }, { external_gateway_info: { network_id: 'x' } }, { colour: 1 }, { routes: [{ destination: '10.0.0.0/8', nexthop: '10.1.1.1' }] }, { distributed: 'x' }, { ha: 'x' }].map((more) => neutron('POST /routers', { router: { name: 'g-x', ...more } })),
  ...[{}, { subnet_id: '{subnet}' }, { port_id: nowhere }, { subnet_id: nowhere }, { subnet_id: '{subnet}', port_id: '{port}' }, { subnet_id: 'x' }, { colour: 1 }, []].map((body) => neutron('PUT /routers/{router}/add_router_interface', body)),
  ...[{}, { subnet_id: '{unsafe_subnet}' }, { port_id: '{port}' }, { port_id: nowhere }, { subnet_id: nowhere }].map((body) => neutron('PUT /routers/{router}/remove_router_interface', body)),
  ...[{ routes: [{ destination: '10.0.0.0/8', nexthop: '10.99.0.1' }] }, { routes: [{ destination: 'x', nexthop: '10.63.0.5' }] }, { routes: 'x' }, { routes: [{ destination: '10.0.0.0/8' }] }].map((more) => neutron('PUT /routers/{router}', { router: more })),
  neutron('DELETE /routers/{router}'), neutron('DELETE /subnets/{subnet}'), neutron('DELETE /networks/{network}'), neutron('DELETE /networks/x'), neutron(`DELETE /networks/${nowhere}`), neutron(`GET /networks/${nowhere}`), neutron('GET /ports/x'), neutron('GET /subnets/x'), neutron('GET /routers/x'), neutron('GET /security-groups/x'), neutron('GET /security-group-rules/x'), neutron('GET /floatingips/x'),
  ...[{}, { floating_network_id: nowhere }, { floating_network_id: '{network}' }, { floating_network_id: 'x' }, { floating_network_id: '{network}', colour: 1 }, { floating_network_id: '{network}', port_id: 'x' }].map((more) => neutron('POST /floatingips', { floatingip: more })),
  ...[{ name: 'default' }, { name: long(256) }, { name: 5 }, { colour: 1 }, { description: long(256) }, { stateful: 'x' }, { security_group_rules: [] }].map((more) => neutron('POST /security-groups', { security_group: more })),
  ...[{ name: 'default' }, { tenant_id: 'x' }, { security_group_rules: [] }].map((more) => neutron('PUT /security-groups/{group}', { security_group: more })),
  // tags
  neutron('PUT /networks/{network}/tags/a%2Fb'), neutron('PUT /networks/{network}/tags/a%2Cb'), neutron(`PUT /networks/{network}/tags/${long(61)}`), neutron('GET /networks/{network}/tags/none'), neutron('DELETE /networks/{network}/tags/none'), neutron(`PUT /networks/${nowhere}/tags/a`), neutron('PUT /nothings/x/tags/a'),
  ...[{}, { tags: 'x' }, { tags: [1] }, { tags: ['a,b'] }, { tags: [long(61)] }, { tags: ['a', 'a'] }, { tag: ['a'] }, []].map((body) => neutron('PUT /networks/{network}/tags', body)),
  // revisions, lists
  ...['revision_number=999', 'revision_number=x', 'x', '3', ''].map((match) => neutron('PUT /networks/{network}', { network: { name: 'g-refusals' } }, { headers: { 'if-match': match } })),
  ...['limit=-1', 'limit=x', 'limit=1.5', 'sort_key=colour', 'sort_key=name&sort_dir=up', 'sort_key=name&sort_key=id&sort_dir=asc', 'marker=x', `limit=1&marker=${nowhere}`, 'sort_key=subnets', 'admin_state_up=x', 'mtu=x'].map((query) => neutron(`GET /networks?name=g-none&${query}`)),
  neutron('PUT /quotas/{project}', { quota: { network: -2 } }), neutron('PUT /quotas/{project}', { quota: { network: 'x' } }), neutron('PUT /quotas/{project}', { quota: { colour: 1 } }), neutron('PUT /quotas/{project}', { quota: {} }),
  ...[{ name: 'x' }, { prefixes: [] }, { prefixes: ['x'] }, { prefixes: ['10.0.0.0/8', '::/0'] }, { prefixes: ['10.0.0.0/8'], min_prefixlen: 4 }, { prefixes: ['10.0.0.0/8'], min_prefixlen: 24, max_prefixlen: 20 }, { prefixes: ['10.0.0.0/8'], default_prefixlen: 33 }, { prefixes: ['10.0.0.0/8'], default_quota: -1 }].map((more) => neutron('POST /subnetpools', { subnetpool: { name: 'g-x', ...more } })),
  neutron('POST /trunks', { trunk: {} }), neutron('POST /trunks', { trunk: { port_id: nowhere } }), neutron('POST /trunks', { trunk: { port_id: 'x' } }),
  neutron('POST /rbac-policies', { rbac_policy: {} }), neutron('POST /rbac-policies', { rbac_policy: { object_type: 'colour', object_id: '{network}', target_tenant: 'x', action: 'access_as_shared' } }), neutron('POST /rbac-policies', { rbac_policy: { object_type: 'network', object_id: '{network}', target_tenant: 'x', action: 'eat' } }), neutron('POST /rbac-policies', { rbac_policy: { object_type: 'network', object_id: nowhere, target_tenant: 'x', action: 'access_as_shared' } }),
  neutron('POST /address-groups', { address_group: { addresses: ['x'] } }), neutron('POST /qos/policies', { policy: {} }), neutron('POST /qos/policies', { policy: { name: 'g-x', colour: 1 } }),
];

const server = (more: object): unknown => ({
  server: { name: 'g-x', flavorRef: '{flavor}', imageRef: '{active}', networks: 'none', ...more },
});
const disk = { boot_index: 0, uuid: '{volume}', source_type: 'volume', destination_type: 'volume' };
const act = (body: unknown, more?: More): Step => nova('POST /servers/{server}/action', body, more);
const lists = [
  'servers', 'servers/detail', 'flavors', 'flavors/detail', 'os-keypairs', 'os-server-groups', 'os-hypervisors', 'os-hypervisors/detail', 'os-services',
  'os-migrations', 'os-aggregates', 'os-simple-tenant-usage', 'os-availability-zone', 'limits', 'os-quota-sets/{project}', 'servers/{server}/os-volume_attachments',
  'servers/{server}/os-interface', 'servers/{server}/os-instance-actions', 'servers/{server}/migrations', 'servers/{server}/metadata', 'servers/{server}/tags', 'servers/{server}/os-security-groups', 'os-instance_usage_audit_log', 'extensions',
];

const computeRefusals: readonly Step[] = [
  ...lists.map((list) => nova(`GET /${list}?colour=red`)),
  ...['limit=-1', 'limit=x', 'limit=99999999999', 'limit=1&limit=x', 'marker=x', 'sort_dir=up', 'sort_key=colour', 'changes-since=x', 'changes-before=x', 'deleted=x', 'all_tenants=x', 'ip=[', 'name=[', 'tags=a/b', 'locked=x', 'status=colour', 'image=x', 'changes-since=2026-01-02&changes-before=2026-01-01'].map((query) => nova(`GET /servers?${query}`)),
  ...['limit=-1', 'limit=x', 'marker=x', 'sort_key=colour', 'sort_dir=up', 'minRam=x', 'minDisk=x', 'is_public=x'].map((query) => nova(`GET /flavors?${query}`)),
  ...['limit=-1', 'marker=x', 'user_id=x'].map((query) => nova(`GET /os-keypairs?${query}`)),
  ...['limit=-1', 'limit=x', 'offset=-1', 'all_projects=x'].map((query) => nova(`GET /os-server-groups?${query}`)),
  ...['limit=-1', 'marker=x', 'migration_type=x', 'instance_uuid=x', 'changes-since=x'].map((query) => nova(`GET /os-migrations?${query}`)),
  ...['limit=-1', 'marker=x', 'hypervisor_hostname_pattern=', 'with_servers=x'].map((query) => nova(`GET /os-hypervisors?${query}`)),
  ...['start=x', 'end=x', 'detailed=x', 'start=2026-01-02&end=2026-01-01'].map((query) => nova(`GET /os-simple-tenant-usage?${query}`)),
  ...['limit=-1', 'limit=x', 'marker=x', 'changes-since=x'].map((query) => nova(`GET /servers/{server}/os-instance-actions?${query}`)),
  ...[{}, [], 'x', null, { server: {} }, { server: [] }, { server: null }, { server: {}, colour: 1 }].map((body) => nova('POST /servers', body)),
  ...[
    { name: '' }, { name: ' ' }, { name: long(256) }, { name: 5 }, { name: null }, { colour: 'red' }, { flavorRef: 'x' }, { flavorRef: 5.5 }, { flavorRef: null }, { imageRef: 'x' }, { imageRef: nowhere }, { imageRef: 5 }, { networks: 'x' }, { networks: [{ uuid: 'x' }] }, { networks: [{ uuid: nowhere }] }, { networks: [{ port: nowhere }] }, { networks: [{}] }, { networks: [{ uuid: '{network}', colour: 1 }] }, { networks: [{ fixed_ip: '10.63.0.9' }] }, { networks: [{ uuid: '{network}', fixed_ip: 'x' }] }, { networks: [{ uuid: '{network}', fixed_ip: '10.99.0.1' }] },
    { metadata: 'x' }, { metadata: { a: 5 } }, { metadata: { [long(256)]: 'x' } }, { metadata: { a: long(256) } }, { metadata: { '': 'x' } }, { metadata: { 'a/b': 'x' } }, { key_name: 'g-none' }, { key_name: '' }, { user_data: 'not base64!' }, { user_data: long(65536) }, { security_groups: 'x' }, { security_groups: [{ name: 'g-none' }], networks: 'auto' }, { security_groups: [{ colour: 1 }] }, { availability_zone: 'nowhere' }, { availability_zone: '' }, { config_drive: 'x' }, { min_count: 0 }, { min_count: 'x' }, { max_count: 0 }, { min_count: 3, max_count: 2 },
    { accessIPv4: 'x' }, { accessIPv6: '10.0.0.1' }, { adminPass: 5 }, { 'OS-DCF:diskConfig': 'x' }, { tags: ['a,b'] }, { tags: ['a/b'] }, { tags: [''] }, { tags: ['a', 'a'] }, { tags: 'x' }, { tags: [long(61)] }, { tags: Array.from({ length: 51 }, (_, at) => `t${at}`) }, { description: long(256) }, { description: '\u0001' }, { personality: [] }, { hostname: 'x_y' }, { hostname: long(300) }, { host: 'x y' }, { hypervisor_hostname: 'nowhere' }, { host: 'nowhere' }, { trusted_image_certificates: [] }, { block_device_mapping_v2: 'x' }, { block_device_mapping_v2: [{}] }, { block_device_mapping_v2: [{ ...disk, source_type: 'x' }] }, { block_device_mapping_v2: [{ ...disk, destination_type: 'x' }] },
    { block_device_mapping_v2: [{ ...disk, uuid: 'x' }], imageRef: '' }, { block_device_mapping_v2: [{ ...disk, uuid: nowhere }], imageRef: '' }, { block_device_mapping_v2: [{ ...disk, boot_index: 1 }], imageRef: '' }, { block_device_mapping_v2: [{ boot_index: 0, source_type: 'image', destination_type: 'volume', uuid: '{active}' }], imageRef: '' }, { block_device_mapping_v2: [{ boot_index: 0, source_type: 'blank', destination_type: 'local', volume_size: 1 }], imageRef: '' }, { block_device_mapping_v2: [{ ...disk, colour: 1 }] }, { block_device_mapping_v2: [{ ...disk, volume_size: 'x' }] }, { block_device_mapping_v2: [{ ...disk, volume_size: -1 }] }, { block_device_mapping_v2: [{ ...disk, delete_on_termination: 'x' }] }, { imageRef: '' }, { imageRef: '{image}' },
  ].map((more) => nova('POST /servers', server(more))),
  nova('POST /servers', server({ personality: [] })), nova('POST /servers', server({ tags: ['a'] }), { microversion: '2.51' }), nova('POST /servers', server({ description: 'x' }), old), nova('POST /servers', { server: { name: 'g-x', flavorRef: '{flavor}', imageRef: '{active}' } }), nova('POST /servers', { server: { name: 'g-x', imageRef: '{active}', networks: 'none' } }), nova('POST /servers', { server: { flavorRef: '{flavor}', imageRef: '{active}', networks: 'none' } }),
  ...[{ group: nowhere }, { group: 'x' }, { colour: 1 }, { different_host: 'x' }, { same_host: ['x'] }, { query: 5 }, { build_near_host_ip: 'x' }].map((hints) => nova('POST /servers', { server: { name: 'g-x', flavorRef: '{flavor}', imageRef: '{active}', networks: 'none' }, 'os:scheduler_hints': hints })),
  ...[{}, { name: '' }, { name: 5 }, { name: long(256) }, { colour: 1 }, { accessIPv4: 'x' }, { description: 5 }, { hostname: 'a_b' }, { status: 'ACTIVE' }, { 'OS-DCF:diskConfig': 'x' }].map((more) => nova('PUT /servers/{server}', { server: more })),
  nova('PUT /servers/{server}', {}), nova('PUT /servers/x', { server: { name: 'x' } }), nova(`PUT /servers/${nowhere}`, { server: { name: 'x' } }), nova('GET /servers/x'), nova('DELETE /servers/x'), nova(`DELETE /servers/${nowhere}`),
  // actions
  ...[
    {}, [], null, 'x', { a: 1, b: 2 }, { 'os-start': {} }, { 'os-start': null }, { unpause: null }, { resume: null }, { unshelve: null }, { shelveOffload: null }, { confirmResize: null }, { revertResize: null }, { reboot: null }, { reboot: {} }, { reboot: { type: 'x' } }, { reboot: { type: 'SOFT', colour: 1 } }, { resize: {} }, { resize: { flavorRef: 'x' } }, { resize: { flavorRef: '{flavor}' } }, { resize: { flavorRef: '{flavor}', colour: 1 } }, { rebuild: {} }, { rebuild: { imageRef: 'x' } }, { rebuild: { imageRef: nowhere } }, { rebuild: { imageRef: '{active}', name: '' } }, { rebuild: { imageRef: '{active}', colour: 1 } }, { rebuild: { imageRef: '{image}' } },
    { createImage: {} }, { createImage: { name: '' } }, { createImage: { name: long(256) } }, { createImage: { name: 'x', metadata: 'x' } }, { createImage: { name: 'x', colour: 1 } }, { createBackup: {} }, { createBackup: { name: 'x', backup_type: 'daily', rotation: -1 } }, { createBackup: { name: 'x', backup_type: 'daily', rotation: 'x' } }, { changePassword: {} }, { changePassword: { adminPass: 5 } }, { 'os-resetState': {} }, { 'os-resetState': { state: 'x' } }, { addFloatingIp: { address: '10.0.0.1' } }, { addFixedIp: { networkId: '{network}' } }, { addSecurityGroup: {} }, { addSecurityGroup: { name: 'g-none' } }, { addSecurityGroup: { name: '' } }, { removeSecurityGroup: { name: 'g-none' } }, { removeSecurityGroup: { name: 'g-refusals' } },
    { lock: { colour: 1 } }, { lock: { locked_reason: long(256) } }, { lock: 'x' }, { rescue: { rescue_image_ref: 'x' } }, { rescue: { colour: 1 } }, { unrescue: null }, { evacuate: {} }, { evacuate: { host: 5 } }, { migrate: { host: 'nowhere' } }, { migrate: { colour: 1 } }, { 'os-migrateLive': {} }, { 'os-migrateLive': { host: 'nowhere', block_migration: 'auto' } }, { 'os-migrateLive': { host: null, block_migration: 'x' } }, { 'os-getConsoleOutput': { length: 'x' } }, { 'os-getConsoleOutput': { length: -2 } }, { 'os-getConsoleOutput': { colour: 1 } }, { restore: null }, { injectNetworkInfo: null }, { resetNetwork: null }, { unshelve: { availability_zone: 'x' } }, { trigger_crash_dump: 'x' },
    { 'os-getVNCConsole': { type: 'novnc' } },
  ].map((body) => act(body)),
  act({ pause: null }, old), act({ rebuild: { imageRef: '{active}', user_data: 'x' } }, old), nova('POST /servers/x/action', { 'os-start': null }), nova(`POST /servers/${nowhere}/action`, { 'os-start': null }),
  // below a server
  ...[{}, { metadata: 'x' }, { metadata: { a: 5 } }, { metadata: { [long(256)]: 'x' } }, { metadata: { a: 'x' }, colour: 1 }, { metadata: { '': 'x' } }, { metadata: { 'ä ö': 'x' } }].map((body) => nova('POST /servers/{server}/metadata', body)),
  nova('PUT /servers/{server}/metadata/a', { meta: { b: 'c' } }), nova('PUT /servers/{server}/metadata/a', { meta: {} }), nova('PUT /servers/{server}/metadata/a', { meta: { a: 'x', b: 'y' } }), nova('GET /servers/{server}/metadata/none'), nova('DELETE /servers/{server}/metadata/none'),
  ...[{}, { tags: 'x' }, { tags: ['a,b'] }, { tags: [''] }, { tags: [5] }, { tags: ['a', 'a'] }, { tags: Array.from({ length: 51 }, (_, at) => `t${at}`) }].map((body) => nova('PUT /servers/{server}/tags', body)),
  nova('PUT /servers/{server}/tags/a%2Fb'), nova('PUT /servers/{server}/tags/a%2Cb'), nova(`PUT /servers/{server}/tags/${long(61)}`), nova('GET /servers/{server}/tags/none'), nova('DELETE /servers/{server}/tags/none'),
  ...[{}, { volumeAttachment: {} }, { volumeAttachment: { volumeId: 'x' } }, { volumeAttachment: { volumeId: nowhere } }, { volumeAttachment: { volumeId: '{volume}', device: 'x' } }, { volumeAttachment: { volumeId: '{volume}', colour: 1 } }, { volumeAttachment: { volumeId: '{volume}', tag: 'a,b' } }, { volumeAttachment: { volumeId: '{volume}', delete_on_termination: 'x' } }].map((body) => nova('POST /servers/{server}/os-volume_attachments', body)),
  nova('DELETE /servers/{server}/os-volume_attachments/{volume}'), nova(`DELETE /servers/{server}/os-volume_attachments/${nowhere}`), nova('DELETE /servers/{server}/os-volume_attachments/x'), nova('GET /servers/{server}/os-volume_attachments/{volume}'), nova('PUT /servers/{server}/os-volume_attachments/{volume}', { volumeAttachment: { volumeId: nowhere } }), nova('PUT /servers/{server}/os-volume_attachments/{volume}', {}),
  ...[{ interfaceAttachment: { net_id: nowhere } }, { interfaceAttachment: { port_id: nowhere } }, { interfaceAttachment: { net_id: 'x' } }, { interfaceAttachment: { net_id: '{network}', port_id: '{port}' } }, { interfaceAttachment: { fixed_ips: [{ ip_address: '10.63.0.9' }] } }, { interfaceAttachment: { net_id: '{network}', fixed_ips: [{ ip_address: 'x' }] } }, { interfaceAttachment: { net_id: '{network}', fixed_ips: [{ ip_address: '10.99.0.9' }] } }, { interfaceAttachment: { colour: 1 } }, { interfaceAttachment: { net_id: '{network}', fixed_ips: [] } }].map((body) => nova('POST /servers/{server}/os-interface', body)),
  nova(`DELETE /servers/{server}/os-interface/${nowhere}`), nova('DELETE /servers/{server}/os-interface/x'), nova(`GET /servers/{server}/os-interface/${nowhere}`), nova('POST /servers/{server}/remote-consoles', {}), nova('POST /servers/{server}/remote-consoles', { remote_console: { protocol: 'x', type: 'novnc' } }), nova('POST /servers/{server}/remote-consoles', { remote_console: { protocol: 'vnc', type: 'x' } }), nova('GET /servers/{server}/os-instance-actions/req-x'), nova('GET /servers/{server}/migrations/1'), nova('DELETE /servers/{server}/migrations/1'), nova('GET /servers/{server}/ips/none'), nova('GET /servers/{server}/diagnostics?colour=1'),
  // flavors, keys, groups, aggregates, quotas
  ...[{}, { name: 'g-y' }, { ram: 'x' }, { ram: 0 }, { ram: -1 }, { ram: 2_147_483_648 }, { vcpus: 0 }, { vcpus: 'x' }, { disk: -1 }, { name: '' }, { name: ' x' }, { name: long(256) }, { name: 5 }, { id: 'a b!' }, { id: '' }, { id: long(256) }, { swap: -1 }, { rxtx_factor: 0 }, { rxtx_factor: 'x' }, { colour: 1 }, { 'os-flavor-access:is_public': 'x' }, { 'OS-FLV-EXT-DATA:ephemeral': -1 }, { description: long(70_000) }, { name: 'g-{run}' }, { id: '{flavor}' }].map((more, at) => nova('POST /flavors', { flavor: at < 2 ? more : { name: 'g-x', ram: 64, vcpus: 1, disk: 1, ...more } })),
  ...[{}, { extra_specs: {} }, { extra_specs: 'x' }, { extra_specs: { 'a b!': 'x' } }, { extra_specs: { a: 5.5 } }, { extra_specs: { a: null } }, { extra_specs: { 'hw:cpu_policy': 'x' } }, { extra_specs: { 'hw:none': 'x' } }, { extra_specs: { [long(256)]: 'x' } }].map((body) => nova('POST /flavors/{flavor}/os-extra_specs', body)),
  nova('PUT /flavors/{flavor}/os-extra_specs/a', { b: 'c' }), nova('GET /flavors/{flavor}/os-extra_specs/none'), nova('DELETE /flavors/{flavor}/os-extra_specs/none'), nova('GET /flavors/none'), nova('DELETE /flavors/none'), nova('PUT /flavors/{flavor}', { flavor: {} }), nova('PUT /flavors/{flavor}', { flavor: { description: 5 } }), nova('PUT /flavors/{flavor}', { flavor: { description: 'x', ram: 5 } }), nova('POST /flavors/{flavor}/action', { addTenantAccess: {} }), nova('POST /flavors/{flavor}/action', { addTenantAccess: { tenant: '{project}' } }), nova('POST /flavors/{flavor}/action', { removeTenantAccess: { tenant: '{project}' } }), nova('POST /flavors/{flavor}/action', { dance: {} }), nova('GET /flavors/{flavor}/os-flavor-access'),
  ...[{}, { name: '' }, { name: long(256) }, { name: 'a/b' }, { name: 'g-k', public_key: 'nonsense' }, { name: 'g-k', type: 'x' }, { name: 'g-k', colour: 1 }, { name: 5 }, { name: 'g-k', public_key: 5 }, { name: 'g-k', type: 'ssh' }].map((more) => nova('POST /os-keypairs', { keypair: more })),
  nova('GET /os-keypairs/g-none'), nova('DELETE /os-keypairs/g-none'),
  ...[{}, { name: '' }, { name: 'g-x' }, { name: 'g-x', policy: 'x' }, { name: 'g-x', policies: ['affinity'] }, { name: 'g-x', policy: 'affinity', rules: { max_server_per_host: 2 } }, { name: 'g-x', policy: 'anti-affinity', rules: { max_server_per_host: 0 } }, { name: 'g-x', policy: 'anti-affinity', rules: { colour: 1 } }, { name: 'g-x', policy: 'affinity', colour: 1 }, { name: long(256), policy: 'affinity' }].map((more) => nova('POST /os-server-groups', { server_group: more })),
  nova('POST /os-server-groups', { server_group: { name: 'g-x', policies: ['x'] } }, old), nova('POST /os-server-groups', { server_group: { name: 'g-x', policies: ['affinity', 'anti-affinity'] } }, old), nova('GET /os-server-groups/x'), nova(`DELETE /os-server-groups/${nowhere}`),
  ...[{}, { name: '' }, { name: long(256) }, { name: 'g-x', colour: 1 }, { name: 'g-x', availability_zone: '' }, { name: 'g-x', availability_zone: 'a:b' }].map((more) => nova('POST /os-aggregates', { aggregate: more })), nova('GET /os-aggregates/999999'), nova('GET /os-aggregates/x'), nova('POST /os-aggregates/999999/action', { add_host: { host: 'x' } }),
  ...[{}, { cores: -2 }, { cores: 'x' }, { colour: 1 }, { cores: 2_147_483_648 }, { fixed_ips: 5 }, { cores: 5, force: 'x' }, { networks: 4 }].map((more) => nova('PUT /os-quota-sets/{project}', { quota_set: more })),
  nova('PUT /os-services/x', { status: 'disabled' }), nova(`PUT /os-services/${nowhere}`, { status: 'disabled' }), nova(`PUT /os-services/${nowhere}`, { status: 'x' }), nova(`PUT /os-services/${nowhere}`, {}), nova('DELETE /os-services/x'), nova('GET /os-hypervisors/x'), nova(`GET /os-hypervisors/${nowhere}`), nova('POST /os-server-external-events', {}), nova('POST /os-server-external-events', { events: [] }), nova('POST /os-server-external-events', { events: [{ name: 'x', server_uuid: nowhere }] }), nova('POST /os-assisted-volume-snapshots', {}),
];

const volume = (more: object): unknown => ({ volume: { name: 'g-x', size: 1, ...more } });
const onVolume = (body: unknown): Step => cinder('POST /volumes/{volume}/action', body);
const volumeRefusals: readonly Step[] = [
  ...[{}, [], 'x', null, { volume: null }, { volume: [] }, { volume: {} }, { volume: { size: 1 }, colour: 1 }].map((body) => cinder('POST /volumes', body)),
  ...[
    { size: 0 }, { size: -1 }, { size: 'x' }, { size: 1.5 }, { size: null }, { size: 2_147_483_648 }, { size: 100_000 }, { name: long(256) }, { name: 5 }, { description: long(256) }, { colour: 1 }, { volume_type: 'none' }, { volume_type: nowhere }, { volume_type: 5 }, { snapshot_id: 'x' }, { snapshot_id: nowhere }, { source_volid: 'x' }, { source_volid: nowhere }, { source_volid: '{volume}', size: 0 }, { imageRef: 'x' }, { imageRef: nowhere }, { imageRef: '{image}' }, { backup_id: nowhere }, { backup_id: 'x' },
    { metadata: 'x' }, { metadata: { a: 5 } }, { metadata: { '': 'x' } }, { metadata: { [long(256)]: 'x' } }, { metadata: { a: long(256) } }, { metadata: null }, { multiattach: 'x' }, { multiattach: true }, { availability_zone: 'nowhere' }, { availability_zone: 5 }, { group_id: nowhere }, { group_id: 'x' }, { consistencygroup_id: 'x' }, { snapshot_id: nowhere, source_volid: '{volume}' }, { status: 'available' }, { metadata: { 'x\u{1F600}': 'y' } }, { metadata: { x: '\u{1F600}' } }, { name: 'x\u{1F600}' },
  ].map((more) => cinder('POST /volumes', volume(more))),
  cinder('POST /volumes', { volume: { size: 1 }, 'OS-SCH-HNT:scheduler_hints': 'x' }), cinder('POST /volumes', { volume: { size: 1 }, 'OS-SCH-HNT:scheduler_hints': { same_host: ['x'] } }),
  ...[{}, { name: 5 }, { name: long(256) }, { description: 5 }, { metadata: 'x' }, { size: 5 }, { colour: 1 }, { status: 'x' }].map((more) => cinder('PUT /volumes/{volume}', { volume: more })), cinder('PUT /volumes/{volume}', {}), cinder(`PUT /volumes/${nowhere}`, { volume: { name: 'x' } }),
  cinder('GET /volumes/x'), cinder(`GET /volumes/${nowhere}`), cinder('DELETE /volumes/x'),
  ...[{}, { metadata: 'x' }, { metadata: { a: 5 } }, { metadata: { '': 'x' } }, { metadata: { [long(256)]: 'x' } }, { metadata: { a: 'x' }, colour: 1 }, { metadata: { 'g\u{1F600}': 'x' } }, { metadata: { g: '\u{1F600}' } }, { metadata: { 'a/b': null } }].map((body) => cinder('POST /volumes/{volume}/metadata', body)),
  cinder('PUT /volumes/{volume}/metadata/a', { meta: { b: 'c' } }), cinder('PUT /volumes/{volume}/metadata/a', { meta: {} }), cinder('PUT /volumes/{volume}/metadata/a', {}), cinder('GET /volumes/{volume}/metadata/none'), cinder('DELETE /volumes/{volume}/metadata/none'),
  ...[
    {}, [], { dance: null }, { a: 1, b: 2 }, { 'os-extend': {} }, { 'os-extend': { new_size: 0 } }, { 'os-extend': { new_size: 'x' } }, { 'os-extend': { new_size: -5 } }, { 'os-extend': { new_size: 2, colour: 1 } }, { 'os-extend': { new_size: 100_000 } }, { 'os-attach': {} }, { 'os-attach': { instance_uuid: 'x', mountpoint: '/dev/vdb' } }, { 'os-detach': {} }, { 'os-begin_detaching': null }, { 'os-roll_detaching': null }, { 'os-unreserve': null }, { 'os-reset_status': {} }, { 'os-reset_status': { status: 'x' } }, { 'os-reset_status': { attach_status: 'x' } }, { 'os-retype': {} }, { 'os-retype': { new_type: 'none' } }, { 'os-retype': { new_type: 'x', migration_policy: 'x' } },
    { 'os-update_readonly_flag': {} }, { 'os-update_readonly_flag': { readonly: 'x' } }, { 'os-set_bootable': {} }, { 'os-set_bootable': { bootable: 'x' } }, { 'os-volume_upload_image': {} }, { 'os-volume_upload_image': { image_name: 'g-x', disk_format: 'x' } }, { 'os-volume_upload_image': { image_name: 'g-x', container_format: 'x' } }, { 'os-volume_upload_image': { image_name: '' } }, { 'os-migrate_volume': {} }, { 'os-migrate_volume': { host: 'nowhere' } }, { 'os-set_image_metadata': {} }, { 'os-set_image_metadata': { metadata: { a: 5 } } }, { 'os-unset_image_metadata': {} }, { 'os-unset_image_metadata': { key: 'none' } }, { revert: {} }, { revert: { snapshot_id: nowhere } }, { 'os-reimage': {} }, { 'os-reimage': { image_id: 'x' } }, { 'os-terminate_connection': {} }, { 'os-initialize_connection': {} },
  ].map(onVolume), cinder(`POST /volumes/${nowhere}/action`, { 'os-extend': { new_size: 2 } }), cinder('POST /volumes/{volume}/action', { 'os-extend': { new_size: 1 } }),
  ...['limit=-1', 'limit=x', 'offset=-1', 'offset=x', 'offset=99999999999', 'marker=x', `marker=${nowhere}`, 'sort=colour', 'sort=name:up', 'sort=a:b:c', 'sort_key=colour', 'sort_key=name&sort_dir=up', 'sort=name&sort_key=name', 'colour=red', 'created_at=x', 'updated_at=gt:x', 'bootable=x', 'all_tenants=x', 'with_count=x', 'metadata=x', 'name~=x', 'created_at=xx:2026-01-01'].map((query) => cinder(`GET /volumes?${query}`)),
  ...['snapshots', 'backups', 'attachments', 'groups', 'group_snapshots', 'types', 'os-volume-transfer', 'qos-specs', 'messages', 'group_types'].flatMap((list) => ['limit=x', 'limit=-1', 'sort=colour', 'marker=x'].map((query) => cinder(`GET /${list}?${query}`))),
  ...[{}, { volume_id: 'x' }, { volume_id: nowhere }, { volume_id: '{volume}', name: long(256) }, { volume_id: '{volume}', force: 'x' }, { volume_id: '{volume}', colour: 1 }, { volume_id: '{volume}', metadata: 'x' }, { volume_id: '{volume}', metadata: { a: 5 } }].map((more) => cinder('POST /snapshots', { snapshot: more })), cinder('GET /snapshots/x'), cinder(`DELETE /snapshots/${nowhere}`), cinder(`POST /snapshots/${nowhere}/action`, { 'os-reset_status': { status: 'error' } }),
  ...[{}, { volume_id: 'x' }, { volume_id: nowhere }, { volume_id: '{volume}', name: long(256) }, { volume_id: '{volume}', incremental: 'x' }, { volume_id: '{volume}', force: 'x' }, { volume_id: '{volume}', colour: 1 }, { volume_id: '{volume}', container: long(256) }, { volume_id: '{volume}', snapshot_id: nowhere }, { volume_id: '{volume}', metadata: { a: 5 } }].map((more) => cinder('POST /backups', { backup: more })), cinder('GET /backups/x'), cinder(`POST /backups/${nowhere}/restore`, { restore: {} }), cinder(`POST /backups/${nowhere}/restore`, {}), cinder(`DELETE /backups/${nowhere}`),
  ...[{}, { volume_uuid: 'x' }, { volume_uuid: nowhere }, { volume_uuid: '{volume}', instance_uuid: 'x' }, { volume_uuid: '{volume}', mode: 'x' }, { volume_uuid: '{volume}', connector: 'x' }, { volume_uuid: '{volume}', colour: 1 }].map((more) => cinder('POST /attachments', { attachment: more })), cinder('GET /attachments/x'), cinder(`DELETE /attachments/${nowhere}`), cinder(`PUT /attachments/${nowhere}`, { attachment: { connector: {} } }), cinder(`POST /attachments/${nowhere}/action`, { 'os-complete': {} }),
  ...[{}, { name: '' }, { name: 'g-{run}' }, { name: long(256) }, { name: 5 }, { name: 'g-x', colour: 1 }, { name: 'g-x', description: 5 }, { name: 'g-x', 'os-volume-type-access:is_public': 'x' }, { name: 'g-x', extra_specs: 'x' }, { name: 'g-x', extra_specs: { a: 5 } }].map((more) => cinder('POST /types', { volume_type: more })), cinder('GET /types/none'), cinder('DELETE /types/none'), cinder('PUT /types/{type}', { volume_type: {} }), cinder('PUT /types/{type}', { volume_type: { is_public: 'x' } }), cinder('PUT /types/{type}', { volume_type: { name: '' } }),
  ...[{}, { extra_specs: 'x' }, { extra_specs: { a: 5 } }, { extra_specs: { 'a b!': 'x' } }, { extra_specs: {} }].map((body) => cinder('POST /types/{type}/extra_specs', body)), cinder('PUT /types/{type}/extra_specs/a', { b: 'c' }), cinder('GET /types/{type}/extra_specs/none'), cinder('DELETE /types/{type}/extra_specs/none'), cinder('POST /types/{type}/action', { addProjectAccess: { project: 'x' } }), cinder('POST /types/{type}/action', { addProjectAccess: {} }),
  ...[{}, { volume_id: 'x' }, { volume_id: nowhere }, { volume_id: '{volume}', name: long(256) }, { volume_id: '{volume}', colour: 1 }].map((more) => cinder('POST /volume-transfers', { transfer: more })), cinder(`POST /volume-transfers/${nowhere}/accept`, { accept: { auth_key: 'x' } }), cinder(`POST /volume-transfers/${nowhere}/accept`, {}), cinder(`GET /volume-transfers/${nowhere}`),
  ...[{}, { name: 'g-x' }, { name: 'g-x', group_type: 'none', volume_types: ['none'] }, { name: 'g-x', group_type: nowhere, volume_types: [nowhere] }, { name: 'g-x', group_type: nowhere, volume_types: [] }].map((more) => cinder('POST /groups', { group: more })), cinder(`GET /groups/${nowhere}`), cinder(`POST /groups/${nowhere}/action`, { delete: { 'delete-volumes': false } }), cinder('POST /group_types', { group_type: {} }), cinder('POST /group_types', { group_type: { name: '' } }),
  ...[{}, { volumes: -2 }, { volumes: 'x' }, { colour: 1 }, { volumes: 2_147_483_648 }].map((more) => cinder('PUT /os-quota-sets/{project}', { quota_set: more })),
  ...[{}, { name: '' }, { name: 'g-x', consumer: 'x' }, { name: long(256) }].map((more) => cinder('POST /qos-specs', { qos_specs: more })), cinder(`GET /qos-specs/${nowhere}`), cinder('PUT /os-services/disable', {}), cinder('PUT /os-services/dance', { host: 'x' }), cinder('PUT /os-services/disable', { host: 'nowhere', binary: 'cinder-volume' }), cinder(`GET /messages/${nowhere}`),
];

const image = (more: object): unknown => ({ name: 'g-x', container_format: 'bare', disk_format: 'raw', ...more });
const change = (operations: unknown): Step => glance('PATCH /images/{image}', operations, patch);
const imageRefusals: readonly Step[] = [
  ...[[], 'x', null].map((body) => glance('POST /images', body)),
  ...[
    { id: 'x' }, { id: '{image}' }, { name: long(256) }, { name: 5 }, { visibility: 'x' }, { container_format: 'x' }, { disk_format: 'x' }, { min_ram: -1 }, { min_ram: 'x' }, { min_ram: 2_147_483_648 }, { min_disk: -1 }, { protected: 'x' }, { tags: 'x' }, { tags: [5] }, { tags: [long(256)] }, { tags: ['a', 'a'] }, { status: 'active' }, { size: 5 }, { checksum: 'x' }, { created_at: 'x' }, { updated_at: 'x' }, { file: 'x' }, { schema: 'x' }, { self: 'x' }, { direct_url: 'x' }, { virtual_size: 5 }, { os_hash_algo: 'x' }, { os_hash_value: 'x' }, { owner: long(256) }, { os_hidden: 'x' }, { locations: 'x' }, { locations: [{}] }, { colour: 5 }, { [long(256)]: 'x' }, { '': 'x' }, { kernel_id: 'x' }, { ramdisk_id: 5 }, { stores: 'x' }, { os_glance_import_task: 'x' }, { name: 'x\u{1F600}' }, { colour: '\u{1F600}' },
  ].map((more) => glance('POST /images', image(more))),
  ...[
    {}, 'x', [{}], [{ op: 'dance', path: '/name', value: 'x' }], [{ op: 'replace', path: 'name', value: 'x' }], [{ op: 'replace', path: '/name' }], [{ op: 'replace', value: 'x' }], [{ op: 'replace', path: '/none', value: 'x' }], [{ op: 'remove', path: '/none' }], [{ op: 'remove', path: '/name' }], [{ op: 'remove', path: '/id' }], [{ op: 'replace', path: '/id', value: 'x' }], [{ op: 'replace', path: '/status', value: 'active' }], [{ op: 'replace', path: '/size', value: 5 }], [{ op: 'replace', path: '/checksum', value: 'x' }], [{ op: 'replace', path: '/created_at', value: 'x' }], [{ op: 'replace', path: '/schema', value: 'x' }], [{ op: 'replace', path: '/file', value: 'x' }], [{ op: 'add', path: '/self', value: 'x' }],
    [{ op: 'replace', path: '/visibility', value: 'x' }], [{ op: 'replace', path: '/disk_format', value: 'x' }], [{ op: 'replace', path: '/min_ram', value: -1 }], [{ op: 'replace', path: '/min_ram', value: 'x' }], [{ op: 'replace', path: '/protected', value: 'x' }], [{ op: 'replace', path: '/tags', value: 'x' }], [{ op: 'replace', path: '/name', value: long(256) }], [{ op: 'add', path: '/a/b', value: 'x' }], [{ op: 'add', path: '/a', value: 5 }], [{ op: 'add', path: '//', value: 'x' }], [{ op: 'add', path: '/', value: 'x' }], [{ op: 'replace', path: '/os_hidden', value: 'x' }], [{ op: 'add', path: '/os_glance_x', value: 'x' }], [{ op: 'replace', path: '/locations', value: [] }], [{ op: 'add', path: '/locations/-', value: {} }], [{ op: 'remove', path: '/locations/7' }], [{ op: 'replace', path: '/owner', value: long(256) }], [{ op: 'test', path: '/name', value: 'x' }], [{ op: 'move', path: '/a', from: '/b' }], [{ op: 'add', path: '/a', value: 'x', colour: 1 }], [null],
  ].map(change),
  glance('PATCH /images/{image}', [{ op: 'replace', path: '/name', value: 'x' }]), glance('PATCH /images/{image}', [{ op: 'replace', path: '/name', value: 'x' }], { headers: { 'content-type': 'application/json-patch+json' } }), glance('PATCH /images/{image}', [{ replace: '/none', value: 'x' }], { headers: { 'content-type': 'application/openstack-images-v2.0-json-patch' } }), glance(`PATCH /images/${nowhere}`, [], patch), glance('PATCH /images/x', [], patch),
  glance('GET /images/x'), glance(`GET /images/${nowhere}`), glance(`DELETE /images/${nowhere}`), glance('GET /images/{image}/file'), glance(`GET /images/${nowhere}/file`), glance('PUT /images/{image}/file', { x: 1 }), glance('PUT /images/{active}/file', 'x', { headers: { 'content-type': 'application/octet-stream' } }), glance(`PUT /images/${nowhere}/file`, 'x', { headers: { 'content-type': 'application/octet-stream' } }),
  glance('POST /images/{active}/actions/dance'), glance('POST /images/{image}/actions/deactivate'), glance('POST /images/{image}/actions/reactivate'),
  ...[{}, { method: {} }, { method: { name: 'x' } }, { method: { name: 'web-download' } }, { method: { name: 'web-download', uri: 'x' } }, { method: { name: 'glance-direct' } }, { method: { name: 'copy-image' } }, { method: { name: 'web-download', uri: 'ftp://x/' } }, { method: { name: 'web-download', uri: 'http://127.0.0.1:22/' } }, { method: { name: 'glance-download' } }, []].map((body) => glance('POST /images/{image}/import', body)),
  glance('PUT /images/{image}/tags/a%2Fb'), glance(`PUT /images/{image}/tags/${long(256)}`), glance('DELETE /images/{image}/tags/none'), glance(`PUT /images/${nowhere}/tags/a`),
  ...[{}, { member: '' }, { member: 'x' }, { colour: 1 }, []].map((body) => glance('POST /images/{image}/members', body)), glance('GET /images/{image}/members/none'), glance('PUT /images/{image}/members/none', { status: 'accepted' }), glance('DELETE /images/{image}/members/none'), glance('POST /images/{active}/members', { member: 'x' }),
  ...['limit=-1', 'limit=x', 'marker=x', `marker=${nowhere}`, 'sort_key=colour', 'sort_dir=up', 'sort=name:up', 'sort=name&sort_key=name', 'sort=colour', 'visibility=x', 'status=x', 'member_status=x', 'size_min=x', 'size_max=-1', 'protected=x', 'os_hidden=x', 'created_at=x', 'created_at=gt:x', 'created_at=xx:2026-01-01T00:00:00Z', 'name=in:a,b"', 'name=in:"a', 'changes-since=x', 'disk_format=x', 'sort_key=name&sort_key=id&sort_dir=asc&sort_dir=asc&sort_dir=asc', 'tag=x&limit=0'].map((query) => glance(`GET /images?name=g-none&${query}`)),
];

const identityRefusals: readonly Step[] = [
  ...[{}, [], { auth: {} }, { auth: { identity: {} } }, { auth: { identity: { methods: [] } } }, { auth: { identity: { methods: ['password'] } } }, { auth: { identity: { methods: ['dance'], dance: {} } } }, { auth: { identity: { methods: ['password'], password: {} } } }, { auth: { identity: { methods: ['password'], password: { user: { name: 'g-none', password: 'x' } } } } }, { auth: { identity: { methods: ['password'], password: { user: { name: 'g-none', domain: { id: 'default' }, password: 'x' } } } } }, { auth: { identity: { methods: ['token'], token: { id: 'x' } } } }, { auth: { identity: { methods: ['token'] } } }, { auth: { identity: { methods: ['application_credential'], application_credential: { id: 'x', secret: 'y' } } } }].map((body) => keystone('POST /auth/tokens', body)),
  keystone('GET /auth/tokens'), keystone('GET /auth/tokens', undefined, { headers: { 'x-subject-token': 'x' } }), keystone('DELETE /auth/tokens', undefined, { headers: { 'x-subject-token': 'x' } }),
  keystone('GET /users/none'), keystone('GET /projects/none'), keystone('GET /domains/none'), keystone('GET /roles/none'),
];

const placementRefusals: readonly Step[] = [
  ...['colour=1', 'in_tree=x', 'uuid=x', 'member_of=x', 'resources=x', 'resources=VCPU:x', 'resources=NONE:1', 'required=NONE', 'name=a&name=b', 'resources=VCPU:0'].map((query) => placement(`GET /resource_providers?${query}`)),
  ...['', 'resources=', 'resources=VCPU', 'resources=VCPU:-1', 'resources=NONE:1', 'limit=0&resources=VCPU:1', 'limit=x&resources=VCPU:1', 'resources=VCPU:1&required=NONE', 'resources=VCPU:1&colour=1', 'resources1=VCPU:1&resources2=VCPU:1', 'resources=VCPU:1&member_of=x', 'resources=VCPU:1&group_policy=x'].map((query) => placement(`GET /allocation_candidates?${query}`)),
  placement(`GET /resource_providers/${nowhere}`), placement('GET /resource_providers/x'), placement(`GET /resource_providers/${nowhere}/inventories`), placement(`GET /resource_providers/${nowhere}/usages`), placement(`GET /resource_providers/${nowhere}/allocations`), placement('GET /traits/NONE'), placement('GET /resource_classes/NONE'), placement('GET /usages'), placement('GET /usages?project_id='), placement('GET /nothing'), placement('GET /traits?name=x'), placement('GET /traits?associated=x'),
];

/** A cleanup finds what a run that was broken off left, too; what it answers is not compared. */
export const cleanup: readonly Step[] = [
  nova('DELETE /servers/{server}'),
  nova('GET /servers/{server}', undefined, { until: 404 }),
  cinder('DELETE /volumes/{volume}'),
  cinder('GET /volumes/{volume}', undefined, { until: 404 }),
  cinder('DELETE /os-quota-sets/{project}'),
  cinder('DELETE /types/{type}'),
  glance('DELETE /images/{image}'),
  nova('DELETE /os-server-groups/{server_group}'),
  nova('DELETE /flavors/{flavor}'),
  neutron('DELETE /ports/{port}'),
  neutron('DELETE /ports/{unsafe_port}'),
  neutron('PUT /routers/{router}/remove_router_interface', { subnet_id: '{subnet}' }),
  neutron('DELETE /routers/{router}'),
  neutron('DELETE /networks/{network}'),
  neutron('DELETE /networks/{unsafe}'),
  neutron('DELETE /security-groups/{group}'),
];

export const refusals: readonly Step[] = [
  ...networkRefusals,
  ...computeRefusals,
  ...volumeRefusals,
  ...imageRefusals,
  ...identityRefusals,
  ...placementRefusals,
];
