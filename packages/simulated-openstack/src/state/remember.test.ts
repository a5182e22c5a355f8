/** A cloud that is started again is the cloud it was. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { noDurations, type Durations } from '../durations.js';
import { openTestCloud, type Call, type TestCloud } from '../testing-cloud.js';

let stateDir: string;
let cloud: TestCloud;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'simulated-state-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await cloud.close();
  rmSync(stateDir, { recursive: true });
});

const start = async (durations: Partial<Durations> = {}, from = stateDir): Promise<void> => {
  const profile = { latencies: {}, durations: { ...noDurations, ...durations } };
  cloud = await openTestCloud({ stateDir: from, servers: 5, profile });
};

const startAgain = async (durations?: Partial<Durations>): Promise<void> => {
  await cloud.close();
  await start(durations);
};

/** What `kill -9` leaves: the files as they are in this moment. */
async function startFromWhatAKillLeaves(durations?: Partial<Durations>): Promise<void> {
  const left = `${stateDir}/left`;
  cpSync(`${stateDir}/z1`, `${left}/z1`, { recursive: true });
  await cloud.close();
  await start(durations, left);
}

/** Glance alone answers with the thing itself. */
async function made(call: string, body: unknown, more: Call = {}): Promise<{ id: string }> {
  const answer = await cloud.ask(`POST ${call}`, { body, ...more });
  if (answer.status >= 300) throw new Error(`${call} answered ${answer.status}: ${answer.text}`);
  return answer.body.id ? answer.body : Object.values(answer.body as object)[0];
}

const compute = '/compute/v2.1';
const network = '/network/v2.0';
const image = '/image/v2/images';
let volume: string;

/** A bit of everything. */
async function live(): Promise<{ imageId: string; bytes: Buffer; serverId: string }> {
  const { projectId } = (await projectOf()) ?? {};
  volume = `/volume/v3/${projectId}`;
  const { id: networkId } = await made(`${network}/networks`, { network: { name: 'n' } });
  const { id: subnetId } = await made(`${network}/subnets`, {
    subnet: { network_id: networkId, ip_version: 4, cidr: '10.9.0.0/24' },
  });
  const { id: routerId } = await made(`${network}/routers`, { router: { name: 'r' } });
  await cloud.ask(`PUT ${network}/routers/${routerId}/add_router_interface`, { body: { subnet_id: subnetId } });
  await made(`${compute}/os-keypairs`, { keypair: { name: 'k' } });
  await made(`${compute}/flavors`, { flavor: { name: 'f', ram: 1, vcpus: 1, disk: 1, id: 'f1' } });
  const { id: groupId } = await made(`${compute}/os-server-groups`, {
    server_group: { name: 'g', policies: ['affinity'] },
  });
  const { id: imageId } = await made(image, { name: 'i', disk_format: 'raw', container_format: 'bare' });
  const bytes = randomBytes(100_000);
  await upload(imageId, bytes);
  const hints = { 'os:scheduler_hints': { group: groupId } };
  const server = { name: 's', imageRef: imageId, flavorRef: 'f1', networks: [{ uuid: networkId }], key_name: 'k' };
  const { id: serverId } = await made(`${compute}/servers`, { server, ...hints });
  const { id: volumeId } = await made(`${volume}/volumes`, { volume: { size: 1, name: 'v' } });
  await cloud.settle();
  await made(`${compute}/servers/${serverId}/os-volume_attachments`, { volumeAttachment: { volumeId } });
  await made(`${volume}/snapshots`, { snapshot: { volume_id: volumeId, force: true } });
  const { servers } = (await cloud.ask(`GET ${compute}/servers?all_tenants=1&limit=3`)).body;
  await cloud.ask(`PUT ${compute}/servers/${servers[1].id}`, { body: { server: { name: 'renamed' } } });
  await cloud.ask(`DELETE ${compute}/servers/${servers[2].id}`);
  await cloud.ask(`DELETE ${network}/security-groups/none`);
  await made('/identity/v3/users', { user: { name: 'u', password: 'secret' } });
  await cloud.settle();
  return { imageId, bytes, serverId };
}

async function projectOf(): Promise<{ projectId: string }> {
  const { body } = await cloud.ask('GET /identity/v3/auth/tokens?nocatalog', {
    headers: { 'x-subject-token': cloud.token },
  });
  return { projectId: body.token.project.id as string };
}

const upload = (id: string, bytes: Buffer, where = 'file') =>
  fetch(`${cloud.url}${image}/${id}/${where}`, {
    method: 'PUT',
    headers: { 'x-auth-token': cloud.token, 'content-type': 'application/octet-stream' },
    body: bytes,
  });

