/** A cascade over two simulated clouds that share a Keystone: for tests of what goes from site to site. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { request } from 'undici';
import { startCascade, type Cascade } from '../src/cascade.js';
import { openSimulatedClouds, type OpenedCloud } from '../src/clouds/simulated/open-clouds.js';
import { loadConfig } from '../src/config.js';
import { testDatabase } from '../src/database/testing.js';
import { HttpClient } from '../src/openstack/client/http.js';
import { KeystoneSession } from '../src/openstack/client/keystone-session.js';
import { freePort, send, type Answer } from './cascade.js';

export interface TwoClouds {
  readonly cascade: Cascade;
  readonly url: string;
  readonly token: string;
  readonly east: OpenedCloud;
  readonly west: OpenedCloud;
  /** What another process of the same cascade is started with. */
  readonly environment: Record<string, string>;
  /** As the administrator, who is every project's in the simulated clouds. */
  ask(method: string, below: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** An image of random bytes, in the zone of the caller's project. */
  newImage(bytes: Buffer, fields?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
const account = { username: 'admin', password: 'correct horse', projectName: 'admin' };

export async function startTwoClouds(environment: Record<string, string> = {}): Promise<TwoClouds> {
  const east = await openSimulatedClouds({ names: ['east'], keystone: { admin: account }, log });
  const keystone = `${east.clouds[0]!.url}/identity`;
  const west = await openSimulatedClouds({ names: ['west'], keystone: { shared: keystone }, log });
  const { database, close: dropDatabase } = await testDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-data-'));
  const port = await freePort();
  const all = {
    CASCADE_DATA_DIR: dataDir,
    CASCADE_LISTEN: `127.0.0.1:${port}`,
    CASCADE_KEYSTONE_URL: keystone,
    CASCADE_FEED_SECONDS: '0.5',
    CASCADE_SECRET_KEY: randomBytes(32).toString('base64'),
    DATABASE_URL: database.url,
    ...environment,
  };
  const cascade = await startCascade(loadConfig(all), log);
  const url = `http://127.0.0.1:${port}`;
  const token = await logIn(url);
  const ask: TwoClouds['ask'] = (method, below, body, headers = {}) =>
    send(method, url + below, { token, body, headers });
  for (const [name, { clouds }] of Object.entries({ east, west })) {
    const auth = { username: account.username, password: account.password };
    const wanted = { name, auth_url: `${clouds[0]!.url}/identity`, region: name, auth };
    const { status, text } = await ask('POST', '/cascade/v1/sites', wanted);
    if (status !== 201) throw new Error(`${name} is no site: ${text}`);
  }
  const newImage: TwoClouds['newImage'] = async (bytes, fields = {}) => {
    const record = { name: 'i', disk_format: 'raw', container_format: 'bare', ...fields };
    const { body } = await ask('POST', '/image/v2/images', record);
    const id = body.id as string;
    const headers = { 'x-auth-token': token, 'content-type': 'application/octet-stream' };
    const { statusCode } = await request(`${url}/image/v2/images/${id}/file`, { method: 'PUT', headers, body: bytes });
    if (statusCode !== 204) throw new Error(`upload: ${statusCode}`);
    return id;
  };
  return {
    cascade, url, token, east: east.clouds[0]!, west: west.clouds[0]!, environment: all, ask, newImage,
    close: async () => {
      await cascade.close();
      await dropDatabase();
      await Promise.all([east.close(), west.close()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  }; // prettier-ignore
}

async function logIn(url: string): Promise<string> {
  const http = new HttpClient({ connections: 1, verifyTls: true });
  const credential = { kind: 'password', ...account, userDomain: 'default', projectDomain: 'default' } as const;
  const { token } = await new KeystoneSession(http, `${url}/identity`, credential, 10_000).get();
  await http.close();
  return token;
}
