/** A project's security group `default`: one to tenants, and one in each of two simulated clouds. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSimulatedCascade, type Ask, type SimulatedCascade, type Tenant } from './simulated-cascade.js';
import { allow, newProject, other, readAll, toBootFrom, zones, type Zone } from './two-zones.js';

type Json = Record<string, unknown>;

let cloud: SimulatedCascade;
let flavorRef: string;
let imageRef: string;
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  ({ flavorRef, imageRef } = await toBootFrom(cloud));
  // A project's first request does not read ahead at the other site, whose Neutron would make a group then.
  await readAll(cloud, 'security_group', 'security_group_rule', 'rbac_policy', 'network', 'router', 'port');
});
afterAll(() => cloud.close());

const groups = () => cloud.cascade.world.defaultGroups;
const siteOf = (zone: Zone) => cloud.cascade.world.sites.byName(zone)!;
const reconcile = async () => {
  for (const site of cloud.cascade.world.sites.all()) await groups().reconcile(site);
  await cloud.cascade.world.homed.runDue(() => true);
};
const listed = async (ask: Ask, query = '') => {
  const { status, text, body } = await ask(`GET /network/v2.0/security-groups${query}`);
  expect([status, text]).toEqual([200, expect.anything()]);
  return body.security_groups as (Json & { id: string })[];
};
const defaultOf = async (ask: Ask) => {
  const found = await listed(ask, '?name=default');
  expect(found).toHaveLength(1);
  return found[0]!.id;
};
const rulesOf = async (ask: Ask, query = '') =>
  (await ask(`GET /network/v2.0/security-group-rules${query}`)).body.security_group_rules as (Json & { id: string })[];
/** What a site lets in, as its own group says: `tcp/22`, `any from itself`. */
const letsIn = async (ask: Tenant, zone: Zone) => {
  const own = await defaultOf(ask.at[zone]);
  return (await rulesOf(ask.at[zone], `?security_group_id=${own}&direction=ingress`))
    .filter((rule) => !String(rule['description']).startsWith('cascade members of'))
    .map((rule) => {
      const port = rule['port_range_min'] === null ? '' : `/${String(rule['port_range_min'])}`;
      const from = rule['remote_group_id'] === own ? ' from itself' : rule['remote_group_id'] ? ' from a group' : '';
      return `${String(rule['protocol'] ?? 'any')}${port}${from}`;
    })
    .sort();
};
const asMade = ['any from itself', 'any from itself'];
const networkIn = async (ask: Ask, zone?: Zone) => {
  const hints = zone ? { availability_zone_hints: [zone] } : {};
  const { body } = await ask('POST /network/v2.0/networks', { network: { name: 'n', ...hints } });
  await ask('POST /network/v2.0/subnets', {
    subnet: { network_id: body.network.id, ip_version: 4, cidr: '10.8.0.0/24' },
  });
  return body.network.id as string;
};
const portOn = async (ask: Ask, network: string, more: Json = {}) => {
  const answer = await ask('POST /network/v2.0/ports', { port: { network_id: network, ...more } });
  expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
  return answer.body.port as Json & { id: string };
};