async function download(id: string): Promise<Buffer> {
  const answer = await fetch(`${cloud.url}${image}/${id}/file`, { headers: { 'x-auth-token': cloud.token } });
  return Buffer.from(await answer.arrayBuffer());
}

/** All that is told of a cloud, without where it is. */
async function picture(): Promise<Record<string, unknown>> {
  const lists = [
    `${compute}/servers/detail?all_tenants=1`,
    `${compute}/os-keypairs`,
    `${compute}/flavors/detail`,
    `${compute}/os-server-groups`,
    `${compute}/servers/detail?all_tenants=1&changes-since=2026-01-02T00:00:00Z`,
    `${compute}/os-aggregates`,
    ...[
      'networks',
      'subnets',
      'ports',
      'routers',
      'security-groups',
      'rbac-policies',
      'segments',
      'network-ip-availabilities',
    ].map((name) => `${network}/${name}`),
    ...['volumes/detail', 'snapshots/detail', 'types', 'attachments'].map((name) => `${volume}/${name}?all_tenants=1`),
    image,
    '/identity/v3/users',
    '/identity/v3/projects',
    '/identity/v3/role_assignments',
  ];
  const told = await Promise.all(
    lists.map((path) => cloud.ask(`GET ${path}`, { version: path.startsWith(compute) ? '2.79' : undefined })),
  );
  return Object.fromEntries(
    told.map(({ text, status }, at) => [lists[at], JSON.parse(`[${status},${text.replaceAll(cloud.url, '')}]`)]),
  );
}

test('what was made, changed and deleted is made, changed and deleted when it is started again', async () => {
  await start();
  const { imageId, bytes, serverId } = await live();
  const before = await picture();
  for (let round = 0; round < 2; round += 1) {
    await startAgain();
    expect(await picture()).toEqual(before);
    expect((await download(imageId)).equals(bytes)).toBe(true);
  }
  const { server_groups: groups } = (await cloud.ask(`GET ${compute}/os-server-groups`)).body;
  expect(groups[0].members).toEqual([serverId]);
  expect((await cloud.logIn({ name: 'u', password: 'secret' })).status).toBe(201);
});

test('it goes on as if it had never stopped: numbers, addresses and names that are taken stay taken', async () => {
  await start();
  const { serverId } = await live();
  await startAgain();
  const again = await cloud.ask(`POST ${compute}/os-keypairs`, { body: { keypair: { name: 'k' } } });
  expect(again.status).toBe(409);
  const { networks } = (await cloud.ask(`GET ${network}/networks?name=n`)).body;
  const port = (await made(`${network}/ports`, { port: { network_id: networks[0].id } })) as unknown as {
    fixed_ips: object[];
  };
  const { ports } = (await cloud.ask(`GET ${network}/ports?device_id=${serverId}`)).body;
  expect(ports[0].fixed_ips).not.toEqual(port.fixed_ips);
  await cloud.ask(`DELETE ${compute}/servers/${serverId}`);
  await cloud.settle();
  expect((await cloud.ask(`GET ${network}/ports?device_id=${serverId}`)).body.ports).toEqual([]);
  expect((await cloud.ask(`GET ${volume}/volumes?status=available`)).body.volumes).toHaveLength(1);
});

test('nothing that was answered is lost by a kill', async () => {
  await start();
  await live();
  const { id } = await made(
    `${compute}/servers`,
    {
      server: {
        name: 'last',
        imageRef: '',
        flavorRef: '1',
        block_device_mapping_v2: [{ boot_index: 0, source_type: 'blank', destination_type: 'volume', volume_size: 1 }],
        networks: 'none',
      },
    },
    { version: '2.37' },
  );
  await startFromWhatAKillLeaves();
  expect((await cloud.ask(`GET ${compute}/servers/${id}`)).body.server.name).toBe('last');
});

