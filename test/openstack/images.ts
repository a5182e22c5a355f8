/**
 * Images on real clouds: one upload with the openstack client boots in both zones, whichever way it gets there, with the same
 * bytes at both sites; a cascade killed and a site frozen in the middle of a copy; twenty boots at once of an image that is
 * not there; a snapshot that boots elsewhere; a full disk; uploads that lie.
 *
 *   IMAGES_MB=2048 npx tsx test/openstack/images.ts     needs a lab of two sites that runs (lab/openstack/lab.sh up 2), and root
 */
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { assert, check, conclude, eventually } from './checks.js';
import type { CloudClient } from './cloud-client.js';
import { hashOfImage, randomFile, uploadFile } from './image-bytes.js';
import {
  addSites,
  base,
  cascade,
  killCascade,
  labCommand,
  labDir,
  makeFlavor,
  removeCascade,
  residentBytes,
  siteNames,
  sites,
  startCascade,
  stopCascade,
} from './lab-cascade.js';

interface Server {
  id: string;
  name: string;
  status: string;
  fault?: { message: string };
}
interface Image {
  id: string;
  name: string;
  status: string;
  size: number | null;
  os_hash_value: string | null;
}
interface Shown {
  image: {
    home: string;
    copies: { site: string; state: string; bytes: number; cause: string | null; hash: string | null }[];
  };
}

const megabytes = Number(process.env['IMAGES_MB'] ?? 256);
const mebibyte = 1024 * 1024;
const tag = `images-${randomBytes(3).toString('hex')}`;
const work = mkdtempSync(join(tmpdir(), 'cascade-images-'));
const file = join(work, 'image');
const small = join(work, 'small');
const admin = `${base}/cascade/v1`;
let flavor = '';

// ==== what is asked of a cloud ======================================================

const imageOf = async (cloud: CloudClient, id: string): Promise<Image | undefined> => {
  const { status, body } = await cloud.call<Image>('GET', `${cloud.roots.image}/images/${id}`);
  if (status === 404) return undefined;
  assert(status === 200, `image ${id}: ${status} ${JSON.stringify(body)}`);
  return body;
};
const shown = async (id: string): Promise<Shown['image']> =>
  (await cascade.call<Shown>('GET', `${admin}/images/${id}`)).body.image;
const copyOf = async (id: string) => (await shown(id)).copies[0];
const hashAt = async (cloud: CloudClient, id: string): Promise<string> =>
  hashOfImage(cloud.roots.image, id, await cloud.token());

async function newImage(cloud: CloudClient, name: string, more: object = {}): Promise<string> {
  const wanted = { name: `${tag}-${name}`, disk_format: 'raw', container_format: 'bare', ...more };
  const { status, body } = await cloud.call<Image>('POST', `${cloud.roots.image}/images`, wanted);
  assert(status === 201, `image ${name}: ${status} ${JSON.stringify(body)}`);
  return body.id;
}
async function uploaded(name: string, path: string): Promise<string> {
  const id = await newImage(cascade, name);
  const status = await uploadFile(cascade.roots.image, id, path, await cascade.token());
  assert(status === 204, `upload of ${name}: ${status}`);
  return id;
}

/** Asks for a server, and does not wait for it. */
async function boot(name: string, zone: string, imageRef: string): Promise<string> {
  const server = { name: `${tag}-${name}`, flavorRef: flavor, imageRef, networks: 'none', availability_zone: zone };
  const { status, body } = await cascade.compute<{ server: Server }>('POST', '/servers', { server });
  assert(status === 202, `boot in ${zone}: ${status} ${JSON.stringify(body)}`);
  return body.server.id;
}
async function becomesActive(id: string, seconds = 120): Promise<void> {
  await eventually(`server ${id} ACTIVE`, seconds, async () => {
    const { server } = (await cascade.compute<{ server: Server }>('GET', `/servers/${id}`)).body;
    return server.status === 'ACTIVE';
  });
}
const serversNamed = async (cloud: CloudClient, name: string): Promise<Server[]> =>
  (await cloud.compute<{ servers: Server[] }>('GET', `/servers/detail?all_tenants=1&name=^${tag}-${name}`)).body
    .servers;
const imagesNamed = async (cloud: CloudClient, name: string): Promise<Image[]> =>
  (await cloud.call<{ images: Image[] }>('GET', `${cloud.roots.image}/images?name=${tag}-${name}`)).body.images;

