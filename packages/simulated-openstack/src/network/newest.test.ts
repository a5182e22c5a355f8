/** What the newest Neutron has beside that of Zed. */
import { beforeEach, describe, expect, test } from 'vitest';
import { behindDoor, factsOf, type Ask } from '../testing.js';
import { Networks } from './networks.js';
import { networkRoutes } from './routes.js';

let ask: Ask;
const open = (release: '2026.2' | 'zed'): Ask =>
  behindDoor('network', networkRoutes({ networks: new Networks(factsOf(release)) }));
const defaults = 'default-security-group-rules';
const web = { direction: 'ingress', protocol: 'tcp', port_range_min: 443, port_range_max: 443 };

beforeEach(() => {
  ask = open('2026.2');
});

const post = (who: string, path: string, body: unknown) => ask(who, `POST /v2.0/${path}`, { body });
const listed = async () => (await ask('demo', `GET /v2.0/${defaults}`)).body.default_security_group_rules;
const setDefault = (fields: object, who = 'admin') =>
  post(who, defaults, {
    default_security_group_rule: { ...web, used_in_default_sg: false, used_in_non_default_sg: true, ...fields },
  });
const rulesOf = async (name = 'g') =>
  (await post('demo', 'security-groups', { security_group: { name } })).body.security_group.security_group_rules;

describe('rules that new security groups begin with', () => {
  test('a fresh cloud has what Neutrons have always made', async () => {
    const rules = await listed();
    expect(rules).toHaveLength(4);
    expect(Object.keys(rules[0]).sort()).toEqual(
      [
        ...['description', 'direction', 'ethertype', 'id', 'port_range_max', 'port_range_min', 'protocol'],
        ...['remote_address_group_id', 'remote_group_id', 'remote_ip_prefix', 'used_in_default_sg'],
        'used_in_non_default_sg',
      ].sort(),
    );
    const ingress = rules.filter((rule: { direction: string }) => rule.direction === 'ingress');
    expect(ingress).toMatchObject([0, 1].map(() => ({ remote_group_id: 'PARENT', used_in_non_default_sg: false })));
    expect(await rulesOf()).toHaveLength(2);
  });

  test('an administrator adds and removes them; new groups follow, old ones stay', async () => {
    const made = await setDefault({ remote_ip_prefix: '10.1.0.0/16' });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    expect(made.body.default_security_group_rule).toMatchObject({ ...web, ethertype: 'IPv4', description: '' });
    const rules = await rulesOf();
    expect(rules).toHaveLength(3);
    expect(rules).toContainEqual(expect.objectContaining({ ...web, normalized_cidr: '10.1.0.0/16' }));
    for (const rule of await listed())
      expect((await ask('admin', `DELETE /v2.0/${defaults}/${rule.id}`)).status).toBe(204);
    expect(await rulesOf('empty')).toEqual([]);
    const { body } = await ask('demo', 'GET /v2.0/security-groups?name=default');
    // It was made with the first group, when there were rules.
    expect(body.security_groups[0].security_group_rules).toHaveLength(4);
  });

  test('nobody else writes them, and mistakes are refused', async () => {
    expect((await setDefault({}, 'demo')).status).toBe(403);
    const [{ id }] = await listed();
    expect((await ask('demo', `DELETE /v2.0/${defaults}/${id}`)).status).toBe(403);
    expect((await setDefault({})).status).toBe(201);
    expect((await setDefault({})).body.NeutronError.type).toBe('DefaultSecurityGroupRuleExists');
    const { body } = await post('admin', defaults, { default_security_group_rule: web });
    expect(body.NeutronError.message).toContain("Required attribute 'used_in_default_sg' not specified");
    const both = await setDefault({ remote_ip_prefix: '10.0.0.0/8', remote_group_id: 'PARENT' });
    expect(both.body.NeutronError.type).toBe('SecurityGroupMultipleRemoteEntites');
    const gone = await ask('admin', `DELETE /v2.0/${defaults}/nope`);
    expect([gone.status, gone.body.NeutronError.message]).toEqual([
      404,
      'Default Security Group rule nope does not exist',
    ]);
    expect((await open('zed')('admin', `GET /v2.0/${defaults}`)).status).toBe(404);
  });
});

