/** What happens in the middle of a copy: nothing is lost, nothing is there twice, and the bytes are the image's. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, check, eventually } from '../checks.js';
import { labCommand, labDir } from '../lab.js';
import { cascade, killCascade, startCascade } from '../lab-cascade.js';
import {
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
  uploaded,
} from './cloud-images.js';

/** A copy takes ten seconds from here on, so that something can happen in its middle. */
export const slowly = (): Promise<void> =>
  startCascade({ CASCADE_IMAGE_COPY_RATE: String(Math.round((megabytes * mebibyte) / 10)) });

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

export async function interrupted(): Promise<void> {
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
      await delay(20_000);
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

export async function fullDisk(): Promise<void> {
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
    await eventually(
      'the server is ACTIVE',
      180,
      async () => (await serversNamed(cascade, 'full'))[0]?.status === 'ACTIVE',
    );
  });
}
