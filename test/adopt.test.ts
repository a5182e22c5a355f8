/** What is the same in every site comes back from the sites, where the database knows nothing of it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { computeQuotas } from '../src/compute/quotas/quota-kinds.js';
import { serverGroups } from '../src/compute/server-groups.js';
import { reconcileKinds } from '../src/globals/reconcile.js';
import { MeteredSite } from '../src/sync/metered-site.js';
import { startTestCascade, type TestCascade } from './cascade.js';
import type { FakeSite } from './fake-cloud.js';

let cloud: TestCascade;

beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());
afterEach(async () => {
  await Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover()));
  for (const table of ['global_resource', 'shadow', 'resource']) {
    await cloud.cascade.world.database.run(`delete from ${table}`);
  }
});

// A site is looked at every few minutes; as another object it was never looked at.
const at = (name: string) => new MeteredSite(cloud.cascade.world.sites.byName(name)!);

test('groups of one name and policy in one project are one group, with a part in each site', async () => {
  const [eastDb, eastWeb, westDb, other] = [1, 2, 3, 4].map((n) => `00000000-0000-4000-8000-00000000000${n}`) as [
    string,
    string,
    string,
    string,
  ];
  const group = (id: string, name: string) => ({
    id,
    name,
    policy: 'affinity',
    rules: {},
    project_id: cloud.project,
    user_id: 'u',
  });
  const has = (site: FakeSite, ...groups: unknown[]) =>
    site.server.fail(200, /GET .*os-server-groups/, { server_groups: groups });
  has(cloud.east, group(eastDb, 'db'), group(eastWeb, 'web'));
  has(cloud.west, group(westDb, 'db'), group(other, 'db'));
  const { world } = cloud.cascade;
  for (const name of ['east', 'west', 'east', 'west']) await reconcileKinds(world, at(name), [serverGroups]);
  expect((await world.globals.list('server_group')).map((row) => [row.id, row.owner_id]).sort()).toEqual([
    [eastDb, cloud.project],
    [eastWeb, cloud.project],
    [other, cloud.project],
  ]);
  const shadows = await world.globals.shadows('server_group', eastDb);
  expect(shadows.map((shadow) => shadow.has_alias)).toEqual([false, true]);
  expect(await world.sites.aliases.find(at('west').id, eastDb)).toBe(westDb);

  // One that a tenant deletes does not come back with a list that was under way.
  await world.globals.remove('server_group', eastWeb);
  await world.globals.removeShadow('server_group', eastWeb, at('east').id);
  await reconcileKinds(world, at('east'), [serverGroups]);
  expect(await world.globals.find('server_group', eastWeb)).toBeUndefined();
});

test('a key pair is taken from the site that speaks when it is used elsewhere', async () => {
  const keypair = { name: 'mine', public_key: 'ssh-ed25519 AAAA', fingerprint: 'f', type: 'ssh', private_key: null };
  cloud.east.server.fail(200, /GET .*os-keypairs\/mine/, { keypair });
  cloud.west.server.fail(201, /POST .*os-keypairs/, { keypair });
  const { world } = cloud.cascade;
  const caller = { userId: 'anna' } as Caller;
  const ensure = async (name: string) =>
    (await world.shadows.find('keypair', [name], caller)).get(name)?.ensure(world.sites.byName('west')!, caller);
  await ensure('mine');
  expect(cloud.west.server.requestsLike(/^POST .*os-keypairs/).at(-1)!.body['keypair']).toMatchObject({
    name: 'mine',
    public_key: 'ssh-ed25519 AAAA',
    user_id: 'anna',
  });
  // Known from now on.
  const asked = () => cloud.east.server.requestsLike(/os-keypairs/).length;
  const before = asked();
  await ensure('mine');
  expect(asked()).toBe(before);
  // One that nobody has is left to the site to refuse.
  expect(await ensure('nobodys')).toBe(undefined);
});

test('quotas are taken from the site that speaks where they are no defaults, and hold in every site', async () => {
  const { east, west, project } = cloud;
  east.put('servers', { name: 'one', tenant_id: project });
  east.put('servers', { name: 'of nobody', tenant_id: '' });
  const { world } = cloud.cascade;
  await world.reader.readAll(world.kinds.get('server')!, world.sites.byName('east')!);
  east.server.fail(200, /compute.*quota-sets/, { quota_set: { id: project, cores: 64, ram: 51200, instances: 10 } });
  east.server.fail(200, /compute.*quota-sets.*defaults/, { quota_set: { cores: 20, ram: 51200, instances: 10 } });
  east.server.fail(200, /volume.*quota-sets/, { quota_set: { id: project, volumes: 99, gigabytes: 1000 } });
  east.server.fail(200, /volume.*quota-sets.*defaults/, { quota_set: { id: project, volumes: 10, gigabytes: 1000 } });
  // A project that is no more: Nova refuses it, Cinder knows no better than to tell its defaults.
  east.server.fail(400, /compute.*quota-sets.gone/);
  east.server.fail(200, /volume.*quota-sets.gone$/, { quota_set: { id: 'gone', volumes: 10, gigabytes: 1000 } });
  const limits = { project_id: project, tenant_id: project, network: -1, port: 500 };
  east.server.fail(200, /network.*quotas/, { quotas: [limits, { ...limits, project_id: 'another' }] });
  east.server.fail(200, /network.*quotas.*default/, { quota: { network: 100, port: 500 } });
  const told = await cloud.ask('GET', '/cascade/v1/quotas/projects', { token: cloud.admin });
  expect(told.body.projects).toEqual([project]);
  const adopt = () =>
    cloud.ask('POST', '/cascade/v1/quotas/adopt', { token: cloud.admin, body: { projects: ['gone', project] } });
  expect((await adopt()).body).toEqual({ adopted: 3 });
  const bodyOf = async (kind: string) => (await world.globals.find(kind, project))?.body;
  expect(await bodyOf('compute_quota')).toEqual({ cores: 64 });
  expect(await bodyOf('volume_quota')).toEqual({ volumes: 99 });
  expect(await bodyOf('network_quota')).toEqual({ network: -1 });
  expect((await adopt()).body.adopted).toBe(0);
  await reconcileKinds(world, world.sites.byName('west')!, [computeQuotas]);
  expect(west.server.requestsLike(/^PUT .*os-quota-sets/).at(-1)!.body['quota_set']).toMatchObject({ cores: 64 });
});
