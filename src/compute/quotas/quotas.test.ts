/** A quota is one for all sites: checked by one, kept by the cascade, given to each. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../../test/cascade.js';
import type { FakeSite } from '../../../test/fake-cloud.js';
import { reconcileKinds } from '../../globals/reconcile.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { computeQuotaClasses, computeQuotas } from './quota-kinds.js';

const reconcileQuotas = (world: World, site: Site): Promise<void> =>
  reconcileKinds(world, site, [computeQuotas, computeQuotaClasses]);

let cloud: TestCascade;
let path: string;
beforeAll(async () => {
  cloud = await startTestCascade();
  path = `/os-quota-sets/${cloud.project}`;
});
afterAll(() => cloud.close());
afterEach(async () => {
  await Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover()));
  for (const table of ['global_resource', 'shadow']) await cloud.cascade.world.database.run(`delete from ${table}`);
  for (const { server } of [cloud.east, cloud.west]) server.requests.length = 0;
});

const ask = (method: string, below: string, body?: unknown, token = cloud.admin) =>
  cloud.ask(method, `/compute/v2.1${below}`, { token, ...(body ? { body } : {}) });
const told = (site: FakeSite, what = /^(PUT|DELETE) .*os-quota/) =>
  site.server
    .requestsLike(what)
    .map(({ method, query, body }) => [method, query.get('user_id'), body['quota_set'] ?? body['quota_class_set']]);

/** A site with a quota of which so much is used. */
function has(site: FakeSite, instances: number, limit = 10): void {
  const usage = { limit, in_use: instances, reserved: 0 };
  const absolute = { maxTotalInstances: limit, totalInstancesUsed: instances };
  site.server.fail(200, /os-quota-(class-)?sets/, { quota_set: { id: cloud.project, instances: limit } });
  site.server.fail(200, /GET .*\/detail/, { quota_set: { id: cloud.project, instances: usage } });
  site.server.fail(200, /GET .*\/limits/, { limits: { rate: [], absolute } });
}
const silent = async (site: FakeSite) => {
  await site.server.refuse();
  for (let time = 0; time < 3; time += 1) await cloud.cascade.world.sites.probe();
};
const answering = async (site: FakeSite) => {
  await site.server.recover();
  for (let time = 0; time < 2; time += 1) await cloud.cascade.world.sites.probe();
};

test('a change is checked by one site and given to every other', async () => {
  has(cloud.east, 2);
  has(cloud.west, 3);
  expect((await ask('PUT', path, { quota_set: { instances: '7', cores: 20 } })).status).toBe(200);
  expect(told(cloud.east)[0]).toEqual(['PUT', null, { instances: '7', cores: 20 }]);
  expect(told(cloud.west)).toEqual([['PUT', null, { instances: 7, cores: 20, force: true }]]);
  await ask('PUT', path, { quota_set: { ram: -1 } });
  expect(told(cloud.west).at(-1)).toEqual(['PUT', null, { instances: 7, cores: 20, ram: -1, force: true }]);
});

test('a limit below what is used at all sites together is refused, unless it is forced', async () => {
  has(cloud.east, 2);
  has(cloud.west, 3);
  const refused = await ask('PUT', path, { quota_set: { instances: 4 } });
  expect(refused.body.badRequest.message).toBe(
    'Quota limit 4 for instances must be greater than or equal to already used and reserved 5.',
  );
  expect([told(cloud.east), told(cloud.west)]).toEqual([[], []]);
  expect((await ask('PUT', path, { quota_set: { instances: 4, force: 'True' } })).status).toBe(200);
});

test("a site's refusal is the answer, and nothing is kept", async () => {
  has(cloud.west, 0);
  cloud.east.server.fail(400, /PUT .*os-quota-sets/, {
    badRequest: { code: 400, message: 'Project ID x is not a valid project.' },
  });
  expect((await ask('PUT', path, { quota_set: { ram: 1 } })).body.badRequest.message).toBe(
    'Project ID x is not a valid project.',
  );
  expect(told(cloud.west)).toEqual([]);
  expect(await cloud.cascade.world.globals.list('compute_quota')).toEqual([]);
});

test('use is the sum over the sites', async () => {
  has(cloud.east, 2);
  has(cloud.west, 3, 99);
  const { quota_set: quota } = (await ask('GET', `${path}/detail`)).body;
  expect(quota).toEqual({ id: cloud.project, instances: { limit: 10, in_use: 5, reserved: 0 } });
  const { limits } = (await ask('GET', '/limits', undefined, cloud.member)).body;
  expect(limits.absolute).toEqual({ maxTotalInstances: 10, totalInstancesUsed: 5 });
});

test('a site that was silent gets what it missed', async () => {
  has(cloud.east, 0);
  has(cloud.west, 0);
  await ask('PUT', path, { quota_set: { ram: 5 } });
  await ask('PUT', `${path}?user_id=ann`, { quota_set: { ram: 2 } });
  expect(told(cloud.west)).toEqual([
    ['PUT', null, { ram: 5, force: true }],
    ['PUT', 'ann', { ram: 2, force: true }],
  ]);

  await silent(cloud.west);
  expect((await ask('DELETE', path)).status).toBe(200);
  await ask('PUT', path, { quota_set: { cores: 7 } });
  await answering(cloud.west);
  has(cloud.west, 0);
  cloud.west.server.requests.length = 0;
  const west = cloud.cascade.world.sites.byName('west')!;
  await reconcileQuotas(cloud.cascade.world, west);
  // Nova deletes the user's own with the project's, whose old limit goes before the new one comes.
  expect(told(cloud.west)).toEqual([
    ['DELETE', null, undefined],
    ['PUT', null, { cores: 7, force: true }],
  ]);
  await reconcileQuotas(cloud.cascade.world, west);
  expect(told(cloud.west)).toHaveLength(2);
});

test('a new site gets all there is, defaults too', async () => {
  has(cloud.east, 0);
  has(cloud.west, 0);
  expect((await ask('PUT', '/os-quota-class-sets/default', { quota_class_set: { cores: 40 } })).status).toBe(200);
  expect(told(cloud.west)).toEqual([['PUT', null, { cores: 40 }]]);
  await cloud.cascade.world.database.run(`delete from shadow`);
  await reconcileQuotas(cloud.cascade.world, cloud.cascade.world.sites.byName('west')!);
  expect(told(cloud.west)).toHaveLength(2);
});

test('what a site refuses is not tried again until it changes', async () => {
  has(cloud.east, 0);
  const gone = { badRequest: { code: 400, message: 'Project ID x is not a valid project.' } };
  cloud.west.server.fail(400, /PUT .*os-quota-sets/, gone);
  await ask('PUT', path, { quota_set: { ram: 5 } });
  await reconcileQuotas(cloud.cascade.world, cloud.cascade.world.sites.byName('west')!);
  expect(told(cloud.west)).toHaveLength(1);
  await ask('PUT', path, { quota_set: { ram: 6 } });
  expect(told(cloud.west)).toHaveLength(2);
});

test('tenants read and do not write', async () => {
  has(cloud.east, 0);
  expect((await ask('GET', path, undefined, cloud.reader)).status).toBe(200);
  expect((await ask('PUT', path, { quota_set: { ram: 1 } }, cloud.member)).status).toBe(403);
  expect((await ask('DELETE', path, undefined, cloud.member)).status).toBe(403);
});
