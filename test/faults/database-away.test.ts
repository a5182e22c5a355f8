/** A database that goes away for a while and returns, under a cascade that goes on running. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExternalDatabase } from './external-database.js';
import { Harness } from './harness.js';
import { startFakeClouds } from './fake-clouds.js';

let database: ExternalDatabase;
let harness: Harness;

beforeAll(async () => {
  database = await ExternalDatabase.start();
  harness = await Harness.start(await startFakeClouds(['east']), {
    processes: 1,
    held: 3,
    timeoutMs: 20_000,
    databaseUrl: database.url,
  });
}, 120_000);
afterAll(async () => {
  await harness.stop();
  await database.remove();
});

test('requests are answered 503 in the words of their service meanwhile, and everything goes on afterwards', async () => {
  await harness.live([{ does: 'create', kind: 'server', zone: 0 }]);
  await database.goAway();
  const { tenant, cascade, clouds } = harness.stage;
  expect(await tenant.show('server', 'a'.repeat(32))).toMatchObject({
    status: 503,
    body: { serviceUnavailable: { code: 503 } },
  });
  expect(await tenant.show('network', 'a'.repeat(32))).toMatchObject({
    status: 503,
    body: { NeutronError: { type: 'ServiceUnavailable' } },
  });
  expect((await tenant.create('volume', 'while it is away', { imageId: '' })).status).toBe(503);
  await clouds.sites[0]!.direct.create('network', 'made meanwhile', { imageId: '' });
  // Whatever goes on by itself has met it.
  const said = () => readFile(cascade.logFile, 'utf8');
  for (const words of ['notices-lost', 'jobs.failed', 'reconcile.failed', '"task":"leases"'])
    await expect.poll(said).toContain(words);
  expect(cascade.ended).toBeUndefined();

  await database.comeBack();
  await harness.live([
    { does: 'make there', kind: 'server', site: 0 },
    { does: 'create', kind: 'volume', zone: 0 },
  ]);
  expect(cascade.ended).toBeUndefined();
}, 120_000);