/** Where the image is, and where it is not: the two sites, their numbers in the lab, and how to ask them. */
async function placesOf(id: string) {
  const { home } = await shown(id);
  const at = siteNames.indexOf(home);
  assert(at >= 0, `home of ${id} is ${home}`);
  const place = (index: number) => ({ name: siteNames[index]!, number: String(index + 1), cloud: sites[index]! });
  return { home: place(at), far: place(1 - at) };
}
const setWay = (way: string | null, of: { image?: string; site?: string }) =>
  cascade.call('PUT', `${admin}/image-policies`, { image: of.image ?? null, site: of.site ?? null, way });

// ==== memory ========================================================================

/** The most that the cascade's process holds while something goes on, beyond what it held before: MiB. */
async function memoryOf(going: () => Promise<void>): Promise<number> {
  const before = residentBytes();
  let most = before;
  const looking = setInterval(() => (most = Math.max(most, residentBytes())), 100);
  try {
    await going();
  } finally {
    clearInterval(looking);
  }
  return Math.round((most - before) / mebibyte);
}

// ==== checks ========================================================================

async function everywhere(): Promise<void> {
  const hash = await randomFile(file, megabytes);
  let id = '';
  // What a first upload leaves in memory once (code, connections) is not what an image costs.
  await uploaded('warm', small);
  await check(`an image of ${megabytes} MB is uploaded with the openstack client`, async () => {
    const grown = await memoryOf(async () => {
      const words = ['image', 'create', '--disk-format', 'raw', '--container-format', 'bare', '--file', file, '-f', 'value', '-c', 'id'];
      const { stdout } = await promisify(execFile)('openstack', [...words, `${tag}-first`], { env: clientEnvironment() });
      id = stdout.trim();
    });
    console.log(`    the cascade's memory grew by at most ${grown} MiB`);
    assert(grown <= 64, `${grown} MiB of memory`);
    const image = await imageOf(cascade, id);
    assert(image?.status === 'active' && image.size === megabytes * mebibyte, JSON.stringify(image));
    assert(image.os_hash_value === hash, `hash ${image.os_hash_value}`);
  });
  const { home, far } = await placesOf(id);
  await check('lazy: it boots in both zones, and is copied for the second', async () => {
    assert((await imageOf(far.cloud, id)) === undefined, 'it is there already');
    const near = await boot('near', home.name, id);
    const grown = await memoryOf(async () => becomesActive(await boot('far', far.name, id), 600));
    await becomesActive(near);
    console.log(`    the cascade's memory grew by at most ${grown} MiB`);
    assert(grown <= 64, `${grown} MiB of memory`);
    for (const cloud of [home.cloud, far.cloud]) assert((await hashAt(cloud, id)) === hash, 'other bytes');
  });
  await check('a download gives the same bytes, whole and in ranges', async () => {
    let got = '';
    const grown = await memoryOf(async () => void (got = await hashAt(cascade, id)));
    assert(got === hash && grown <= 64, `${got}, ${grown} MiB of memory`);
  });
  await check('a snapshot of a server in one zone boots in the other', async () => {
    const [server] = await serversNamed(cascade, 'far');
    const name = `${tag}-snapshot`;
    const { status } = await cascade.compute('POST', `/servers/${server!.id}/action`, { createImage: { name } });
    assert(status === 202, `createImage: ${status}`);
    await eventually('the snapshot is active', 120, async () => (await imagesNamed(cascade, 'snapshot'))[0]?.status === 'active');
    await becomesActive(await boot('of-snapshot', home.name, (await imagesNamed(cascade, 'snapshot'))[0]!.id));
  });
} // prettier-ignore

async function eager(): Promise<void> {
  await check('eager: it is at both sites without a boot, and boots in both', async () => {
    for (const site of siteNames) await setWay('eager', { site });
    const id = await uploaded('eager', file);
    const { home, far } = await placesOf(id);
    await eventually('a whole copy', 600, async () => (await copyOf(id))?.state === 'active');
    for (const site of siteNames) await setWay(null, { site });
    const hashes = await Promise.all([home, far].map(async ({ cloud }) => (await imageOf(cloud, id))?.os_hash_value));
    assert(hashes[0] && hashes[0] === hashes[1], JSON.stringify(hashes));
    for (const { name } of [home, far]) await becomesActive(await boot(`eager-${name}`, name, id));
    await cascade.call('DELETE', `${cascade.roots.image}/images/${id}`);
  });
}

/** A copy takes ten seconds from here on, so that something can happen in its middle. */
const slowly = (): Promise<void> => startCascade({ CASCADE_IMAGE_COPY_RATE: String((megabytes * mebibyte) / 10) });

