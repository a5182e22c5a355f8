/** What the newest Neutron has beside that of Zed, over one zone of each. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { believe } from './believed-site.js';
import { startSimulatedCascade, type Ask, type SimulatedCascade, type Tenant } from './simulated-cascade.js';
import { send } from './cascade.js';
import { reconcile } from '../src/reconcilers.js';

type Json = Record<string, unknown>;
type Zone = 'east' | 'west';
const neutron = '/network/v2.0';
const defaults = `${neutron}/default-security-group-rules`;
const statefulness = `${neutron}/security-groups-default-statefulness`;
const web = { direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 443, port_range_max: 443 };

let cloud: SimulatedCascade;
let ann: Tenant;
const settle = () => reconcile(cloud.cascade.world, () => true);

beforeAll(async () => {
  cloud = await startSimulatedCascade({}, {}, { east: '2026.2' });
  ann = await cloud.tenant('ann');
  await settle();
}, 120_000);
afterAll(() => cloud.close());

const admin: Ask = (...asked) => cloud.admin(...asked);

/** A project whose home is a zone. */
async function homeIn(zone: Zone): Promise<Tenant> {
  const bob = await cloud.tenant(`home-${zone}-${Math.random()}`);
  const network = { name: 'n', availability_zone_hints: [zone] };
  expect((await bob(`POST ${neutron}/networks`, { network })).status).toBe(201);
  return bob;
}
async function defaultOf(tenant: Tenant): Promise<{ id: string; security_group_rules: Json[] }> {
  const { body } = await tenant(`GET ${neutron}/security-groups?name=default`);
  expect(body.security_groups).toHaveLength(1);
  return body.security_groups[0];
}
const ownRules = async (of: SimulatedCascade, zone: Zone): Promise<Json[]> =>
  (await asked(of, zone)(`GET ${defaults}`)).body.default_security_group_rules;

/** A group of a project whose home is a zone. */
async function groupIn(zone: Zone, fields: Json = {}): Promise<Json & { security_group_rules: Json[] }> {
  const bob = await homeIn(zone);
  const security_group = { name: 'g', ...fields };
  const { body, status, text } = await bob(`POST ${neutron}/security-groups`, { security_group });
  expect(status, text).toBe(201);
  const there = await bob.at[zone](`GET ${neutron}/security-groups/${body.security_group.id}`);
  expect(there.body.security_group).toEqual(body.security_group);
  return body.security_group;
}
/** Asks a zone itself in the administrator's name. */
const asked =
  (of: SimulatedCascade, zone: Zone): Ask =>
  (call, body) => {
    const [method = '', path = ''] = call.split(' ');
    return send(method, of[zone].url + path, { token: of.token, body });
  };
const said = ({ direction, ethertype, protocol, port_range_min }: Json) =>
  `${direction} ${ethertype} ${protocol ?? 'any'} ${port_range_min ?? ''}`.trim();
const usual = ['egress IPv4 any', 'egress IPv6 any'];
const add = (fields: Json, ask: Ask = admin) =>
  ask(`POST ${defaults}`, {
    default_security_group_rule: { ...web, used_in_default_sg: false, used_in_non_default_sg: true, ...fields },
  });

