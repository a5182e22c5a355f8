/** What operators are told and may say of images. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTwoClouds, type TwoClouds } from './two-clouds.js';

let cloud: TwoClouds;

beforeAll(async () => {
  cloud = await startTwoClouds();
});
afterAll(() => cloud.close());

const admin = (method: string, path: string, body?: unknown) => cloud.ask(method, `/cascade/v1${path}`, body);
const soon = { timeout: 20_000, interval: 100 };
const siteNamed = (name: string) => cloud.cascade.world.sites.byName(name)!;

/** Reads an image that was made at its site. */
const readAll = async () => {
  const { reader, kinds, sites } = cloud.cascade.world;
  for (const site of sites.all()) await reader.readAll(kinds.get('image')!, site);
};

test('a copy is ordered, shown with its progress, and counted among all', async () => {
  const id = await cloud.newImage(randomBytes(5_000));
  const { body: before } = await admin('GET', `/images/${id}`);
  const [site] = Object.keys(before.image.modes);
  expect(before.image).toMatchObject({ id, size: 5_000, copies: [], modes: { [site!]: 'lazy' } });
  expect((await admin('POST', `/images/${id}/copies`, { site })).status).toBe(202);
  await vi.waitFor(async () => {
    const { body } = await admin('GET', `/images/${id}`);
    expect(body.image.copies).toMatchObject([
      { site, state: 'active', bytes: 5_000, source: before.image.home, attempts: 1, cause: null, site_image_id: id },
    ]);
  }, soon);
  const { body: all } = await admin('GET', '/image-copies?state=active');
  expect(all.copies.map((copy: { image_id: string }) => copy.image_id)).toContain(id);
  expect((await admin('POST', `/images/${id}/copies`, { site: before.image.home })).status).toBe(409);
});

test.each([
  ['GET', '/images/none', undefined, 404],
  ['POST', '/images/none/copies', { site: 'west' }, 404],
  ['POST', '/images/none/copies', { site: 'north' }, 404],
  ['POST', '/images/none/copies', {}, 400],
  ['PUT', '/image-policies', { mode: 'sometimes' }, 400],
  ['PUT', '/image-policies', { mode: 'eager', site: 'north' }, 404],
  ['POST', '/images/none/merge', { with: 'other' }, 404],
] as const)('%s %s is refused: %j', async (method, path, body, status) => {
  expect((await admin(method, path, body)).status).toBe(status);
});

test('the most particular policy counts, and can be taken back', async () => {
  const { policies } = cloud.cascade.world.copies;
  const modes = async () => Promise.all(['east', 'west'].map((name) => policies.of('image', siteNamed(name).id)));
  await admin('PUT', '/image-policies', { mode: 'register' });
  expect(await modes()).toEqual(['register', 'register']);
  await admin('PUT', '/image-policies', { mode: 'eager', site: 'west' });
  expect(await modes()).toEqual(['register', 'eager']);
  await admin('PUT', '/image-policies', { mode: 'lazy', image: 'image' });
  expect(await modes()).toEqual(['lazy', 'lazy']);
  const { body } = await admin('PUT', '/image-policies', { mode: 'eager', image: 'image', site: 'east' });
  expect(await modes()).toEqual(['eager', 'lazy']);
  expect(body.policies).toContainEqual({ image: 'image', site: 'east', mode: 'eager', method: null });
  for (const of of [{}, { site: 'west' }, { image: 'image' }, { image: 'image', site: 'east' }]) {
    await admin('PUT', '/image-policies', { mode: null, ...of });
  }
  expect((await admin('GET', '/image-policies')).body).toEqual({ usual: 'lazy', usual_method: 'upload', policies: [] });
});

test('where images are not copied, one holds what needs it in its own zone', async () => {
  const id = await cloud.newImage(randomBytes(1_000));
  const [far] = Object.keys((await admin('GET', `/images/${id}`)).body.image.modes);
  await admin('PUT', '/image-policies', { mode: 'register', image: id });
  const server = { name: 's', imageRef: id, flavorRef: '1', networks: 'none', availability_zone: far };
  const answer = await cloud.ask(
    'POST',
    '/compute/v2.1/servers',
    { server },
    { 'openstack-api-version': 'compute 2.60' },
  );
  expect([answer.status, answer.body.badRequest.message]).toEqual([400, expect.stringContaining('was asked for')]);
});

test('two ids, one image: merged, the other id is its site’s own matter', async () => {
  const fields = {
    name: 'twice',
    status: 'active',
    visibility: 'public',
    size: 7,
    os_hash_value: 'ab',
    checksum: 'cd',
    disk_format: 'raw',
    container_format: 'bare',
  } as const;
  const kept = cloud.east.cloud.images.add({ ...fields, properties: { kept: 'yes' } });
  const other = cloud.west.cloud.images.add(fields);
  const strange = cloud.west.cloud.images.add({ ...fields, os_hash_value: 'ff' });
  await readAll();
  const listed = async () =>
    (await cloud.ask('GET', '/image/v2/images?name=twice')).body.images.map(({ id }: { id: string }) => id).sort();
  expect(await listed()).toEqual([kept.id, other.id, strange.id].sort());
  const refused = await admin('POST', `/images/${kept.id}/merge`, { with: strange.id });
  expect([refused.status, refused.body.error.message]).toEqual([409, expect.stringContaining('their hashes differ')]);
  const { status, body } = await admin('POST', `/images/${kept.id}/merge`, { with: other.id });
  expect(status).toBe(200);
  expect(body.image.copies).toMatchObject([{ site: 'west', is_ours: false, site_image_id: other.id }]);
  await readAll();
  expect(await listed()).toEqual([kept.id, strange.id].sort());
  await vi.waitFor(() => expect(cloud.west.cloud.images.row(other.id)!.properties).toEqual({ kept: 'yes' }), soon);
  const server = { name: 's', imageRef: kept.id, flavorRef: '1', networks: 'none', availability_zone: 'west' };
  const made = await cloud.ask(
    'POST',
    '/compute/v2.1/servers',
    { server },
    { 'openstack-api-version': 'compute 2.60' },
  );
  expect(made.status).toBe(202);
  expect(cloud.west.cloud.servers.find(made.body.server.id)?.imageId).toBe(other.id);
  const shown = await cloud.ask('GET', `/compute/v2.1/servers/${made.body.server.id}`);
  expect(shown.body.server.image.id).toBe(kept.id);
});