/** A boot where the image is not, in the middle of whose copy something happens. */
async function inTheMiddle(
  name: string,
  happens: (where: Awaited<ReturnType<typeof placesOf>>, id: string) => Promise<void>,
) {
  const id = await uploaded(name, file);
  const where = await placesOf(id);
  await boot(name, where.far.name, id);
  const aThird = (megabytes * mebibyte) / 3;
  await eventually('a third is copied', 120, async () => ((await copyOf(id))?.bytes ?? 0) > aThird);
  assert((await copyOf(id))?.state === 'copying', 'it was too quick: nothing was tried');
  await happens(where, id);
  return { id, ...where };
}
async function endsWell(name: string, { id, home, far }: Awaited<ReturnType<typeof inTheMiddle>>): Promise<void> {
  await eventually(
    'the server is ACTIVE',
    240,
    async () => (await serversNamed(cascade, name))[0]?.status === 'ACTIVE',
  );
  for (const cloud of [cascade, far.cloud]) {
    const [servers, images] = [await serversNamed(cloud, name), await imagesNamed(cloud, name)];
    assert(servers.length === 1 && images.length === 1, `${servers.length} servers, ${images.length} images`);
  }
  assert((await hashAt(home.cloud, id)) === (await hashAt(far.cloud, id)), 'other bytes');
}

async function interrupted(): Promise<void> {
  await check('kill -9 of the cascade in the middle of a copy', async () => {
    const going = await inTheMiddle('killed', async () => {
      killCascade();
      await delay(2_000);
      await slowly();
    });
    await endsWell('killed', going);
  });
  await check('the source freezes in the middle of a copy', async () => {
    const going = await inTheMiddle('frozen', async ({ home }) => {
      labCommand('freeze', home.number);
      await delay(30_000);
      labCommand('thaw', home.number);
    });
    await endsWell('frozen', going);
  });
  await check('the image is deleted in the middle of a copy', async () => {
    const { id, home, far } = await inTheMiddle('deleted', async (_, image) => {
      const { status } = await cascade.call('DELETE', `${cascade.roots.image}/images/${image}`);
      assert(status === 204, `delete: ${status}`);
    });
    await eventually('nothing is left of it', 60, async () => {
      const left = await Promise.all([cascade, home.cloud, far.cloud].map((cloud) => imageOf(cloud, id)));
      return left.every((one) => one === undefined);
    });
    await eventually('the server says why it failed', 60, async () => {
      const [server] = await serversNamed(cascade, 'deleted');
      return server?.status === 'ERROR' && server.fault !== undefined;
    });
  });
}

async function together(): Promise<void> {
  await check('twenty boots at once of an image that is not there make one copy', async () => {
    const id = await uploaded('twenty', file);
    const { far } = await placesOf(id);
    const servers = await Promise.all(Array.from({ length: 20 }, (_, at) => boot(`twenty-${at}`, far.name, id)));
    for (const server of servers) await becomesActive(server, 400);
    const log = join(labDir, far.name, 'log/glance-api.log');
    const uploads = execFileSync('grep', ['-c', `PUT /v2/images/${id}/file`, log], { encoding: 'utf8' }).trim();
    assert(uploads === '1', `${uploads} uploads`);
    assert((await serversNamed(far.cloud, 'twenty-')).length === 20, 'not twenty servers');
  });
}