describe('rules that new security groups begin with', () => {
  test('are listed once, and hold in the zone that is too old to know of them', async () => {
    const { body } = await ann(`GET ${defaults}`);
    expect(body.default_security_group_rules).toHaveLength(4);
    for (const zone of ['east', 'west'] as const)
      expect((await groupIn(zone)).security_group_rules.map(said).sort()).toEqual(usual);
    const made = await add({});
    expect(made.status, made.text).toBe(201);
    const { id } = made.body.default_security_group_rule;
    expect((await ann(`GET ${defaults}/${id}`)).body.default_security_group_rule).toMatchObject(web);
    for (const zone of ['east', 'west'] as const)
      expect((await groupIn(zone)).security_group_rules.map(said).sort()).toEqual([...usual, 'ingress IPv4 tcp 443']);
    expect((await admin(`DELETE ${defaults}/${id}`)).status).toBe(204);
    expect((await ann(`GET ${defaults}/${id}`)).status).toBe(404);
    expect((await groupIn('west')).security_group_rules.map(said).sort()).toEqual(usual);
  });

  test('are narrower in all zones when an administrator removes one', async () => {
    const { body } = await admin(`GET ${defaults}?direction=egress&ethertype=IPv6`);
    const [rule] = body.default_security_group_rules;
    expect((await admin(`DELETE ${defaults}/${rule.id}`)).status).toBe(204);
    for (const zone of ['east', 'west'] as const)
      expect((await groupIn(zone)).security_group_rules.map(said)).toEqual(['egress IPv4 any']);
    const { id: _id, ...fields } = rule;
    expect((await admin(`POST ${defaults}`, { default_security_group_rule: fields })).status).toBe(201);
  });

  test('are an administrator’s, and name nothing of one zone', async () => {
    expect((await add({}, ann)).status).toBe(403);
    const group = await groupIn('east');
    const bound = await add({ remote_group_id: group['id'] });
    expect([bound.status, bound.body.NeutronError.message]).toEqual([
      400,
      'remote_group_id: a security group other than PARENT is of one availability zone, and default rules hold in all of them.',
    ]);
    const itself = await add({ remote_group_id: 'PARENT' });
    expect(itself.status, itself.text).toBe(201);
    const { security_group_rules: rules, id } = await groupIn('west');
    expect(rules.find((rule) => rule['direction'] === 'ingress')).toMatchObject({ remote_group_id: id });
    await admin(`DELETE ${defaults}/${itself.body.default_security_group_rule.id}`);
  });

  test('reach a zone once it is upgraded, and those of its own stay its own', async () => {
    const newer = await startSimulatedCascade({}, {}, { east: '2026.2', west: '2026.2' });
    const { world } = newer.cascade;
    const count = () =>
      Promise.all((['east', 'west'] as const).map(async (zone) => (await ownRules(newer, zone)).length));
    const used = { used_in_default_sg: true, used_in_non_default_sg: true };
    try {
      const rule = { ...web, port_range_max: 444, ...used };
      const own = await asked(newer, 'west')(`POST ${defaults}`, { default_security_group_rule: rule });
      expect(own.status, own.text).toBe(201);
      // A site's list is read in every fourth round.
      for (let round = 0; round < 4; round++) await reconcile(world, () => true);
      expect((await newer.admin(`GET ${defaults}`)).body.default_security_group_rules).toHaveLength(5);
      expect(await count()).toEqual([4, 5]);

      const upgrade = await believe(newer, 'west', { networkExtensions: ['security-group'] });
      const made = await add({ ...used }, newer.admin);
      expect(made.status, made.text).toBe(201);
      await reconcile(world, () => true);
      expect(await count()).toEqual([5, 5]);
      await upgrade();
      await reconcile(world, () => true);
      expect(await count()).toEqual([5, 6]);
      expect((await newer.admin(`GET ${defaults}`)).body.default_security_group_rules).toHaveLength(6);
      const { id: ruleId } = made.body.default_security_group_rule;
      expect((await newer.admin(`DELETE ${defaults}/${ruleId}`)).status).toBe(204);
      expect(await count()).toEqual([4, 5]);
    } finally {
      await newer.close();
    }
  });

  test('are those of a zone that is added later, which keeps no other than its own', async () => {
    const newer = await startSimulatedCascade({}, {}, { east: '2026.2', west: '2026.2' });
    const { world } = newer.cascade;
    try {
      expect((await newer.admin('DELETE /cascade/v1/sites/west?forget_resources=true')).status).toBe(204);
      await reconcile(world, () => true);
      const { body } = await newer.admin(`GET ${defaults}?direction=egress&ethertype=IPv6`);
      const [legacy] = body.default_security_group_rules;
      expect((await newer.admin(`DELETE ${defaults}/${legacy.id}`)).status).toBe(204);
      expect((await add({}, newer.admin)).status).toBe(201);
      const setting = { stateful: false, project_id: null };
      const set = await newer.admin(`POST ${statefulness}`, { security_groups_default_statefulness: setting });
      expect(set.status, set.text).toBe(201);
      const other = { ...web, port_range_max: 444, used_in_default_sg: false, used_in_non_default_sg: false };
      const own = await asked(newer, 'west')(`POST ${defaults}`, { default_security_group_rule: other });
      expect(own.status, own.text).toBe(201);

      const auth = { username: 'admin', password: 'correct horse' };
      const site = { name: 'west', auth_url: `${newer.west.url}/identity`, region: 'west', auth };
      expect((await newer.admin('POST /cascade/v1/sites', site)).status).toBe(201);
      await reconcile(world, () => true);

      const usual = ['egress IPv4 any', 'ingress IPv4 any', 'ingress IPv6 any', 'ingress IPv4 tcp 443'];
      expect((await ownRules(newer, 'east')).map(said).sort()).toEqual([...usual].sort());
      expect((await ownRules(newer, 'west')).map(said).sort()).toEqual([...usual, 'ingress IPv4 tcp 443'].sort());
      const there = await asked(newer, 'west')(`GET ${statefulness}`);
      expect(there.body.security_groups_default_statefulness).toMatchObject([setting]);
      // What was found there stays there.
      await reconcile(world, () => true);
      expect(await ownRules(newer, 'east')).toHaveLength(4);
    } finally {
      await newer.close();
    }
  });

  test('are those of a project’s default group too, whether or not its home knows of them', async () => {
    const ssh = { ...web, port_range_min: 22, port_range_max: 22, used_in_default_sg: true };
    const before = await homeIn('west');
    await defaultOf(before);
    const made = await add(ssh);
    expect(made.status, made.text).toBe(201);
    for (const zone of ['east', 'west'] as const) {
      const dan = await homeIn(zone);
      const group = await defaultOf(dan);
      expect(group.security_group_rules.map(said).sort(), zone).toEqual([
        ...usual,
        'ingress IPv4 any',
        'ingress IPv4 tcp 22',
        'ingress IPv6 any',
      ]);
      const own = await dan.at[zone](`GET ${neutron}/security-groups?name=default`);
      expect(own.body.security_groups[0].security_group_rules).toEqual(group.security_group_rules);
    }
    // As in a newer Neutron, groups that were there stay as they are.
    expect((await defaultOf(before)).security_group_rules).toHaveLength(4);
    await admin(`DELETE ${defaults}/${made.body.default_security_group_rule.id}`);
  });
});

