/** What the newest Glance has beside that of Zed, over one zone of each, and images that are registered by their location. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { OwnKeystone } from '@cascade/openstack-adapter/keystone/own-keystone.js';
import { send } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade, type Tenant } from './simulated-cascade.js';

type Zone = 'east' | 'west';
const glance = '/image/v2';
const soon = { timeout: 20_000, interval: 50 };
const bytes = randomBytes(100_000);
const hash = createHash('sha512').update(bytes).digest('hex');
const store = createServer((_request, response) => response.setHeader('content-length', bytes.length).end(bytes));
let url: string;
let mixed: SimulatedCascade;
let newest: SimulatedCascade;

beforeAll(async () => {
  await new Promise<void>((done) => store.listen(0, '127.0.0.1', done));
  const { port } = store.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/image`;
  mixed = await startSimulatedCascade({}, {}, { east: '2026.2' });
  newest = await startSimulatedCascade({}, {}, { east: '2026.2', west: '2026.2' });
  for (const { east, west } of [mixed, newest])
    for (const { cloud } of [east, west]) cloud.images.importPorts.add(String(port));
}, 120_000);
afterAll(async () => {
  await mixed.close();
  await newest.close();
  store.close();
});

/** A tenant whose images are made in a zone. */
async function at(cloud: SimulatedCascade, zone: Zone): Promise<Tenant> {
  const ann = await cloud.tenant(`ann-${zone}`);
  await ann('POST /network/v2.0/networks', { network: { name: 'n', availability_zone_hints: [zone] } });
  return ann;
}
async function record(ann: Tenant): Promise<string> {
  const { body } = await ann(`POST ${glance}/images`, { name: 'i', disk_format: 'raw', container_format: 'bare' });
  return body.id;
}
/** Gives somebody the role `service` beside his own: what a service of OpenStack asks. */
async function asService(cloud: SimulatedCascade, project: string) {
  const { accounts } = cloud.east.keystone as OwnKeystone;
  const { id } = accounts.projectNamed(project)!;
  accounts.assign(
    accounts.userNamed(project === 'admin' ? 'admin' : project)!.id,
    id,
    accounts.roleNamed('service').id,
  );
}
const words = (text: string) => text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

test('each Glance lists the versions of its release, and the cascade those of Zed, which every zone has', async () => {
  const listed = async (at: string): Promise<{ id: string; status: string }[]> =>
    (await send('GET', `${at}/image/versions`)).body.versions;
  const current = async (at: string) => (await listed(at)).filter(({ status }) => status === 'CURRENT');
  expect(await current(mixed.east.url)).toMatchObject([{ id: 'v2.17' }]);
  expect((await listed(mixed.east.url)).map(({ id }) => id).slice(0, 2)).toEqual(['v2.15', 'v2.13']);
  expect(await current(mixed.west.url)).toMatchObject([{ id: 'v2.15' }]);
  expect(await listed(mixed.url)).toHaveLength((await listed(mixed.west.url)).length);
  expect(await current(mixed.url)).toMatchObject([{ id: 'v2.15' }]);
});

test('locations are added and told by their path, as far as the zone lets', async () => {
  const ann = await at(mixed, 'east');
  const id = await record(ann);
  const add = (body: object) => ann(`POST ${glance}/images/${id}/locations`, body);
  const refused = await add({ url });
  expect([refused.status, words(refused.text)]).toEqual([403, expect.stringContaining('http store must be enabled')]);
  mixed.east.cloud.images.hasHttpStore = true;
  for (const wrong of [{ os_hash_algo: 'sha512' }, { os_hash_algo: 'sha512', os_hash_value: 'ff' }])
    expect((await add({ url, validation_data: wrong })).status).toBe(400);
  expect((await add({ url: 'http://127.0.0.1:1/x' })).status).toBe(400);
  const taken = await add({ url, validation_data: { os_hash_algo: 'sha512', os_hash_value: hash } });
  expect(taken.status, taken.text).toBe(202);
  await vi.waitFor(async () => {
    const { body } = await ann(`GET ${glance}/images/${id}`);
    expect(body).toMatchObject({ status: 'active', size: bytes.length, os_hash_value: hash });
  }, soon);
  expect((await add({ url })).status).toBe(409);
  expect((await ann(`GET ${glance}/images/${id}/locations`)).status).toBe(403);
});

