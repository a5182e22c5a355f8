import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedCloud } from '../cloud.js';
import { behindDoor, type Ask } from '../testing.js';
import { placementRoutes } from './routes.js';

let cloud: SimulatedCloud;
let ask: Ask;

beforeAll(() => {
  cloud = new SimulatedCloud({ name: 'az1', servers: 20, projectIds: ['p-demo'] });
  ask = behindDoor('placement', placementRoutes(cloud));
});
afterAll(() => cloud.close());

const get = async (path: string, version = '1.39') => (await ask('admin', `GET ${path}`, { version })).body;

test('each host is a provider', async () => {
  const { resource_providers: providers } = await get('/resource_providers');
  expect(providers.map((one: { name: string }) => one.name)).toEqual(cloud.hosts.names);
  const [{ uuid }] = providers;
  expect(await get(`/resource_providers/${uuid}`)).toMatchObject({
    uuid,
    root_provider_uuid: uuid,
    parent_provider_uuid: null,
  });
  expect(await get(`/resource_providers/${uuid}`, '1.0')).not.toHaveProperty('root_provider_uuid');
  expect((await ask('admin', 'GET /resource_providers/none')).status).toBe(404);
  expect((await ask('demo', 'GET /resource_providers')).status).toBe(403);
});

test('what servers claim is what their hosts use', async () => {
  const { resource_providers: providers } = await get('/resource_providers');
  let all = 0;
  for (const { uuid } of providers) {
    const { usages } = await get(`/resource_providers/${uuid}/usages`);
    const { allocations } = await get(`/resource_providers/${uuid}/allocations`);
    const claims = Object.values(allocations) as { resources: { VCPU: number } }[];
    expect(usages.VCPU).toBe(claims.reduce((sum, { resources }) => sum + resources.VCPU, 0));
    all += usages.VCPU;
  }
  const { usages } = await get('/usages?project_id=p-demo');
  expect(usages.INSTANCE.VCPU).toBe(all);
  const [id] = [...cloud.servers.newestFirst()].filter((server) => server.host !== null).map((server) => server.id);
  expect(await get(`/allocations/${id}`)).toMatchObject({ project_id: 'p-demo', consumer_type: 'INSTANCE' });
});

test('inventories tell what there is and how often it is given out', async () => {
  const [{ uuid }] = (await get('/resource_providers')).resource_providers;
  const { inventories } = await get(`/resource_providers/${uuid}/inventories`);
  expect(inventories.VCPU).toEqual({
    total: 64,
    reserved: 0,
    min_unit: 1,
    max_unit: 64,
    step_size: 1,
    allocation_ratio: 16,
  });
  expect((await ask('admin', `GET /resource_providers/${uuid}/inventories/GOLD`)).status).toBe(404);
});

test('candidates have room for what is asked', async () => {
  const { allocation_requests: requests, provider_summaries: summaries } = await get(
    '/allocation_candidates?resources=VCPU:1,MEMORY_MB:512',
  );
  expect(requests).toHaveLength(cloud.hosts.names.length);
  expect(Object.keys(summaries)).toEqual(
    requests.map((one: { allocations: object }) => Object.keys(one.allocations)[0]),
  );
  expect((await get('/allocation_candidates?resources=VCPU:1000')).allocation_requests).toEqual([]);
  expect((await get('/allocation_candidates?resources=VCPU:1&required=HW_CPU_X86_AVX2')).allocation_requests).toEqual(
    [],
  );
  expect(
    (await ask('admin', 'GET /allocation_candidates?resources=VCPU:1&required=CUSTOM_GOLD', { version: '1.39' }))
      .status,
  ).toBe(400);
  expect((await ask('admin', 'GET /allocation_candidates?resources=VCPU:x', { version: '1.39' })).status).toBe(400);
});
