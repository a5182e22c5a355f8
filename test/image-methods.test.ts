/** How the bytes of a copy come to a site: sent by the cascade, or fetched by the site itself. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startTwoClouds, type TwoClouds } from './two-clouds.js';

let cloud: TwoClouds;

/** The way by which sites reach the cascade; `fetched` are the paths that came by it. */
const fetched: string[] = [];
const way = createServer((request, response) => {
  fetched.push(request.url ?? '');
  fetch(cloud.url + request.url)
    .then(({ status, body, headers }) => {
      const length = headers.get('content-length');
      response.writeHead(status, length === null ? {} : { 'content-length': length });
      Readable.fromWeb(body as never)
        .on('error', () => response.destroy())
        .pipe(response);
    })
    .catch(() => response.destroy());
});

beforeAll(async () => {
  await new Promise<void>((done) => way.listen(0, '127.0.0.1', done));
  const { port } = way.address() as AddressInfo;
  cloud = await startTwoClouds({ CASCADE_IMAGE_PULL_URL: `http://127.0.0.1:${port}/` });
  for (const { cloud: site } of [cloud.east, cloud.west]) site.images.importPorts.add(String(port));
});
afterAll(async () => {
  await cloud.close();
  way.closeAllConnections();
  way.close();
});
beforeEach(() => void (fetched.length = 0));
afterEach(() => vi.restoreAllMocks());

const copies = () => cloud.cascade.world.copies;
const siteNamed = (name: string) => cloud.cascade.world.sites.byName(name)!;
const soon = { timeout: 20_000, interval: 100 };
const policy = (said: object) => cloud.ask('PUT', '/cascade/v1/image-policies', said);

/** An image, and the other site, to which it is copied. */
async function image(bytes = randomBytes(300_000)) {
  const id = await cloud.newImage(bytes);
  const { site_id: homeId } = (await cloud.cascade.world.inventory.find('image', id))!;
  const isEast = homeId === siteNamed('east').id;
  const [home, other] = isEast ? [cloud.east, cloud.west] : [cloud.west, cloud.east];
  const key = { imageId: id, siteId: siteNamed(isEast ? 'west' : 'east').id };
  const begin = () => copies().begin(key, homeId);
  const isActive = async () => {
    await vi.waitFor(async () => expect(await copies().table.find(key)).toMatchObject({ state: 'active' }), soon);
    const hash = home.cloud.images.row(id)!.os_hash_value;
    expect([...other.cloud.images.all()].filter((one) => one.os_hash_value === hash)).toHaveLength(1);
    return (await copies().table.find(key))!;
  };
  const arrived = async () => {
    await begin();
    return isActive();
  };
  const tasks = () => [...other.cloud.images.tasks.values()].filter(({ imageId }) => imageId === id);
  return { id, key, home, other, homeId, homeName: isEast ? 'east' : 'west', begin, isActive, arrived, tasks };
}

test('the cascade uploads where nothing else is said', async () => {
  const { arrived, tasks } = await image();
  expect(await arrived()).toMatchObject({ method: 'upload', detour: null });
  expect(tasks()).toEqual([]);
});

test('a site fetches a copy from the cascade, with a ticket that is good once and kept nowhere', async () => {
  await policy({ method: 'web-download' });
  const { id, arrived, tasks, homeId } = await image();
  expect(await arrived()).toMatchObject({ method: 'web-download', detour: null, bytes: 300_000, source_id: homeId });
  expect(tasks()).toMatchObject([{ status: 'success' }]);
  expect(fetched).toEqual([expect.stringMatching(/^\/image-copies\/[\w-]{43}$/)]);
  const again = await fetch(cloud.url + fetched[0]);
  expect([again.status, await again.text()]).toEqual([404, 'There is no such image.\n']);
  const { body } = await cloud.ask('GET', `/cascade/v1/images/${id}`);
  expect(body.image.copies).toMatchObject([{ method: 'web-download', detour: null }]);
  expect(JSON.stringify(body)).not.toContain(fetched[0]!.slice('/image-copies/'.length));
});

test('a site whose own filter refuses the URL is uploaded to, and why is shown without the ticket', async () => {
  await policy({ method: 'web-download' });
  const { arrived, other } = await image();
  const ports = new Set(other.cloud.images.importPorts);
  other.cloud.images.importPorts.clear();
  const copy = await arrived();
  for (const port of ports) other.cloud.images.importPorts.add(port);
  expect(copy).toMatchObject({ method: 'upload', detour: expect.stringContaining('does not pass filtering: its URL') });
  expect(fetched).toEqual([]);
});

test('a site that does not offer a method is uploaded to', async () => {
  await policy({ method: 'glance-download' });
  const { arrived } = await image();
  expect((await arrived()).detour).toMatch(/^not by glance-download: (east|west) does not offer it$/);
});

