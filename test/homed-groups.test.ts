/** Security groups over two simulated clouds: made in one zone, used in both. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { json } from '@cascade/openstack-protocol/message.js';
import { startCascade } from '../src/cascade.js';
import { loadConfig } from '../src/config.js';
import { reconcileKinds } from '../src/globals/reconcile.js';
import { networkQuotas } from '../src/network/quota-kind.js';
import { freePort, send } from './cascade.js';
import { startSimulatedCascade, type Ask, type SimulatedCascade, type Tenant } from './simulated-cascade.js';
import { allow, newProject, readAll, toBootFrom, zones, type Zone } from './two-zones.js';

type Json = Record<string, unknown>;
type WithId = Json & { id: string };

const feeds = ['security_group', 'security_group_rule', 'rbac_policy', 'network', 'router', 'port'];
const soon = { timeout: 30_000, interval: 100 };

let cloud: SimulatedCascade;
let boot: Awaited<ReturnType<typeof toBootFrom>>;
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  boot = await toBootFrom(cloud);
  await readAll(cloud, ...feeds);
});
afterAll(() => cloud.close());
afterEach(async () => {
  vi.restoreAllMocks();
  for (const one of [cloud.east, cloud.west]) one.faults.clear();
  for (const site of cloud.cascade.world.sites.all())
    await vi.waitFor(async () => {
      await cloud.cascade.world.sites.probe();
      expect(site.health('network').reachable && site.health('compute').reachable).toBe(true);
    }, soon);
});

const siteOf = (zone: Zone) => cloud.cascade.world.sites.byName(zone)!;
const reconcile = async () => {
  for (const site of cloud.cascade.world.sites.all()) await cloud.cascade.world.homed.reconcile(site);
};
const reconcileQuotas = async () => {
  for (const site of cloud.cascade.world.sites.all()) await reconcileKinds(cloud.cascade.world, site, [networkQuotas]);
};
const groupsOf = async (ask: Ask, query = '') =>
  (await ask(`GET /network/v2.0/security-groups${query}`)).body.security_groups as WithId[];
const rulesOf = async (ask: Ask, query = '') =>
  (await ask(`GET /network/v2.0/security-group-rules${query}`)).body.security_group_rules as WithId[];
const groupIn = async (ask: Ask, name: string) => {
  const { status, body } = await ask('POST /network/v2.0/security-groups', { security_group: { name } });
  expect(status).toBe(201);
  return body.security_group.id as string;
};
const ruleId = (answer: { body: { security_group_rule: { id: string } } }) => answer.body.security_group_rule.id;
const networkIn = async (ask: Ask, zone: Zone, cidrs: readonly string[]) => {
  const { body } = await ask('POST /network/v2.0/networks', {
    network: { name: zone, availability_zone_hints: [zone] },
  });
  for (const cidr of cidrs) {
    const ip_version = cidr.includes(':') ? 6 : 4;
    const subnet = { network_id: body.network.id, ip_version, cidr };
    expect((await ask('POST /network/v2.0/subnets', { subnet })).status).toBe(201);
  }
  return body.network.id as string;
};
const portOn = async (ask: Ask, network: string, groups: string[], more: Json = {}) => {
  const answer = await ask('POST /network/v2.0/ports', {
    port: { network_id: network, security_groups: groups, ...more },
  });
  expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
  return answer.body.port as WithId & { fixed_ips: { ip_address: string }[] };
};
const marked = (id: string) => `cascade copy of ${id.replaceAll('-', '')}`;
/** What a site has of a group: its copies by their mark, or the group itself. */
const atSite = async (ask: Tenant, zone: Zone, id: string) =>
  (await groupsOf(ask.at[zone])).filter((group) => group.id === id || group['description'] === marked(id));
/** What a site's own group admits, as `tcp/22 from 10.0.0.1/32`. */
const admits = async (ask: Tenant, zone: Zone, id: string) => {
  const [own] = await atSite(ask, zone, id);
  const rules = await rulesOf(ask.at[zone], `?security_group_id=${own!.id}&direction=ingress`);
  return rules.map((rule) => wordsOf(rule, own!.id)).sort();
};
const wordsOf = (rule: Json, own: string) => {
  const port = rule['port_range_min'] === null ? '' : `/${String(rule['port_range_min'])}`;
  const remote = rule['remote_group_id'];
  const from = remote === own ? 'itself' : remote ? 'a group' : rule['remote_ip_prefix'];
  return `${String(rule['protocol'] ?? 'any')}${port} from ${String(from ?? 'anywhere')}`;
};