describe('whether new security groups are stateful', () => {
  const set = (fields: Json, ask: Ask = admin) =>
    ask(`POST ${statefulness}`, { security_groups_default_statefulness: fields });
  const stateful = async (zone: Zone, fields: Json = {}) => (await groupIn(zone, fields))['stateful'];

  test('is said once, and holds in every zone', async () => {
    expect([await stateful('east'), await stateful('west')]).toEqual([true, true]);
    const made = await set({ project_id: null, stateful: false });
    expect(made.status, made.text).toBe(201);
    const { id } = made.body.security_groups_default_statefulness;
    expect([await stateful('east'), await stateful('west')]).toEqual([false, false]);
    for (const zone of ['east', 'west'] as const) expect(await stateful(zone, { stateful: true })).toBe(true);
    const update = { security_groups_default_statefulness: { stateful: true } };
    const changed = await admin(`PUT ${statefulness}/${id}`, update);
    expect(changed.body.security_groups_default_statefulness).toEqual({ id, project_id: null, stateful: true });
    expect([await stateful('east'), await stateful('west')]).toEqual([true, true]);
    expect((await admin(`DELETE ${statefulness}/${id}`)).status).toBe(204);
    expect((await admin(`GET ${statefulness}/${id}`)).status).toBe(404);
  });

  test('is said of a project before it is said of all', async () => {
    const all = (await set({ project_id: null, stateful: true })).body.security_groups_default_statefulness;
    for (const zone of ['east', 'west'] as const) {
      const dan = await homeIn(zone);
      const made = await set({ project_id: dan.projectId, stateful: false });
      const one = made.body.security_groups_default_statefulness;
      const group = await dan(`POST ${neutron}/security-groups`, { security_group: { name: 'g' } });
      expect(group.body.security_group.stateful, zone).toBe(false);
      const seen = await dan(`GET ${statefulness}`);
      expect(seen.body.security_groups_default_statefulness).toEqual([one]);
      expect((await set({ stateful: true }, dan)).status).toBe(403);
      const again = await set({ project_id: dan.projectId, stateful: true });
      expect([again.status, again.body.NeutronError.type]).toEqual([
        409,
        'SecurityGroupDefaultStatefulnessAlreadyExists',
      ]);
      expect((await admin(`DELETE ${statefulness}/${one.id}`)).status).toBe(204);
    }
    expect((await admin(`DELETE ${statefulness}/${all.id}`)).status).toBe(204);
  });

  test('is changed back where a zone says otherwise', async () => {
    const { id } = (await set({ project_id: null, stateful: false })).body.security_groups_default_statefulness;
    const update = { security_groups_default_statefulness: { stateful: true } };
    const [own] = (await asked(cloud, 'east')(`GET ${statefulness}`)).body.security_groups_default_statefulness;
    await asked(cloud, 'east')(`PUT ${statefulness}/${own.id}`, update);
    // A site's list is read in every fourth round.
    for (let round = 0; round < 4; round++) await settle();
    expect((await admin(`GET ${statefulness}/${id}`)).body.security_groups_default_statefulness.stateful).toBe(false);
    await admin(`DELETE ${statefulness}/${id}`);
  });
});

