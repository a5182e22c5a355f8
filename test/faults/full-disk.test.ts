/** A disk without a byte left under the embedded database. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Harness } from './harness.js';
import { startFakeClouds } from './fake-clouds.js';
import { TinyDisk } from './tiny-disk.js';

const disk = TinyDisk.mount(160);
let harness: Harness;

beforeAll(async () => {
  if (!disk) return;
  const dataDir = join(disk.path, 'data');
  mkdirSync(dataDir);
  harness = await Harness.start(await startFakeClouds(['east']), {
    processes: 1,
    held: 3,
    timeoutMs: 40_000,
    dataDir,
  });
}, 240_000);
afterAll(async () => {
  await harness?.stop();
  disk?.unmount();
});

/** More than fits into what the database has left over in its files. */
const manyServers = (count: number) =>
  Array.from({ length: count }, () => ({ does: 'make there', kind: 'server', site: 0 }) as const);

test.skipIf(!disk)(
  'writes are refused, nothing is half-written, and it stops in order and starts again',
  async () => {
    const { cascade, tenant, clouds } = harness.stage;
    await harness.live(manyServers(3));
    disk!.fill();
    const there = clouds.sites[0]!.direct;
    for (let at = 0; at < 600; at += 1)
      await there.create('server', `while it is full ${at} ${'x'.repeat(200)}`, { imageId: '' });
    await expect
      .poll(async () => (await tenant.create('volume', 'no room', { imageId: '' })).status, { timeout: 20_000 })
      .toBe(503);
    expect(cascade.ended).toBeUndefined();
    expect(await cascade.end()).toBe(0);

    disk!.free();
    await cascade.begin();
    await harness.live(manyServers(1));
  },
  180_000,
);
