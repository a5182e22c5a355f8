/**
 * Images on real clouds: one upload with the openstack client boots in both zones, whichever way it gets there, with the same
 * bytes at both sites; a cascade killed and a site frozen in the middle of a copy; twenty boots at once of an image that is
 * not there; a snapshot that boots elsewhere; a full disk; uploads that lie.
 *
 *   IMAGES_MB=2048 npx tsx test/openstack/images/run.ts     needs a lab of two sites that runs (lab/openstack/lab.sh up 2), and root
 */
import { rmSync } from 'node:fs';
import { conclude } from '../checks.js';
import { sites } from '../lab.js';
import { addSites, cascade, makeFlavor, removeCascade, startCascade, stopCascade } from '../lab-cascade.js';
import { badInput } from './bad-input.js';
import { randomFile } from './bytes.js';
import { bootWith, megabytes, serversNamed, small, tag, work, type Image } from './cloud-images.js';
import { eager, everywhere, fetched, fetchedFromHome, registered, together } from './everywhere.js';
import { fullDisk, interrupted, slowly } from './interrupted.js';

let flavor = '';

async function main(): Promise<void> {
  await startCascade();
  await addSites();
  flavor = await makeFlavor(tag, Math.ceil(megabytes / 1024));
  bootWith(flavor);
  await randomFile(small, 1);
  await everywhere();
  await eager();
  await together();
  await registered();
  await badInput();
  await stopCascade();
  await fetched();
  await fetchedFromHome();
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
    const found = await cloud
      .call<{ images: Image[] }>('GET', `${cloud.roots.image}/images?limit=200`)
      .catch(() => undefined);
    const ours = found?.body.images.filter(({ name }) => name.startsWith(tag)) ?? [];
    await Promise.all(ours.map(({ id }) => cloud.call('DELETE', `${cloud.roots.image}/images/${id}`)));
  }
  await cascade.compute('DELETE', `/flavors/${flavor}`).catch(() => undefined);
  await removeCascade();
  rmSync(work, { recursive: true, force: true });
}

await conclude('images', main, tidy);