test('the list of extensions is that of all zones; each zone goes by its own', async () => {
  const aliases = (await ann(`GET ${neutron}/extensions`)).body.extensions.map((one: Json) => one['alias']);
  for (const alias of ['tag-creation', 'qinq', 'security-groups-default-rules', 'external-gateway-multihoming'])
    expect(aliases).not.toContain(alias);
  expect((await ann(`GET ${neutron}/extensions/tag-creation`)).status).toBe(404);
});

test('fields that the older zone does not know are refused with its name, and taken by the newer one', async () => {
  const network = (zone: Zone, fields: Json) =>
    ann(`POST ${neutron}/networks`, { network: { name: 'n', availability_zone_hints: [zone], ...fields } });
  const unknown = async (answer: Promise<{ status: number; text: string }>, name: string) => {
    const { status, text } = await answer;
    expect([status, text]).toEqual([
      400,
      expect.stringContaining(`Unrecognized attribute(s) '${name}' (Availability zone west.)`),
    ]);
  };
  for (const fields of [{ qinq: true }, { vlan_transparent: true }]) {
    const [name] = Object.keys(fields);
    const made = await network('east', fields);
    expect(made.body.network, made.text).toMatchObject(fields);
    const { body } = await ann(`GET ${neutron}/networks?${name}=true`);
    expect(body.networks.map(({ id }: Json) => id)).toEqual([made.body.network.id]);
    await unknown(network('west', fields), name!);
  }
  const [east, west] = await Promise.all([network('east', {}), network('west', {})]);
  const port = (network_id: string, fields: Json) => ann(`POST ${neutron}/ports`, { port: { network_id, ...fields } });
  const near = await port(east.body.network.id, { numa_affinity_policy: 'socket' });
  expect(near.body.port, near.text).toMatchObject({ numa_affinity_policy: 'socket' });
  await unknown(port(west.body.network.id, { numa_affinity_policy: 'socket' }), 'numa_affinity_policy');
  // Neither has the drivers that these come with.
  await unknown(port(west.body.network.id, { hints: {} }), 'hints');
  await unknown(port(west.body.network.id, { hardware_offload_type: 'switchdev' }), 'hardware_offload_type');
});

