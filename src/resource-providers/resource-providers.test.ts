import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HypervisorStatistics } from '@cascade/openstack-protocol/compute/hypervisor-statistics.js';
import { hostCapacity } from '../compute/hosts/host-capacity.js';
import { answer, cascadeOver, type FakeService, type TestCascade } from '../image/testing.js';
import { SiteReadings } from '../placement/site-readings.js';
import { placementRoutes } from './routes.js';

const statistics = (vcpus: number, used: number) => ({
  count: 2,
  vcpus,
  vcpus_used: used,
  memory_mb: 4096,
  memory_mb_used: 512,
  free_ram_mb: 3584,
  local_gb: 100,
  local_gb_used: 10,
  free_disk_gb: 90,
  disk_available_least: 90,
  current_workload: 0,
  running_vms: 1,
});

let cascade: TestCascade;

beforeAll(async () => {
  const siteWith =
    (vcpus: number, used: number): FakeService =>
    (_request, response) =>
      answer(response, 200, { hypervisor_statistics: statistics(vcpus, used) });
  let hosts: SiteReadings<HypervisorStatistics>;
  cascade = await cascadeOver([siteWith(8, 1), siteWith(64, 60)], (world) => {
    hosts = new SiteReadings(world.database, world.sites, hostCapacity);
    return { placement: placementRoutes({ ...world, capacities: { ...world.capacities, hosts } }) };
  });
  await hosts!.refresh(() => true);
});
afterAll(() => cascade.close());

async function get(path: string, version = '1.39', token = 'admin') {
  const headers = { 'x-auth-token': token, 'openstack-api-version': `placement ${version}` };
  const answered = await fetch(`${cascade.url}/placement${path}`, { headers });
  const text = await answered.text();
  return {
    status: answered.status,
    headers: answered.headers,
    body: text ? (JSON.parse(text) as Record<string, never>) : {},
  };
}

const uuidOf = async (name: string): Promise<string> => {
  const { body } = await get(`/resource_providers?name=${name}`);
  return (body as unknown as { resource_providers: { uuid: string }[] }).resource_providers[0]!.uuid;
};

const found = async (path: string): Promise<string[]> => {
  const { status, body } = await get(path);
  expect(status, JSON.stringify(body)).toBe(200);
  return (body as unknown as { resource_providers: { name: string }[] }).resource_providers.map(({ name }) => name);
};

test('every site is one root provider, with the links of the microversion', async () => {
  const oldest = (await get('/resource_providers', '1.0')).body as unknown as { resource_providers: unknown[] };
  const uuid = await uuidOf('site1');
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(await uuidOf('site1')).toBe(uuid);
  const href = `/placement/resource_providers/${uuid}`;
  expect(oldest.resource_providers[0]).toEqual({
    uuid,
    name: 'site1',
    generation: 1,
    links: [
      { rel: 'self', href },
      { rel: 'inventories', href: `${href}/inventories` },
      { rel: 'usages', href: `${href}/usages` },
    ],
  });
  const newest = await get(`/resource_providers/${uuid}`);
  expect(newest.body).toMatchObject({ parent_provider_uuid: null, root_provider_uuid: uuid });
  expect(newest.headers.get('cache-control')).toBe('no-cache');
});

test('what a site has and uses is what its Nova sums up', async () => {
  const uuid = await uuidOf('site2');
  const { body } = await get(`/resource_providers/${uuid}/inventories`);
  expect(body).toMatchObject({
    inventories: {
      VCPU: { total: 64, reserved: 0, allocation_ratio: 1, max_unit: 64 },
      MEMORY_MB: { total: 4096 },
      DISK_GB: { total: 100 },
    },
  });
  expect((await get(`/resource_providers/${uuid}/usages`)).body).toMatchObject({
    usages: { VCPU: 60, MEMORY_MB: 512, DISK_GB: 10 },
  });
  expect(await get(`/resource_providers/${uuid}/inventories/VGPU`)).toMatchObject({ status: 404 });
});