describe('whether new security groups are stateful', () => {
  const settings = 'security-groups-default-statefulness';
  const set = (who: string, fields: object) =>
    post(who, settings, { security_groups_default_statefulness: { stateful: false, ...fields } });
  const group = async (who: string, fields: object = {}) =>
    (await post(who, 'security-groups', { security_group: { name: 'g', ...fields } })).body.security_group.stateful;

  test('is said for one project, else for all', async () => {
    expect(await group('demo')).toBe(true);
    const all = await set('admin', { project_id: null });
    expect([all.status, all.body.security_groups_default_statefulness]).toEqual([
      201,
      { id: expect.any(String), project_id: null, stateful: false },
    ]);
    expect([await group('demo'), await group('other'), await group('demo', { stateful: true })]).toEqual([
      false,
      false,
      true,
    ]);
    const one = await set('manager', { stateful: true });
    expect(one.body.security_groups_default_statefulness).toMatchObject({ project_id: 'p-demo', stateful: true });
    expect([await group('demo'), await group('other')]).toEqual([true, false]);
    const { id } = all.body.security_groups_default_statefulness;
    expect((await ask('admin', `DELETE /v2.0/${settings}/${id}`)).status).toBe(204);
    expect(await group('other')).toBe(true);
  });

  test('is a manager’s to say, and of another project an administrator’s', async () => {
    expect((await set('demo', {})).status).toBe(403);
    const { id } = (await set('admin', { project_id: 'p-demo' })).body.security_groups_default_statefulness;
    const again = await set('manager', {});
    expect([again.status, again.body.NeutronError.message]).toEqual([
      409,
      "A security group default statefulness setting already exists for project 'p-demo'.",
    ]);
    const body = { security_groups_default_statefulness: { stateful: true } };
    expect((await ask('demo', `PUT /v2.0/${settings}/${id}`, { body })).status).toBe(403);
    expect((await ask('manager', `PUT /v2.0/${settings}/${id}`, { body })).status).toBe(200);
    await set('admin', { project_id: null });
    const seen = (await ask('demo', `GET /v2.0/${settings}`)).body.security_groups_default_statefulness;
    expect(seen).toEqual([{ id, project_id: 'p-demo', stateful: true }]);
    expect((await ask('admin', `GET /v2.0/${settings}?stateful=false`)).body).toMatchObject({
      security_groups_default_statefulness: [{ project_id: null }],
    });
    expect((await ask('other', `GET /v2.0/${settings}/${id}`)).body.NeutronError.message).toBe(
      `Security group default statefulness ${id} could not be found.`,
    );
    expect((await open('zed')('admin', `GET /v2.0/${settings}`)).status).toBe(404);
  });
});

test('rules tell whether they are of a default group', async () => {
  await rulesOf();
  const { body } = await ask('demo', 'GET /v2.0/security-group-rules?belongs_to_default_sg=true');
  expect(body.security_group_rules).toHaveLength(4);
  expect((await rulesOf('other'))[0]).toMatchObject({ belongs_to_default_sg: false });
  const old = await open('zed')('demo', 'GET /v2.0/security-group-rules');
  expect(old.body.security_group_rules[0]).not.toHaveProperty('belongs_to_default_sg');
});

test('tags are added, fifty at most', async () => {
  const { id } = (await post('demo', 'networks', { network: { name: 'n' } })).body.network;
  const tags = (names: readonly string[]) => post('demo', `networks/${id}/tags`, { tags: names });
  expect([(await tags(['a', 'b'])).status, (await tags(['b', 'c'])).status]).toEqual([201, 201]);
  expect((await ask('demo', `GET /v2.0/networks/${id}/tags`)).body).toEqual({ tags: ['a', 'b', 'c'] });
  const many = Array.from({ length: 51 }, (_, at) => `t${at}`);
  expect((await tags(many)).body.NeutronError.message).toBe(
    'Bad networks request: The number of tags exceed the per-resource limit of 50.',
  );
  const old = await open('zed')('demo', `POST /v2.0/networks/${id}/tags`, { body: { tags: [] } });
  expect([old.status, old.body.NeutronError.message]).toEqual([404, 'not supported']);
});

