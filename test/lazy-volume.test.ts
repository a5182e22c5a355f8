/** Volumes from images that are not at their site yet: promised at once, made when the image has come. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startTwoClouds, type TwoClouds } from './two-clouds.js';

let cloud: TwoClouds;
/** What lets the images of a test go, whether it comes that far or not. */
const held: (() => void)[] = [];

beforeAll(async () => {
  cloud = await startTwoClouds();
});
afterAll(() => cloud.close());
afterEach(() => {
  for (const letGo of held.splice(0)) letGo();
  vi.restoreAllMocks();
});

const soon = { timeout: 20_000, interval: 100 };
const volumes = '/volume/v3/volumes';
const newest = { 'openstack-api-version': 'volume 3.70' };

/** An image whose bytes stay where they are until it is let go, and the zone where nobody has it. */
async function heldImage(size = 100_000, fields: Record<string, unknown> = {}) {
  const id = await cloud.newImage(randomBytes(size), fields);
  const { world } = cloud.cascade;
  const isEast = world.sites.byName('east')!.id === (await world.inventory.find('image', id))!.site_id;
  const [home, far, zone] = isEast ? [cloud.east, cloud.west, 'west'] : [cloud.west, cloud.east, 'east'];
  const whole = home.cloud.images.bytes.read.bind(home.cloud.images.bytes);
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  held.push(() => letGo());
  vi.spyOn(home.cloud.images.bytes, 'read').mockImplementation(async (name, range) => {
    if (name === id) await until;
    return whole(name, range);
  });
  return { id, far, zone, letGo };
}
type Held = Awaited<ReturnType<typeof heldImage>>;

const make = ({ id, zone }: Held, fields: object = {}) => {
  const volume = { name: 'lazy', size: 1, imageRef: id, availability_zone: zone, ...fields };
  return cloud.ask('POST', volumes, { volume }, newest);
};
const show = (id: string) => cloud.ask('GET', `${volumes}/${id}`, undefined, newest);
const isAvailable = (id: string) =>
  vi.waitFor(async () => expect((await show(id)).body.volume).toMatchObject({ id, status: 'available' }), soon);
const madeAt = ({ far }: Held, name: string) =>
  [...far.cloud.volumes.volumes.values()].filter((one) => one.name === name);
const jobsAreDone = () =>
  vi.waitFor(async () => {
    const { jobs } = await cloud.cascade.world.database.one<{ jobs: number }>(
      `select count(*) as jobs from job where kind = 'volume-create'`,
    );
    expect(jobs).toBe(0);
  }, soon);

test('it is answered at once, shown as creating, and is made in its zone when the image has come', async () => {
  const image = await heldImage();
  const { status, body } = await make(image, { metadata: { a: 'b' }, description: 'soon' });
  expect(status).toBe(202);
  const promised = {
    name: 'lazy',
    description: 'soon',
    status: 'creating',
    size: 1,
    availability_zone: image.zone,
    bootable: 'false',
    metadata: { a: 'b' },
    attachments: [],
    volume_type: '__DEFAULT__',
    updated_at: null,
  };
  expect(body.volume).toMatchObject(promised);
  expect(Object.keys(body.volume).filter((name) => name.startsWith('os-vol-'))).toEqual([]);
  const { id } = body.volume;
  expect((await show(id)).body.volume).toMatchObject({ id, ...promised });
  const listed = await cloud.ask('GET', `${volumes}/detail?status=creating`, undefined, newest);
  expect(listed.body.volumes).toMatchObject([{ id, ...promised }]);
  expect(madeAt(image, 'lazy')).toEqual([]);
  image.letGo();
  await isAvailable(id);
  const [made, ...more] = madeAt(image, 'lazy');
  expect([made, more]).toMatchObject([{ metadata: { a: 'b' }, bootable: true }, []]);
  // The site has it under an id of its own, which no answer shows, and nothing is left of the mark.
  expect(made!.id).not.toBe(id);
  expect(made!.metadata).toEqual({ a: 'b' });
  const all = await cloud.ask('GET', `${volumes}/detail`, undefined, newest);
  expect(all.text).not.toContain(made!.id);
  expect(all.body.volumes).toMatchObject([{ id, bootable: 'true', volume_image_metadata: { image_id: image.id } }]);
  const snapshot = await cloud.ask('POST', '/volume/v3/snapshots', { snapshot: { volume_id: id } }, newest);
  expect(snapshot.body.snapshot).toMatchObject({ volume_id: id });
});