test('how many addresses of a network are used is told in detail where the zone does', async () => {
  const ids = { east: '', west: '' };
  for (const zone of ['east', 'west'] as const) {
    const network = { name: 'counted', availability_zone_hints: [zone] };
    ids[zone] = (await ann(`POST ${neutron}/networks`, { network })).body.network.id;
    const subnet = { network_id: ids[zone], cidr: '10.3.0.0/24', ip_version: 4 };
    expect((await ann(`POST ${neutron}/subnets`, { subnet })).status).toBe(201);
  }
  const path = `${neutron}/network-ip-availabilities`;
  const detail = { total_ips_in_subnet: 254, used_ips_in_subnet: 0 };
  const listed = (await admin(`GET ${path}?network_name=counted`)).body.network_ip_availabilities as Json[];
  for (const zone of ['east', 'west'] as const) {
    const one = (await admin(`GET ${path}/${ids[zone]}`)).body.network_ip_availability;
    expect(listed.find((row) => row['network_id'] === ids[zone])).toEqual(one);
    if (zone === 'east') expect(one.subnet_ip_availability).toMatchObject([{ ip_availability_details: detail }]);
    else expect(one).not.toHaveProperty('ip_availability_details');
  }
  const only = await admin(`GET ${path}?network_name=counted&fields=ip_availability_details`);
  expect(only.body.network_ip_availabilities).toHaveLength(2);
});

test('the router of a floating IP is named where the zone takes that, and is one of its zone', async () => {
  const made = { east: [] as string[], west: [] as string[] };
  for (const zone of ['east', 'west'] as const) {
    const external = await ann.at[zone](`GET ${neutron}/networks?router:external=true`);
    const floating_network_id = external.body.networks[0].id as string;
    const router = { name: 'r', external_gateway_info: { network_id: floating_network_id } };
    const { id } = (await ann(`POST ${neutron}/routers`, { router })).body.router;
    const network = { name: 'n', availability_zone_hints: [zone] };
    const { id: network_id } = (await ann(`POST ${neutron}/networks`, { network })).body.network;
    await ann(`POST ${neutron}/subnets`, { subnet: { network_id, cidr: '10.4.0.0/24', ip_version: 4 } });
    const { id: port_id } = (await ann(`POST ${neutron}/ports`, { port: { network_id } })).body.port;
    made[zone] = [floating_network_id, port_id, id];
  }
  const float = (zone: Zone, router_id: string) => {
    const [floating_network_id, port_id] = made[zone];
    return ann(`POST ${neutron}/floatingips`, { floatingip: { floating_network_id, port_id, router_id } });
  };
  const taken = await float('east', made.east[2]!);
  expect(taken.body.floatingip, taken.text).toMatchObject({ router_id: made.east[2], status: 'ACTIVE' });
  const refused = await float('west', made.west[2]!);
  expect([refused.status, refused.text]).toEqual([
    400,
    expect.stringContaining("Attribute 'router_id' not allowed in POST (Availability zone west.)"),
  ]);
  const elsewhere = await float('east', made.west[2]!);
  expect(elsewhere.status, elsewhere.text).toBe(400);
  for (const zone of ['east', 'west']) expect(elsewhere.text).toContain(zone);
});

test('subnets of external networks are seen where the zone shows them', async () => {
  const { reader, kinds, sites } = cloud.cascade.world;
  for (const site of sites.all()) await reader.readAll(kinds.get('subnet')!, site);
  const { body } = await ann(`GET ${neutron}/subnets?router:external=true`);
  const seen = await ann.at.east(`GET ${neutron}/subnets?router:external=true`);
  expect(seen.body.subnets).toHaveLength(1);
  // (That of the older zone says nothing of being external.)
  expect(body.subnets.map(({ id }: Json) => id)).toEqual([seen.body.subnets[0].id]);
  expect((await ann(`GET ${neutron}/subnets/${body.subnets[0].id}`)).status).toBe(200);
});

