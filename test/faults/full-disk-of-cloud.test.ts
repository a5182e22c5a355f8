/** A disk without a byte left under a simulated cloud that remembers. */
import { afterAll, expect, test } from 'vitest';
import { openTestCloud, type TestCloud } from '@cascade/simulated-openstack/testing-cloud.js';
import { TinyDisk } from './tiny-disk.js';

const disk = TinyDisk.mount(4);
afterAll(() => disk?.unmount());

const keys = '/compute/v2.1/os-keypairs';
const make = (cloud: TestCloud, name: string) =>
  cloud.ask(`POST ${keys}`, { body: { keypair: { name, public_key: `ssh-rsa ${'A'.repeat(8_000)}` } } });
const names = async (cloud: TestCloud): Promise<string[]> =>
  (await cloud.ask(`GET ${keys}`)).body.keypairs.map(({ keypair }: { keypair: { name: string } }) => keypair.name);

test.skipIf(!disk)('who writes is refused, who reads is answered; with room again nothing is spoilt', async () => {
  const options = { stateDir: disk!.path };
  let cloud = await openTestCloud(options);
  expect((await make(cloud, 'before')).status).toBe(200);
  disk!.fill();
  const refused = await make(cloud, 'full');
  expect(refused).toMatchObject({ status: 500, body: { computeFault: { code: 500 } } });
  expect(refused.headers['location']).toBeUndefined();
  expect(await names(cloud)).toContain('before');

  disk!.free();
  expect((await make(cloud, 'after')).status).toBe(200);
  await cloud.close();
  cloud = await openTestCloud(options);
  // As after any 500, what was asked for may have been done.
  expect(await names(cloud)).toEqual(['after', 'before', 'full']);
  await cloud.close();
});