test('a service is told locations, and may add them', async () => {
  const ann = await at(newest, 'east');
  await asService(newest, 'ann-east');
  const service = await newest.tenant('ann-east');
  const id = await record(ann);
  newest.east.cloud.images.hasHttpStore = true;
  expect((await service(`POST ${glance}/images/${id}/locations`, { url })).status).toBe(202);
  await vi.waitFor(async () => {
    const { status, body } = await service(`GET ${glance}/images/${id}/locations`);
    expect([status, body]).toEqual([200, [{ url, metadata: { store: 'file' } }]]);
  }, soon);
  expect((await service(`GET ${glance}/info/stores/detail`)).status).toBe(200);
});

test('an older home refuses them in Glance’s form, with its zone', async () => {
  const ann = await at(mixed, 'west');
  await asService(mixed, 'ann-west');
  const service = await mixed.tenant('ann-west');
  const id = await record(ann);
  const path = `${glance}/images/${id}/locations`;
  for (const answer of [await service(`POST ${path}`, { url }), await service(`GET ${path}`)]) {
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^text\/(plain|html)/);
    expect(words(answer.text)).toContain(
      'Availability zone west does not support locations of images by their path: its image service is older.',
    );
  }
});

test('caches: what one zone has counts; where none has one, one that knows the request says so', async () => {
  for (const call of ['GET /cache', 'DELETE /cache', 'POST /cache/clean', 'POST /cache/prune']) {
    const [method, path] = call.split(' ') as [string, string];
    const { status, text } = await mixed.admin(`${method} ${glance}${path}`);
    expect([status, words(text)], call).toEqual([404, expect.stringContaining('Caching via API is not supported')]);
  }
  const id = await record(await at(mixed, 'west'));
  const { status, text } = await mixed.admin(`GET ${glance}/cache/nodes/${id}`);
  expect([status, words(text)]).toEqual([
    404,
    expect.stringContaining('Availability zone west does not support this request about cached images'),
  ]);
});

test.each([
  ['shows', true],
  ['tells services alone', false],
])('an image whose location its Glance %s is registered by it, and no bytes are copied', async (_how, isShown) => {
  for (const { cloud } of [newest.east, newest.west]) {
    cloud.images.hasHttpStore = true;
    cloud.images.showsLocations = isShown;
  }
  // The account of the site, which is a service where locations are not shown.
  if (!isShown) await asService(newest, 'admin');
  const ann = await at(newest, 'east');
  const id = await record(ann);
  await ann(`POST ${glance}/images/${id}/locations`, { url });
  await vi.waitFor(async () => {
    expect((await ann(`GET ${glance}/images/${id}`)).body.status).toBe('active');
  }, soon);
  const policy = { mode: 'register', image: id };
  expect((await newest.admin('PUT /cascade/v1/image-policies', policy)).status).toBeLessThan(300);
  const { world } = newest.cascade;
  const [east, west] = ['east', 'west'].map((name) => world.sites.byName(name)!);
  await world.reader.readAll(world.kinds.get('image')!, east!);
  const sent = vi.spyOn(newest.west.cloud.images.bytes, 'write');
  const read = vi.spyOn(newest.east.cloud.images.bytes, 'read');
  const server = { name: 's', imageRef: id, flavorRef: '1', networks: 'none', availability_zone: 'west' };
  expect((await ann('POST /compute/v2.1/servers', { server })).status).toBe(202);
  await vi.waitFor(async () => {
    const { body } = await newest.admin(`GET /cascade/v1/images/${id}`);
    expect(body.image.copies).toMatchObject([{ state: 'active', site: 'west' }]);
  }, soon);
  expect(newest.west.cloud.images.row(id)).toMatchObject({ location: url, os_hash_value: hash });
  expect([read.mock.calls.length, sent.mock.calls.length]).toEqual([0, 1]);
  expect(await world.copies.mayBring(id, west!.id)).toBe(true);
  vi.restoreAllMocks();
});