describe.each(zones)('a project whose first thing is in %s', (zone) => {
  let ann: Tenant;
  let id: string;
  let networks: Record<Zone, string>;
  beforeAll(async () => {
    ann = await newProject(cloud);
    const first = await networkIn(ann, zone);
    id = await defaultOf(ann);
    networks = { [zone]: first, [other(zone)]: await networkIn(ann, other(zone)) } as Record<Zone, string>;
  });

  test('has one, of an id that stays, though each site has its own', async () => {
    expect(await defaultOf(ann)).toBe(id);
    const own = await Promise.all(zones.map((one) => defaultOf(ann.at[one])));
    expect(new Set(own).size).toBe(2);
    expect(own).toContain(id);
    await readAll(cloud, 'security_group', 'security_group_rule', 'port');
    await reconcile();
    expect((await listed(ann)).map((group) => group.id)).toEqual([id]);
    expect(await rulesOf(ann)).toHaveLength(4);
    for (const rule of await rulesOf(ann)) {
      expect([rule['security_group_id'], rule['remote_group_id'] ?? id]).toEqual([id, id]);
      expect((await ann(`GET /network/v2.0/security-group-rules/${rule.id}`)).status).toBe(200);
    }
    const shown = await ann(`GET /network/v2.0/security-groups/${id}`);
    expect(shown.body.security_group.security_group_rules).toHaveLength(4);
  });

  test('is nobody by the id that the other site knows it by, nor are its rules there', async () => {
    const own = await defaultOf(ann.at[other(zone)]);
    const away = await rulesOf(ann.at[other(zone)]);
    for (const ask of [ann, cloud.admin]) {
      const path = `/network/v2.0/security-groups/${own}`;
      const body = { security_group: { description: 'x' } };
      const answers = [
        await ask(`GET ${path}`),
        await ask(`PUT ${path}`, body),
        await ask(`DELETE ${path}`),
        await ask(`GET ${path}/tags`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      expect(answers[0]!.body.NeutronError).toMatchObject({
        type: 'SecurityGroupNotFound',
        message: `Security group ${own} does not exist`,
      });
      for (const rule of away)
        expect((await ask(`GET /network/v2.0/security-group-rules/${rule.id}`)).status).toBe(404);
    }
    expect(await listed(ann, `?id=${own}`)).toEqual([]);
  });

  test.each(zones)('is on ports in %s by the one id, unasked or asked for', async (at) => {
    const unasked = await portOn(ann, networks[at]);
    const asked = await portOn(ann, networks[at], { security_groups: [id] });
    const bare = await portOn(ann, networks[at], { security_groups: [] });
    expect([unasked['security_groups'], asked['security_groups']]).toEqual([[id], [id]]);
    const changed = await ann(`PUT /network/v2.0/ports/${bare.id}`, { port: { security_groups: [id] } });
    expect([changed.status, changed.body.port.security_groups]).toEqual([200, [id]]);
    const own = await defaultOf(ann.at[at]);
    const there = await ann.at[at](`GET /network/v2.0/ports/${bare.id}`);
    expect(there.body.port.security_groups).toEqual([own]);
    const { body } = await ann(`GET /network/v2.0/ports?security_groups=${id}&network_id=${networks[at]}`);
    const found = (body.ports as Json[]).map((port) => port['id']);
    expect(found).toEqual(expect.arrayContaining([unasked.id, asked.id, bare.id]));
    expect((await ann(`GET /network/v2.0/ports/${unasked.id}`)).body.port.security_groups).toEqual([id]);
  });

  test.each(zones)('is taken by servers in %s, by name and by id', async (at) => {
    for (const name of ['default', id]) {
      const server = {
        name: 's',
        flavorRef,
        imageRef,
        availability_zone: at,
        networks: [{ uuid: networks[at] }],
        security_groups: [{ name }],
      };
      const { status, body } = await ann('POST /compute/v2.1/servers', { server });
      expect([status, body]).toEqual([202, expect.anything()]);
      const path = `/compute/v2.1/servers/${body.server.id}`;
      const shown = await cloud.until(
        () => ann(`GET ${path}`),
        ({ server: one }) => one.status === 'ACTIVE',
      );
      expect(shown.body.server.security_groups).toEqual([{ name: 'default' }]);
      for (const action of ['removeSecurityGroup', 'addSecurityGroup']) {
        expect((await ann(`POST ${path}/action`, { [action]: { name: id } })).status).toBe(202);
      }
      const { body: of } = await ann(`GET ${path}/os-security-groups`);
      expect((of.security_groups as Json[]).map((one) => one['id'])).toEqual([id]);
    }
  });

  test('a rule added or deleted holds in both zones when it is answered', async () => {
    const made = await allow(ann, id, 22);
    expect([made.status, made.body.security_group_rule.security_group_id]).toEqual([201, id]);
    for (const at of zones) expect(await letsIn(ann, at)).toEqual([...asMade, 'tcp/22']);
    const many = [80, 443].map((port) => ({
      security_group_id: id,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: port,
      port_range_max: port,
    }));
    expect((await ann('POST /network/v2.0/security-group-rules', { security_group_rules: many })).status).toBe(201);
    for (const at of zones) expect(await letsIn(ann, at)).toEqual([...asMade, 'tcp/22', 'tcp/443', 'tcp/80']);
    expect(await rulesOf(ann)).toHaveLength(7);
    for (const rule of await rulesOf(ann, '?protocol=tcp')) {
      expect((await ann(`DELETE /network/v2.0/security-group-rules/${rule.id}`)).status).toBe(204);
    }
    for (const at of zones) expect(await letsIn(ann, at)).toEqual(asMade);
    expect((await allow(ann, id, 22, { remote_group_id: id })).status).toBe(201);
    for (const at of zones) expect(await letsIn(ann, at)).toEqual([...asMade, 'tcp/22 from itself']);
    expect((await allow(ann, id, 22, { remote_group_id: id })).body.NeutronError.type).toBe('SecurityGroupRuleExists');
  });

  test('a rule whose other end is a group of one zone is in force there, and elsewhere where that group is', async () => {
    const { body } = await ann('POST /network/v2.0/security-groups', { security_group: { name: 'web' } });
    const web = body.security_group.id as string;
    const made = await allow(ann, id, 8080, { remote_group_id: web });
    expect(made.status).toBe(201);
    const before = await letsIn(ann, other(zone));
    expect(await letsIn(ann, zone)).toEqual(expect.arrayContaining(['tcp/8080 from a group']));
    expect(before.some((one) => one.includes('8080'))).toBe(false);
    const port = await portOn(ann, networks[other(zone)], { security_groups: [web] });
    await expect
      .poll(() => letsIn(ann, other(zone)), { timeout: 20_000 })
      .toEqual(expect.arrayContaining(['tcp/8080 from a group']));
    await ann(`DELETE /network/v2.0/ports/${port.id}`);
    await ann(`DELETE /network/v2.0/security-group-rules/${made.body.security_group_rule.id}`);
    for (const at of zones) expect((await letsIn(ann, at)).some((one) => one.includes('8080'))).toBe(false);
    expect((await ann(`DELETE /network/v2.0/security-groups/${web}`)).status).toBe(204);
  });

  test.each(zones)('a group in %s lets it in', async (at) => {
    const { body } = await ann.at[at]('POST /network/v2.0/security-groups', { security_group: { name: `in ${at}` } });
    const made = await allow(ann, body.security_group.id, 5432, { remote_group_id: id });
    expect([made.status, made.body.security_group_rule.remote_group_id]).toEqual([201, id]);
    const [rule] = await rulesOf(ann, `?security_group_id=${body.security_group.id}&protocol=tcp`);
    expect(rule!['remote_group_id']).toBe(id);
    expect((await ann(`DELETE /network/v2.0/security-groups/${body.security_group.id}`)).status).toBe(204);
  });

  test('the refusals of Neutron', async () => {
    const path = `/network/v2.0/security-groups/${id}`;
    const renamed = await ann(`PUT ${path}`, { security_group: { name: 'mine' } });
    const same = await ann(`PUT ${path}`, { security_group: { name: 'default' } });
    const removed = await ann(`DELETE ${path}`);
    const second = await ann('POST /network/v2.0/security-groups', { security_group: { name: 'default' } });
    const types = [renamed, same, removed, second].map(({ status, body }) => [status, body.NeutronError.type]);
    expect(types).toEqual([
      [409, 'SecurityGroupCannotUpdateDefault'],
      [409, 'SecurityGroupDefaultAlreadyExists'],
      [409, 'SecurityGroupInUse'],
      [409, 'SecurityGroupDefaultAlreadyExists'],
    ]);
    const stateless = await ann(`PUT ${path}`, { security_group: { stateful: false } });
    expect([stateless.status, stateless.body.NeutronError.type]).toEqual([409, 'SecurityGroupInUse']);
    const described = await ann(`PUT ${path}`, { security_group: { description: 'mine' } });
    expect([described.status, (await listed(ann))[0]!['description']]).toEqual([200, 'mine']);
    expect((await ann(`PUT ${path}/tags/blue`)).status).toBe(201);
    expect((await listed(ann, '?tags=blue')).map((one) => one.id)).toEqual([id]);
  });

  test('is counted once', async () => {
    const { body } = await cloud.admin(`GET /network/v2.0/quotas/${ann.projectId}/details`);
    expect(body.quota.security_group.used).toBe((await listed(ann)).length);
    expect(body.quota.security_group_rule.used).toBe((await rulesOf(ann)).length);
    const all = await listed(cloud.admin, `?project_id=${ann.projectId}`);
    expect(all.map((group) => group.id)).toEqual([id]);
  });

  test('is shared in both zones', async () => {
    const bob = await newProject(cloud);
    const policy = {
      object_type: 'security_group',
      object_id: id,
      action: 'access_as_shared',
      target_tenant: bob.projectId,
    };
    const made = await ann('POST /network/v2.0/rbac-policies', { rbac_policy: policy });
    expect(made.status).toBe(201);
    await networkIn(bob, other(zone));
    await networkIn(bob, zone);
    expect((await listed(bob)).map((group) => group.id)).toContain(id);
    for (const at of zones) {
      const network = await networkIn(bob, at);
      expect((await portOn(bob, network, { security_groups: [id] }))['security_groups']).toEqual([id]);
      for (const port of (await bob(`GET /network/v2.0/ports?network_id=${network}`)).body.ports as Json[]) {
        await bob(`DELETE /network/v2.0/ports/${String(port['id'])}`);
      }
    }
    const { body } = await ann('GET /network/v2.0/rbac-policies');
    expect((body.rbac_policies as Json[]).filter((one) => one['object_id'] === id)).toHaveLength(1);
    expect((await ann(`DELETE /network/v2.0/rbac-policies/${made.body.rbac_policy.id}`)).status).toBe(204);
    expect((await listed(bob)).map((group) => group.id)).not.toContain(id);
  });
});

describe('behind its back', () => {
  let ann: Tenant;
  let id: string;
  beforeEach(async () => {
    ann = await newProject(cloud);
    await networkIn(ann, 'east');
    id = await defaultOf(ann);
  });

  test('a zone that is new to the project has the rules before its first port is there', async () => {
    await allow(ann, id, 22);
    for (const rule of await rulesOf(ann, '?direction=ingress&ethertype=IPv6')) {
      await ann(`DELETE /network/v2.0/security-group-rules/${rule.id}`);
    }
    await networkIn(ann, 'west');
    for (const at of zones) expect(await letsIn(ann, at)).toEqual(['any from itself', 'tcp/22']);
  });

  test("what is added at a follower goes, what is missing comes back, and the shown one's own changes are followed", async () => {
    await networkIn(ann, 'west');
    const own = await defaultOf(ann.at.west);
    await allow(ann.at.west, own, 3306);
    await readAll(cloud, 'security_group_rule');
    await reconcile();
    expect(await letsIn(ann, 'west')).toEqual(asMade);
    const [first] = await rulesOf(ann.at.west, '?direction=ingress');
    await ann.at.west(`DELETE /network/v2.0/security-group-rules/${first!.id}`);
    await allow(ann.at.east, id, 25);
    await readAll(cloud, 'security_group_rule');
    await reconcile();
    expect(await letsIn(ann, 'west')).toEqual([...asMade, 'tcp/25']);
    expect(await rulesOf(ann)).toHaveLength(5);
  });

  test('an administrator deletes it in all zones, and the next one is another', async () => {
    await cloud.admin(`GET /network/v2.0/security-groups/${id}`);
    await networkIn(ann, 'west');
    expect((await cloud.admin(`DELETE /network/v2.0/security-groups/${id}`)).status).toBe(204);
    expect((await ann(`GET /network/v2.0/security-groups/${id}`)).status).toBe(404);
    const next = await defaultOf(ann);
    expect(next).not.toBe(id);
    expect(await letsIn(ann, 'west')).toEqual(asMade);
  });

  test('one that its site has made anew keeps its name among tenants', async () => {
    await networkIn(ann, 'west');
    const own = await defaultOf(ann.at.west);
    const token = await cloud.admin('GET /network/v2.0/networks');
    expect(token.status).toBe(200);
    await siteOf('west').request({ service: 'network', method: 'DELETE', path: `/security-groups/${id}` });
    const anew = await defaultOf(ann.at.west);
    expect(anew).not.toBe(own);
    await readAll(cloud, 'security_group', 'security_group_rule');
    expect(await defaultOf(ann)).toBe(id);
    await allow(ann, id, 22);
    expect(await letsIn(ann, 'west')).toEqual([...asMade, 'tcp/22']);
  });
});

describe('a project that both sites had before', () => {
  let ann: Tenant;
  let own: Record<Zone, string>;
  beforeEach(async () => {
    ann = await newProject(cloud);
    own = { east: '', west: '' };
    for (const at of zones) {
      own[at] = await defaultOf(ann.at[at]);
      await portOn(ann.at[at], await networkIn(ann.at[at]));
    }
    await networkIn(ann.at.west); // most of what it has
    await allow(ann.at.east, own.east, 22);
    await allow(ann.at.west, own.west, 443);
    await readAll(cloud, 'network', 'router', 'port', 'security_group', 'security_group_rule');
    await reconcile();
  });

  test("is shown the rules of the home, and nobody's rules are changed unasked", async () => {
    const id = await defaultOf(ann);
    expect(zones.map((at) => own[at])).toContain(id);
    expect((await rulesOf(ann, '?protocol=tcp')).map((rule) => rule['port_range_min'])).toEqual([443]);
    expect([await letsIn(ann, 'east'), await letsIn(ann, 'west')]).toEqual([
      [...asMade, 'tcp/22'],
      [...asMade, 'tcp/443'],
    ]);
    expect(await groups().countApart(siteOf('east').id)).toBeGreaterThan(0);
    const { body } = await cloud.admin('GET /cascade/v1/sites/east');
    expect(body.site.default_groups_apart).toBeGreaterThan(0);
    const { body: all } = await ann('GET /network/v2.0/ports');
    expect(new Set((all.ports as Json[]).flatMap((port) => port['security_groups']))).toEqual(new Set([id]));
  });

  test('the first change through the cascade is one of both', async () => {
    const id = await defaultOf(ann);
    await allow(ann, id, 80);
    for (const at of zones) expect(await letsIn(ann, at)).toEqual([...asMade, 'tcp/443', 'tcp/80']);
  });

  test('a lost database gives it the same id again', async () => {
    const id = await defaultOf(ann);
    const { database } = cloud.cascade.world;
    await database.run(`delete from alias where id in (select id from homed)`);
    await database.run(`update alias_version set version = version + 1, forgotten = version + 1`);
    await database.run('delete from homed');
    await database.run('delete from resource');
    await database.run('delete from project_site');
    await readAll(cloud, 'network', 'router', 'port', 'security_group', 'security_group_rule');
    expect(await defaultOf(ann)).toBe(id);
    await readAll(cloud, 'image');
  });
});
