/** What can be done to a server in which state, and what becomes of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noDurations as noTime, type Task } from '../../durations.js';
import { openTestCloud, type TestCloud } from '../../testing-cloud.js';

let cloud: TestCloud;
let network: string;
beforeAll(async () => {
  cloud = await openTestCloud();
  network = (await cloud.ask('POST /network/v2.0/networks', { body: { network: { name: 'n' } } })).body.network.id;
  const subnet = { network_id: network, ip_version: 4, cidr: '10.200.0.0/24' };
  await cloud.ask('POST /network/v2.0/subnets', { body: { subnet } });
});
afterAll(() => cloud.close());

const version = '2.93';
const path = '/compute/v2.1/servers';
const make = async (more: object = {}): Promise<string> => {
  const [imageRef] = cloud.cloud.images.initialIds;
  const server = { name: 'one', imageRef, flavorRef: '1', networks: [{ uuid: network }], ...more };
  const made = await cloud.ask(`POST ${path}`, { version, body: { server } });
  expect(made.status).toBe(202);
  await cloud.settle();
  return made.body.server.id;
};
const act = async (id: string, body: object, call: object = {}) => {
  const answer = await cloud.ask(`POST ${path}/${id}/action`, { version, body, ...call });
  await cloud.settle();
  return answer;
};
const status = async (id: string): Promise<string> =>
  (await cloud.ask(`GET ${path}/${id}`, { version })).body.server.status;

describe('the way through its states', () => {
  test.each([
    [{ 'os-stop': null }, 'SHUTOFF', { 'os-start': null }],
    [{ pause: null }, 'PAUSED', { unpause: null }],
    [{ suspend: null }, 'SUSPENDED', { resume: null }],
    [{ rescue: {} }, 'RESCUE', { unrescue: null }],
    [{ shelve: null }, 'SHELVED_OFFLOADED', { unshelve: null }],
    [{ resize: { flavorRef: '2' } }, 'VERIFY_RESIZE', { revertResize: null }],
    [{ migrate: null }, 'VERIFY_RESIZE', { confirmResize: null }],
  ])('%j makes it %s, and %j ACTIVE again', async (there, between, back) => {
    const id = await make();
    expect((await act(id, there)).status).toBeLessThan(300);
    expect(await status(id)).toBe(between);
    const again = await act(id, there);
    expect([again.status, again.body.conflictingRequest.message]).toEqual([
      409,
      expect.stringContaining('while it is in vm_state'),
    ]);
    expect((await act(id, back)).status).toBeLessThan(300);
    expect(await status(id)).toBe('ACTIVE');
  });

  test.each([
    [{ 'os-start': null }],
    [{ resume: null }],
    [{ unpause: null }],
    [{ confirmResize: null }],
    [{ unshelve: null }],
    [{ restore: null }],
  ])('%j of a running server is refused', async (action) => {
    expect((await act(await make(), action)).status).toBe(409);
  });

  /** A cloud in which one task takes its time, and a server in it. */
  const whereIsSlow = async (task: Task) => {
    const slow = await openTestCloud({ profile: { latencies: {}, durations: { ...noTime, [task]: 60_000 } } });
    const [imageRef] = slow.cloud.images.initialIds;
    const server = { name: 'one', imageRef, flavorRef: '1', networks: 'none' };
    const { body } = await slow.ask(`POST ${path}`, { version, body: { server } });
    const at = `${path}/${body.server.id}`;
    return {
      slow,
      id: body.server.id,
      at,
      stop: () => slow.ask(`POST ${at}/action`, { version, body: { 'os-stop': null } }),
    };
  };

  test('a task that is under way keeps others away', async () => {
    const { slow, id, at, stop } = await whereIsSlow('server stop');
    await slow.settle();
    expect((await stop()).status).toBe(202);
    const refused = (await stop()).body.conflictingRequest.message;
    expect(refused).toBe(`Cannot 'stop' instance ${id} while it is in task_state powering-off`);
    expect((await slow.ask(`DELETE ${at}`)).status).toBe(204);
    await slow.close();
  });

  test('a server that is being built can be deleted, and nothing else', async () => {
    const { slow, at, stop } = await whereIsSlow('server build');
    expect((await slow.ask(`GET ${at}`, { version })).body.server.status).toBe('BUILD');
    expect((await stop()).status).toBe(409);
    expect((await slow.ask(`DELETE ${at}`)).status).toBe(204);
    await slow.close();
  });
});

