import { beforeEach, expect, test } from 'vitest';
import { behindDoor, eventually, factsOf, type Ask } from '../testing.js';
import { Networks } from './networks.js';
import { networkRoutes } from './routes.js';

let networks: Networks;
let ask: Ask;

beforeEach(() => {
  networks = new Networks(factsOf());
  ask = behindDoor('network', networkRoutes({ networks }));
});

const make = async (who: string, path: string, key: string, body: unknown) => {
  const answer = await ask(who, `POST /v2.0/${path}`, { body: { [key]: body } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body[key];
};

const network = (who = 'demo', fields = {}) => make(who, 'networks', 'network', { name: 'n', ...fields });
const subnet = (network_id: string, cidr = '10.1.0.0/24', fields = {}) =>
  make('demo', 'subnets', 'subnet', { network_id, cidr, ip_version: cidr.includes(':') ? 6 : 4, ...fields });
const port = (network_id: string, fields = {}) => make('demo', 'ports', 'port', { network_id, ...fields });
const anyWords = expect.any(String) as string;
const refused = async (who: string, call: string, body?: unknown) => {
  const answer = await ask(who, call, body === undefined ? {} : { body });
  return [answer.status, answer.body.NeutronError.type, answer.body.NeutronError.message];
};

test('a fresh cloud has a public and a private network, the same for the same seed', async () => {
  const { body } = await ask('demo', 'GET /v2.0/networks');
  expect(body.networks).toMatchObject(
    [
      { name: 'private', shared: true, 'router:external': false },
      { name: 'public', shared: false, 'router:external': true, subnets: [expect.any(String)] },
    ].sort((a, b) => (a.name === body.networks[0].name ? -1 : b.name === body.networks[0].name ? 1 : 0)),
  );
  const again = new Networks(factsOf());
  expect(again.usableFor('anybody')).toEqual(networks.usableFor('anybody'));
  expect(networks.usableFor('anybody').map(({ name }) => name)).toEqual(['private']);
});

test('provider attributes are shown to administrators alone', async () => {
  const made = await network();
  expect(Object.keys(made).filter((name) => name.startsWith('provider:'))).toEqual([]);
  const { body } = await ask('admin', `GET /v2.0/networks/${made.id}`);
  expect(body.network).toMatchObject({
    'provider:network_type': 'vxlan',
    'provider:segmentation_id': expect.any(Number),
  });
});

test('what belongs to another project is not there', async () => {
  const { id } = await network('other');
  expect(await refused('demo', `GET /v2.0/networks/${id}`)).toEqual([
    404,
    'NetworkNotFound',
    `Network ${id} could not be found.`,
  ]);
  expect(await refused('demo', `DELETE /v2.0/networks/${id}`)).toEqual([404, anyWords, anyWords]);
  expect((await ask('demo', `GET /v2.0/networks?id=${id}`)).body.networks).toEqual([]);
  expect((await ask('admin', `GET /v2.0/networks?id=${id}`)).body.networks).toHaveLength(1);
});

test('only administrators share a network with everybody, and anybody shares his own with one project', async () => {
  expect(await refused('demo', 'POST /v2.0/networks', { network: { shared: true } })).toEqual([
    403,
    'PolicyNotAuthorized',
    '(rule:create_network and rule:create_network:shared) is disallowed by policy',
  ]);
  const { id } = await network();
  const policy = { object_type: 'network', object_id: id, action: 'access_as_shared', target_tenant: 'p-other' };
  await make('demo', 'rbac-policies', 'rbac_policy', policy);
  expect((await ask('other', `GET /v2.0/networks/${id}`)).body.network.shared).toBe(true);
  expect(await refused('other', `PUT /v2.0/networks/${id}`, { network: { name: 'x' } })).toEqual([
    403,
    'PolicyNotAuthorized',
    'rule:update_network is disallowed by policy',
  ]);
  expect(await refused('demo', 'POST /v2.0/rbac-policies', { rbac_policy: policy })).toEqual([
    409,
    'DuplicatePolicyError',
    anyWords,
  ]);
});

test('bodies are read as Neutron reads them', async () => {
  const cases = [
    [{ network: { foo: 1 } }, 'HTTPBadRequest', "Unrecognized attribute(s) 'foo'"],
    [{ network: { name: 5 } }, 'HTTPBadRequest', "Invalid input for name. Reason: '5' is not a valid string."],
    [{ network: { mtu: 'x' } }, 'InvalidInput', "Invalid input for operation: 'x' is not an integer."],
    [{}, 'HTTPBadRequest', "Unable to find 'network' in request body"],
    [{ network: { status: 'x' } }, 'HTTPBadRequest', "Attribute 'status' not allowed in POST"],
    [
      { network: { admin_state_up: 'maybe' } },
      'InvalidInput',
      "Invalid input for operation: 'maybe' cannot be converted to boolean.",
    ],
  ] as const;
  for (const [body, type, message] of cases) {
    expect(await refused('demo', 'POST /v2.0/networks', body)).toEqual([400, type, message]);
  }
  expect(await refused('demo', 'POST /v2.0/subnets', { subnet: { name: 'x' } })).toEqual([400, anyWords, anyWords]);
});

test('a subnet has a gateway and one pool of the rest', async () => {
  const { id } = await network();
  expect(await subnet(id)).toMatchObject({
    gateway_ip: '10.1.0.1',
    allocation_pools: [{ start: '10.1.0.2', end: '10.1.0.254' }],
    enable_dhcp: true,
  });
  expect(await subnet(id, 'fd00:1::/64')).toMatchObject({ gateway_ip: 'fd00:1::1', ip_version: 6 });
  expect((await ask('demo', `GET /v2.0/networks/${id}`)).body.network.subnets).toHaveLength(2);
});

test.each([
  [{ cidr: '10.1.0.128/25', ip_version: 4 }, 'InvalidInput', /overlaps with another subnet/],
  [{ cidr: '10.2.0.0/24', ip_version: 6 }, 'InvalidInput', /does not match the ip_version/],
  [{ ip_version: 4 }, 'BadRequest', /a subnetpool must be specified in the absence of a cidr/],
  [{ cidr: '10.2.0.0/24', ip_version: 4, gateway_ip: '10.2.0.0' }, 'InvalidInput', /Gateway is not valid on subnet/],
  [
    { cidr: '10.2.0.0/24', ip_version: 4, allocation_pools: [{ start: '10.3.0.1', end: '10.3.0.9' }] },
    'OutOfBoundsAllocationPool',
    /spans beyond/,
  ],
])('a subnet that cannot be is refused: %j', async (fields, type, words) => {
  const { id } = await network();
  await subnet(id);
  const [status, found, message] = await refused('demo', 'POST /v2.0/subnets', {
    subnet: { network_id: id, ...fields },
  });
  expect([status, found]).toEqual([400, type]);
  expect(message).toMatch(words);
});

test('ports get addresses until there are none left, and what is given back is given out again', async () => {
  const { id } = await network();
  await subnet(id, '10.1.0.0/29');
  const ports = [];
  for (let n = 0; n < 5; n += 1) ports.push(await port(id));
  expect(new Set(ports.map((one) => one.fixed_ips[0].ip_address)).size).toBe(5);
  expect(await refused('demo', 'POST /v2.0/ports', { port: { network_id: id } })).toEqual([
    409,
    'IpAddressGenerationFailure',
    `No more IP addresses available on network ${id}.`,
  ]);
  await ask('demo', `DELETE /v2.0/ports/${ports[2].id}`);
  expect((await port(id)).fixed_ips).toEqual(ports[2].fixed_ips);
});

test('a port takes the address it asks for, if it is one of the subnet and free', async () => {
  const { id } = await network();
  const { id: subnet_id } = await subnet(id);
  const wanted = (ip_address: string) => ({ port: { network_id: id, fixed_ips: [{ subnet_id, ip_address }] } });
  await port(id, wanted('10.1.0.9').port);
  expect(await refused('demo', 'POST /v2.0/ports', wanted('10.1.0.9'))).toEqual([
    409,
    'IpAddressAlreadyAllocated',
    `IP address 10.1.0.9 already allocated in subnet ${subnet_id}`,
  ]);
  expect(await refused('demo', 'POST /v2.0/ports', wanted('10.9.0.9'))).toEqual([400, 'InvalidIpForSubnet', anyWords]);
  const loose = { port: { network_id: id, fixed_ips: [{ ip_address: '10.9.0.9' }] } };
  expect(await refused('demo', 'POST /v2.0/ports', loose)).toEqual([400, 'InvalidIpForNetwork', anyWords]);
});

test('a port has one address of each IP version, and makes one from its MAC address where the subnet is automatic', async () => {
  const { id } = await network();
  await subnet(id);
  await subnet(id, 'fd00:1::/64', { ipv6_address_mode: 'slaac', ipv6_ra_mode: 'slaac' });
  const { fixed_ips: ips, mac_address: mac } = await port(id);
  expect(ips.map((ip: { ip_address: string }) => ip.ip_address)).toEqual([
    '10.1.0.2',
    expect.stringMatching(/^fd00:1::f816:3eff:fe/),
  ]);
  expect(mac).toMatch(/^fa:16:3e:/);
});

test('what is in use stays', async () => {
  const { id } = await network();
  const { id: subnetId } = await subnet(id);
  const { id: portId } = await port(id);
  expect(await refused('demo', `DELETE /v2.0/subnets/${subnetId}`)).toEqual([409, 'SubnetInUse', anyWords]);
  expect(await refused('demo', `DELETE /v2.0/networks/${id}`)).toEqual([
    409,
    'NetworkInUse',
    `Unable to complete operation on network ${id}. There are one or more ports still in use on the network, id for these ports is: ${portId}.`,
  ]);
  await ask('demo', `DELETE /v2.0/ports/${portId}`);
  expect((await ask('demo', `DELETE /v2.0/networks/${id}`)).status).toBe(204);
  expect(await refused('demo', `GET /v2.0/subnets/${subnetId}`)).toEqual([404, 'SubnetNotFound', anyWords]);
});

test('a bulk create makes all or none', async () => {
  const many = { networks: [{ name: 'a' }, { name: 'b' }] };
  expect(
    (await ask('demo', 'POST /v2.0/networks', { body: many })).body.networks.map((one: { name: string }) => one.name),
  ).toEqual(['a', 'b']);
  const bad = { networks: [{ name: 'c' }, { name: 7 }] };
  expect((await ask('demo', 'POST /v2.0/networks', { body: bad })).status).toBe(400);
  expect((await ask('demo', 'GET /v2.0/networks?name=c')).body.networks).toEqual([]);
});

test('each project has a default group that allows what is sent and what its members send', async () => {
  const { body } = await ask('demo', 'GET /v2.0/security-groups?name=default');
  const [group] = body.security_groups;
  expect(group).toMatchObject({ project_id: 'p-demo', stateful: true, shared: false });
  const rules = group.security_group_rules.map((rule: Record<string, unknown>) => [
    rule['direction'],
    rule['ethertype'],
    rule['remote_group_id'],
  ]);
  expect(rules.sort()).toEqual([
    ['egress', 'IPv4', null],
    ['egress', 'IPv6', null],
    ['ingress', 'IPv4', group.id],
    ['ingress', 'IPv6', group.id],
  ]);
  expect(await refused('demo', 'POST /v2.0/security-groups', { security_group: { name: 'default' } })).toEqual([
    409,
    'SecurityGroupDefaultAlreadyExists',
    anyWords,
  ]);
  expect(await refused('demo', `DELETE /v2.0/security-groups/${group.id}`)).toEqual([
    409,
    'SecurityGroupCannotRemoveDefault',
    anyWords,
  ]);
});

test('rules are checked, and there once', async () => {
  const { id } = await make('demo', 'security-groups', 'security_group', { name: 'web' });
  const http = {
    security_group_id: id,
    direction: 'ingress',
    protocol: 'TCP',
    port_range_min: 80,
    port_range_max: 80,
    remote_ip_prefix: '10.0.0.5/8',
  };
  const rule = await make('demo', 'security-group-rules', 'security_group_rule', http);
  expect(rule).toMatchObject({ protocol: 'tcp', normalized_cidr: '10.0.0.0/8', ethertype: 'IPv4' });
  const again = (changes: object) =>
    refused('demo', 'POST /v2.0/security-group-rules', { security_group_rule: { ...http, ...changes } });
  expect(await again({})).toEqual([
    409,
    'SecurityGroupRuleExists',
    `Security group rule already exists. Rule id is ${rule.id}.`,
  ]);
  expect(await again({ port_range_min: 90 })).toEqual([400, 'SecurityGroupInvalidPortRange', anyWords]);
  expect(await again({ protocol: null })).toEqual([400, 'SecurityGroupProtocolRequiredWithPorts', anyWords]);
  expect(await again({ ethertype: 'IPv6' })).toEqual([400, 'SecurityGroupRuleParameterConflict', anyWords]);
  const shown = (await ask('demo', `GET /v2.0/security-groups/${id}`)).body.security_group;
  expect(shown.security_group_rules.map((one: { id: string }) => one.id)).toContain(rule.id);
});

test('an address group that a rule names stays, and its addresses are kept as prefixes', async () => {
  const group = await make('demo', 'address-groups', 'address_group', { name: 'a', addresses: ['10.0.0.1'] });
  expect(group.addresses).toEqual(['10.0.0.1/32']);
  const added = await ask('demo', `PUT /v2.0/address-groups/${group.id}/add_addresses`, {
    body: { addresses: ['10.1.0.0/16'] },
  });
  expect(added.body.address_group.addresses).toEqual(['10.0.0.1/32', '10.1.0.0/16']);
  const { id } = await make('demo', 'security-groups', 'security_group', { name: 'web' });
  await make('demo', 'security-group-rules', 'security_group_rule', {
    security_group_id: id,
    direction: 'ingress',
    remote_address_group_id: group.id,
  });
  expect(await refused('demo', `DELETE /v2.0/address-groups/${group.id}`)).toEqual([
    409,
    'AddressGroupInUse',
    anyWords,
  ]);
});

test('quotas hold, and are the administrator’s to set', async () => {
  expect(await refused('demo', 'PUT /v2.0/quotas/p-demo', { quota: { network: 1 } })).toEqual([
    403,
    anyWords,
    anyWords,
  ]);
  await ask('admin', 'PUT /v2.0/quotas/p-demo', { body: { quota: { network: 1 } } });
  await network();
  expect(await refused('demo', 'POST /v2.0/networks', { network: {} })).toEqual([
    409,
    'OverQuota',
    "Quota exceeded for resources: ['network'].",
  ]);
  const { body } = await ask('demo', 'GET /v2.0/quotas/p-demo/details');
  expect(body.quota.network).toEqual({ limit: 1, used: 1, reserved: 0 });
  expect((await ask('admin', 'GET /v2.0/quotas')).body.quotas).toMatchObject([{ project_id: 'p-demo', network: 1 }]);
  expect((await ask('admin', 'DELETE /v2.0/quotas/p-demo')).status).toBe(204);
});

test('tags are set one by one or all at once, and found by', async () => {
  const { id } = await network();
  expect((await ask('demo', `PUT /v2.0/networks/${id}/tags/red`)).status).toBe(201);
  await ask('demo', `PUT /v2.0/networks/${id}/tags`, { body: { tags: ['blue', 'green'] } });
  expect((await ask('demo', `GET /v2.0/networks/${id}/tags`)).body).toEqual({ tags: ['blue', 'green'] });
  const found = async (query: string) => (await ask('demo', `GET /v2.0/networks?${query}`)).body.networks.length;
  expect([
    await found('tags=blue,green'),
    await found('tags=blue,red'),
    await found('tags-any=blue,red'),
    await found('not-tags=blue'),
  ]).toEqual([1, 0, 1, 2]);
});

test('a cloud of Mitaka knows no project_id, no revisions, no address groups', async () => {
  const old = new Networks(factsOf('mitaka'));
  const older = behindDoor('network', networkRoutes({ networks: old }), 'mitaka');
  const { body } = await older('demo', 'POST /v2.0/networks', { body: { network: { name: 'n' } } });
  expect(body.network).toMatchObject({ tenant_id: 'p-demo', created_at: expect.any(String) });
  expect(Object.keys(body.network)).not.toEqual(expect.arrayContaining(['project_id']));
  expect((await older('demo', 'GET /v2.0/address-groups')).status).toBe(404);
  const { body: listed } = await older('demo', 'GET /v2.0/extensions');
  const aliases = listed.extensions.map((one: { alias: string }) => one.alias);
  expect(aliases).toContain('timestamp_core');
  expect(aliases).not.toContain('standard-attr-timestamp');
});

test('a changed row has another revision, and If-Match holds against it', async () => {
  const { id, revision_number: first } = await network();
  const headers = { 'if-match': `revision_number=${first}` };
  const { body } = await ask('demo', `PUT /v2.0/networks/${id}`, { body: { network: { name: 'm' } }, headers });
  expect(body.network).toMatchObject({ name: 'm', revision_number: first + 1 });
  expect((await ask('demo', `PUT /v2.0/networks/${id}`, { body: { network: { name: 'o' } }, headers })).status).toBe(
    412,
  );
});

test('Nova’s ports become ACTIVE, and go with their server', async () => {
  const [usable] = networks.usableFor('p-demo');
  const plugged = networks.plug({ projectId: 'p-demo', deviceId: 's1', networkId: usable!.id });
  expect(plugged).toMatchObject({
    networkName: 'private',
    addresses: [{ address: '10.128.0.2', version: 4, type: 'fixed' }],
    securityGroups: [{ name: 'default' }],
  });
  await eventually(async () => (await ask('demo', 'GET /v2.0/ports?device_id=s1')).body.ports[0]?.status === 'ACTIVE');
  networks.unplugDevice('s1');
  expect(networks.portsOf('s1')).toEqual([]);
});

test('a port that was there before its server stays when the server goes', async () => {
  const { id } = await network();
  await subnet(id);
  const { id: portId } = await port(id);
  networks.plug({ projectId: 'p-demo', deviceId: 's1', portId });
  expect(() => networks.plug({ projectId: 'p-demo', deviceId: 's2', portId })).toThrow(
    `Port ${portId} is still in use.`,
  );
  networks.unplug(portId);
  expect((await ask('demo', `GET /v2.0/ports/${portId}`)).body.port).toMatchObject({ device_id: '', status: 'DOWN' });
});

test('a server joins and leaves groups by name', async () => {
  const { id } = await make('demo', 'security-groups', 'security_group', { name: 'web' });
  networks.plug({ projectId: 'p-demo', deviceId: 's1', networkId: networks.usableFor('p-demo')[0]!.id });
  networks.join('s1', 'p-demo', 'web');
  expect(networks.groupsOf('s1').map(({ name }) => name)).toEqual(['default', 'web']);
  expect(await refused('demo', `DELETE /v2.0/security-groups/${id}`)).toEqual([409, 'SecurityGroupInUse', anyWords]);
  networks.leave('s1', 'p-demo', 'web');
  expect(() => networks.leave('s1', 'p-demo', 'web')).toThrow('not associated with the instance s1');
  expect(() => networks.join('s1', 'p-demo', 'none')).toThrow("Unable to find security_group with name or id 'none'");
});
