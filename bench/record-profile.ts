/**
 * Records how long a real cloud takes, for simulated ones to take as long, given the usual OS_* variables of an
 * administrator:
 *   tsx bench/record-profile.ts > packages/simulated-openstack/src/profiles/zed.json
 * It makes one server and a few small things, one request at a time, and removes them. The cloud should be idle.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import type { Task } from '@cascade/simulated-openstack/durations.js';
import { logInFromEnvironment } from '../test/calibration/log-in.js';
import type { Service } from '../test/calibration/conversation.js';

// Bodies are of many kinds here, and a wrong one fails where it is used.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Body = any;

const rounds = 12;
const lookMs = 300;
const mostLookMs = 300_000;

const cloud = await logInFromEnvironment(lookMs);
const project = cloud.known['project'] ?? '';
const versions: Record<Service, string> = {
  identity: '/v3',
  compute: '/v2.1',
  volume: `/v3/${project}`,
  network: '/v2.0',
  image: '/v2',
  placement: '',
};
const took = new Map<string, number[]>();
const durations: Partial<Record<Task, number>> = {};
/** What is to be removed at the end, however it ends. */
const made: (readonly [Service, string])[] = [];

/** @throws Error for any answer but a success, or a 404 where one is waited for */
async function ask(
  service: Service,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Body }> {
  const start = performance.now();
  const response = await request(cloud.roots[service] + versions[service] + path, {
    method: method as 'GET',
    headers: {
      'x-auth-token': cloud.token,
      ...(service === 'identity' ? { 'x-subject-token': cloud.token } : {}),
      ...(body === undefined
        ? {}
        : {
            'content-type': path.endsWith('#patch')
              ? 'application/openstack-images-v2.1-json-patch'
              : 'application/json',
          }),
      ...(service === 'compute' ? { 'openstack-api-version': 'compute 2.90' } : {}),
      ...(service === 'volume' ? { 'openstack-api-version': 'volume 3.59' } : {}),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.body.text();
  const key = `${service} ${method}`;
  took.set(key, [...(took.get(key) ?? []), performance.now() - start]);
  const { statusCode: status } = response;
  if (status >= 400 && status !== 404) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
  return { status, body: text === '' || !text.startsWith('{') ? undefined : JSON.parse(text) };
}

/** How long it takes from what is asked until it is as wanted. */
async function timed(task: Task, start: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
  const from = performance.now();
  await start();
  while (!(await isDone())) {
    if (performance.now() - from > mostLookMs) throw new Error(`${task} does not end`);
    await delay(lookMs);
  }
  durations[task] = Math.round(performance.now() - from);
}

async function readALot(): Promise<void> {
  const paths: readonly (readonly [Service, string])[] = [
    ['compute', '/servers/detail?all_tenants=1&limit=100'],
    ['compute', '/servers?all_tenants=1&limit=100'],
    ['compute', '/flavors/detail'],
    ['network', '/networks?limit=100'],
    ['network', '/ports?limit=100'],
    ['volume', '/volumes/detail?all_tenants=1&limit=100'],
    ['image', '/images?limit=20'],
    ['identity', '/auth/tokens'],
  ];
  for (let round = 0; round < rounds; round += 1) for (const [service, path] of paths) await ask(service, 'GET', path);
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await logInFromEnvironment(lookMs);
    took.set('identity POST', [...(took.get('identity POST') ?? []), performance.now() - start]);
  }
}

async function writeSmallThings(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const name = `profile-${round}`;
    await ask('compute', 'POST', '/os-server-groups', { server_group: { name, policy: 'affinity' } }).then(
      async ({ body }) => ask('compute', 'DELETE', `/os-server-groups/${body.server_group.id}`),
    );
    const network = (await ask('network', 'POST', '/networks', { network: { name } })).body.network.id as string;
    await ask('network', 'PUT', `/networks/${network}`, { network: { description: name } });
    await ask('network', 'DELETE', `/networks/${network}`);
    const image = (await ask('image', 'POST', '/images', { name, disk_format: 'raw', container_format: 'bare' })).body
      .id as string;
    await ask('image', 'PATCH', `/images/${image}#patch`, [{ op: 'replace', path: '/name', value: `${name}-2` }]);
    await ask('image', 'DELETE', `/images/${image}`);
  }
}

async function liveALife(): Promise<void> {
  const flavor = async (name: string, ram: number): Promise<string> =>
    (await ask('compute', 'POST', '/flavors', { flavor: { name, ram, vcpus: 1, disk: 1 } })).body.flavor.id;
  const [small, big] = [await flavor('profile-small', 64), await flavor('profile-big', 128)];
  const network = (await ask('network', 'POST', '/networks', { network: { name: 'profile' } })).body.network
    .id as string;
  const subnet = { network_id: network, ip_version: 4, cidr: '10.62.0.0/24' };
  await ask('network', 'POST', '/subnets', { subnet });
  const image = await upload();
  made.push(...[small, big].map((id) => ['compute', `/flavors/${id}`] as const), ['network', `/networks/${network}`]);
  let server = '';
  const show = async (): Promise<Body> => (await ask('compute', 'GET', `/servers/${server}`)).body?.server;
  const is = (status: string) => async (): Promise<boolean> => {
    const seen = await show();
    if (seen?.status === 'ERROR') throw new Error(`the server failed: ${seen.fault?.message}`);
    return seen?.status === status && seen['OS-EXT-STS:task_state'] === null;
  };
  const act = (body: object) => () => ask('compute', 'POST', `/servers/${server}/action`, body);
  await timed(
    'server build',
    async () => {
      const wanted = { name: 'profile', flavorRef: small, imageRef: image, networks: [{ uuid: network }] };
      server = (await ask('compute', 'POST', '/servers', { server: wanted })).body.server.id;
      made.push(['compute', `/servers/${server}`]);
    },
    is('ACTIVE'),
  );
  for (let round = 0; round < rounds; round += 1)
    await ask('compute', 'PUT', `/servers/${server}/metadata`, { metadata: { round: String(round) } });
  await timed('server stop', act({ 'os-stop': null }), is('SHUTOFF'));
  await timed('server start', act({ 'os-start': null }), is('ACTIVE'));
  await timed('server pause', act({ pause: null }), is('PAUSED'));
  await act({ unpause: null })();
  while (!(await is('ACTIVE')())) await delay(lookMs);
  await timed('server reboot', act({ reboot: { type: 'HARD' } }), is('ACTIVE'));
  await timed('server rebuild', act({ rebuild: { imageRef: image } }), is('ACTIVE'));
  await timed('server resize', act({ resize: { flavorRef: big } }), is('VERIFY_RESIZE'));
  await timed('server confirm', act({ confirmResize: null }), is('ACTIVE'));
  await liveWithAVolume(server);
  await timed('server shelve', act({ shelve: null }), is('SHELVED_OFFLOADED'));
  await timed(
    'server delete',
    () => ask('compute', 'DELETE', `/servers/${server}`),
    async () => (await show()) === undefined,
  );
}

/** A small image with bytes to boot from. */
async function upload(): Promise<string> {
  const wanted = { name: 'profile', disk_format: 'raw', container_format: 'bare' };
  const id = (await ask('image', 'POST', '/images', wanted)).body.id as string;
  made.push(['image', `/images/${id}`]);
  const headers = { 'x-auth-token': cloud.token, 'content-type': 'application/octet-stream' };
  const url = `${cloud.roots.image}${versions.image}/images/${id}/file`;
  const { statusCode } = await request(url, { method: 'PUT', headers, body: Buffer.alloc(1024 * 1024) });
  if (statusCode !== 204) throw new Error(`the upload of an image ended with ${statusCode}`);
  return id;
}

async function liveWithAVolume(server: string): Promise<void> {
  let volume = '';
  let snapshot = '';
  const status = async (path: string, key: string): Promise<string> =>
    (await ask('volume', 'GET', path)).body?.[key]?.status ?? 'gone';
  const is = (word: string) => async (): Promise<boolean> => (await status(`/volumes/${volume}`, 'volume')) === word;
  await timed(
    'volume create',
    async () => {
      volume = (await ask('volume', 'POST', '/volumes', { volume: { name: 'profile', size: 1 } })).body.volume.id;
      made.push(['volume', `/volumes/${volume}`]);
    },
    is('available'),
  );
  await timed(
    'volume attach',
    () =>
      ask('compute', 'POST', `/servers/${server}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } }),
    is('in-use'),
  );
  await ask('compute', 'DELETE', `/servers/${server}/os-volume_attachments/${volume}`);
  while (!(await is('available')())) await delay(lookMs);
  await timed(
    'volume extend',
    () => ask('volume', 'POST', `/volumes/${volume}/action`, { 'os-extend': { new_size: 2 } }),
    is('available'),
  );
  for (let round = 0; round < rounds; round += 1)
    await ask('volume', 'PUT', `/volumes/${volume}`, { volume: { description: String(round) } });
  await timed(
    'snapshot create',
    async () => {
      snapshot = (await ask('volume', 'POST', '/snapshots', { snapshot: { name: 'profile', volume_id: volume } })).body
        .snapshot.id;
      made.push(['volume', `/snapshots/${snapshot}`]);
    },
    async () => (await status(`/snapshots/${snapshot}`, 'snapshot')) === 'available',
  );
  await timed(
    'snapshot delete',
    () => ask('volume', 'DELETE', `/snapshots/${snapshot}`),
    async () => (await status(`/snapshots/${snapshot}`, 'snapshot')) === 'gone',
  );
  await timed('volume delete', () => ask('volume', 'DELETE', `/volumes/${volume}`), is('gone'));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
}

try {
  await readALot();
  await writeSmallThings();
  await liveALife();
} finally {
  // The last first; what has already gone answers 404.
  for (const [service, path] of made.toReversed()) {
    await ask(service, 'DELETE', path).catch((error: Error) => console.error(`left behind: ${error.message}`));
  }
}
const latencies = [...took].map(([key, values]) => [key, { p50: quantile(values, 0.5), p95: quantile(values, 0.95) }]);
const day = new Date().toISOString().slice(0, 10);
const recorded = `${day}, an OpenStack cloud of one host with Nova's fake driver; medians of ${rounds} requests or more`;
process.stdout.write(`${JSON.stringify({ recorded, latencies: Object.fromEntries(latencies), durations }, null, 2)}\n`);
