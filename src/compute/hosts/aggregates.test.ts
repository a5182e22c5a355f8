/** Aggregates group sites, and one with a zone is an availability zone over them. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../../test/cascade.js';

let cloud: TestCascade;
beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.cascade.world.database.run(`delete from global_resource where kind = 'aggregate'`);
});

const ask = (method: string, path: string, body?: unknown, version = '2.41') =>
  cloud.ask(method, `/compute/v2.1/os-aggregates${path}`, {
    token: cloud.admin,
    headers: { 'openstack-api-version': `compute ${version}` },
    ...(body ? { body } : {}),
  });
const make = async (name: string, zone?: string): Promise<number> => {
  const { body } = await ask('POST', '', { aggregate: { name, ...(zone ? { availability_zone: zone } : {}) } });
  return body.aggregate.id;
};
const act = (id: number, action: string, wanted: unknown) => ask('POST', `/${id}/action`, { [action]: wanted });
const words = ({ status, body }: Awaited<ReturnType<typeof ask>>) => [
  status,
  Object.values<{ message: string }>(body)[0]?.message,
];

test('made, shown, changed, deleted', async () => {
  const made = await ask('POST', '', { aggregate: { name: 'gpu', availability_zone: 'fast' } });
  expect(made.status).toBe(200);
  expect(Object.keys(made.body.aggregate)).toEqual([
    'id',
    'uuid',
    'name',
    'created_at',
    'updated_at',
    'deleted_at',
    'deleted',
    'availability_zone',
  ]);
  const { id } = made.body.aggregate;
  expect(made.body.aggregate.updated_at).toBeNull();

  await act(id, 'set_metadata', { metadata: { a: 'b', c: 'd' } });
  const { body } = await act(id, 'set_metadata', { metadata: { a: null, unknown: null } });
  expect(body.aggregate).toMatchObject({ metadata: { availability_zone: 'fast', c: 'd' }, availability_zone: 'fast' });
  expect(body.aggregate.metadata).not.toHaveProperty('a');
  expect(body.aggregate.updated_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/);

  const old = await ask('GET', `/${id}`, undefined, '2.40');
  expect(old.body.aggregate).not.toHaveProperty('uuid');
  expect((await ask('DELETE', `/${id}`)).status).toBe(200);
  expect(words(await ask('GET', `/${id}`))).toEqual([404, `Aggregate ${id} could not be found.`]);
  expect(await make('next')).toBe(id + 1);
});

test('names are taken whatever their case, and by one of many at once', async () => {
  const answers = await Promise.all(
    ['twin', 'TWIN', 'Twin', 'other'].map((name) => ask('POST', '', { aggregate: { name } })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409]);
  expect(words(answers.find(({ status }) => status === 409)!)[1]).toMatch(/^Aggregate twin already exists\.$/i);
  await make('FIRST');
  expect(words(await ask('POST', '', { aggregate: { name: 'first' } }))).toEqual([
    409,
    'Aggregate first already exists.',
  ]);
  const { body } = await ask('GET', '');
  expect(new Set(body.aggregates.map(({ id }: { id: number }) => id)).size).toBe(3);
});

test('hosts are sites', async () => {
  const id = await make('hosts');
  const both = await Promise.all(['east', 'west'].map((host) => act(id, 'add_host', { host })));
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect((await ask('GET', `/${id}`)).body.aggregate.hosts.sort()).toEqual(['east', 'west']);
  expect(words(await act(id, 'add_host', { host: 'north' }))).toEqual([404, 'Compute host north could not be found.']);
  expect(words(await act(id, 'add_host', { host: 'east' }))).toEqual([409, `Aggregate ${id} already has host east.`]);
  expect(words(await act(id, 'remove_host', { host: 'north' }))).toEqual([
    404,
    `Cannot remove host north in aggregate ${id}`,
  ]);
  expect(words(await ask('DELETE', `/${id}`))).toEqual([
    400,
    `Cannot remove host from aggregate ${id}. Reason: Host aggregate is not empty.`,
  ]);
});

test('a zone over sites is listed, and a server can be asked for in it', async () => {
  const id = await make('zoned', 'pair');
  await act(id, 'add_host', { host: 'west' });
  const { body } = await cloud.get('/compute/v2.1/os-availability-zone');
  expect(body.availabilityZoneInfo).toContainEqual({ zoneName: 'pair', zoneState: { available: true }, hosts: null });
  const before = cloud.west.server.requestsLike(/POST .*\/servers$/).length;
  const made = await cloud.ask('POST', '/compute/v2.1/servers', {
    token: cloud.member,
    body: { server: { name: 'in-pair', availability_zone: 'pair', flavorRef: '1', imageRef: '' } },
  });
  expect(made.status).toBe(202);
  expect(cloud.west.server.requestsLike(/POST .*\/servers$/).length).toBe(before + 1);
});

test('a site is in one zone of aggregates only', async () => {
  const [one, other] = [await make('one', 'zone1'), await make('other', 'zone2')];
  await act(one, 'add_host', { host: 'east' });
  const reason = "One or more hosts already in availability zone(s) ['zone1']";
  expect(words(await act(other, 'add_host', { host: 'east' }))).toEqual([
    409,
    `Cannot add host to aggregate ${other}. Reason: ${reason}.`,
  ]);
  const plain = await make('plain');
  await act(plain, 'add_host', { host: 'east' });
  expect(words(await ask('PUT', `/${plain}`, { aggregate: { availability_zone: 'zone3' } }))).toEqual([
    400,
    `Cannot update aggregate ${plain}. Reason: ${reason}.`,
  ]);
  expect((await ask('PUT', `/${plain}`, { aggregate: { availability_zone: 'zone1' } })).status).toBe(200);
});

test("the zone of a site's own name has that site alone", async () => {
  const id = await make('trap', 'east');
  expect((await act(id, 'add_host', { host: 'east' })).status).toBe(200);
  expect(words(await act(id, 'add_host', { host: 'west' }))).toEqual([
    409,
    `Cannot add host to aggregate ${id}. Reason: Availability zone east is site east, and west is another site.`,
  ]);
});

test('a zone is not renamed under its servers', async () => {
  const id = await make('full', 'old');
  await act(id, 'add_host', { host: 'east' });
  const { world } = cloud.cascade;
  const server = cloud.east.put('servers', { name: 'db1', tenant_id: cloud.project });
  await world.inventory.store(world.kinds.get('server')!, world.sites.byName('east')!, [server], new Date());
  expect(words(await ask('PUT', `/${id}`, { aggregate: { availability_zone: 'new' } }))).toEqual([
    400,
    `Cannot update aggregate ${id}. Reason: One or more hosts contain instances in this zone.`,
  ]);
});

test('images are not said to be cached when they are not', async () => {
  const id = await make('images');
  const cache = [{ id: 'a0000000-0000-4000-8000-0000000000aa' }];
  expect((await ask('POST', `/${id}/images`, { cache }, '2.81')).status).toBe(501);
  expect((await ask('POST', `/${id}/images`, { cache }, '2.80')).status).toBe(404);
});

test('they are the administrators’', async () => {
  expect((await cloud.get('/compute/v2.1/os-aggregates')).status).toBe(403);
});