async function fullDisk(): Promise<void> {
  await check('a full disk is said, and the copy made when there is room', async () => {
    const id = await uploaded('full', file);
    const { far } = await placesOf(id);
    const store = join(labDir, far.name, 'glance/images');
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${Math.round(megabytes / 2)}m,mode=777`, 'tmpfs', store]);
    try {
      await boot('full', far.name, id);
      await eventually('the cause is told', 60, async () => ((await copyOf(id))?.cause ?? '') !== '');
      const copy = await copyOf(id);
      console.log(`    ${copy?.cause}`);
      assert(copy?.state !== 'active', 'it is there all the same');
    } finally {
      execFileSync('umount', [store]);
    }
    await eventually('the server is ACTIVE', 180, async () => (await serversNamed(cascade, 'full'))[0]?.status === 'ACTIVE');
  });
} // prettier-ignore

async function badInput(): Promise<void> {
  const clouds = [cascade, sites[0]!];
  /** Both are asked the same; the cascade's answer is to be the site's. */
  const same = async <T>(name: string, ask: (cloud: CloudClient) => Promise<T>): Promise<void> =>
    check(name, async () => {
      const [ours, theirs] = (await Promise.all(clouds.map(ask))).map((one) => JSON.stringify(one));
      assert(ours === theirs, `${ours}, at the site ${theirs}`);
    });
  await same('an upload that breaks off', async (cloud) => {
    const id = await newImage(cloud, 'cut');
    await breakOff(cloud, id, 'transfer-encoding: chunked', `${(4096).toString(16)}\r\n${'x'.repeat(4096)}\r\n`);
    await eventually('it is no longer being saved', 30, async () => (await imageOf(cloud, id))?.status !== 'saving');
    return (await imageOf(cloud, id))?.status;
  });
  await same('a content-length that lies', async (cloud) => {
    const id = await newImage(cloud, 'lie');
    await breakOff(cloud, id, 'content-length: 100000', 'x'.repeat(4096));
    await eventually('it is no longer being saved', 30, async () => (await imageOf(cloud, id))?.status !== 'saving');
    const image = await imageOf(cloud, id);
    return [image?.status, image?.size];
  });
  await same('no bytes at all', async (cloud) => {
    const id = await newImage(cloud, 'empty');
    const { status } = await cloud.call('PUT', `${cloud.roots.image}/images/${id}/file`, Buffer.alloc(0));
    const image = await imageOf(cloud, id);
    return [status, image?.status, image?.size];
  });
  await same('ten thousand properties', async (cloud) => {
    const properties = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`p${at}`, 'x']));
    const wanted = { name: `${tag}-many`, disk_format: 'raw', container_format: 'bare', ...properties };
    return (await cloud.call('POST', `${cloud.roots.image}/images`, wanted)).status;
  });
  await check('an empty image boots where it is not', async () => {
    const [image] = await imagesNamed(cascade, 'empty');
    if (image?.status !== 'active') return; // refused, as the site does
    await becomesActive(await boot('empty', (await placesOf(image.id)).far.name, image.id));
  });
  await check('imports from the inside are refused', async () => {
    for (const uri of ['http://127.0.0.1/', 'http://0x7f.1/', 'http://2130706433/', 'http://017700000001/', 'http://[::ffff:10.0.0.1]/', 'http://169.254.169.254/latest']) {
      const id = await newImage(cascade, 'inside');
      const method = { name: 'web-download', uri };
      const { status } = await cascade.call('POST', `${cascade.roots.image}/images/${id}/import`, { method });
      assert(status === 400, `${uri}: ${status}`);
      assert((await imageOf(cascade, id))?.status === 'queued', 'something has begun');
    }
  });
} // prettier-ignore

/** The head of an upload and some of its bytes; then the connection is gone. */
async function breakOff(cloud: CloudClient, id: string, length: string, bytes: string): Promise<void> {
  const { hostname, port, pathname } = new URL(`${cloud.roots.image}/images/${id}/file`);
  const head = [`PUT ${pathname} HTTP/1.1`, `host: ${hostname}:${port}`, `x-auth-token: ${await cloud.token()}`, 'content-type: application/octet-stream', length];
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n${bytes}`, () => resolve()));
  await delay(2_000);
  socket.destroy();
  await delay(1_000);
} // prettier-ignore

const clientEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  OS_AUTH_URL: `${base}/identity/v3`,
  OS_USERNAME: 'admin',
  OS_PASSWORD: 'secret',
  OS_PROJECT_NAME: 'admin',
  OS_USER_DOMAIN_ID: 'default',
  OS_PROJECT_DOMAIN_ID: 'default',
  OS_REGION_NAME: 'RegionOne',
});

async function main(): Promise<void> {
  await startCascade();
  await addSites();
  flavor = await makeFlavor(tag);
  await randomFile(small, 1);
  await everywhere();
  await eager();
  await together();
  await badInput();
  await stopCascade();
  await slowly();
  await interrupted();
  await fullDisk();
}

async function tidy(): Promise<void> {
  const all = [cascade, ...sites];
  for (const cloud of all) {
    const servers = await serversNamed(cloud, '').catch(() => []);
    await Promise.all(servers.map(({ id }) => cloud.compute('DELETE', `/servers/${id}`)));
  }
  for (const cloud of all) {
    const { body } = await cloud.call<{ images: Image[] }>('GET', `${cloud.roots.image}/images?limit=200`);
    const ours = body.images.filter(({ name }) => name.startsWith(tag));
    await Promise.all(ours.map(({ id }) => cloud.call('DELETE', `${cloud.roots.image}/images/${id}`)));
  }
  await cascade.compute('DELETE', `/flavors/${flavor}`);
  await removeCascade();
  rmSync(work, { recursive: true, force: true });
}

await conclude('images', main, tidy);
