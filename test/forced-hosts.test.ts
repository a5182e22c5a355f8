/** Hosts and nodes that requests name: nothing of it is dropped, and no site takes the name of another for its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
let flavorRef: string;
let imageRef: string;
let nodes: string[];
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  ann = await cloud.tenant('ann');
  flavorRef = (await cloud.admin('GET /compute/v2.1/flavors')).body.flavors[0].id;
  imageRef = cloud.east.cloud.images.initialIds[0]!; // the same in both
  const { body } = await atWest('/os-hypervisors');
  nodes = body.hypervisors.map((one: { hypervisor_hostname: string }) => one.hypervisor_hostname);
});
afterAll(() => cloud.close());

const atWest = (path: string) =>
  send('GET', `${cloud.west.url}/compute/v2.1${path}`, {
    token: cloud.token,
    headers: { 'openstack-api-version': 'compute 2.74' },
  });
const boot = (where: object, ask = cloud.admin) =>
  ask('POST /compute/v2.1/servers', { server: { name: 's', flavorRef, imageRef, networks: 'none', ...where } });
const wordsOf = ({ status, body }: Awaited<ReturnType<typeof boot>>) => [
  status,
  Object.values<{ message?: string }>(body)[0]?.message,
];
const forced = "Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.";
const requested = "Policy doesn't allow compute:servers:create:requested_destination to be performed.";

test('an administrator gets exactly the node', async () => {
  const node = nodes.at(-1)!;
  for (const zone of [`west::${node}`, `west:${node}`, `west:west:${node}`, `west:${node}:west`]) {
    const { status, body, text } = await boot({ availability_zone: zone });
    expect(status, text).toBe(202);
    await cloud.until(
      () => atWest(`/servers/${body.server.id}`),
      (shown) => shown.server.status === 'ACTIVE',
    );
    const { body: shown } = await atWest(`/servers/${body.server.id}`);
    expect(shown.server['OS-EXT-SRV-ATTR:host'], zone).toBe(node);
  }
});

test.each([
  { availability_zone: 'east:west' },
  { availability_zone: ':west' },
  { availability_zone: '::west' },
  { availability_zone: 'west::west' },
  { host: 'west' },
  { hypervisor_hostname: 'west' },
  { host: 'west', hypervisor_hostname: 'west', availability_zone: 'west' },
])('a name of a site means anywhere in it: %j', async (where) => {
  const { status, body, text } = await boot(where);
  expect(status, text).toBe(202);
  expect((await atWest(`/servers/${body.server.id}`)).status).toBe(200);
});

// Answers of a real Nova (Zed).
test.each([
  [{ availability_zone: 'west::nope' }, forced],
  [{ availability_zone: 'west:nope' }, forced],
  [{ availability_zone: 'west:west' }, forced],
  [{ availability_zone: 'west::west' }, forced],
  [{ availability_zone: '::west' }, forced],
  [{ host: 'west' }, requested],
  [{ host: 'nope' }, requested],
  [{ hypervisor_hostname: 'west' }, requested],
])('a member may not: %j', async (where, words) => {
  expect(wordsOf(await boot(where, ann))).toEqual([403, words]);
});

const exclusive =
  'One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.';
test.each([
  [{ availability_zone: 'west:a:b:c' }, 'Invalid input received: Unable to parse availability_zone'],
  [{ host: 'nope' }, 'Compute host nope could not be found.'],
  [{ host: 'west', hypervisor_hostname: 'east' }, 'Compute host west could not be found.'],
  [{ host: 'west', availability_zone: 'nope' }, 'The requested availability zone is not available'],
  [{ host: 'west', availability_zone: 'east' }, 'Host west is not in availability zone east.'],
  [{ host: 'west', availability_zone: 'east:nope' }, exclusive],
])('refused in Nova’s words: %j', async (where, words) => {
  expect(wordsOf(await boot(where))).toEqual([400, words]);
});

test('a zone is left as it is by who may not name hosts', async () => {
  expect((await boot({ availability_zone: 'west' }, ann)).status).toBe(202);
  expect((await boot({ availability_zone: 'west:' }, ann)).status).toBe(202);
});

test('a shelved server comes back where it is, and nowhere else', async () => {
  const { id } = (await boot({ availability_zone: 'west' }, ann)).body.server;
  const is = (status: string) =>
    cloud.until(
      () => ann(`GET /compute/v2.1/servers/${id}`),
      (body) => body.server.status === status,
    );
  const act = (action: object) => ann(`POST /compute/v2.1/servers/${id}/action`, action);
  await is('ACTIVE');
  expect((await act({ shelve: null })).status).toBe(202);
  await is('SHELVED_OFFLOADED');
  expect(wordsOf(await act({ unshelve: { availability_zone: 'nope' } }))).toEqual([
    400,
    'The requested availability zone is not available',
  ]);
  const words = `Server ${id} is in availability zone west and cannot be unshelved in availability zone east.`;
  expect(wordsOf(await act({ unshelve: { availability_zone: 'east' } }))).toEqual([400, words]);
  expect((await act({ unshelve: { availability_zone: 'west' } })).status).toBe(202);
  await is('ACTIVE');
});

describe('a move to a host', () => {
  let id: string;
  beforeAll(async () => {
    id = (await boot({ availability_zone: 'west' }, ann)).body.server.id;
    await cloud.until(
      () => ann(`GET /compute/v2.1/servers/${id}`),
      (body) => body.server.status === 'ACTIVE',
    );
  });
  const act = (action: object, ask = cloud.admin, version?: string) =>
    ask(`POST /compute/v2.1/servers/${id}/action`, action, version);
  const live = (host: string) => ({ 'os-migrateLive': { host, block_migration: 'auto' } });

  test('that is the site is one to the host where the server is', async () => {
    expect(wordsOf(await act({ migrate: { host: 'west' } }))).toEqual([
      400,
      'Cannot migrate to the host where the server exists.',
    ]);
    expect(wordsOf(await act(live('west')))).toEqual([
      400,
      `Unable to migrate instance (${id}) to current host (west).`,
    ]);
    expect(wordsOf(await act({ evacuate: { host: 'west' } }))).toEqual([400, "The target host can't be the same one."]);
  });

  test('of another site is refused by name', async () => {
    const words = (done: string) => `Server ${id} is in availability zone west and cannot be ${done} to host east.`;
    expect(wordsOf(await act({ migrate: { host: 'east' } }))).toEqual([400, words('migrated')]);
    expect(wordsOf(await act(live('east')))).toEqual([400, words('migrated')]);
    expect(wordsOf(await act({ evacuate: { host: 'east' } }))).toEqual([400, words('evacuated')]);
  });

  test('that no site knows is refused by the site', async () => {
    expect(wordsOf(await act({ migrate: { host: 'nope' } }))).toEqual([400, 'Compute host nope could not be found.']);
    expect(wordsOf(await act(live('nope')))).toEqual([400, 'Compute host nope could not be found.']);
    expect(wordsOf(await act({ evacuate: { host: 'nope' } }))).toEqual([404, 'Compute host nope not found.']);
  });

  test('is no matter for a member', async () => {
    for (const [action, rule] of [
      [{ migrate: { host: 'east' } }, 'os-migrate-server:migrate'],
      [live('west'), 'os-migrate-server:migrate_live'],
      [{ evacuate: { host: 'west' } }, 'os-evacuate'],
    ] as const) {
      expect(wordsOf(await act(action, ann))).toEqual([
        403,
        `Policy doesn't allow os_compute_api:${rule} to be performed.`,
      ]);
    }
  });

  test('is made where it is one of the site’s own', async () => {
    const { body } = await atWest(`/servers/${id}`);
    const other = nodes.find((node) => node !== body.server['OS-EXT-SRV-ATTR:host'])!;
    expect((await act(live(other))).status).toBe(202);
    await cloud.until(
      () => atWest(`/servers/${id}`),
      ({ server }) => server['OS-EXT-SRV-ATTR:host'] === other,
    );
  });
});

describe('a backend', () => {
  const services = () => cloud.admin('GET /volume/v3/os-services?binary=cinder-volume');
  let id: string;
  beforeAll(async () => {
    const volume = { size: 1, availability_zone: 'west' };
    id = (await ann('POST /volume/v3/volumes', { volume })).body.volume.id;
    await cloud.until(
      () => ann(`GET /volume/v3/volumes/${id}`),
      (body) => body.volume.status === 'available',
    );
  });
  const moveTo = (host: string, ask = cloud.admin) =>
    ask(`POST /volume/v3/volumes/${id}/action`, { 'os-migrate_volume': { host } });

  test('that a volume is to go to is one of its site', async () => {
    const elsewhere = 'east:east@lvm#lvm is in availability zone east, and volumes are not migrated out of west.';
    expect(wordsOf(await moveTo('east:east@lvm#lvm'))).toEqual([400, elsewhere]);
    for (const host of ['west', 'nope@lvm']) {
      expect(wordsOf(await moveTo(host))).toEqual([400, `Invalid host: No available service named '${host}'`]);
    }
    expect((await moveTo('east:east@lvm#lvm', ann)).status).toBe(403);
  });

  test('of one site is meant by its own name, too', async () => {
    const disabled = async () =>
      (await services()).body.services.filter((one: { status: string }) => one.status === 'disabled');
    const turn = (verb: string, host: string) =>
      cloud.admin(`PUT /volume/v3/os-services/${verb}`, { binary: 'cinder-volume', host });
    expect((await turn('disable', 'west@lvm')).status).toBe(200);
    expect(await disabled()).toMatchObject([{ host: 'west:west@lvm' }]);
    expect((await turn('enable', 'west:west@lvm')).status).toBe(200);
    expect(await disabled()).toEqual([]);
    expect((await turn('disable', 'nope@lvm')).status).toBe(404);
  });

  test('has what is to be managed', async () => {
    const manage = (volume: object) =>
      cloud.admin('POST /volume/v3/os-volume-manage', { volume: { ref: { 'source-name': 'nothing' }, ...volume } });
    for (const host of ['west:west@lvm#lvm', 'west@lvm#lvm']) {
      const { status, body, text } = await manage({ host });
      expect(status, text).toBe(202);
      expect(body.volume.availability_zone).toBe('west');
    }
    const words = 'west@lvm#lvm is in availability zone west, but availability zone east was asked for.';
    expect(wordsOf(await manage({ host: 'west:west@lvm#lvm', availability_zone: 'east' }))).toEqual([
      400,
      `west:${words}`,
    ]);
    expect(wordsOf(await manage({ host: 'nope@lvm#lvm' }))).toEqual([400, "Host 'nope@lvm#lvm' not found"]);
  });
});

test('a forced host that is not there is for the scheduler to find', async () => {
  const { status, body } = await boot({ availability_zone: 'west:nope' });
  expect(status).toBe(202);
  const { body: shown } = await cloud.until(
    () => cloud.admin(`GET /compute/v2.1/servers/${body.server.id}`),
    ({ server }) => server.status === 'ERROR',
  );
  expect(shown.server.fault.message).toContain('No valid host was found.');
});
