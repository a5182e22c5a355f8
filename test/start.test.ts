/** The first five minutes: `cascade start` with nothing configured, the commands it prints, `cascade demo`. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testDatabase } from '../src/database/testing.js';
import { freePort, send } from './cascade.js';
import { program } from './program.js';

const run = promisify(execFile);
let dataDir: string;
let port: number;
let env: NodeJS.ProcessEnv;
let cascade: ChildProcess;
let said = '';
let dropDatabase: () => Promise<void>;

/** The simulated clouds take the three after the cascade's own. */
const portWithRoom = (): Promise<number> => freePort(3);

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-start-'));
  const { database, close } = await testDatabase();
  dropDatabase = close;
  port = await portWithRoom();
  const { PATH, HOME } = process.env;
  env = {
    PATH,
    HOME,
    CASCADE_DATA_DIR: dataDir,
    CASCADE_LISTEN: `127.0.0.1:${port}`,
    DATABASE_URL: database.url,
    CASCADE_PASSWORD_HASH_ROUNDS: '6',
  };
  await begin();
});
afterAll(async () => {
  expect(await end('SIGTERM')).toBe(0);
  await dropDatabase();
  await rm(dataDir, { recursive: true, force: true });
});

async function begin(): Promise<void> {
  said = '';
  cascade = spawn(process.execPath, [...program(), 'start'], { env });
  for (const stream of [cascade.stdout, cascade.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
  await vi.waitFor(() => expect(said).toContain('Try next'), { timeout: 55_000, interval: 100 });
}

/** @returns its exit code */
function end(signal: NodeJS.Signals): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => cascade.once('exit', resolve));
  cascade.kill(signal);
  return ended;
}

async function login(user: string): Promise<string> {
  const password = (await readFile(path.join(dataDir, `${user}-password`), 'utf8')).trim();
  const domain = { id: 'default' };
  const auth = {
    identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
    scope: { project: { name: user, domain } },
  };
  const { headers } = await send('POST', `http://127.0.0.1:${port}/identity/v3/auth/tokens`, { body: { auth } });
  return headers['x-subject-token'] ?? '';
}

test('three zones are there, what to try is said, and passwords are for their owner alone', async () => {
  expect(said).toContain('with 3 availability zones: amsterdam, nairobi, osaka');
  const file = path.join(dataDir, 'clouds.yaml');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(said).toContain(file);
  expect(await readFile(file, 'utf8')).toContain(`auth_url: "http://127.0.0.1:${port}/identity/v3"`);
  expect(said).not.toContain((await readFile(path.join(dataDir, 'demo-password'), 'utf8')).trim());
});

test('the demo tenant makes a server in a zone of choice', async () => {
  const token = await login('demo');
  const compute = `http://127.0.0.1:${port}/compute/v2.1`;
  const { body } = await send('GET', `http://127.0.0.1:${port}/image/v2/images?name=cirros-0.6.2`, { token });
  expect(body.images).toHaveLength(1);
  const server = { name: 'web1', flavorRef: '1', imageRef: body.images[0].id, availability_zone: 'osaka' };
  const made = await send('POST', `${compute}/servers`, { token, body: { server } });
  expect(made.status).toBe(202);
  const show = async () => (await send('GET', `${compute}/servers/${made.body.server.id}`, { token })).body.server;
  await expect.poll(async () => (await show()).status, { timeout: 20_000 }).toBe('ACTIVE');
  expect((await show())['OS-EXT-AZ:availability_zone']).toBe('osaka');
});

test('cascade demo and cascade site need no login of their own on this machine; demo can be run again', async () => {
  for (let round = 0; round < 2; round += 1) {
    const { stdout } = await run(process.execPath, [...program(), 'demo'], { env });
    expect(stdout).toContain('project shop: in ');
  }
  const token = await login('admin');
  const { body } = await send('GET', `http://127.0.0.1:${port}/compute/v2.1/servers?all_tenants=1`, { token });
  const names = (body.servers as { name: string }[]).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const perZone = ['amsterdam', 'nairobi', 'osaka'].map((zone) => names.filter((name) => name.includes(zone)).length);
  expect(perZone).toEqual([6, 6, 6]);
  const { stdout } = await run(process.execPath, [...program(), 'site', 'list'], { env });
  for (const zone of ['amsterdam', 'nairobi', 'osaka'])
    expect(stdout).toMatch(new RegExp(`${zone}.*enabled.*reachable`));
}, 120_000);

test('killed and started again, the clouds have what was made in them, and go on with what was on its way, one at another port', async () => {
  const urlOfOsaka = () => /osaka at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1] ?? '';
  expect(urlOfOsaka()).toBe(`http://127.0.0.1:${port + 3}`);
  let osaka = `${urlOfOsaka()}/compute/v2.1/servers`;
  const there = async (token: string) => {
    const { body } = await send('GET', `${osaka}/detail?all_tenants=1`, { token });
    const servers = body.servers as { id: string; status: string }[];
    return Object.fromEntries(servers.map(({ id, status }) => [id, status]));
  };
  const demo = await login('demo');
  const { body } = await send('GET', `http://127.0.0.1:${port}/image/v2/images?name=cirros-0.6.2`, { token: demo });
  const before = await there(await login('admin'));
  expect(Object.keys(before)).toHaveLength(7);
  const server = { name: 'web2', flavorRef: '1', imageRef: body.images[0].id, availability_zone: 'osaka' };
  const made = await send('POST', `http://127.0.0.1:${port}/compute/v2.1/servers`, { token: demo, body: { server } });
  expect(made.status).toBe(202);
  await end('SIGKILL');
  const other = createServer().listen(port + 3, '127.0.0.1');
  await once(other, 'listening');
  await begin();
  expect(said).toContain(`nairobi at http://127.0.0.1:${port + 2}`);
  expect(urlOfOsaka()).not.toBe(`http://127.0.0.1:${port + 3}`);
  osaka = `${urlOfOsaka()}/compute/v2.1/servers`;
  other.close();
  const token = await login('admin');
  const arrived = Object.fromEntries([...Object.keys(before), made.body.server.id].map((id) => [id, 'ACTIVE']));
  await expect.poll(() => there(token), { timeout: 20_000 }).toEqual(arrived);
  const show = async () =>
    (await send('GET', `http://127.0.0.1:${port}/compute/v2.1/servers/${made.body.server.id}`, { token })).body.server
      ?.status;
  await expect.poll(show, { timeout: 20_000 }).toBe('ACTIVE');
}, 120_000);
