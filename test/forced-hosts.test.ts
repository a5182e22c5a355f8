/** Hosts and nodes that a create names: nothing of it is dropped. */
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  send('GET', `${cloud.west.url}/compute/v2.1${path}`, { token: cloud.token, headers: { 'openstack-api-version': 'compute 2.74' } }); // prettier-ignore
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
    await cloud.until(() => atWest(`/servers/${body.server.id}`), (shown) => shown.server.status === 'ACTIVE'); // prettier-ignore
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
  const is = (status: string) => cloud.until(() => ann(`GET /compute/v2.1/servers/${id}`), (body) => body.server.status === status); // prettier-ignore
  const act = (action: object) => ann(`POST /compute/v2.1/servers/${id}/action`, action);
  await is('ACTIVE');
  expect((await act({ shelve: null })).status).toBe(202);
  await is('SHELVED_OFFLOADED');
  expect(wordsOf(await act({ unshelve: { availability_zone: 'nope' } }))).toEqual([400, 'The requested availability zone is not available']); // prettier-ignore
  const words = `Server ${id} is in availability zone west and cannot be unshelved in availability zone east.`;
  expect(wordsOf(await act({ unshelve: { availability_zone: 'east' } }))).toEqual([400, words]);
  expect((await act({ unshelve: { availability_zone: 'west' } })).status).toBe(202);
  await is('ACTIVE');
});