describe('a group of the east', () => {
  let ann: Tenant;
  let web: string;
  let networks: Record<Zone, string>;
  beforeEach(async () => {
    ann = await newProject(cloud);
    networks = {
      east: await networkIn(ann, 'east', ['10.1.0.0/24', 'fd00:1::/64']),
      west: await networkIn(ann, 'west', ['10.2.0.0/24', 'fd00:2::/64']),
    };
    web = await groupIn(ann, 'web');
    expect((await atSite(ann, 'east', web)).map(({ id }) => id)).toEqual([web]);
    await allow(ann, web, 80);
  });

  const bootIn = async (zone: Zone, name: string) => {
    const server = {
      name: 's',
      ...boot,
      availability_zone: zone,
      networks: [{ uuid: networks[zone] }],
      security_groups: [{ name }],
    };
    const { status, body } = await ann('POST /compute/v2.1/servers', { server });
    expect([status, body]).toEqual([202, expect.anything()]);
    expect(body.server.security_groups).toEqual([{ name }]);
    const path = `/compute/v2.1/servers/${body.server.id}`;
    await cloud.until(
      () => ann(`GET ${path}`),
      (shown) => shown.server.status === 'ACTIVE',
    );
    return path;
  };

  test.each(['its id', 'its name'])('is taken by a server in the west, by %s, and is one to tenants', async (by) => {
    const path = await bootIn('west', by === 'its id' ? web : 'web');
    expect((await ann(`GET ${path}`)).body.server.security_groups).toEqual([{ name: 'web' }]);
    const { body } = await ann(`GET ${path}/os-security-groups`);
    expect(body.security_groups).toMatchObject([{ id: web, name: 'web', description: '' }]);
    const rules = body.security_groups[0].rules as { id: string }[];
    const shown = await rulesOf(ann, `?security_group_id=${web}&direction=ingress`);
    expect(rules.map(({ id }) => id)).toEqual(shown.map(({ id }) => id));
    expect(await admits(ann, 'west', web)).toEqual(['tcp/80 from anywhere']);

    await readAll(cloud, ...feeds);
    expect((await groupsOf(ann)).map(({ name }) => name).sort()).toEqual(['default', 'web']);
    const [copy] = await atSite(ann, 'west', web);
    expect(copy!.id).not.toBe(web);
    for (const ask of [ann, cloud.admin]) {
      const at = `/network/v2.0/security-groups/${copy!.id}`;
      const answers = [
        await ask(`GET ${at}`),
        await ask(`PUT ${at}`, { security_group: { description: 'x' } }),
        await ask(`DELETE ${at}`),
        await ask(`GET ${at}/tags`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    }
    for (const { id } of await rulesOf(ann.at.west, `?security_group_id=${copy!.id}`))
      expect((await ann(`GET /network/v2.0/security-group-rules/${id}`)).status).toBe(404);
    const { body: quota } = await cloud.admin(`GET /network/v2.0/quotas/${ann.projectId}/details`);
    expect(quota.quota.security_group.used).toBe(2);
    expect(quota.quota.security_group_rule.used).toBe((await rulesOf(ann)).length);
  });

  test('is put on a port in the west, when it is made and later, and on a server there', async () => {
    const port = await portOn(ann, networks.west, [web]);
    expect(port['security_groups']).toEqual([web]);
    const found = (await ann(`GET /network/v2.0/ports?security_groups=${web}`)).body.ports as WithId[];
    expect(found.map(({ id }) => id)).toEqual([port.id]);
    const db = await groupIn(ann, 'db');
    const changed = await ann(`PUT /network/v2.0/ports/${port.id}`, { port: { security_groups: [web, db] } });
    expect([changed.status, (changed.body.port.security_groups as string[]).sort()]).toEqual([200, [web, db].sort()]);
    const late = await groupIn(ann, 'late');
    const path = await bootIn('west', 'db');
    for (const name of [late, 'web'])
      expect((await ann(`POST ${path}/action`, { addSecurityGroup: { name } })).status).toBe(202);
    expect((await ann(`POST ${path}/action`, { removeSecurityGroup: { name: 'db' } })).status).toBe(202);
    const { body } = await ann(`GET ${path}/os-security-groups`);
    expect((body.security_groups as Json[]).map(({ name }) => name).sort()).toEqual(['late', 'web']);
  });

  test('pins no zone: groups of two zones are on one server', async () => {
    const { body } = await ann.at.west('POST /network/v2.0/security-groups', { security_group: { name: 'of-west' } });
    await readAll(cloud, 'security_group', 'security_group_rule');
    const server = {
      name: 's',
      ...boot,
      networks: [{ uuid: networks.west }],
      security_groups: [{ name: web }, { name: body.security_group.id }],
    };
    expect((await ann('POST /compute/v2.1/servers', { server })).status).toBe(202);
  });

  test('is named by a rule of a group of the west: its members are admitted there', async () => {
    const { body } = await ann.at.west('POST /network/v2.0/security-groups', { security_group: { name: 'of-west' } });
    await readAll(cloud, 'security_group', 'security_group_rule');
    const member = await portOn(ann, networks.east, [web]);
    const made = await allow(ann, body.security_group.id, 22, { remote_group_id: web });
    expect([made.status, made.body.security_group_rule.remote_group_id]).toEqual([201, web]);
    const address = member.fixed_ips.map((one) => one.ip_address).find((ip) => !ip.includes(':'))!;
    await expect
      .poll(() => admits(ann, 'west', body.security_group.id), soon)
      .toEqual([`tcp/22 from ${address}/32`, 'tcp/22 from a group']);
    expect(await rulesOf(ann, `?security_group_id=${body.security_group.id}&direction=ingress`)).toHaveLength(1);
  });

  test('is brought to the west while its home is silent, as it was last seen', async () => {
    await readAll(cloud, 'security_group', 'security_group_rule');
    cloud.east.faults.set({ kind: 'errors', services: ['network'] });
    try {
      const port = await portOn(ann, networks.west, [web]);
      expect(port['security_groups']).toEqual([web]);
      expect(await admits(ann, 'west', web)).toEqual(['tcp/80 from anywhere']);
    } finally {
      cloud.east.faults.clear();
    }
  });

  test('two of one name: the one of the zone is meant, and elsewhere Nova says that they are two', async () => {
    const { body } = await ann.at.west('POST /network/v2.0/security-groups', { security_group: { name: 'web' } });
    await readAll(cloud, 'security_group', 'security_group_rule');
    const path = await bootIn('west', 'web');
    const { body: of } = await ann(`GET ${path}/os-security-groups`);
    expect((of.security_groups as Json[]).map(({ id }) => id)).toEqual([body.security_group.id]);
    const again = await ann.at.west('POST /network/v2.0/security-groups', { security_group: { name: 'web' } });
    expect(again.status).toBe(201);
    await readAll(cloud, 'security_group', 'security_group_rule');
    const server = { name: 's', ...boot, networks: [{ uuid: networks.west }], security_groups: [{ name: 'web' }] };
    const refused = await ann('POST /compute/v2.1/servers', { server });
    expect([refused.status, refused.body.conflictingRequest.message]).toEqual([
      409,
      "Multiple security groups found matching 'web'. Use an ID to be more specific.",
    ]);
  });

  test('rules that are added are in force at home first, rules that are deleted are so last', async () => {
    await portOn(ann, networks.west, [web]);
    const asked: string[] = [];
    for (const zone of zones) {
      const site = siteOf(zone);
      const request = site.request.bind(site);
      vi.spyOn(site, 'request').mockImplementation(async (wanted, principal) => {
        const isRule = wanted.path.startsWith('/security-group-rules');
        const response = await request(wanted, principal);
        if (isRule && wanted.method !== 'GET') asked.push(`${wanted.method} ${zone} ${response.status}`);
        return response;
      });
    }
    const made = await allow(ann, web, 443);
    expect(asked).toEqual(['POST east 201', 'POST west 201']);
    expect(await admits(ann, 'west', web)).toEqual(['tcp/443 from anywhere', 'tcp/80 from anywhere']);
    asked.length = 0;
    expect((await ann(`DELETE /network/v2.0/security-group-rules/${ruleId(made)}`)).status).toBe(204);
    expect(asked).toEqual(['DELETE west 204', 'DELETE east 204']);
    for (const zone of zones) expect(await admits(ann, zone, web)).toEqual(['tcp/80 from anywhere']);
  });

  test('is changed, and its copy follows; the mark is nobody’s to write', async () => {
    await portOn(ann, networks.west, [web]);
    const path = `/network/v2.0/security-groups/${web}`;
    const renamed = await ann(`PUT ${path}`, { security_group: { name: 'www', description: 'mine' } });
    expect(renamed.status).toBe(200);
    expect(await atSite(ann, 'west', web)).toMatchObject([{ name: 'www', description: marked(web) }]);
    expect((await ann(`GET ${path}`)).body.security_group).toMatchObject({ name: 'www', description: 'mine' });
    const refused = await ann(`PUT ${path}`, { security_group: { description: marked(randomUUID()) } });
    expect([refused.status, refused.body.NeutronError.type]).toEqual([400, 'InvalidInput']);
    expect((await allow(ann, web, 22, { description: marked(web) })).status).toBe(400);
    const stateless = await ann(`PUT ${path}`, { security_group: { stateful: false } });
    expect([stateless.status, stateless.body.NeutronError.type]).toEqual([409, 'SecurityGroupInUse']);
  });

  test('members are admitted wherever they are, in both families, and nobody sees how', async () => {
    const db = await groupIn(ann, 'db');
    await allow(ann, db, 5432, { remote_group_id: web });
    const v6 = await allow(ann, db, 5432, { remote_group_id: web, ethertype: 'IPv6' });
    await portOn(ann, networks.east, [db]);
    const there = await portOn(ann, networks.west, [web], { allowed_address_pairs: [{ ip_address: '192.0.2.0/30' }] });
    const here = await portOn(ann, networks.east, [web]);
    const addressOf = (port: typeof there, family: 4 | 6) =>
      port.fixed_ips.map((one) => one.ip_address).find((ip) => ip.includes(':') === (family === 6))!;
    const from = (port: typeof there) => [`${addressOf(port, 4)}/32`, `${addressOf(port, 6)}/128`];
    const extra = [...from(there), '192.0.2.0/30'].map((one) => `tcp/5432 from ${one}`);
    const own = ['tcp/5432 from a group', 'tcp/5432 from a group'];
    await expect.poll(() => admits(ann, 'east', db), soon).toEqual([...own, ...extra].sort());

    // The group itself is needed in the west as well: there it admits the members of the east.
    const client = await portOn(ann, networks.west, [db]);
    const inWest = [...own, ...from(here).map((one) => `tcp/5432 from ${one}`)].sort();
    await expect.poll(() => admits(ann, 'west', db), soon).toEqual(inWest);

    const shown = await rulesOf(ann, `?security_group_id=${db}&direction=ingress`);
    expect(shown.map(({ remote_group_id: remote }) => remote)).toEqual([web, web]);
    const { body } = await ann(`GET /network/v2.0/security-groups/${db}`);
    expect(body.security_group.security_group_rules).toHaveLength(4);
    const [listed] = await groupsOf(ann, '?name=db');
    expect(listed!['security_group_rules']).toHaveLength(4);
    const hidden = (await rulesOf(ann.at.east, `?security_group_id=${db}`)).find(
      (rule) => rule['remote_ip_prefix'] === '192.0.2.0/30',
    )!;
    for (const method of ['GET', 'DELETE'])
      expect((await ann(`${method} /network/v2.0/security-group-rules/${hidden.id}`)).status).toBe(404);

    // What one of ours says already, a tenant may say too.
    const mine = await allow(ann, db, 5432, { remote_ip_prefix: '192.0.2.0/30' });
    expect(mine.status).toBe(201);
    expect((await rulesOf(ann, `?security_group_id=${db}&direction=ingress`)).map(({ id }) => id)).toContain(
      ruleId(mine),
    );
    expect((await ann(`DELETE /network/v2.0/security-group-rules/${ruleId(mine)}`)).status).toBe(204);
    await expect.poll(() => admits(ann, 'east', db), soon).toEqual([...own, ...extra].sort());

    // Members go, and what admits them; so does a family with its rule.
    await ann(`PUT /network/v2.0/ports/${there.id}`, { port: { allowed_address_pairs: [] } });
    await expect
      .poll(() => admits(ann, 'east', db), soon)
      .toEqual([...own, ...from(there).map((one) => `tcp/5432 from ${one}`)].sort());
    await ann(`DELETE /network/v2.0/security-group-rules/${ruleId(v6)}`);
    expect(await admits(ann, 'east', db)).toEqual(['tcp/5432 from a group', `tcp/5432 from ${from(there)[0]!}`].sort());
    await ann(`DELETE /network/v2.0/ports/${there.id}`);
    await expect.poll(() => admits(ann, 'east', db), soon).toEqual(['tcp/5432 from a group']);
    await ann(`DELETE /network/v2.0/ports/${client.id}`);
  });

  test('members of the default group are admitted over sites', async () => {
    const [def] = await groupsOf(ann, '?name=default');
    const inEast = await portOn(ann, networks.east, [def!.id]);
    const inWest = await portOn(ann, networks.west, [def!.id]);
    const elsewhere = async (zone: Zone) => {
      const [own] = await groupsOf(ann.at[zone], '?name=default');
      const rules = await rulesOf(ann.at[zone], `?security_group_id=${own!.id}&direction=ingress`);
      return rules.flatMap((rule) => rule['remote_ip_prefix'] ?? []).sort();
    };
    const prefixes = (port: typeof inEast) =>
      port.fixed_ips.map(({ ip_address: ip }) => `${ip}/${ip.includes(':') ? 128 : 32}`).sort();
    await expect.poll(() => elsewhere('east'), soon).toEqual(prefixes(inWest));
    await expect.poll(() => elsewhere('west'), soon).toEqual(prefixes(inEast));
    expect(await rulesOf(ann, `?security_group_id=${def!.id}`)).toHaveLength(4);
  });

  test('is deleted in both zones; where a port of the other zone uses it, Neutron says so', async () => {
    const port = await portOn(ann, networks.west, [web]);
    const refused = await ann(`DELETE /network/v2.0/security-groups/${web}`);
    expect([refused.status, refused.body.NeutronError]).toMatchObject([
      409,
      { type: 'SecurityGroupInUse', message: `Security Group ${web} in use.` },
    ]);
    expect((await ann(`GET /network/v2.0/security-groups/${web}`)).status).toBe(200);
    await ann(`DELETE /network/v2.0/ports/${port.id}`);
    expect((await ann(`DELETE /network/v2.0/security-groups/${web}`)).status).toBe(204);
    for (const zone of zones) expect(await atSite(ann, zone, web)).toEqual([]);
    expect((await ann(`GET /network/v2.0/security-groups/${web}`)).status).toBe(404);
    expect(await cloud.cascade.world.homed.among('security_group', [web])).toEqual([]);
  });

  test('is shared, and used by the other project in the other zone', async () => {
    const bob = await newProject(cloud);
    const network = await networkIn(bob, 'west', ['10.9.0.0/24']);
    const before = await bob('POST /network/v2.0/ports', { port: { network_id: network, security_groups: [web] } });
    expect(before.status).toBe(404);
    expect(await atSite(ann, 'west', web)).toEqual([]);
    const rbac_policy = {
      object_type: 'security_group',
      object_id: web,
      action: 'access_as_shared',
      target_tenant: bob.projectId,
    };
    const policy = await ann('POST /network/v2.0/rbac-policies', { rbac_policy });
    expect(policy.status).toBe(201);
    expect((await portOn(bob, network, [web]))['security_groups']).toEqual([web]);
    expect((await ann(`DELETE /network/v2.0/rbac-policies/${policy.body.rbac_policy.id}`)).status).toBe(204);
    const again = await bob('POST /network/v2.0/ports', { port: { network_id: network, security_groups: [web] } });
    expect(again.status).toBe(404);
  });

  test('a quota does not stand in the way of copies, copies take nothing of it, and it is shown as it was set', async () => {
    const path = `/network/v2.0/quotas/${ann.projectId}`;
    const shown = async () => (await cloud.admin(`GET ${path}`)).body.quota as Json;
    const used = async () => (await cloud.admin(`GET ${path}/details`)).body.quota as Record<string, Json>;
    await allow(ann, web, 443, { remote_group_id: web });
    await portOn(ann, networks.east, [web]);
    const own = (await rulesOf(ann)).length;
    const quota = { security_group: 2, security_group_rule: own + 1 };
    expect((await cloud.admin(`PUT ${path}`, { quota })).status).toBe(200);
    // In the west, where the tenant has made one itself.
    await siteOf('west').request({
      service: 'network',
      method: 'PUT',
      path: `/quotas/${ann.projectId}`,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ quota: { security_group: 1, security_group_rule: own - 4 } })),
    });
    for (let made = 0; made < 3; made += 1) await portOn(ann, networks.west, [web]);
    await expect.poll(() => admits(ann, 'west', web), soon).toHaveLength(3);
    // At home three members take two or three rules.
    await expect.poll(async () => (await admits(ann, 'east', web)).length, soon).toBeGreaterThan(3);
    await reconcileQuotas();
    expect(await shown()).toMatchObject(quota);
    expect(await used()).toMatchObject({
      security_group: { limit: 2, used: 2 },
      security_group_rule: { limit: own + 1, used: own },
    });
    expect((await allow(ann, web, 8443)).status).toBe(201);
    const refused = await allow(ann, web, 8444);
    expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'OverQuota']);
    expect(await shown()).toMatchObject(quota);
  });

  test('a silent site gets what it missed when it is back', async () => {
    const port = await portOn(ann, networks.west, [web]);
    const old = await groupIn(ann, 'old');
    const client = await portOn(ann, networks.west, [old]);
    await ann(`DELETE /network/v2.0/ports/${client.id}`);
    cloud.west.faults.set({ kind: 'refused' });
    await vi.waitFor(async () => {
      await cloud.cascade.world.sites.probe();
      expect(siteOf('west').health('network').reachable).toBe(false);
    }, soon);
    expect((await allow(ann, web, 443)).status).toBe(201);
    const [first] = await rulesOf(ann, `?security_group_id=${web}&port_range_min=80`);
    expect((await ann(`DELETE /network/v2.0/security-group-rules/${first!.id}`)).status).toBe(204);
    expect((await ann(`DELETE /network/v2.0/security-groups/${old}`)).status).toBe(204);
    expect((await ann(`GET /network/v2.0/security-groups/${old}`)).status).toBe(404);
    const { body } = await cloud.admin('GET /cascade/v1/sites/west');
    expect(body.site.homed_drift).toBeGreaterThan(0);
    cloud.west.faults.clear();
    await vi.waitFor(() => cloud.cascade.world.sites.probe(), soon);
    await expect.poll(() => admits(ann, 'west', web), soon).toEqual(['tcp/443 from anywhere']);
    await expect.poll(() => atSite(ann, 'west', old), soon).toEqual([]);
    expect((await ann(`GET /network/v2.0/ports/${port.id}`)).body.port.security_groups).toEqual([web]);
  });

  test('a lost response and a second attempt make one copy', async () => {
    cloud.west.faults.set({ kind: 'answer-lost', services: ['network'], methods: ['POST'] });
    const lost = await ann('POST /network/v2.0/ports', { port: { network_id: networks.west, security_groups: [web] } });
    expect(lost.status).toBe(503);
    cloud.west.faults.clear();
    // It is at the site, and no list shows it before its alias is written.
    expect(await atSite(ann, 'west', web)).toHaveLength(1);
    await vi.waitFor(async () => {
      await cloud.cascade.world.sites.probe();
      expect(siteOf('west').health('network').reachable).toBe(true);
    }, soon);
    await readAll(cloud, 'security_group_rule', 'security_group');
    expect((await groupsOf(ann)).map(({ name }) => name).sort()).toEqual(['default', 'web']);
    expect(await rulesOf(ann)).toHaveLength(7);
    await portOn(ann, networks.west, [web]);
    expect(await atSite(ann, 'west', web)).toHaveLength(1);
  });

  test('what was made and not noted is adopted, and a second one removed', async () => {
    const own = {
      name: 'web',
      description: marked(web),
      tenant_id: ann.projectId,
    };
    for (let made = 0; made < 2; made += 1)
      await siteOf('west').request({
        service: 'network',
        method: 'POST',
        path: '/security-groups',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ security_group: own })),
      });
    expect(await atSite(ann, 'west', web)).toHaveLength(2);
    await readAll(cloud, ...feeds);
    expect((await groupsOf(ann)).map(({ name }) => name).sort()).toEqual(['default', 'web']);
    expect(await rulesOf(ann)).toHaveLength(7);
    await reconcile();
    expect(await atSite(ann, 'west', web)).toHaveLength(1);
    await expect.poll(() => admits(ann, 'west', web), soon).toEqual(['tcp/80 from anywhere']);
  });

  test('two that need it at the same time, in two processes, make one', async () => {
    const port = await freePort();
    const dataDir = `${cloud.environment['CASCADE_DATA_DIR']}`;
    const other = await startCascade(
      loadConfig({ ...cloud.environment, CASCADE_DATA_DIR: dataDir, CASCADE_LISTEN: `127.0.0.1:${port}` }),
      pino({ level: 'silent' }),
    );
    try {
      const body = { port: { network_id: networks.west, security_groups: [web] } };
      const second = `http://127.0.0.1:${port}/network/v2.0/ports`;
      const answers = await Promise.all([
        ann('POST /network/v2.0/ports', body),
        ann('POST /network/v2.0/ports', body),
        send('POST', second, { token: ann.token, body }),
        send('POST', second, { token: ann.token, body }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
      expect(await atSite(ann, 'west', web)).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  test('what is changed at a copy is undone; a copy that is deleted is made again when it is needed', async () => {
    const port = await portOn(ann, networks.west, [web]);
    const [copy] = await atSite(ann, 'west', web);
    await allow(ann.at.west, copy!.id, 3306);
    const [own] = await rulesOf(ann.at.west, `?security_group_id=${copy!.id}&port_range_min=80`);
    await ann.at.west(`DELETE /network/v2.0/security-group-rules/${own!.id}`);
    await readAll(cloud, 'security_group_rule', 'security_group');
    await expect.poll(() => admits(ann, 'west', web), soon).toEqual(['tcp/80 from anywhere']);
    await ann(`DELETE /network/v2.0/ports/${port.id}`);
    await ann.at.west(`DELETE /network/v2.0/security-groups/${copy!.id}`);
    await readAll(cloud, 'security_group_rule', 'security_group');
    await expect
      .poll(async () => (await cloud.cascade.world.homed.among('security_group', [web]))[0]?.sites.length, soon)
      .toBe(1);
    await portOn(ann, networks.west, [web]);
    expect(await admits(ann, 'west', web)).toEqual(['tcp/80 from anywhere']);
  });

  test('what is changed at its home itself is followed; deleted there, its copies go', async () => {
    const port = await portOn(ann, networks.west, [web]);
    await allow(ann.at.east, web, 25);
    await readAll(cloud, 'security_group_rule', 'security_group');
    await expect.poll(() => admits(ann, 'west', web), soon).toEqual(['tcp/25 from anywhere', 'tcp/80 from anywhere']);
    await ann(`DELETE /network/v2.0/ports/${port.id}`);
    await ann.at.east(`DELETE /network/v2.0/security-groups/${web}`);
    await readAll(cloud, 'security_group_rule', 'security_group');
    await expect.poll(() => atSite(ann, 'west', web), soon).toEqual([]);
  });

  test('a lost database finds its copies again, and removes those of what is gone', async () => {
    await portOn(ann, networks.west, [web]);
    const old = await groupIn(ann, 'old');
    const client = await portOn(ann, networks.west, [old]);
    await ann(`DELETE /network/v2.0/ports/${client.id}`);
    const { database } = cloud.cascade.world;
    await database.run(`delete from alias where id in (select id from homed)`);
    await database.run(`update alias_version set version = version + 1, forgotten = version + 1`);
    await database.run('delete from homed');
    await database.run(`delete from resource where kind <> 'image'`);
    await ann.at.east(`DELETE /network/v2.0/security-groups/${old}`);
    for (const kind of ['security_group_rule', ...feeds]) {
      await readAll(cloud, kind);
      const shown = await groupsOf(ann);
      expect(shown.filter((group) => String(group['description']).startsWith('cascade'))).toEqual([]);
      const rules = await rulesOf(ann);
      expect(rules.filter((rule) => String(rule['description']).startsWith('cascade'))).toEqual([]);
    }
    await reconcile();
    await readAll(cloud, ...feeds);
    expect((await groupsOf(ann)).map(({ name }) => name).sort()).toEqual(['default', 'web']);
    expect(await atSite(ann, 'west', old)).toEqual([]);
    const port = await portOn(ann, networks.west, [web]);
    expect([port['security_groups'], (await atSite(ann, 'west', web)).length]).toEqual([[web], 1]);
  });
});

describe('an address group of the east', () => {
  let ann: Tenant;
  let id: string;
  beforeEach(async () => {
    ann = await newProject(cloud);
    await networkIn(ann, 'east', ['10.1.0.0/24']);
    const address_group = { name: 'partners', addresses: ['192.0.2.0/24', '2001:db8::/32'] };
    const { status, body } = await ann('POST /network/v2.0/address-groups', { address_group });
    expect(status).toBe(201);
    id = body.address_group.id as string;
  });

  test('is named by a rule of a group of the west, where it gets a copy that follows', async () => {
    const { body } = await ann.at.west('POST /network/v2.0/security-groups', { security_group: { name: 'w' } });
    await readAll(cloud, ...feeds);
    const rule = await allow(ann, body.security_group.id, 443, { remote_address_group_id: id });
    expect([rule.status, rule.body.security_group_rule.remote_address_group_id]).toEqual([201, id]);
    const there = async () =>
      ((await ann.at.west('GET /network/v2.0/address-groups')).body.address_groups as WithId[])[0]!;
    expect((await there())['addresses']).toEqual(['192.0.2.0/24', '2001:db8::/32']);
    const path = `/network/v2.0/address-groups/${id}`;
    expect((await ann('GET /network/v2.0/address-groups')).body.address_groups).toMatchObject([
      { id, name: 'partners' },
    ]);
    expect((await ann('GET /network/v2.0/address-groups?fields=id')).body.address_groups).toEqual([{ id }]);
    expect((await ann(`GET /network/v2.0/address-groups/${(await there()).id}`)).status).toBe(404);
    const added = await ann(`PUT ${path}/add_addresses`, { addresses: ['198.51.100.1'] });
    expect(added.status).toBe(200);
    expect((await there())['addresses']).toContain('198.51.100.1/32');
    expect((await ann(`PUT ${path}/remove_addresses`, { addresses: ['192.0.2.0/24'] })).status).toBe(200);
    expect((await there())['addresses']).not.toContain('192.0.2.0/24');
    const refused = await ann(`DELETE ${path}`);
    expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'AddressGroupInUse']);
    await ann(`DELETE /network/v2.0/security-group-rules/${ruleId(rule)}`);
    expect((await ann(`DELETE ${path}`)).status).toBe(204);
    expect((await ann.at.west('GET /network/v2.0/address-groups')).body.address_groups).toEqual([]);
  });

  test('operators are warned of rules that the backend of a site ignores', async () => {
    const web = await groupIn(ann, 'web');
    await allow(ann, web, 443, { remote_address_group_id: id });
    const warnings = async () => (await cloud.admin('GET /cascade/v1/sites/east')).body.site.warnings as string[];
    expect(await warnings()).toEqual([]);
    const site = siteOf('east');
    const request = site.request.bind(site);
    vi.spyOn(site, 'request').mockImplementation((asked, principal) =>
      asked.path === '/agents'
        ? Promise.resolve(json(200, { agents: [{ agent_type: 'OVN Controller agent', configurations: {} }] }))
        : request(asked, principal),
    );
    expect(await warnings()).toEqual([
      expect.stringMatching(/^\d+ security group rules name an address group: ML2\/OVN/),
    ]);
  });

  test('is written as prefixes in the copy of a group that names it', async () => {
    const west = await networkIn(ann, 'west', ['10.2.0.0/24']);
    const web = await groupIn(ann, 'web');
    await allow(ann, web, 443, { remote_address_group_id: id });
    await portOn(ann, west, [web]);
    expect(await admits(ann, 'west', web)).toEqual(['tcp/443 from 192.0.2.0/24']);
    await ann(`PUT /network/v2.0/address-groups/${id}/add_addresses`, { addresses: ['198.51.100.0/24'] });
    await expect
      .poll(() => admits(ann, 'west', web), soon)
      .toEqual(['tcp/443 from 192.0.2.0/24', 'tcp/443 from 198.51.100.0/24']);
    await ann(`PUT /network/v2.0/address-groups/${id}/remove_addresses`, { addresses: ['192.0.2.0/24'] });
    expect(await admits(ann, 'west', web)).toEqual(['tcp/443 from 198.51.100.0/24']);
  });
});
