import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { GlobalResources } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { SitesOfHomed } from '../homed/homed-resources.js';
import { NeutronDefaultGroups } from './default-groups/default-groups.js';
import { SiteUnreachable } from '../sites/site.js';
import { collectionOf } from './collections.js';
import { listFollowed } from './list.js';
import { show } from './one.js';
import { admin, askedFor, makeSites, shownIn, siteNamed, tenant, worldOf } from './testing.js';

const west = siteNamed(1, 'west', ['rbac-policies']);
let database: Database;
let close: () => Promise<void>;
let made: ReturnType<typeof worldOf>;

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  await makeSites(database, 'west');
});
afterAll(() => close());
beforeEach(async () => {
  await database.run('delete from resource');
  made = worldOf(database, [west.site]);
});

const network = (id: string, owner: string, more: Body = {}): Body => ({
  id,
  name: id,
  project_id: owner,
  tenant_id: owner,
  shared: false,
  'router:external': false,
  'provider:network_type': 'vxlan',
  ...more,
});
const policy = (id: string, object: string, action: string, target: string, type = 'network'): Body => ({
  id,
  project_id: 'green',
  object_type: type,
  object_id: object,
  action: `access_as_${action}`,
  target_tenant: target,
});

const listOf = async (kind: string, caller: Caller, query = '') => {
  const collection = collectionOf(kind);
  const answer = await listFollowed(made.world, collection)(askedFor(`${collection.path}?${query}`, caller));
  return shownIn(answer, collection.keys);
};
const seen = async (kind: string, caller: Caller, query = '') =>
  (await listOf(kind, caller, query)).map((row) => row['id']);
const has = (kind: string, ...bodies: Body[]) => made.has(kind, west.site, ...bodies);
const blue = tenant('blue');

describe('networks', () => {
  test('own ones, shared ones and external ones; an administrator sees all', async () => {
    await has(
      'network',
      network('mine', 'blue'),
      network('theirs', 'green'),
      network('lent', 'green', { shared: true }),
      network('outside', 'green', { 'router:external': true }),
    );
    expect(await seen('network', blue)).toEqual(['lent', 'mine', 'outside']);
    expect(await seen('network', blue, 'router:external=True')).toEqual(['outside']);
    expect(await seen('network', blue, 'shared=True')).toEqual(['lent']);
    expect(await seen('network', blue, 'shared=False')).toEqual(['mine', 'outside']);
    expect(await seen('network', admin)).toEqual(['lent', 'mine', 'outside', 'theirs']);
  });

  test('an RBAC policy for one project opens a network to that project alone', async () => {
    await has('network', network('lent', 'green'), network('outside', 'green', { 'router:external': true }));
    await has('rbac_policy', policy('r1', 'lent', 'shared', 'blue'), policy('r2', 'outside', 'external', 'red'));
    expect(await seen('network', blue)).toEqual(['lent']);
    expect(await seen('network', tenant('red'))).toEqual(['outside']);
    expect((await listOf('network', blue))[0]).toMatchObject({ shared: true });
    expect((await listOf('network', tenant('green'), 'id=lent'))[0]).toMatchObject({ shared: false });
  });

  test('what a tenant was told of sharing does not change what all are told', async () => {
    await has('network', network('lent', 'green'));
    const kind = made.world.kinds.get('network')!;
    await made.world.inventory.remember(kind, west.site, { id: 'lent', shared: true, name: 'new' }, new Date());
    expect(await seen('network', blue)).toEqual([]);
    expect((await listOf('network', tenant('green')))[0]).toMatchObject({ name: 'new', shared: false });
  });
});