test('how many addresses are used is told of the pools, and of all', async () => {
  const { id: network_id } = (await post('demo', 'networks', { network: { name: 'n' } })).body.network;
  const allocation_pools = [{ start: '10.1.0.10', end: '10.1.0.19' }];
  const subnet = { network_id, cidr: '10.1.0.0/24', ip_version: 4, allocation_pools };
  expect((await post('demo', 'subnets', { subnet })).status).toBe(201);
  for (const fixed_ips of [undefined, [{ ip_address: '10.1.0.100' }]])
    expect((await post('demo', 'ports', { port: { network_id, fixed_ips } })).status).toBe(201);
  const details = {
    total_ips_in_subnet: 254,
    total_ips_in_allocation_pool: 10,
    used_ips_in_subnet: 2,
    used_ips_in_allocation_pool: 1,
  };
  const path = `/v2.0/network-ip-availabilities/${network_id}`;
  expect((await ask('admin', `GET ${path}`)).body.network_ip_availability).toMatchObject({
    used_ips: 2,
    ip_availability_details: details,
    subnet_ip_availability: [{ ip_availability_details: details }],
  });
  const { body } = await ask('admin', 'GET /v2.0/network-ip-availabilities?fields=ip_availability_details');
  expect(Object.keys(body.network_ip_availabilities[0])).toEqual(['ip_availability_details']);
});

test('the router of a floating IP may be named, whether or not it reaches the port by itself', async () => {
  const externalId = (await ask('demo', 'GET /v2.0/networks?router:external=True')).body.networks[0].id;
  const { id: network_id } = (await post('demo', 'networks', { network: { name: 'n' } })).body.network;
  await post('demo', 'subnets', { subnet: { network_id, cidr: '10.1.0.0/24', ip_version: 4 } });
  const { id: port_id } = (await post('demo', 'ports', { port: { network_id } })).body.port;
  const gateway = { external_gateway_info: { network_id: externalId } };
  const router = async (who: string, fields: object) =>
    (await post(who, 'routers', { router: { name: 'r', ...fields } })).body.router.id as string;
  const [outer, other, inner, theirs] = await Promise.all([
    router('demo', gateway),
    router('demo', gateway),
    router('demo', {}),
    router('other', gateway),
  ]);
  const make = (router_id?: string) =>
    post('demo', 'floatingips', { floatingip: { floating_network_id: externalId, port_id, router_id } });
  expect((await make()).status).toBe(404);
  expect([(await make(theirs)).status, (await make(inner)).status]).toEqual([404, 409]);
  const made = await make(outer);
  expect(made.body.floatingip).toMatchObject({ router_id: outer, port_id, status: 'ACTIVE' });
  const { id } = made.body.floatingip;
  const put = (floatingip: object) => ask('demo', `PUT /v2.0/floatingips/${id}`, { body: { floatingip } });
  expect((await put({ router_id: other })).body.floatingip).toMatchObject({ router_id: other, port_id });
  expect((await put({ port_id: null })).body.floatingip).toMatchObject({ router_id: null, port_id: null });
});

test('networks are tagged twice or transparent, not both; ports prefer a NUMA node', async () => {
  const network = async (fields: object) =>
    (await post('demo', 'networks', { network: { name: 'n', ...fields } })).body;
  expect((await network({ qinq: true })).network).toMatchObject({ qinq: true, vlan_transparent: false });
  expect((await network({ qinq: true, vlan_transparent: true })).NeutronError.message).toContain(
    'can not be set to True',
  );
  const { id } = (await network({})).network;
  const port = async (policy: string) =>
    (await post('demo', 'ports', { port: { network_id: id, numa_affinity_policy: policy } })).body;
  expect((await port('socket')).port.numa_affinity_policy).toBe('socket');
  expect((await port('moon')).NeutronError.message).toContain('is not in valid_values');
});

test('a limit below what is used is refused unless it is forced', async () => {
  await post('demo', 'networks', { network: { name: 'n' } });
  await post('demo', 'networks', { network: { name: 'n' } });
  const put = (quota: object, at = ask) => at('admin', 'PUT /v2.0/quotas/p-demo', { body: { quota } });
  const refused = await put({ network: 1 });
  expect([refused.status, refused.body.NeutronError.message]).toEqual([
    400,
    'Quota limit 1 for network must be greater than or equal to already used 2',
  ]);
  expect((await put({ network: 1, force: true })).body.quota.network).toBe(1);
  expect((await put({ network: -1 })).status).toBe(200);
});