test('tags are added where the zone can', async () => {
  const network = async (zone: Zone) =>
    (await ann(`POST ${neutron}/networks`, { network: { name: 'n', availability_zone_hints: [zone] } })).body.network
      .id;
  const add = (id: string) => ann(`POST ${neutron}/networks/${id}/tags`, { tags: ['a'] });
  const id = await network('east');
  expect((await add(id)).status).toBe(201);
  expect((await ann(`GET ${neutron}/networks/${id}`)).body.network.tags).toEqual(['a']);
  const refused = await add(await network('west'));
  expect([refused.status, refused.body.NeutronError.message]).toEqual([404, 'not supported (Availability zone west.)']);
});

test('several gateways are refused as by a Neutron without the extension', async () => {
  for (const zone of ['east', 'west'] as const) {
    const router = { name: 'r', availability_zone_hints: [zone] };
    const { id } = (await ann(`POST ${neutron}/routers`, { router })).body.router;
    for (const action of ['add_external_gateways', 'update_external_gateways', 'remove_external_gateways']) {
      const call = `PUT ${neutron}/routers/${id}/${action}`;
      const body = { router: { external_gateways: [] } };
      const [through, direct] = await Promise.all([ann(call, body), ann.at[zone](call, body)]);
      expect([through.status, through.body]).toEqual([direct.status, direct.body]);
      expect(through.status).toBe(404);
    }
    const updated = await ann(`PUT ${neutron}/routers/${id}`, { router: { external_gateways: [] } });
    expect(updated.text).toContain(`Unrecognized attribute(s) 'external_gateways' (Availability zone ${zone}.)`);
  }
});

test('a quota below what is used is a matter of the zones that check it, and holds in all', async () => {
  const carl = await cloud.tenant('carl');
  for (const zone of ['east', 'east', 'west'])
    await carl(`POST ${neutron}/networks`, { network: { name: 'n', availability_zone_hints: [zone] } });
  const put = (quota: Json) => admin(`PUT ${neutron}/quotas/${carl.projectId}`, { quota });
  // Not every zone checks by itself: none does.
  const taken = await put({ network: 1 });
  expect(taken.status, taken.text).toBe(200);
  for (const zone of ['east', 'west'] as const) {
    const { body } = await carl.at[zone](`GET ${neutron}/quotas/${carl.projectId}`);
    expect(body.quota.network).toBe(1);
  }
  expect((await put({ network: 1, check_limit: true })).status).toBe(400);
  // Where every zone checks by itself, each of them is held against the limit.
  const restore = await believe(cloud, 'west', {
    networkExtensions: cloud.cascade.world.sites.byName('east')!.capabilities.networkExtensions,
  });
  try {
    const refused = await put({ network: 1 });
    expect([refused.status, refused.body.NeutronError.message]).toEqual([
      400,
      'Quota limit 1 for network must be greater than or equal to already used 2',
    ]);
    expect((await put({ network: 1, force: true })).status).toBe(200);
    expect((await put({ network: 2 })).status).toBe(200);
  } finally {
    await restore();
  }
});

// One of each way in which lists are made: from the inventory, and by asking the sites.
test.each(['networks', 'subnetpools', 'address-scopes', 'qos/policies'])(
  'an unknown filter of /%s is refused by the newest zone alone, and so by none',
  async (path) => {
    const key = path.split('/').at(-1)!.replace('-', '_');
    const strict = await ann.at.east(`GET ${neutron}/${path}?foo=bar`);
    expect([strict.status, strict.body.NeutronError?.message]).toEqual([
      400,
      "['foo'] is invalid attribute for filtering",
    ]);
    const { status, body, text } = await ann(`GET ${neutron}/${path}?foo=bar&limit=100`);
    expect([status, Object.keys(body)], text).toEqual([200, expect.arrayContaining([key])]);
  },
);
