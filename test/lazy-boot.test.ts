/** Servers from images that are not at their site yet: promised at once, made when the image has come. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startTwoClouds, type TwoClouds } from './two-clouds.js';

let cloud: TwoClouds;

beforeAll(async () => {
  cloud = await startTwoClouds();
});
afterAll(() => cloud.close());
afterEach(() => vi.restoreAllMocks());

const soon = { timeout: 20_000, interval: 100 };
const newest = { 'openstack-api-version': 'compute 2.90' };

/** An image, the zone it is in, and the other one, where nobody has it. */
async function image(size = 100_000) {
  const id = await cloud.newImage(randomBytes(size));
  const { world } = cloud.cascade;
  const home = (await world.inventory.find('image', id))!.site_id;
  const isEast = world.sites.byName('east')!.id === home;
  return {
    id,
    home: isEast ? cloud.east : cloud.west,
    far: isEast ? cloud.west : cloud.east,
    zone: isEast ? 'west' : 'east',
  };
}

const boot = (imageRef: string, zone: string, fields: object = {}, headers = newest) => {
  const server = { name: 'lazy', imageRef, flavorRef: '1', networks: 'none', availability_zone: zone, ...fields };
  return cloud.ask('POST', '/compute/v2.1/servers', { server }, headers);
};
const show = async (id: string) =>
  (await cloud.ask('GET', `/compute/v2.1/servers/${id}`, undefined, newest)).body.server;
const isActive = (id: string) =>
  vi.waitFor(async () => expect(await show(id)).toMatchObject({ id, status: 'ACTIVE' }), soon);

/** Nothing comes out of an image until it is let go. */
function heldBack(held: { home: TwoClouds['east']; id: string }): () => void {
  const whole = held.home.cloud.images.bytes.read.bind(held.home.cloud.images.bytes);
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  vi.spyOn(held.home.cloud.images.bytes, 'read').mockImplementation(async (name, range) => {
    if (name === held.id) await until;
    return whole(name, range);
  });
  return letGo;
}

test('it is answered at once, shown in BUILD, and is made in its zone when the image has come', async () => {
  const { id: imageId, home, far, zone } = await image();
  const letGo = heldBack({ home, id: imageId });
  const answer = await boot(imageId, zone, { metadata: { a: 'b' }, tags: ['t'] });
  expect(answer.status).toBe(202);
  const { id, adminPass } = answer.body.server;
  expect(adminPass).toHaveLength(12);
  expect(await show(id)).toMatchObject({
    status: 'BUILD',
    'OS-EXT-AZ:availability_zone': zone,
    image: { id: imageId },
    metadata: { a: 'b' },
    tags: ['t'],
  });
  const listed = await cloud.ask('GET', '/compute/v2.1/servers/detail?status=BUILD', undefined, newest);
  expect(listed.body.servers.map((server: { id: string }) => server.id)).toEqual([id]);
  expect((await cloud.ask('POST', `/compute/v2.1/servers/${id}/action`, { reboot: { type: 'SOFT' } })).status).toBe(
    409,
  );
  letGo();
  await isActive(id);
  const made = [...cloudServers(far)].filter(({ name, deletedAt }) => name === 'lazy' && deletedAt === null);
  expect(made).toMatchObject([{ tags: ['t'], metadata: { a: 'b' } }]);
  // The site has it under an id of its own, which no answer shows.
  expect(made[0]!.id).not.toBe(id);
  const all = await cloud.ask('GET', '/compute/v2.1/servers/detail', undefined, newest);
  expect(all.text).not.toContain(made[0]!.id);
  expect(all.body.servers.filter((server: { name: string }) => server.name === 'lazy')).toHaveLength(1);
  expect((await cloud.ask('POST', `/compute/v2.1/servers/${id}/action`, { 'os-stop': null })).status).toBe(202);
  expect((await cloud.ask('DELETE', `/compute/v2.1/servers/${id}`)).status).toBe(204);
  await vi.waitFor(async () => expect((await cloud.ask('GET', `/compute/v2.1/servers/${id}`)).status).toBe(404), soon);
});

const cloudServers = ({ cloud: { servers } }: TwoClouds['east']) => [...servers.newestFirst()];

test('what is wrong with the request the site says at once', async () => {
  const { id: imageId, zone } = await image();
  const answer = await boot(imageId, zone, { metadata: 5 });
  expect([answer.status, answer.body.badRequest.message]).toEqual([400, expect.stringContaining('metadata')]);
});

test('twenty at once wait for one copy', async () => {
  const { id: imageId, home, zone } = await image();
  const read = vi.spyOn(home.cloud.images.bytes, 'read');
  const answers = await Promise.all(Array.from({ length: 20 }, () => boot(imageId, zone)));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202));
  for (const { body } of answers) await isActive(body.server.id);
  const reads = read.mock.calls.filter(([name]) => name === imageId).length;
  // With the attempts, so that a failure tells whether an attempt broke off or two ran.
  const copy = await cloud.cascade.world.database.one<{ attempts: number }>(
    `select attempts from image_copy where image_id = $1 and state = 'active' and site_id <> home_id`,
    [imageId],
  );
  expect({ reads, ...copy }).toEqual({ reads: 1, attempts: 1 });
}, 60_000);

