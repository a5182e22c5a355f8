/** Images are everywhere: one record, and copies of its bytes that follow it. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startTwoClouds, type TwoClouds } from './two-clouds.js';

let cloud: TwoClouds;

beforeAll(async () => {
  cloud = await startTwoClouds({ CASCADE_SITE_READ_SECONDS: '5' });
});
afterAll(() => cloud.close());
afterEach(() => vi.restoreAllMocks());

const copies = () => cloud.cascade.world.copies;
const siteNamed = (name: string) => cloud.cascade.world.sites.byName(name)!;
const soon = { timeout: 20_000, interval: 100 };

/** Where an image is, and where else it may be. */
async function places(id: string) {
  const row = await cloud.cascade.world.inventory.find('image', id);
  const isEast = row?.site_id === siteNamed('east').id;
  const [home, other] = isEast ? [cloud.east, cloud.west] : [cloud.west, cloud.east];
  const [homeSite, otherSite] = isEast ? ['east', 'west'] : ['west', 'east'];
  return { home, other, homeSite: siteNamed(homeSite!), otherSite: siteNamed(otherSite!) };
}

async function copyOf(id: string) {
  const { homeSite, otherSite } = await places(id);
  const key = { imageId: id, siteId: otherSite.id };
  await copies().begin(key, homeSite.id);
  await vi.waitFor(
    async () => expect(await copies().table.find(key)).toMatchObject({ state: 'active', cause: null }),
    soon,
  );
  return key;
}

/** An image, and a copy of it. */
async function copied(fields: Record<string, unknown> = {}) {
  const id = await cloud.newImage(randomBytes(300_000), fields);
  const key = await copyOf(id);
  return { id, key, ...(await places(id)) };
}

test('a copy has the same id and the same bytes, and tenants see one image', async () => {
  const { id, home, other, key } = await copied({ hw_disk_bus: 'scsi', tags: ['b', 'a'], protected: true });
  const [one, two] = [home.cloud.images.row(id)!, other.cloud.images.row(id)!];
  expect(two.os_hash_value).toBe(one.os_hash_value);
  expect(two).toMatchObject({ name: 'i', status: 'active', properties: { hw_disk_bus: 'scsi' }, owner: one.owner });
  await vi.waitFor(() => expect(other.cloud.images.row(id)!.protected).toBe(true), soon);
  const { body } = await cloud.ask('GET', `/image/v2/images?name=i&id=${id}`);
  expect(body.images).toHaveLength(1);
  expect(await copies().table.find(key)).toMatchObject({ bytes: 300_000, size: 300_000, is_ours: true, cause: null });
});

test('what is written of an image follows to its copy', async () => {
  const { id, other } = await copied({ visibility: 'shared' });
  const patch = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
  const steps = [
    { op: 'replace', path: '/name', value: 'new' },
    { op: 'add', path: '/a~1b', value: 'c' },
  ];
  await cloud.ask('PATCH', `/image/v2/images/${id}`, JSON.stringify(steps), patch);
  await cloud.ask('PUT', `/image/v2/images/${id}/tags/fresh`);
  await cloud.ask('POST', `/image/v2/images/${id}/members`, { member: 'friend' });
  await cloud.ask('PUT', `/image/v2/images/${id}/members/friend`, { status: 'accepted' });
  const copy = () => other.cloud.images.row(id)!;
  await vi.waitFor(() => {
    expect(copy()).toMatchObject({ name: 'new', tags: ['fresh'], properties: { 'a/b': 'c' } });
    expect(other.cloud.images.membersOf(id).get('friend')).toMatchObject({ status: 'accepted' });
  }, soon);
  await cloud.ask('DELETE', `/image/v2/images/${id}/members/friend`);
  await cloud.ask('POST', `/image/v2/images/${id}/actions/deactivate`);
  await vi.waitFor(() => {
    expect(copy().status).toBe('deactivated');
    expect(other.cloud.images.membersOf(id).size).toBe(0);
  }, soon);
});

test('a deletion while the site of a copy is silent is finished when it answers again', async () => {
  const { id, other, key } = await copied();
  other.faults.set({ kind: 'errors', services: ['image'] });
  expect((await cloud.ask('DELETE', `/image/v2/images/${id}`)).status).toBe(204);
  expect((await cloud.ask('GET', `/image/v2/images/${id}`)).status).toBe(404);
  expect(other.cloud.images.row(id)).toBeDefined();
  other.faults.clear();
  await vi.waitFor(() => expect(other.cloud.images.row(id)).toBeUndefined(), soon);
  await vi.waitFor(async () => expect(await copies().table.find(key)).toBeUndefined(), soon);
});

test('a refused deletion leaves the copies alone', async () => {
  const { id, key, other } = await copied({ protected: true });
  expect((await cloud.ask('DELETE', `/image/v2/images/${id}`)).status).toBe(403);
  expect(await copies().table.find(key)).toMatchObject({ state: 'active', deleting_at: null });
  expect(other.cloud.images.row(id)).toBeDefined();
});

