/** One upload boots in both zones, with the same bytes at both sites, and costs the cascade no memory to speak of. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assert, check, eventually } from '../checks.js';
import { labDir, siteNames, sites } from '../lab.js';
import { base, cascade, residentBytes, startCascade, stopCascade } from '../lab-cascade.js';
import { randomFile, uploadFile } from './bytes.js';
import {
  becomesActive,
  boot,
  copyOf,
  file,
  hashAt,
  imageOf,
  imagesNamed,
  mebibyte,
  megabytes,
  newImage,
  placesOf,
  serversNamed,
  setMode,
  small,
  tag,
  uploaded,
} from './cloud-images.js';

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

export async function everywhere(): Promise<void> {
  const hash = await randomFile(file, megabytes);
  let id = '';
  // What a first upload leaves in memory once (code, connections) is not what an image costs.
  await uploaded('warm', small);
  await check(`an image of ${megabytes} MB is uploaded with the openstack client`, async () => {
    const grown = await memoryOf(async () => {
      const words = [
        'image',
        'create',
        '--disk-format',
        'raw',
        '--container-format',
        'bare',
        '--file',
        file,
        '-f',
        'value',
        '-c',
        'id',
      ];
      const { stdout } = await promisify(execFile)('openstack', [...words, `${tag}-first`], {
        env: clientEnvironment(),
      });
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
  await check('a download gives the same bytes', async () => {
    let got = '';
    const grown = await memoryOf(async () => void (got = await hashAt(cascade, id)));
    assert(got === hash && grown <= 64, `${got}, ${grown} MiB of memory`);
  });
  await check('a snapshot of a server in one zone boots in the other', async () => {
    const [server] = await serversNamed(cascade, 'far');
    const name = `${tag}-snapshot`;
    const { status } = await cascade.compute('POST', `/servers/${server!.id}/action`, { createImage: { name } });
    assert(status === 202, `createImage: ${status}`);
    await eventually(
      'the snapshot is active',
      120,
      async () => (await imagesNamed(cascade, 'snapshot'))[0]?.status === 'active',
    );
    await becomesActive(await boot('of-snapshot', home.name, (await imagesNamed(cascade, 'snapshot'))[0]!.id));
  });
}

export async function eager(): Promise<void> {
  await check('eager: it is at both sites without a boot, and boots in both', async () => {
    for (const site of siteNames) await setMode('eager', { site });
    const id = await uploaded('eager', file);
    const { home, far } = await placesOf(id);
    await eventually('a whole copy', 600, async () => (await copyOf(id))?.state === 'active');
    for (const site of siteNames) await setMode(null, { site });
    const hashes = await Promise.all([home, far].map(async ({ cloud }) => (await imageOf(cloud, id))?.os_hash_value));
    assert(hashes[0] && hashes[0] === hashes[1], JSON.stringify(hashes));
    for (const { name } of [home, far]) await becomesActive(await boot(`eager-${name}`, name, id));
    await cascade.call('DELETE', `${cascade.roots.image}/images/${id}`);
  });
}

export async function together(): Promise<void> {
  await check('twenty boots at once of an image that is not there make one copy', async () => {
    const id = await uploaded('twenty', file);
    const { far } = await placesOf(id);
    const servers = await Promise.all(Array.from({ length: 20 }, (_, at) => boot(`twenty-${at}`, far.name, id)));
    for (const server of servers) await becomesActive(server, 400);
    assert(uploadsOf(id, far.name) === 1, `${uploadsOf(id, far.name)} uploads`);
    assert((await serversNamed(far.cloud, 'twenty-')).length === 20, 'not twenty servers');
  });
}

/** Uploads to a site's Glance, by its own log. */
function uploadsOf(id: string, site: string): number {
  const log = readFileSync(join(labDir, site, 'log/glance-api.log'), 'utf8');
  return log.split(`PUT /v2/images/${id}/file`).length - 1;
}

export async function registered(): Promise<void> {
  await check('register: it boots where its owner has the same image already, and no bytes are moved', async () => {
    const id = await uploaded('register', file);
    const { home, far } = await placesOf(id);
    const twin = await newImage(far.cloud, 'register');
    const status = await uploadFile(far.cloud.roots.image, twin, file, await far.cloud.token());
    assert(status === 204, `upload at ${far.name}: ${status}`);
    await eventually('the cascade knows both', 60, async () => (await imageOf(cascade, twin))?.status === 'active');
    await setMode('register', { image: id });
    for (const { name } of [home, far]) await becomesActive(await boot(`register-${name}`, name, id));
    assert(uploadsOf(id, far.name) === 0 && uploadsOf(twin, far.name) === 1, 'bytes were moved');
    const copy = await copyOf(id);
    assert(copy?.site === far.name && copy.state === 'active', JSON.stringify(copy));
    assert((await hashAt(home.cloud, id)) === (await hashAt(far.cloud, twin)), 'other bytes');
    const images = await imagesNamed(cascade, 'register');
    assert(images.length === 1 && images[0]?.id === id, `${images.length} images: one was to become the other's copy`);
  });
}

/** The site fetches the bytes from the cascade, by a URL that is good once. */
export async function fetched(): Promise<void> {
  await startCascade({ CASCADE_IMAGE_COPY_METHOD: 'web-download', CASCADE_IMAGE_PULL_URL: base });
  await check('web-download: the other site fetches the bytes from the cascade', async () => {
    const id = await uploaded('fetched', file);
    const { home, far } = await placesOf(id);
    const grown = await memoryOf(async () => becomesActive(await boot('fetched', far.name, id), 600));
    console.log(`    the cascade's memory grew by at most ${grown} MiB`);
    assert(grown <= 64, `${grown} MiB of memory`);
    const copy = await copyOf(id);
    assert(copy?.method === 'web-download' && copy.detour === null, JSON.stringify(copy));
    assert(uploadsOf(id, far.name) === 0, 'the cascade uploaded them');
    assert((await hashAt(home.cloud, id)) === (await hashAt(far.cloud, id)), 'other bytes');
  });
  await stopCascade();
}

/** Past the cascade: from one Glance to the other, where that is of a release that has it. */
export async function fetchedFromHome(): Promise<void> {
  const offering = await Promise.all(
    sites.map(async (site) => JSON.stringify((await site.call('GET', `${site.roots.image}/info/import`)).body)),
  );
  const to = offering.findIndex((methods) => methods.includes('glance-download'));
  if (to < 0) return console.log('    no site offers glance-download');
  await startCascade({ CASCADE_IMAGE_COPY_METHOD: 'glance-download' });
  await check("glance-download: a newer site's Glance fetches the bytes from the other one", async () => {
    const [home, far] = [sites[1 - to]!, sites[to]!];
    const id = await newImage(home, 'from-home');
    const status = await uploadFile(home.roots.image, id, file, await home.token());
    assert(status === 204, `upload at ${siteNames[1 - to]}: ${status}`);
    await eventually('the cascade knows it', 60, async () => (await imageOf(cascade, id))?.status === 'active');
    await becomesActive(await boot('from-home', siteNames[to]!, id), 600);
    const copy = await copyOf(id);
    assert(copy?.method === 'glance-download' && copy.detour === null, JSON.stringify(copy));
    const hashes = await Promise.all([home, far].map(async (cloud) => (await imagesNamed(cloud, 'from-home'))[0]));
    assert(hashes[0]?.os_hash_value === hashes[1]?.os_hash_value, JSON.stringify(hashes));
  });
  await stopCascade();
}

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