test('one that is deleted before it was made is never made', async () => {
  const held = await image();
  const letGo = heldBack(held);
  const { body } = await boot(held.id, held.zone, { name: 'gone' });
  const { id } = body.server;
  expect((await cloud.ask('DELETE', `/compute/v2.1/servers/${id}`)).status).toBe(204);
  expect((await cloud.ask('GET', `/compute/v2.1/servers/${id}`)).status).toBe(404);
  letGo();
  await vi.waitFor(async () => {
    const { jobs } = await cloud.cascade.world.database.one<{ jobs: number }>(
      `select count(*) as jobs from job where kind = 'server-boot'`,
    );
    expect(jobs).toBe(0);
  }, soon);
  expect(cloudServers(held.far).filter(({ name }) => name === 'gone')).toEqual([]);
});

test('an image that cannot be copied makes the server fail, and its fault says why', async () => {
  const held = await image(1_000);
  held.far.cloud.images.add({ id: held.id, name: 'stranger', status: 'queued', visibility: 'private', owner: 'x' });
  const { status, body } = await boot(held.id, held.zone);
  expect(status).toBe(202);
  await vi.waitFor(async () => {
    const server = await show(body.server.id);
    expect(server).toMatchObject({
      status: 'ERROR',
      fault: { message: expect.stringContaining('has an image of this id') },
    });
  }, soon);
  expect((await cloud.ask('DELETE', `/compute/v2.1/servers/${body.server.id}`)).status).toBe(204);
});

test('an answer that is lost makes no second server', async () => {
  const held = await image();
  const letGo = heldBack(held);
  const { body } = await boot(held.id, held.zone, { name: 'once' });
  held.far.faults.set({ kind: 'answer-lost', services: ['compute'], methods: ['POST'], seconds: 3 });
  letGo();
  await isActive(body.server.id);
  expect(cloudServers(held.far).filter(({ name }) => name === 'once')).toHaveLength(1);
}, 40_000);

test('without tags the mark is metadata, and taken off too', async () => {
  const held = await image();
  const headers = { 'openstack-api-version': 'compute 2.40' };
  const { body } = await boot(held.id, held.zone, { name: 'old', metadata: { a: 'b' } }, headers);
  await isActive(body.server.id);
  await vi.waitFor(() => {
    const [made] = cloudServers(held.far).filter(({ name }) => name === 'old');
    expect(made).toMatchObject({ metadata: { a: 'b' } });
    expect(Object.keys(made!.metadata)).toEqual(['a']);
  }, soon);
});

test('several of one request have one reservation, which is the answer where it is asked for', async () => {
  const held = await image();
  const letGo = heldBack(held);
  const { status, body } = await boot(held.id, held.zone, { name: 'two', min_count: 2, return_reservation_id: true });
  expect([status, Object.keys(body)]).toEqual([202, ['reservation_id']]);
  const path = `/compute/v2.1/servers/detail?reservation_id=${body.reservation_id}`;
  const listed = (await cloud.ask('GET', path, undefined, newest)).body.servers as { id: string; name: string }[];
  expect(listed.map(({ name }) => name).sort()).toEqual(['two-1', 'two-2']);
  letGo();
  for (const { id } of listed) await isActive(id);
});

test('a server whose build fails keeps no mark of ours', async () => {
  const held = await image();
  vi.spyOn(held.far.cloud.hosts, 'withRoomFor').mockReturnValue(undefined);
  const { body } = await boot(held.id, held.zone, { name: 'no room', tags: ['t'], metadata: { a: 'b' } });
  await vi.waitFor(async () => {
    const server = await show(body.server.id);
    expect(server).toMatchObject({
      status: 'ERROR',
      fault: { message: expect.stringContaining('No valid host was found.') },
    });
  }, soon);
  const [made] = cloudServers(held.far).filter(({ name }) => name === 'no room');
  expect(made).toMatchObject({ vmState: 'error', tags: ['t'], metadata: { a: 'b' } });
  expect(await show(body.server.id)).toMatchObject({ tags: ['t'] });
});

/** The tenant's token has expired; `withServiceToken` is what the site makes of it where a service token comes along. */
function tokenExpired(zone: string, withServiceToken: 'accepted' | 'refused'): void {
  const site = cloud.cascade.world.sites.byName(zone)!;
  const ask = site.request.bind(site);
  vi.spyOn(site, 'request').mockImplementation(async (asked, principal) => {
    const isMade = principal !== undefined && asked.method === 'POST' && asked.path === '/servers';
    const isAccepted = principal?.allowExpired === true && withServiceToken === 'accepted';
    return isMade && !isAccepted ? { status: 401, headers: {}, body: Buffer.from('') } : ask(asked, principal);
  });
}

test('a token that expires while the image is copied is still good beside the site’s own service token', async () => {
  const held = await image();
  const letGo = heldBack(held);
  const { body } = await boot(held.id, held.zone, { name: 'late' });
  tokenExpired(held.zone, 'accepted');
  letGo();
  await isActive(body.server.id);
});

test('where the site does not take that, the server fails and its fault says what to do', async () => {
  const held = await image();
  const letGo = heldBack(held);
  const { body } = await boot(held.id, held.zone, { name: 'too late' });
  tokenExpired(held.zone, 'refused');
  letGo();
  await vi.waitFor(async () => expect((await show(body.server.id)).status).toBe('ERROR'), soon);
  const words =
    'The token of the request for this server expired before what it is made from was available in the zone. It is now available; retry the request.';
  expect((await show(body.server.id)).fault.message).toBe(words);
});
