/** What a real Neutron (Zed) was asked, and refused. */
import { beforeEach, expect, test } from 'vitest';
import { behindDoor, factsOf, type Ask } from '../../testing.js';
import { Networks } from '../networks.js';
import { networkRoutes } from '../routes.js';

let ask: Ask;
let group: string;

const post = (path: string, body: unknown) => ask('demo', `POST /v2.0/${path}`, { body });
const rule = (more: object) => ({ security_group_id: group, direction: 'ingress', ...more });
const refusal = async (path: string, body: unknown) => {
  const { status, body: said } = await post(path, body);
  return [status, said.NeutronError?.type];
};
const makeRule = (more: object) => refusal('security-group-rules', { security_group_rule: rule(more) });

beforeEach(async () => {
  ask = behindDoor('network', networkRoutes({ networks: new Networks(factsOf()) }));
  group = (await post('security-groups', { security_group: { name: 'g' } })).body.security_group.id;
});

test('the same rule in another spelling of its protocol is there already; another spelling of the prefix is another rule', async () => {
  const web = { protocol: 'tcp', port_range_min: 80, port_range_max: 80, remote_ip_prefix: '10.0.0.0/8' };
  expect(await makeRule(web)).toEqual([201, undefined]);
  for (const protocol of ['6', 6, 'TCP']) {
    expect(await makeRule({ ...web, protocol })).toEqual([409, 'SecurityGroupRuleExists']);
  }
  expect(await makeRule({ ...web, remote_ip_prefix: '10.1.2.3/8' })).toEqual([201, undefined]);
  const v6 = { ethertype: 'IPv6' };
  expect(await makeRule({ ...v6, protocol: 'icmpv6' })).toEqual([201, undefined]);
  for (const protocol of ['58', 'icmp', 'ipv6-icmp']) {
    expect(await makeRule({ ...v6, protocol })).toEqual([409, 'SecurityGroupRuleExists']);
  }
});

test('protocols that are none, and those of the other family', async () => {
  expect(await makeRule({ protocol: 'icmpv6' })).toEqual([400, 'SecurityGroupEthertypeConflictWithProtocol']);
  for (const protocol of ['-1', 'nonsense', '256']) {
    expect(await makeRule({ protocol })).toEqual([400, 'SecurityGroupRuleInvalidProtocol']);
  }
});

test('of several rules of which two are the same none is made', async () => {
  const dns = { protocol: 'udp', port_range_min: 53, port_range_max: 53 };
  const body = { security_group_rules: [rule(dns), rule({ ...dns, protocol: '17' })] };
  expect(await refusal('security-group-rules', body)).toEqual([409, 'DuplicateSecurityGroupRuleInPost']);
  const half = { security_group_rules: [rule(dns), rule({ protocol: 'nonsense' })] };
  expect(await refusal('security-group-rules', half)).toEqual([400, 'SecurityGroupRuleInvalidProtocol']);
  const { body: listed } = await ask(
    'demo',
    `GET /v2.0/security-group-rules?security_group_id=${group}&direction=ingress`,
  );
  expect(listed.security_group_rules).toEqual([]);
});

test('address pairs want port security', async () => {
  const { body } = await post('networks', { network: { name: 'n', port_security_enabled: false } });
  const pairs = { allowed_address_pairs: [{ ip_address: '10.0.0.1' }] };
  const port = { network_id: body.network.id };
  expect(await refusal('ports', { port: { ...port, ...pairs } })).toEqual([409, 'AddressPairAndPortSecurityRequired']);
  const made = await post('ports', { port });
  const changed = await ask('demo', `PUT /v2.0/ports/${made.body.port.id}`, { body: { port: pairs } });
  expect([changed.status, changed.body.NeutronError.type]).toEqual([409, 'AddressPairAndPortSecurityRequired']);
});
