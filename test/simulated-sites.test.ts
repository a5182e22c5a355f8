/** Simulated clouds as sites of a cascade: nothing is missing, and what happens in them is seen. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openSimulatedClouds, type OpenedClouds } from '@cascade/simulated-openstack/open-clouds.js';
import { KeystoneSession } from '@cascade/openstack-protocol/client/keystone-session.js';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { startCascade, type Cascade } from '../src/cascade.js';
import { loadConfig } from '../src/config.js';
import { testDatabase } from '../src/database/testing.js';
import { freePort, send } from './cascade.js';

const log = pino({ level: 'silent' });
const account = { username: 'admin', password: 'correct horse', projectName: 'admin' };
let east: OpenedClouds;
let west: OpenedClouds;
let cascade: Cascade;
let url: string;
let token: string;
const undo: (() => Promise<unknown>)[] = [];

const ask = (method: string, below: string, body?: unknown) => send(method, url + below, { token, body });

beforeAll(async () => {
  east = await openSimulatedClouds({ names: ['east'], servers: 30, keystone: { admin: account }, log });
  const keystone = `${east.clouds[0]!.url}/identity`;
  west = await openSimulatedClouds({ names: ['west'], servers: 30, keystone: { shared: keystone }, log });
  const { database, close: dropDatabase } = await testDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-data-'));
  const port = await freePort();
  const environment = {
    CASCADE_DATA_DIR: dataDir,
    CASCADE_LISTEN: `127.0.0.1:${port}`,
    CASCADE_KEYSTONE_URL: keystone,
    CASCADE_FEED_SECONDS: '0.5',
    DATABASE_URL: database.url,
  };
  cascade = await startCascade(loadConfig(environment), log);
  url = `http://127.0.0.1:${port}`;
  undo.push(
    () => cascade.close(),
    dropDatabase,
    () => west.close(),
    () => east.close(),
    () => rm(dataDir, { recursive: true, force: true }),
  );
  const http = new HttpClient({ connections: 1, verifyTls: true });
  const credential = { kind: 'password', ...account, userDomain: 'default', projectDomain: 'default' } as const;
  token = (await new KeystoneSession(http, `${url}/identity`, credential, 10_000).get()).token;
  await http.close();
});
afterAll(async () => {
  for (const step of undo) await step();
});

test('they become sites without a warning', async () => {
  for (const [name, { clouds }] of Object.entries({ east, west })) {
    const auth = { username: account.username, password: account.password };
    const body = { name, auth_url: `${clouds[0]!.url}/identity`, region: name, auth };
    const answer = await ask('POST', '/cascade/v1/sites', body);
    expect([answer.status, answer.body.warnings]).toEqual([201, []]);
  }
});

test('a cloud with a Keystone of its own is listed, and the operator is told what that is worth', async () => {
  const strange = await openSimulatedClouds({ names: ['strange'], keystone: { admin: account }, log });
  const auth = { username: account.username, password: account.password };
  const body = { name: 'strange', auth_url: `${strange.clouds[0]!.url}/identity`, region: 'strange', auth };
  const answer = await ask('POST', '/cascade/v1/sites', body);
  expect(answer.status).toBe(201);
  expect(answer.body.warnings).toEqual([expect.stringContaining("does not accept the cascade's tokens")]);
  expect((await ask('DELETE', '/cascade/v1/sites/strange?forget_resources=true')).status).toBe(204);
  await strange.close();
});

test('all of their servers are listed', async () => {
  await vi.waitFor(
    async () => {
      const { body } = await ask('GET', '/compute/v2.1/servers/detail?all_tenants=1');
      const zones = body.servers.map((server: Record<string, string>) => server['OS-EXT-AZ:availability_zone']);
      // One in a hundred failed and is in no zone.
      expect(zones.filter((zone: string) => zone === 'east' || zone === '')).toHaveLength(30);
      expect(body.servers).toHaveLength(60);
    },
    { timeout: 20_000, interval: 500 },
  );
});

test('a server is made in the zone that is asked for, and lives there', async () => {
  const [image] = west.clouds[0]!.cloud.images.initialIds;
  const wanted = { name: 'new', flavorRef: '1', imageRef: image, availability_zone: 'west', networks: 'none' };
  const made = await send('POST', `${url}/compute/v2.1/servers`, {
    token,
    body: { server: wanted },
    headers: { 'openstack-api-version': 'compute 2.60' },
  });
  expect(made.status).toBe(202);
  const { id } = made.body.server;
  await vi.waitFor(
    async () => {
      const { body } = await ask('GET', `/compute/v2.1/servers/${id}`);
      expect(body.server).toMatchObject({ status: 'ACTIVE', 'OS-EXT-AZ:availability_zone': 'west' });
    },
    { timeout: 20_000, interval: 200 },
  );
  expect(west.clouds[0]!.cloud.servers.living(id)?.name).toBe('new');
});