test('what was on its way arrives', async () => {
  const quarter = 900_000;
  const slow = { 'server build': quarter, 'volume extend': quarter, 'image import': quarter, 'server delete': quarter };
  await start(slow);
  const { projectId } = await projectOf();
  volume = `/volume/v3/${projectId}`;
  const { id: volumeId } = await made(`${volume}/volumes`, { volume: { size: 1 } });
  const { id: imageId } = await made(image, { disk_format: 'raw', container_format: 'bare' });
  const bytes = randomBytes(10_000);
  await upload(imageId, bytes, 'stage');
  const { servers } = (await cloud.ask(`GET ${compute}/servers?all_tenants=1`)).body;
  const gone = servers[0].id as string;
  const { images } = (await cloud.ask(`GET ${image}?name=debian-12`)).body;
  const { id: serverId } = await made(`${compute}/servers`, {
    server: { name: 's', imageRef: images[0].id, flavorRef: '1' },
  });
  await cloud.ask(`POST ${volume}/volumes/${volumeId}/action`, { body: { 'os-extend': { new_size: 7 } } });
  await cloud.ask(`POST ${image}/${imageId}/import`, { body: { method: { name: 'glance-direct' } } });
  await cloud.ask(`DELETE ${compute}/servers/${gone}`);
  const statuses = async () => [
    (await cloud.ask(`GET ${compute}/servers/${serverId}`)).body.server.status,
    (await cloud.ask(`GET ${volume}/volumes/${volumeId}`)).body.volume.status,
    (await cloud.ask(`GET ${image}/${imageId}`)).body.status,
    (await cloud.ask(`GET ${compute}/servers/${gone}`)).status,
  ];
  expect(await statuses()).toEqual(['BUILD', 'extending', 'importing', 200]);
  // All of it is overdue when the cloud is started again.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * quarter });
  await startFromWhatAKillLeaves(slow);
  await expect.poll(statuses).toEqual(['ACTIVE', 'available', 'active', 404]);
  expect((await cloud.ask(`GET ${volume}/volumes/${volumeId}`)).body.volume.size).toBe(7);
  expect((await download(imageId)).equals(bytes)).toBe(true);
});

test('an upload that was cut off can be tried again, and leaves nothing', async () => {
  await start();
  const { id } = await made(image, { name: 'half', disk_format: 'raw', container_format: 'bare' });
  const endless = new ReadableStream({
    pull: (stream) => new Promise((done) => setTimeout(() => done(stream.enqueue(randomBytes(1000))), 5)),
  });
  const cut = new AbortController();
  const sending = fetch(`${cloud.url}${image}/${id}/file`, {
    method: 'PUT',
    signal: cut.signal,
    duplex: 'half',
    body: endless,
    headers: { 'x-auth-token': cloud.token, 'content-type': 'application/octet-stream' },
  } as RequestInit).catch(() => undefined);
  await expect.poll(async () => (await cloud.ask(`GET ${image}/${id}`)).body.status).toBe('saving');
  await made(image, { name: 'another, so that it is written what the first one is' });
  await startFromWhatAKillLeaves();
  cut.abort();
  await sending;
  expect((await cloud.ask(`GET ${image}/${id}`)).body.status).toBe('queued');
  expect((await upload(id, Buffer.from('whole'))).status).toBe(204);
  expect((await download(id)).toString()).toBe('whole');
});

test('what it keeps does not grow with its past', async () => {
  await start();
  const user_data = randomBytes(40_000).toString('base64');
  const server = {
    imageRef: '',
    flavorRef: '1',
    networks: 'none',
    user_data,
    block_device_mapping_v2: [{ boot_index: 0, source_type: 'blank', destination_type: 'volume', volume_size: 1 }],
  };
  const ids = [];
  for (const name of ['a', 'b', 'c'])
    ids.push((await made(`${compute}/servers`, { server: { ...server, name } }, { version: '2.37' })).id);
  await cloud.settle();
  let [written, size] = [0, 0];
  for (let turn = 0; turn < 48; turn += 1) {
    await cloud.ask(`PUT ${compute}/servers/${ids[turn % 3]}`, { body: { server: { name: `turn ${turn}` } } });
    written += user_data.length;
    size = Math.max(size, statSync(join(stateDir, 'z1', 'state.jsonl')).size);
  }
  expect(written).toBeGreaterThan(2_500_000);
  expect(size).toBeLessThan(1_500_000);
  await startFromWhatAKillLeaves();
  const { servers } = (await cloud.ask(`GET ${compute}/servers?name=turn`)).body;
  expect(servers.map(({ name }: { name: string }) => name).sort()).toEqual(['turn 45', 'turn 46', 'turn 47']);
});

test('two programs do not keep their clouds in one directory', async () => {
  await start();
  await expect(openTestCloud({ stateDir, servers: 5 })).rejects.toThrow(/is another program's/);
  await startAgain();
  expect((await cloud.ask(`GET ${compute}/servers?all_tenants=1`)).body.servers).toHaveLength(5);
});

test('servers of the beginning are those of seed and number: another number is refused', async () => {
  await start();
  await cloud.close();
  await expect(openTestCloud({ stateDir, servers: 6 })).rejects.toThrow(/its servers is 5, not 6/);
  await start();
});