describe('what belongs to networks', () => {
  beforeEach(async () => {
    await has(
      'network',
      network('mine', 'blue'),
      network('lent', 'green', { shared: true }),
      network('outside', 'green', { 'router:external': true }),
    );
  });

  test('subnets of shared networks are seen, of merely external ones not', async () => {
    const subnet = (id: string, on: string) => ({ id, network_id: on, project_id: 'green' });
    await has('subnet', subnet('s1', 'lent'), subnet('s2', 'outside'), {
      id: 's3',
      network_id: 'outside',
      project_id: 'blue',
    });
    expect(await seen('subnet', blue)).toEqual(['s1', 's3']);
    expect(await seen('subnet', blue, 'shared=True')).toEqual(['s1']);
  });

  test('subnets that a newer Neutron calls external are seen by whom the network is external to', async () => {
    await has('rbac_policy', policy('r1', 'far', 'external', 'red'));
    await has('network', network('far', 'green', { 'router:external': true }));
    const subnet = (id: string, on: string, external: boolean) => ({
      id,
      network_id: on,
      project_id: 'green',
      'router:external': external,
    });
    await has('subnet', subnet('s1', 'outside', true), subnet('s2', 'far', true), subnet('s3', 'mine', false));
    expect(await seen('subnet', blue)).toEqual(['s1']);
    expect(await seen('subnet', tenant('red'))).toEqual(['s1', 's2']);
    expect(await seen('subnet', blue, 'router:external=False')).toEqual([]);
  });

  test('the owner of a network sees every port on it, and no port of others elsewhere', async () => {
    const port = (id: string, on: string, owner: string) => ({ id, network_id: on, project_id: owner });
    await has('port', port('p1', 'mine', 'green'), port('p2', 'lent', 'green'), port('p3', 'lent', 'blue'));
    expect(await seen('port', blue)).toEqual(['p1', 'p3']);
  });
});

describe('groups, routers and addresses', () => {
  test('security groups are shared by policy; rules are seen in own groups', async () => {
    const group = (id: string, owner: string, name = id) => ({ id, name, project_id: owner, shared: false });
    await has('security_group', group('g1', 'blue', 'default'), group('g2', 'green'), group('g3', 'green'));
    await has('rbac_policy', policy('r1', 'g2', 'shared', 'blue', 'security_group'));
    const rule = (id: string, on: string, owner: string) => ({ id, security_group_id: on, project_id: owner });
    await has('security_group_rule', rule('u1', 'g1', 'admins'), rule('u2', 'g2', 'green'), rule('u3', 'g2', 'blue'));
    expect(await seen('security_group', blue)).toEqual(['g1', 'g2']);
    expect(await seen('security_group_rule', blue)).toEqual(['u1', 'u3']);
  });

  test.each(['router', 'floating_ip', 'rbac_policy'])('of kind %s only own ones', async (kind) => {
    await has(kind, { id: 'a', project_id: 'blue' }, { id: 'b', project_id: 'green' });
    expect(await seen(kind, blue)).toEqual(['a']);
    expect(await seen(kind, admin)).toEqual(['a', 'b']);
  });

  test("a project's default group is asked for once, at its own site and in its own name", async () => {
    west.requests.length = 0;
    const group = { id: 'g1', name: 'default', project_id: 'blue', security_group_rules: [] };
    west.answers(() => json(200, { security_groups: [group] }));
    const { database: on, inventory, sites, log } = made.world;
    const globals = new GlobalResources(on);
    const placement = { homeSite: async () => west.site, homeOf: async () => 1 };
    const reader = { states: { of: async () => ({ cursor: new Date() }) } };
    const kind = (name: string) => made.world.kinds.get(name)!;
    const parts = { database: on, inventory, sites, globals, log, kind };
    const homed = new SitesOfHomed(parts);
    const defaultGroups = new NeutronDefaultGroups({ ...parts, placement, reader, homed } as never);
    made = worldOf(
      database,
      [{ ...west.site, capabilities: { ...west.site.capabilities, endpoints: { network: [''] } } }],
      {
        defaultGroups,
      },
    );
    placement.homeSite = async () => made.world.sites.byId(1)!;
    expect(await seen('security_group', blue)).toEqual(['g1']);
    expect(west.requests).toMatchObject([{ path: '/security-groups', query: 'project_id=blue&name=default' }]);
    expect(await seen('security_group', blue)).toEqual(['g1']);
    expect(west.requests).toHaveLength(1);
  });
});

describe('one resource while its site is silent', () => {
  const silent = { ...west.site, request: () => Promise.reject(new SiteUnreachable('west', true, 'gone', true)) };

  test('it is shown as last seen to whoever may see it', async () => {
    await has('network', network('lent', 'green', { shared: true }), network('theirs', 'green'));
    const { world } = worldOf(database, [silent]);
    const ask = (id: string) =>
      show(world, collectionOf('network'))(askedFor(`/networks/${id}`, blue, { params: { id } }));
    const answer = await ask('lent');
    expect(JSON.parse(answer.body.toString())).toMatchObject({ network: { id: 'lent', shared: true } });
    await expect(ask('theirs')).rejects.toThrow(SiteUnreachable);
  });
});