test.each([
  ['?resources=VCPU:5', ['site1']],
  ['?resources=VCPU:4,MEMORY_MB:3584', ['site1', 'site2']],
  ['?resources=VCPU:1,MEMORY_MB:3585', []],
  ['?resources=VGPU:1', []],
  ['?required=HW_CPU_X86_AVX', []],
  ['?required=!HW_CPU_X86_AVX', ['site1', 'site2']],
  ['?member_of=!in:22222222-2222-4222-8222-222222222222', ['site1', 'site2']],
])('providers %s', async (query, expected) => {
  expect(await found(`/resource_providers${query}`)).toEqual(expected);
});

test.each([
  ['/resource_providers?bogus=1', '1.39'],
  ['/resource_providers?resources=VCPU:1', '1.3'],
  ['/resource_providers?resources=VCPU', '1.39'],
  ['/resource_providers?resources=VCPU:0', '1.39'],
  ['/resource_providers?uuid=x', '1.39'],
  ['/allocation_candidates?limit=1', '1.39'],
  ['/allocation_candidates?resources=VCPU:1&limit=0', '1.39'],
  ['/allocation_candidates?resources1=VCPU:1&resources2=VCPU:1', '1.39'],
  ['/usages', '1.39'],
])('%s at %s is 400', async (path, version) => {
  expect(await get(path, version)).toMatchObject({ status: 400, body: { errors: [{ status: 400 }] } });
});

test('candidates are the sites that have room for all groups together', async () => {
  const uuid = await uuidOf('site1');
  const { body } = await get('/allocation_candidates?resources=VCPU:3&resources_A=VCPU:2,DISK_GB:1');
  expect(body).toEqual({
    allocation_requests: [
      { allocations: { [uuid]: { resources: { VCPU: 5, DISK_GB: 1 } } }, mappings: { '': [uuid], _A: [uuid] } },
    ],
    provider_summaries: {
      [uuid]: {
        resources: {
          VCPU: { capacity: 8, used: 1 },
          MEMORY_MB: { capacity: 4096, used: 512 },
          DISK_GB: { capacity: 100, used: 10 },
        },
        traits: [],
        parent_provider_uuid: null,
        root_provider_uuid: uuid,
      },
    },
  });
  const older = (await get('/allocation_candidates?resources=VCPU:5', '1.10')).body as Record<string, unknown>;
  expect(older['allocation_requests']).toEqual([
    { allocations: [{ resource_provider: { uuid }, resources: { VCPU: 5 } }] },
  ]);
});

test('a member is told what its own project takes, and no other', async () => {
  expect(await get('/usages?project_id=ann-project', '1.39', 'ann')).toMatchObject({
    status: 200,
    body: { usages: {} },
  });
  for (const path of ['/usages?project_id=bob-project', '/usages']) {
    const { status, body } = await get(path, '1.39', 'ann');
    const detail = 'Access was denied to this resource.\n\n Policy does not allow placement:usages to be performed.  ';
    expect([status, body]).toMatchObject([403, { errors: [{ detail }] }]);
  }
});

test('nothing can be written, and a route is there from its microversion on', async () => {
  const headers = { 'x-auth-token': 'admin', 'openstack-api-version': 'placement 1.39' };
  const refused = await fetch(`${cascade.url}/placement/allocations/x`, { method: 'PUT', headers, body: '{}' });
  expect(refused.status).toBe(403);
  expect(await get('/usages?project_id=p', '1.8')).toMatchObject({ status: 404 });
  expect(await get('/usages?project_id=p', '1.9')).toMatchObject({ status: 200, body: { usages: {} } });
});

test('a project’s servers are its usage', async () => {
  const flavor = (vcpus: number) => ({ vcpus, ram: 512, disk: 10, ephemeral: 1, swap: 512 });
  const server = {
    name: 'server',
    service: 'compute',
    collection: '/servers',
    key: 'server',
    keys: 'servers',
  } as const;
  const bodies = [2, 4].map((vcpus) => ({ id: `s${vcpus}`, project_id: 'p', user_id: 'u', flavor: flavor(vcpus) }));
  await cascade.world.inventory.store(server, cascade.world.sites.require(1), bodies, new Date());
  const usages = { VCPU: 6, MEMORY_MB: 1024, DISK_GB: 24 };
  expect((await get('/usages?project_id=p', '1.37')).body).toEqual({ usages });
  expect((await get('/usages?project_id=p')).body).toEqual({ usages: { INSTANCE: { ...usages, consumer_count: 2 } } });
  expect((await get('/usages?project_id=p&user_id=other')).body).toEqual({ usages: {} });
});
