/** What a project used, over all sites. Its pages are walked in test/paged-walks.test.ts. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../../test/cascade.js';
import type { FakeSite } from '../../../test/fake-cloud.js';

let cloud: TestCascade;
beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());
afterEach(() => Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover())));

const period = { start: '2026-01-01T00:00:00.000000', stop: '2026-02-01T00:00:00.000000' };
const used = (instance_id: string, tenant_id: string, hours: number) => ({
  instance_id,
  tenant_id,
  hours,
  memory_mb: 10,
  local_gb: 1,
  vcpus: 2,
});
type Used = ReturnType<typeof used>;
/** As Nova groups them; the sums are wrong on purpose, since the cascade makes its own. */
const grouped = (usages: Used[]) =>
  [...new Set(usages.map((one) => one.tenant_id))].map((tenant_id) => ({
    tenant_id,
    server_usages: usages.filter((one) => one.tenant_id === tenant_id),
    total_hours: -1,
    ...period,
  }));
const tells = (site: FakeSite, usages: Used[], on = /os-simple-tenant-usage/) =>
  site.server.fail(200, on, { tenant_usages: grouped(usages) });

const ask = (path: string, version = '2.40', token = cloud.admin) =>
  cloud.ask('GET', `/compute/v2.1/os-simple-tenant-usage${path}`, {
    token,
    headers: { 'openstack-api-version': `compute ${version}` },
  });

test('sums are made over the sites', async () => {
  tells(cloud.east, [used('e1', 'p', 2), used('e2', 'q', 1)]);
  tells(cloud.west, [used('w1', 'p', 3)]);
  for (const version of ['2.39', '2.40']) {
    const { body } = await ask('?detailed=0', version);
    expect(body.tenant_usages).toEqual([
      {
        tenant_id: 'p',
        total_hours: 5,
        total_vcpus_usage: 10,
        total_memory_mb_usage: 50,
        total_local_gb_usage: 5,
        ...period,
      },
      {
        tenant_id: 'q',
        total_hours: 1,
        total_vcpus_usage: 2,
        total_memory_mb_usage: 10,
        total_local_gb_usage: 1,
        ...period,
      },
    ]);
  }
  const [p] = (await ask('?detailed=1')).body.tenant_usages;
  expect(p.server_usages.map((one: Used) => one.instance_id)).toEqual(['e1', 'w1']);
});

test('one project', async () => {
  for (const [site, hours] of [
    [cloud.east, 2],
    [cloud.west, 4],
  ] as const) {
    site.server.fail(200, /os-simple-tenant-usage/, { tenant_usage: grouped([used(site.region, 'p', hours)])[0] });
  }
  const { body } = await ask('/p', '2.1', cloud.reader);
  expect(body.tenant_usage).toMatchObject({ tenant_id: 'p', total_hours: 6 });
  for (const site of [cloud.east, cloud.west]) site.server.fail(200, /os-simple-tenant-usage/, { tenant_usage: {} });
  expect((await ask('/p', '2.1', cloud.reader)).body).toEqual({ tenant_usage: {} });
});

test('what a site refuses is refused', async () => {
  const words = { badRequest: { code: 400, message: 'Invalid datetime string: Datetime is in invalid format' } };
  for (const site of [cloud.east, cloud.west]) site.server.fail(400, /os-simple-tenant-usage/, words);
  const { status, body } = await ask('?start=bad');
  expect([status, body]).toEqual([400, words]);
  expect((await ask('/')).status).toBe(404);
  expect((await ask('', '2.1', cloud.member)).status).toBe(403);
});

test('a site that is known to be down is left out; one that does not answer once is waited for', async () => {
  tells(cloud.west, [used('w1', 'p', 3)]);
  await cloud.east.server.refuse();
  expect((await ask('')).status).toBe(503);
  for (let time = 0; time < 3; time += 1) await cloud.cascade.world.sites.probe();
  expect((await ask('')).body.tenant_usages).toMatchObject([{ total_hours: 3 }]);
});