describe('what is asked wrongly', () => {
  test.each([
    [{ dance: null }, 'There is no such action: dance'],
    [{ resize: { flavorRef: '1' } }, 'When resizing, instances must change flavor!'],
    [{ resize: { flavorRef: 'none' } }, 'Flavor none could not be found.'],
    [{ reboot: { type: 'GENTLE' } }, expect.stringContaining("'GENTLE' is not one of")],
    [{ 'os-resetState': { state: 'merry' } }, expect.stringContaining("'merry' is not one of")],
  ])('%j', async (action, words) => {
    const { status: code, body } = await act(await make(), action);
    expect([code, body.badRequest.message]).toEqual([400, words]);
  });
});

test('a locked server is left alone by its tenant', async () => {
  const { body } = await cloud.ask('POST /identity/v3/users', { body: { user: { name: 'demo', password: 'pw' } } });
  const { body: listed } = await cloud.ask('GET /identity/v3/roles?name=member');
  const project = (await cloud.ask('GET /identity/v3/projects?name=admin')).body.projects[0].id;
  await cloud.ask(`PUT /identity/v3/projects/${project}/users/${body.user.id}/roles/${listed.roles[0].id}`);
  const token = String(
    (await cloud.logIn({ name: 'demo', password: 'pw', project: 'admin' })).headers['x-subject-token'],
  );
  const id = await make();
  await act(id, { lock: { locked_reason: 'mine' } });
  expect((await act(id, { 'os-stop': null }, { token })).body.conflictingRequest.message).toBe(
    `Instance ${id} is locked`,
  );
  expect((await cloud.ask(`DELETE ${path}/${id}`, { token })).status).toBe(409);
  expect((await act(id, { 'os-stop': null })).status).toBe(202);
  expect((await act(id, { 'os-resetState': { state: 'active' } }, { token })).status).toBe(403);
});

test('ports and volumes come and go with their server', async () => {
  const volume = (
    await cloud.ask('POST /volume/v3/x/volumes'.replace('x', await projectId()), { body: { volume: { size: 1 } } })
  ).body.volume.id;
  await cloud.settle();
  const id = await make();
  const attached = await cloud.ask(`POST ${path}/${id}/os-volume_attachments`, {
    version,
    body: { volumeAttachment: { volumeId: volume } },
  });
  expect([attached.status, attached.body.volumeAttachment.device]).toEqual([200, '/dev/vdb']);
  await cloud.settle();
  expect(cloud.cloud.volumes.find(volume)?.status).toBe('in-use');
  expect(cloud.cloud.networks.portsOf(id)).toHaveLength(1);
  const again = await cloud.ask(`POST ${path}/${id}/os-volume_attachments`, {
    version,
    body: { volumeAttachment: { volumeId: volume } },
  });
  expect(again.status).toBe(400);
  await cloud.ask(`DELETE ${path}/${id}`);
  await cloud.settle();
  expect(cloud.cloud.volumes.find(volume)?.status).toBe('available');
  expect(cloud.cloud.networks.portsOf(id)).toEqual([]);
});

test('several at once have names of their own, and one reservation', async () => {
  const [imageRef] = cloud.cloud.images.initialIds;
  const server = {
    name: 'many',
    imageRef,
    flavorRef: '1',
    networks: 'none',
    min_count: 2,
    max_count: 3,
    return_reservation_id: true,
  };
  const { body } = await cloud.ask(`POST ${path}`, { version, body: { server } });
  const { body: listed } = await cloud.ask(
    `GET ${path}?reservation_id=${body.reservation_id}&sort_key=display_name&sort_dir=asc`,
  );
  expect(listed.servers.map(({ name }: { name: string }) => name)).toEqual(['many-1', 'many-2', 'many-3']);
});

test('more than a project may have is refused', async () => {
  const id = await projectId();
  await cloud.ask(`PUT /compute/v2.1/os-quota-sets/${id}`, { body: { quota_set: { instances: 0, force: true } } });
  const [imageRef] = cloud.cloud.images.initialIds;
  const server = { name: 'one', imageRef, flavorRef: '1', networks: 'none' };
  const { status: code, body } = await cloud.ask(`POST ${path}`, { version, body: { server } });
  expect([code, body.forbidden.message]).toEqual([
    403,
    expect.stringMatching(/^Quota exceeded for instances: Requested 1, but already used \d+ of 0 instances$/),
  ]);
  await cloud.ask(`DELETE /compute/v2.1/os-quota-sets/${id}`);
});

const projectId = async (): Promise<string> => (await cloud.ask('GET /identity/v3/auth/projects')).body.projects[0].id;
