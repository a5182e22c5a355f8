/** kill -9 in the middle of a copy: another process begins it again, and nothing is left over. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from './cascade.js';
import { program } from './program.js';
import { startTwoClouds, type TwoClouds } from './two-clouds.js';

let cloud: TwoClouds;
const children: ChildProcess[] = [];

beforeAll(async () => {
  cloud = await startTwoClouds();
  await cloud.cascade.world.jobs.stop(); // jobs are the other processes'
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await cloud.close();
});

/** @param rate bytes a second that it copies; 0 is no limit */
async function startProcess(rate: number): Promise<ChildProcess> {
  const listen = `127.0.0.1:${await freePort()}`;
  const env = { ...process.env, ...cloud.environment, CASCADE_LISTEN: listen, CASCADE_IMAGE_COPY_RATE: String(rate) };
  const child = spawn(process.execPath, [...program(), 'serve'], { env, stdio: 'ignore' });
  children.push(child);
  return child;
}

test('the copy is whole, with the right hash, and the only one', async () => {
  const { copies, inventory } = cloud.cascade.world;
  const id = await cloud.newImage(randomBytes(4_000_000));
  const homeId = (await inventory.find('image', id))!.site_id;
  const site = cloud.cascade.world.sites.all().find((one) => one.id !== homeId)!;
  const [home, target] = site.name === 'west' ? [cloud.east, cloud.west] : [cloud.west, cloud.east];
  const key = { imageId: id, siteId: site.id };
  await copies.begin(key, homeId);
  const victim = await startProcess(400_000);
  const soon = { timeout: 60_000, interval: 50 };
  await vi.waitFor(async () => expect((await copies.table.find(key))!.bytes).toBeGreaterThan(0), soon);
  victim.kill('SIGKILL');
  expect(await copies.table.find(key)).toMatchObject({ state: 'copying' });
  await startProcess(0);
  await vi.waitFor(async () => expect(await copies.table.find(key)).toMatchObject({ state: 'active' }), soon);
  const made = [...target.cloud.images.all()].filter(({ size, status }) => size === 4_000_000 || status !== 'active');
  expect(made).toMatchObject([{ id, status: 'active', os_hash_value: home.cloud.images.row(id)!.os_hash_value }]);
}, 150_000);
