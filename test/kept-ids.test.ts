/** Ids in capitals are the same ids, as they are to services on MySQL or MariaDB. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
/** Paths with the id of something in them, and its key in the answer. */
let paths: [path: string, key: string][];

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  ann = await cloud.tenant('ann');
  const made = async (path: string, key: string, body: object): Promise<string> => {
    const { body: answer, text } = await ann(`POST ${path}`, { [key]: body });
    expect(answer[key], text).toBeDefined();
    return answer[key].id;
  };
  const imageRef = cloud.east.cloud.images.initialIds[0];
  const server = { name: 's', flavorRef: '1', imageRef, networks: 'none', availability_zone: 'west' };
  const { body: groups } = await ann('GET /network/v2.0/security-groups?name=default');
  paths = [
    [`/compute/v2.1/servers/${await made('/compute/v2.1/servers', 'server', server)}`, 'server'],
    [
      `/compute/v2.1/os-server-groups/${await made('/compute/v2.1/os-server-groups', 'server_group', { name: 'g', policy: 'affinity' })}`,
      'server_group',
    ],
    [
      `/volume/v3/volumes/${await made('/volume/v3/volumes', 'volume', { size: 1, availability_zone: 'west' })}`,
      'volume',
    ],
    [`/network/v2.0/networks/${await made('/network/v2.0/networks', 'network', { name: 'n' })}`, 'network'],
    [`/network/v2.0/security-groups/${groups.security_groups[0].id}`, 'security_group'],
    [`/volume/v3/types/${(await ann('GET /volume/v3/types')).body.volume_types[0].id}`, 'volume_type'],
    [`/image/v2/images/${imageRef}`, ''],
  ];
}, 120_000);
afterAll(() => cloud.close());

const inCapitals = (path: string): string => path.replace(/[^/]+$/, (id) => id.toUpperCase());

test('show, below and remove find it', async () => {
  for (const [path, key] of paths) {
    const { status, body, text } = await ann(`GET ${inCapitals(path)}`);
    expect(status, `${path}: ${text}`).toBe(200);
    expect((key ? body[key] : body).id).toBe(path.split('/').at(-1));
  }
  const [server = ''] = paths[0]!;
  expect((await ann(`GET ${inCapitals(server)}/os-volume_attachments`)).status).toBe(200);
  expect((await ann(`POST ${inCapitals(server)}/action`, { unlock: null })).status).toBe(202);
  for (const [path] of paths.slice(0, 4)) {
    expect((await ann(`DELETE ${inCapitals(path)}`)).status, path).toBeLessThan(300);
    await cloud.until(
      () => ann(`GET ${path}`),
      (body) => JSON.stringify(body).includes('could not be found'),
    );
  }
});

test('an id of nothing is not found as it was spelled, and a name is only itself', async () => {
  const nowhere = 'ABCDEF00-0000-4000-8000-000000000000';
  const { status, text } = await ann(`GET /compute/v2.1/servers/${nowhere}`);
  expect([status, text.includes(nowhere)]).toEqual([404, true]);
  const keypair = {
    name: nowhere,
    type: 'ssh',
    public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a',
  };
  expect((await ann('POST /compute/v2.1/os-keypairs', { keypair })).status).toBe(201);
  expect((await ann(`GET /compute/v2.1/os-keypairs/${nowhere}`)).body.keypair.name).toBe(nowhere);
});

test('an image keeps the capitals that its maker chose', async () => {
  const id = 'ABCDEF00-0000-4000-8000-000000000001';
  expect((await ann('POST /image/v2/images', { id, name: 'i' })).body.id).toBe(id);
  expect((await ann(`GET /image/v2/images/${id}`)).body.id).toBe(id);
});
