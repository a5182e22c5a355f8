/** One upload boots in both zones, with the same bytes at both sites, and costs the cascade no memory to speak of. */
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assert, check, eventually } from '../checks.js';
import { base, cascade, labDir, residentBytes, siteNames } from '../lab-cascade.js';
import { randomFile } from './bytes.js';
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
  placesOf,
  serversNamed,
  setWay,
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
    await eventually('the snapshot is active', 120, async () => (await imagesNamed(cascade, 'snapshot'))[0]?.status === 'active');
    await becomesActive(await boot('of-snapshot', home.name, (await imagesNamed(cascade, 'snapshot'))[0]!.id));
  });
} // prettier-ignore

export async function eager(): Promise<void> {
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

export async function together(): Promise<void> {
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
