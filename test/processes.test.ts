/** Several processes on one database: what one does the others know, and what one leaves undone the others do. */
import { spawn, type ChildProcess } from 'node:child_process';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startCascade, type Cascade } from '../src/cascade.js';
import { loadConfig } from '../src/config.js';
import { freePort, send, startTestCascade, type Call, type TestCascade } from './cascade.js';
import { program } from './program.js';

let cloud: TestCascade;
let second: Cascade;
let secondUrl: string;
let environment: Record<string, string>;

beforeAll(async () => {
  cloud = await startTestCascade({}, ['east']);
  const port = await freePort();
  secondUrl = `http://127.0.0.1:${port}`;
  environment = {
    CASCADE_DATA_DIR: cloud.dataDir,
    CASCADE_KEYSTONE_URL: cloud.keystone.server.url,
    DATABASE_URL: cloud.cascade.world.database.url,
    CASCADE_LISTEN: `127.0.0.1:${port}`,
    CASCADE_FEED_SECONDS: '3600',
  };
  second = await startCascade(loadConfig(environment), pino({ level: 'silent' }));
});
afterAll(async () => {
  await second.close();
  await cloud.close();
});

const askSecond = (method: string, below: string, call?: Call) => send(method, `${secondUrl}${below}`, call);

test('a list by one process knows what was written through another', async () => {
  const body = { server: { name: 'mine', imageRef: '', flavorRef: '1', networks: 'none' } };
  const made = await cloud.ask('POST', '/compute/v2.1/servers', {
    token: cloud.member,
    body,
    headers: { 'openstack-api-version': 'compute 2.37' },
  });
  expect(made.status).toBe(202);
  cloud.east.change(made.body.server.id as string, { status: 'ACTIVE', name: 'as the site says' });
  const listed = await askSecond('GET', '/compute/v2.1/servers', { token: cloud.member });
  expect(listed.body.servers).toMatchObject([{ name: 'as the site says' }]);
});

test('a site that is added to one is known to all at once', async () => {
  expect((await cloud.addSite('west')).status).toBe(201);
  await vi.waitFor(() => expect(second.world.sites.byName('west')).toBeDefined(), { timeout: 20_000 });
});

test('a token that is revoked through one is refused by all', async () => {
  const token = cloud.keystone.issue({ roles: ['member'], projectId: cloud.project });
  expect((await askSecond('GET', '/compute/v2.1/servers', { token })).status).toBe(200);
  await cloud.ask('DELETE', '/identity/v3/auth/tokens', { token, headers: { 'x-subject-token': token } });
  await vi.waitFor(async () => expect((await askSecond('GET', '/compute/v2.1/servers', { token })).status).toBe(401), {
    timeout: 20_000,
  });
});

test('serve --processes: one is killed, the port answers, and it is started again', async () => {
  const port = await freePort();
  const env = { ...process.env, ...environment, CASCADE_LISTEN: `127.0.0.1:${port}` };
  const supervisor = spawn(process.execPath, [...program(), 'serve', '--processes', '2'], { env });
  try {
    const pids = pidsReady(supervisor);
    await vi.waitFor(() => expect(pids.size).toBe(2), { timeout: 60_000 });
    const [victim] = pids;
    process.kill(victim!, 'SIGKILL');
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const url = `http://127.0.0.1:${port}/compute/`;
      expect(await send('GET', url).then(({ status }) => status, retried(url))).toBe(200);
    }
    await vi.waitFor(() => expect(pids.size).toBe(3), { timeout: 60_000 });
  } finally {
    const ended = new Promise((resolve) => supervisor.once('exit', resolve));
    supervisor.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
}, 150_000);

/** A connection that the killed process had is lost; the next one is another's. */
const retried = (url: string) => async (): Promise<number> => (await send('GET', url)).status;

function pidsReady(supervisor: ChildProcess): Set<number> {
  const pids = new Set<number>();
  supervisor.stdout!.on('data', (chunk: Buffer) => {
    for (const line of chunk
      .toString()
      .split('\n')
      .filter((text) => text.includes('cascade.ready'))) {
      pids.add((JSON.parse(line) as { pid: number }).pid);
    }
  });
  return pids;
}
