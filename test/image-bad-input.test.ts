/** What goes wrong with bytes and properties of images, and what is left of it. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startTwoClouds, type TwoClouds } from './two-clouds.js';

let cloud: TwoClouds;

beforeAll(async () => {
  cloud = await startTwoClouds();
});
afterAll(() => cloud.close());
afterEach(() => vi.restoreAllMocks());

const copies = () => cloud.cascade.world.copies;
const soon = { timeout: 20_000, interval: 50 };

async function image(bytes = randomBytes(100_000)) {
  const id = await cloud.newImage(bytes);
  const { sites, inventory } = cloud.cascade.world;
  const homeId = (await inventory.find('image', id))!.site_id;
  const isEast = sites.byName('east')!.id === homeId;
  const [home, other] = isEast ? [cloud.east, cloud.west] : [cloud.west, cloud.east];
  const key = { imageId: id, siteId: sites.byName(isEast ? 'west' : 'east')!.id };
  const begin = () => copies().begin(key, homeId);
  const becomes = (state: object) =>
    vi.waitFor(async () => expect(await copies().table.find(key)).toMatchObject(state), soon);
  return { id, key, home, other, begin, becomes };
}

/** Keeps a second attempt until what the first one came to has been seen. */
function gate() {
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  return { until, letGo: () => letGo() };
}

/** A record without bytes. */
const newRecord = async (fields: object = {}) => {
  const record = { name: 'bad', disk_format: 'raw', container_format: 'bare', ...fields };
  return cloud.ask('POST', '/image/v2/images', record, { accept: 'application/json' });
};
const shown = async (id: string) => (await cloud.ask('GET', `/image/v2/images/${id}`)).body;

/** Writes an upload as it is. @returns the answer's status; undefined for one that ends too early, whose connection is given up */
async function rawUpload(id: string, length: number, bytes: Buffer): Promise<number | undefined> {
  const { hostname, port } = new URL(cloud.url);
  const socket = connect(Number(port), hostname);
  const lines = [`PUT /image/v2/images/${id}/file HTTP/1.1`, `host: ${hostname}`, `x-auth-token: ${cloud.token}`];
  socket.write([...lines, 'content-type: application/octet-stream', `content-length: ${length}`, '', ''].join('\r\n'));
  socket.write(bytes);
  const answered = once(socket, 'data').then(([data]) => Number((data as Buffer).toString().split(' ')[1]));
  const begun = () => vi.waitFor(async () => expect((await shown(id)).status).toBe('saving'), soon);
  const status = await (bytes.length < length ? begun().then(() => undefined) : answered);
  answered.catch(() => undefined);
  socket.destroy();
  return status;
}

test('other bytes than the image has are thrown away and reported, and the next attempt brings the right ones', async () => {
  const { id, home, other, begin, becomes } = await image();
  const { until, letGo } = gate();
  const { bytes } = home.cloud.images;
  const read = bytes.read.bind(bytes);
  vi.spyOn(bytes, 'read')
    .mockImplementationOnce(() => Promise.resolve(Readable.from([randomBytes(100_000)])))
    .mockImplementationOnce(async (...asked) => until.then(() => read(...asked)));
  await begin();
  await becomes({ cause: expect.stringMatching(/got other bytes than the image has .*they were thrown away/) });
  letGo();
  await becomes({ state: 'active', attempts: 2, cause: null });
  const hash = home.cloud.images.row(id)!.os_hash_value;
  expect([...other.cloud.images.all()].filter((one) => one.name === 'i' && one.os_hash_value !== hash)).toEqual([]);
});

test('a site whose disk is full is tried again, and says so until there is room', async () => {
  const { id, other, begin, becomes } = await image();
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const { until, letGo } = gate();
  const { bytes } = other.cloud.images;
  const write = bytes.write.bind(bytes);
  vi.spyOn(bytes, 'write')
    .mockImplementationOnce(async (_name, source) => {
      source.resume();
      throw full;
    })
    .mockImplementationOnce(async (...asked) => until.then(() => write(...asked)));
  await begin();
  await becomes({ cause: expect.stringContaining('refused to take the bytes: 413 Image storage media is full') });
  letGo();
  await becomes({ state: 'active', attempts: 2, cause: null });
  expect(other.cloud.images.row(id)).toMatchObject({ status: 'active', size: 100_000 });
});

test('an upload that is cut off leaves the image as it was, to be uploaded again', async () => {
  const { body } = await newRecord();
  expect(await rawUpload(body.id, 100_000, randomBytes(5_000))).toBeUndefined();
  await vi.waitFor(async () => expect(await shown(body.id)).toMatchObject({ status: 'queued', size: null }), soon);
  expect(await rawUpload(body.id, 5_000, randomBytes(5_000))).toBe(204);
  expect(await shown(body.id)).toMatchObject({ status: 'active', size: 5_000 });
});

test('what comes after the length that an upload says is refused, and no part of the image', async () => {
  const { body } = await newRecord();
  expect(await rawUpload(body.id, 1_000, randomBytes(3_000))).toBe(400);
  await vi.waitFor(async () => expect((await shown(body.id)).status).toMatch(/^(queued|active)$/), soon);
  expect([null, 1_000]).toContain((await shown(body.id)).size);
});

test('an upload of no bytes is an image of no bytes', async () => {
  const { body } = await newRecord();
  expect(await rawUpload(body.id, 0, Buffer.alloc(0))).toBe(204);
  expect(await shown(body.id)).toMatchObject({ status: 'active', size: 0 });
});

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, 'v']));

test('of properties there are so many that the site’s Glance allows, and a body of 10,000 is not read', async () => {
  expect((await newRecord(many(128))).status).toBe(201);
  const refused = await newRecord(many(129));
  expect([refused.status, refused.body.message]).toEqual([
    413,
    expect.stringContaining('number of allowed image properties. Attempted: 129, Maximum: 128<br />'),
  ]);
  expect((await newRecord(many(10_000))).status).toBe(413);
});