test('until then it can be read and deleted, and nothing else, in words of Cinder', async () => {
  const image = await heldImage();
  const { id } = (await make(image, { name: 'gone', metadata: { a: 'b' } })).body.volume;
  expect((await cloud.ask('GET', `${volumes}/${id}/metadata`)).body).toEqual({ metadata: { a: 'b' } });
  expect((await cloud.ask('GET', `${volumes}/${id}/metadata/c`)).status).toBe(404);
  const words = `Invalid volume: Volume ${id} status must be available, but current status is: creating.`;
  for (const [method, below, body] of [
    ['POST', '/action', { 'os-reserve': null }],
    ['POST', '/action', { 'os-extend': { new_size: 2 } }],
    ['PUT', '', { volume: { name: 'x' } }],
    ['POST', '/metadata', { metadata: { c: 'd' } }],
  ] as const) {
    const answer = await cloud.ask(method, `${volumes}/${id}${below}`, body);
    expect([answer.status, answer.body.badRequest.message]).toEqual([400, words]);
  }
  expect((await cloud.ask('DELETE', `${volumes}/${id}`)).status).toBe(202);
  const answer = await show(id);
  expect([answer.status, answer.body.itemNotFound.message]).toEqual([404, `Volume ${id} could not be found.`]);
  image.letGo();
  await jobsAreDone();
  expect(madeAt(image, 'gone')).toEqual([]);
});

test('one that is deleted while its site makes it is deleted there', async () => {
  const image = await heldImage();
  const { id } = (await make(image, { name: 'late' })).body.volume;
  const { world } = cloud.cascade;
  const add = world.sites.aliases.add.bind(world.sites.aliases);
  vi.spyOn(world.sites.aliases, 'add').mockImplementationOnce(async (...alias) => {
    await add(...alias);
    expect((await cloud.ask('DELETE', `${volumes}/${id}`)).status).toBe(202);
  });
  image.letGo();
  await jobsAreDone();
  await vi.waitFor(() => expect(madeAt(image, 'late')).toEqual([]), soon);
  expect((await show(id)).status).toBe(404);
});

test.each([
  [{ size: undefined }, "Invalid input received: Volume size 'None' must be an integer and greater than 0"],
  [{ size: 3 }, 'Invalid input received: Volume size 3GB cannot be smaller than the image minDisk size 4GB.'],
  [{ size: 4, metadata: 5 }, expect.stringContaining('metadata')],
  [{ size: 4, volume_type: 'none' }, expect.stringContaining('none')],
])('what is wrong with the request is said at once: %j', async (fields, words) => {
  const image = await heldImage(1_000, { min_disk: 4 });
  const { status, body } = await make(image, fields);
  expect([400, 404]).toContain(status);
  expect((Object.values(body)[0] as { message: string }).message).toEqual(words);
});

test('an image that cannot be copied leaves the volume in error, and a message tells why', async () => {
  const image = await heldImage();
  const { id } = image;
  image.far.cloud.images.add({ id, name: 'stranger', status: 'queued', visibility: 'private', owner: 'x' });
  image.letGo();
  const { status, body } = await make(image, { name: 'failed' });
  expect(status).toBe(202);
  const volumeId = body.volume.id as string;
  await vi.waitFor(async () => expect((await show(volumeId)).body.volume.status).toBe('error'), soon);
  const messages = async (query: string) =>
    (await cloud.ask('GET', `/volume/v3/messages${query}`, undefined, newest)).body.messages as { id: string }[];
  await vi.waitFor(async () => expect(await messages(`?resource_uuid=${volumeId}`)).toHaveLength(1), soon);
  const [message] = await messages('');
  expect(message).toMatchObject({ message_level: 'ERROR', resource_type: 'VOLUME', resource_uuid: volumeId });
  expect(message).toMatchObject({
    user_message: expect.stringMatching(/^copy image to volume:.*has an image of this id/),
  });
  expect(message).not.toHaveProperty('project_id');
  const one = `/volume/v3/messages/${message!.id}`;
  expect((await cloud.ask('GET', one, undefined, newest)).body).toEqual({ message });
  expect(await messages('?resource_uuid=another')).toEqual([]);
  expect((await cloud.ask('DELETE', `${volumes}/${volumeId}`)).status).toBe(202);
  expect((await show(volumeId)).status).toBe(404);
  expect([(await cloud.ask('GET', one, undefined, newest)).status, await messages('')]).toEqual([404, []]);
});

test('an answer that is lost makes no second volume', async () => {
  const image = await heldImage();
  const { id } = (await make(image, { name: 'once' })).body.volume;
  image.far.faults.set({ kind: 'answer-lost', services: ['volume'], methods: ['POST'], seconds: 3 });
  image.letGo();
  await isAvailable(id);
  expect(madeAt(image, 'once')).toHaveLength(1);
}, 40_000);