test('an import may not lead inward', async () => {
  const { body: image } = await cloud.ask('POST', '/image/v2/images', { disk_format: 'raw', container_format: 'bare' });
  const import_ = (uri: string) =>
    cloud.ask(
      'POST',
      `/image/v2/images/${image.id}/import`,
      { method: { name: 'web-download', uri } },
      { accept: 'application/json' },
    );
  for (const uri of ['http://169.254.169.254/', 'http://2130706433/', 'http://[::ffff:10.0.0.1]/']) {
    const { status, body } = await import_(uri);
    expect([status, body.message]).toEqual([400, expect.stringContaining(`does not pass filtering: ${uri}<br />`)]);
  }
});

test('an administrator sets the mode among the properties of an image', async () => {
  const patch = { 'content-type': 'application/openstack-images-v2.1-json-patch', accept: 'application/json' };
  const record = { name: 'w', disk_format: 'raw', container_format: 'bare', cascade_copy_mode: 'register' };
  const { status, body: image } = await cloud.ask('POST', '/image/v2/images', record);
  expect([status, image.cascade_copy_mode]).toEqual([201, 'register']);
  const modes = async () => Object.values((await admin('GET', `/images/${image.id}`)).body.image.modes);
  expect(await modes()).toEqual(['register']);
  const say = (step: object) => cloud.ask('PATCH', `/image/v2/images/${image.id}`, JSON.stringify([step]), patch);
  expect((await say({ op: 'replace', path: '/cascade_copy_mode', value: 'eager' })).status).toBe(200);
  expect(await modes()).toEqual(['eager']);
  expect((await say({ op: 'replace', path: '/cascade_copy_mode', value: 'often' })).status).toBe(400);
  expect((await say({ op: 'remove', path: '/cascade_copy_mode' })).status).toBe(200);
  expect(await modes()).toEqual(['lazy']);
  const tenant = await cloud.tenant('somebody');
  const refused = await tenant('POST /image/v2/images', { ...record, name: 'theirs' });
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("'cascade_copy_mode' is reserved.")]);
});

test('register: the same image of the same owner, in the other site already, is the copy; nobody else’s is', async () => {
  const bytes = randomBytes(2_000);
  const id = await cloud.newImage(bytes, { name: 'twin' });
  const [far] = Object.keys((await admin('GET', `/images/${id}`)).body.image.modes) as ['east' | 'west'];
  const [there, home] = far === 'east' ? [cloud.east.cloud, cloud.west.cloud] : [cloud.west.cloud, cloud.east.cloud];
  const { createdAt: _, updatedAt: _u, id: _id, ...same } = home.images.row(id)!;
  const strangers = there.images.add({ ...same, owner: 'a'.repeat(32), visibility: 'public' });
  const renamed = there.images.add({ ...same, name: 'other' });
  await readAll();
  await admin('PUT', '/image-policies', { mode: 'register', image: id });
  const { copies } = cloud.cascade.world;
  expect(await copies.mayBring(id, siteNamed(far).id)).toBe(false);
  const twin = there.images.add(same);
  await readAll();
  const reads = [there, home].map(({ images }) => vi.spyOn(images.bytes, 'read'));
  const server = { name: 's', imageRef: id, flavorRef: '1', networks: 'none', availability_zone: far };
  const made = await cloud.ask(
    'POST',
    '/compute/v2.1/servers',
    { server },
    { 'openstack-api-version': 'compute 2.60' },
  );
  expect(made.status).toBe(202);
  await vi.waitFor(async () => {
    const { body } = await admin('GET', `/images/${id}`);
    expect(body.image.copies).toMatchObject([
      { state: 'active', is_ours: false, method: null, site_image_id: twin.id },
    ]);
  }, soon);
  expect(reads.map((read) => read.mock.calls.length)).toEqual([0, 0]);
  await vi.waitFor(async () => {
    const { body } = await cloud.ask('GET', `/compute/v2.1/servers/${made.body.server.id}`);
    expect(body.server).toMatchObject({ status: 'ACTIVE', image: { id } });
  }, soon);
  const listed = (await cloud.ask('GET', '/image/v2/images?limit=1000')).body.images.map(
    (one: { id: string }) => one.id,
  );
  expect([twin.id, strangers.id, renamed.id].map((one) => listed.includes(one))).toEqual([false, true, true]);
  vi.restoreAllMocks();
});
