/**
 * A server that is deleted before it is scheduled leaves no trace in Nova: no list shows it, and no list of changes says that
 * it was there. So it was answered by Nova 26: 204, then 404, and nothing in `changes-since`, then or later.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedCascade, type Ask, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let tenant: Ask & { readonly projectId: string };
let since: string;

beforeAll(async () => {
  cloud = await startSimulatedCascade({}, { 'port bind': 3_600_000 }); // until a server is scheduled
  tenant = await cloud.tenant('mayflies');
  since = new Date(Date.now() - 60_000).toISOString();
}, 120_000);
afterAll(() => cloud.close());

const servers = '/compute/v2.1/servers';

async function make(): Promise<string> {
  const imageRef = cloud.east.cloud.images.initialIds[0];
  const server = { name: 'mayfly', flavorRef: '1', imageRef, networks: 'none', availability_zone: 'east' };
  const { status, body, text } = await tenant(`POST ${servers}`, { server });
  if (status !== 202) throw new Error(text);
  return body.server.id as string;
}

async function statusIn(ask: Ask, query: string, id: string): Promise<string | undefined> {
  const { body } = await ask(`GET ${servers}/detail?${query}`);
  return (body.servers as { id: string; status: string }[]).find((one) => one.id === id)?.status;
}

async function expectNoTrace(id: string): Promise<void> {
  for (const query of ['', `changes-since=${since}`, `changes-before=2100-01-01T00:00:00Z`])
    expect(await statusIn(tenant, query, id), query).toBeUndefined();
  for (const query of ['all_tenants=1&deleted=True', 'all_tenants=1&status=DELETED'])
    expect(await statusIn(cloud.admin, query, id), query).toBeUndefined();
  expect((await tenant(`GET ${servers}/${id}`)).status).toBe(404);
}

test('lists agree at once with what is answered by id, where it was deleted through the cascade', async () => {
  const id = await make();
  expect((await tenant(`DELETE ${servers}/${id}`)).status).toBe(204);
  await expectNoTrace(id);
  expect((await tenant(`DELETE ${servers}/${id}`)).status).toBe(404);
  await expectNoTrace(id);
});

test('the same where nobody asks for it by id, and where its deletion was forced', async () => {
  const id = await make();
  await cloud.admin(`POST ${servers}/${id}/action`, { forceDelete: null });
  expect(await statusIn(tenant, '', id)).toBeUndefined();
  await expectNoTrace(id);
});

test('one that was deleted at its site is gone with the next reading of changes', async () => {
  const id = await make();
  const { world } = cloud.cascade;
  const [kind, site] = [world.kinds.get('server')!, world.sites.byName('east')!];
  await world.reader.readNow(kind, site);
  await site.request({ service: 'compute', method: 'DELETE', path: `/servers/${id}`, query: '' });
  await world.reader.readChanges(kind, site);
  expect(await world.inventory.find('server', id)).toBeUndefined();
  await expectNoTrace(id);
});

test('one that had been built is told of as deleted', async () => {
  const { 'port bind': unbuilt } = cloud.durations;
  cloud.durations['port bind'] = 0;
  const id = await make();
  cloud.durations['port bind'] = unbuilt;
  await cloud.until(
    () => tenant(`GET ${servers}/${id}`),
    (body) => body.server?.status === 'ACTIVE',
  );
  await tenant(`DELETE ${servers}/${id}`);
  await cloud.until(
    () => tenant(`GET ${servers}/detail?changes-since=${since}`),
    (body) =>
      (body.servers as { id: string; status: string }[]).some((one) => one.id === id && one.status === 'DELETED'),
  );
  expect(await statusIn(tenant, '', id)).toBeUndefined();
});

test('what waits for its reclaim is a change, and in no list', async () => {
  const id = await make();
  const { world } = cloud.cascade;
  const [kind, site] = [world.kinds.get('server')!, world.sites.byName('east')!];
  await world.reader.readNow(kind, site);
  const row = await world.inventory.find('server', id);
  const body = JSON.parse(row!.body) as Record<string, unknown>;
  await world.database.run('delete from touched');
  const now = new Date();
  const softDeleted = { ...body, status: 'SOFT_DELETED', updated: now.toISOString() };
  await world.inventory.store(kind, site, [softDeleted], now, new Date(now.getTime() + 60_000));
  expect(await statusIn(tenant, '', id)).toBeUndefined();
  expect(await statusIn(tenant, `changes-since=${since}`, id)).toBe('SOFT_DELETED');
});