test('a site fetches from the other site, past the cascade, where both have one Keystone', async () => {
  await policy({ method: 'glance-download' });
  const { arrived, other, home, homeName, tasks } = await image();
  other.cloud.images.glances.set(homeName, `${home.url}/image`);
  const copy = await arrived().finally(() => other.cloud.images.glances.clear());
  expect(copy).toMatchObject({ method: 'glance-download', detour: null, size: 300_000 });
  // At the endpoint by which the cascade reaches that site, which may have no other.
  const asked = { glance_image_id: expect.any(String), glance_service_interface: 'public' };
  expect(tasks()).toMatchObject([{ status: 'success', input: { import_req: { method: asked } } }]);
  expect(fetched).toEqual([]);
});

test('an import whose bytes break off leaves no shorter image: they are uploaded', async () => {
  await policy({ method: 'web-download' });
  const { id, home, arrived, tasks } = await image(randomBytes(2_000_000));
  const whole = home.cloud.images.bytes.read.bind(home.cloud.images.bytes);
  let reads = 0;
  vi.spyOn(home.cloud.images.bytes, 'read').mockImplementation(async (name, range) => {
    if (name !== id || (reads += 1) > 1) return whole(name, range);
    return Readable.from(
      (async function* () {
        yield randomBytes(1_000_000);
        throw new Error('the store is gone');
      })(),
    );
  });
  expect(await arrived()).toMatchObject({ method: 'upload', detour: expect.stringMatching(/^not by web-download: /) });
  expect(tasks()).toMatchObject([{ status: 'failure' }]);
});

test('a site that changes what it imports is uploaded to the second time', async () => {
  await policy({ method: 'web-download' });
  const { arrived, other } = await image();
  const converted = { size: 300_000, checksum: 'c', os_hash_value: 'converted' };
  vi.spyOn(other.cloud.images.bytes, 'write').mockImplementationOnce(async (_name, source) => {
    source.resume();
    return converted;
  });
  expect(await arrived()).toMatchObject({ method: 'upload', detour: 'not by web-download: an earlier attempt failed' });
});

test('an import goes on without the attempt that ordered it, and the next attempt waits for it', async () => {
  await policy({ method: 'web-download' });
  const { id, key, home, other, homeId, begin, isActive, tasks } = await image();
  const whole = home.cloud.images.bytes.read.bind(home.cloud.images.bytes);
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  vi.spyOn(home.cloud.images.bytes, 'read').mockImplementation(async (name, range) => {
    if (name === id) await until;
    return whole(name, range);
  });
  await begin();
  await vi.waitFor(() => expect(other.cloud.images.row(id)?.status).toBe('importing'), soon);
  await cloud.cascade.world.database.run(`delete from job where kind = 'image-copy' and key like $1`, [`${id}/%`]);
  await copies().begin(key, homeId);
  letGo();
  expect(await isActive()).toMatchObject({ method: 'web-download', detour: null, bytes: 300_000 });
  expect(tasks()).toHaveLength(1);
});

test('an image that is deleted while its site imports it leaves nothing there', async () => {
  await policy({ method: 'web-download' });
  const { id, key, home, other, begin } = await image();
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  const whole = home.cloud.images.bytes.read.bind(home.cloud.images.bytes);
  vi.spyOn(home.cloud.images.bytes, 'read').mockImplementation(async (name, range) => {
    if (name === id) await until;
    return whole(name, range);
  });
  await begin();
  await vi.waitFor(() => expect(other.cloud.images.row(id)?.status).toBe('importing'), soon);
  expect((await cloud.ask('DELETE', `/image/v2/images/${id}`)).status).toBe(204);
  letGo();
  await vi.waitFor(async () => expect(await copies().table.find(key)).toBeUndefined(), soon);
  expect(other.cloud.images.row(id)).toBeUndefined();
});

test('methods are set as modes are, and the most specific policy wins', async () => {
  const { policies } = copies();
  await policy({ method: null });
  await policy({ site: 'west', method: 'web-download' });
  await policy({ site: 'west', mode: 'eager' });
  expect((await cloud.ask('GET', '/cascade/v1/image-policies')).body).toEqual({
    usual: 'lazy',
    usual_method: 'upload',
    policies: [{ image: null, site: 'west', mode: 'eager', method: 'web-download' }],
  });
  await policy({ image: 'i', method: 'upload' });
  const at = siteNamed('west').id;
  expect([await policies.methodOf('i', at), await policies.of('i', at)]).toEqual(['upload', 'eager']);
  expect(await policies.methodOf('other', at)).toBe('web-download');
  expect((await policy({ method: 'pigeon' })).status).toBe(400);
  for (const of of [
    { site: 'west', mode: null },
    { site: 'west', method: null },
    { image: 'i', method: null },
  ])
    await policy(of);
  expect(await policies.all()).toEqual([]);
});

test.each(['x', '', '../../etc/passwd', '%00'])('nobody gets anything with %j for a ticket', async (ticket) => {
  expect((await fetch(`${cloud.url}/image-copies/${ticket}`)).status).toBe(404);
});