test('a copy that was deleted at its site is made again, under another id of that site, which nobody sees', async () => {
  const { id, home, other, key, otherSite } = await copied();
  other.cloud.images.remove(other.cloud.images.row(id)!);
  await copies().follow({ imageId: id, siteId: key.siteId });
  await vi.waitFor(async () => expect(await copies().table.find(key)).toBeUndefined(), soon);
  await copyOf(id);
  expect(other.cloud.images.row(id)).toBeUndefined();
  const hash = home.cloud.images.row(id)!.os_hash_value;
  const again = [...other.cloud.images.all()].find((image) => image.os_hash_value === hash);
  expect(again).toBeDefined();
  const seen = await otherSite.request({ service: 'image', method: 'GET', path: `/images/${id}` });
  expect(JSON.parse((seen.body as Buffer).toString())).toMatchObject({ id });
  await cloud.cascade.world.reader.readAll(cloud.cascade.world.kinds.get('image')!, otherSite);
  const { body } = await cloud.ask('GET', '/image/v2/images?limit=1000');
  expect(body.images.map((image: { id: string }) => image.id)).not.toContain(again!.id);
});

test('wrong bytes are thrown away and brought again, and the cause is kept until then', async () => {
  const id = await cloud.newImage(randomBytes(100_000));
  const { home, other } = await places(id);
  const read = vi.spyOn(home.cloud.images.bytes, 'read');
  read.mockImplementationOnce(() => Promise.resolve(Readable.from([randomBytes(100_000)])));
  await copyOf(id);
  expect(read.mock.calls.filter(([name]) => name === id)).toHaveLength(2);
  const copy = [...other.cloud.images.all()].find(({ size }) => size === 100_000)!;
  expect(copy.os_hash_value).toBe(home.cloud.images.row(id)!.os_hash_value);
});

test('a source that breaks off leaves no shorter image, and the same record takes the next attempt', async () => {
  const id = await cloud.newImage(randomBytes(3_000_000));
  const { home, other } = await places(id);
  const whole = home.cloud.images.bytes.read.bind(home.cloud.images.bytes);
  let attempts = 0;
  vi.spyOn(home.cloud.images.bytes, 'read').mockImplementation(async (name, range) => {
    if (name !== id || (attempts += 1) > 1) return whole(name, range);
    return Readable.from(
      (async function* () {
        yield randomBytes(1_000_000);
        throw new Error('the store is gone');
      })(),
    );
  });
  await copyOf(id);
  expect(attempts).toBe(2);
  expect(other.cloud.images.row(id)).toMatchObject({ status: 'active', size: 3_000_000 });
});

test("another image of this id at a site is nobody's copy, and stays", async () => {
  const id = await cloud.newImage(randomBytes(1_000));
  const { homeSite, other, otherSite } = await places(id);
  const stranger = other.cloud.images.add({ id, name: 'stranger', status: 'active', size: 5, os_hash_value: 'ff' });
  const key = { imageId: id, siteId: otherSite.id };
  await copies().begin(key, homeSite.id);
  await vi.waitFor(async () => expect(await copies().table.find(key)).toMatchObject({ state: 'failed' }), soon);
  expect((await copies().table.find(key))!.cause).toContain('another image of this id');
  expect(other.cloud.images.row(id)).toBe(stranger);
});

test('twenty who want it at once get one copy', async () => {
  const id = await cloud.newImage(randomBytes(200_000));
  const { home, homeSite, otherSite } = await places(id);
  const read = vi.spyOn(home.cloud.images.bytes, 'read');
  const key = { imageId: id, siteId: otherSite.id };
  await Promise.all(Array.from({ length: 20 }, () => copies().begin(key, homeSite.id)));
  await vi.waitFor(async () => expect(await copies().table.find(key)).toMatchObject({ state: 'active' }), soon);
  expect(read.mock.calls.filter(([name]) => name === id)).toHaveLength(1);
});

test('an image of no bytes is copied too', async () => {
  const id = await cloud.newImage(Buffer.alloc(0));
  await copyOf(id);
  const { other } = await places(id);
  expect(other.cloud.images.row(id)).toMatchObject({ status: 'active', size: 0 });
});

test('an image that is deleted while it is copied leaves nothing at the target', async () => {
  const id = await cloud.newImage(randomBytes(1_000));
  const { home, homeSite, other, otherSite } = await places(id);
  const key = { imageId: id, siteId: otherSite.id };
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  const whole = home.cloud.images.bytes.read.bind(home.cloud.images.bytes);
  vi.spyOn(home.cloud.images.bytes, 'read').mockImplementation(async (name, range) => {
    if (name === id) await until;
    return whole(name, range);
  });
  await copies().begin(key, homeSite.id);
  await vi.waitFor(() => expect(other.cloud.images.row(id)).toBeDefined(), soon);
  expect((await cloud.ask('DELETE', `/image/v2/images/${id}`)).status).toBe(204);
  letGo();
  await vi.waitFor(async () => expect(await copies().table.find(key)).toBeUndefined(), soon);
  expect(other.cloud.images.row(id)).toBeUndefined();
});

test('an eager image is copied as soon as it is whole', async () => {
  await copies().policies.set('', null, { mode: 'eager' });
  const id = await cloud.newImage(randomBytes(1_000));
  const { other } = await places(id);
  await copies().policies.set('', null, { mode: null });
  await vi.waitFor(() => expect(other.cloud.images.row(id)).toMatchObject({ status: 'active', size: 1_000 }), soon);
});

test('where the home is silent, the bytes come from a copy', async () => {
  const { id, home, other } = await copied();
  const read = vi.spyOn(other.cloud.images.bytes, 'read');
  home.faults.set({ kind: 'silent', services: ['image'] });
  const { status } = await cloud.ask('GET', `/image/v2/images/${id}/file`);
  home.faults.clear();
  expect([status, read.mock.calls.length]).toEqual([200, 1]);
});
