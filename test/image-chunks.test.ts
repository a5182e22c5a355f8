/** Uploads to a Glance that takes no large HTTP chunk, and does not wait for a body that stands still. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { guardChunks, type ChunkGuard } from './chunk-guard.js';
import { startTwoClouds, type TwoClouds } from './two-clouds.js';

const soon = { timeout: 30_000, interval: 100 };
const bytes = randomBytes(5 * 1024 * 1024);
const hash = createHash('sha512').update(bytes).digest('hex');
const pieces = (size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));

let cloud: TwoClouds;
let guards: Record<'east' | 'west', ChunkGuard>;

beforeAll(async () => {
  cloud = await startTwoClouds();
  const guard = (url: string) =>
    guardChunks({ port: Number(new URL(url).port), mostInChunk: 64 * 1024, stillMs: 3_000 });
  guards = { east: guard(cloud.east.url), west: guard(cloud.west.url) };
});
afterAll(async () => {
  for (const guard of Object.values(guards)) guard.stop();
  await cloud.close();
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const { largest, ended } of Object.values(guards)) largest.length = ended.length = 0;
});

const record = async () =>
  (await cloud.ask('POST', '/image/v2/images', { name: 'i', disk_format: 'raw', container_format: 'bare' })).body.id;
const upload = (at: string, id: string, body: Readable) =>
  request(`${at}/image/v2/images/${id}/file`, {
    method: 'PUT',
    headers: { 'x-auth-token': cloud.token, 'content-type': 'application/octet-stream' },
    body,
  });
const ended = () => [...guards.east.ended, ...guards.west.ended];
const largest = () => Math.max(...guards.east.largest, ...guards.west.largest);
const homeOf = async (id: string) => {
  const row = (await cloud.cascade.world.inventory.find('image', id))!;
  return cloud.cascade.world.sites.byId(row.site_id)!.name as 'east' | 'west';
};

test('the guard ends what uwsgi would', async () => {
  const id = await record();
  const site = cloud[await homeOf(id)];
  await expect(upload(site.url, id, Readable.from(pieces(1024 * 1024)))).rejects.toThrow();
  expect(ended()).toEqual(['a chunk of 1048576']);
});

test('an upload in large chunks passes through in small ones', async () => {
  const id = await record();
  const { statusCode } = await upload(cloud.url, id, Readable.from(pieces(1024 * 1024)));
  expect([statusCode, ended()]).toEqual([204, []]);
  expect(largest()).toBeGreaterThan(0);
  expect((await cloud.ask('GET', `/image/v2/images/${id}`)).body.os_hash_value).toBe(hash);
});

test('a copy goes in small chunks, and is begun again where its source stood still for too long', async () => {
  const id = await record();
  await upload(cloud.url, id, Readable.from(pieces(1024 * 1024)));
  const home = await homeOf(id);
  const far = home === 'east' ? 'west' : 'east';
  const read = vi.spyOn(cloud[home].cloud.images.bytes, 'read');
  read.mockImplementationOnce(async () =>
    Readable.from(
      (async function* () {
        yield bytes.subarray(0, 2_000_000);
        // Until it has stood still for too long.
        await expect.poll(() => guards[far].ended).toHaveLength(1);
        yield bytes.subarray(2_000_000);
      })(),
    ),
  );
  guards[far].largest.length = 0;
  expect((await cloud.ask('POST', `/cascade/v1/images/${id}/copies`, { site: far })).status).toBe(202);
  await vi.waitFor(async () => {
    const { body } = await cloud.ask('GET', `/cascade/v1/images/${id}`);
    expect(body.image.copies).toMatchObject([{ state: 'active', bytes: bytes.length }]);
  }, soon);
  expect(guards[far].ended).toEqual(['it stood still']);
  expect(Math.max(...guards[far].largest)).toBeLessThanOrEqual(64 * 1024);
  expect(read.mock.calls.length).toBe(2);
  expect(cloud[far].cloud.images.row(id)).toMatchObject({ os_hash_value: hash });
});
