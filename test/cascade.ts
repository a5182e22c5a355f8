/** A cascade as an operator starts it, over a fake cloud of two sites, and a client that knows no OpenStack. */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { request } from 'undici';
import { startCascade, type Cascade } from '../src/cascade.js';
import { loadConfig, type Config } from '../src/config.js';
import { testDatabase } from '../src/database/testing.js';
import { FakeKeystone, FakeSite } from './fake-cloud.js';
import type { Json } from './fake-server.js';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Parsed where it is JSON; any, since tests look into every shape there is. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly text: string;
}

export interface Call {
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface TestCascade {
  readonly cascade: Cascade;
  readonly url: string;
  readonly dataDir: string;
  readonly keystone: FakeKeystone;
  readonly east: FakeSite;
  readonly west: FakeSite;
  /** What the cascade logged, line by line. */
  readonly logged: string[];
  readonly project: string;
  readonly admin: string;
  readonly member: string;
  readonly reader: string;
  ask(method: string, path: string, call?: Call): Promise<Answer>;
  /** As the project's member. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  addSite(name: string, changes?: Json): Promise<Answer>;
  close(): Promise<void>;
}

export const operator = { name: 'cascade', password: 'correct horse battery staple' };

/** @param zones sites to add before it is handed over. Feeds are read by themselves only where `feedSeconds` says so. */
export async function startTestCascade(
  changes: Partial<Config> = {},
  zones: readonly ('east' | 'west')[] = ['east', 'west'],
): Promise<TestCascade> {
  const keystone = new FakeKeystone();
  const [east, west] = ['RegionEast', 'RegionWest'].map((region) => new FakeSite(keystone, region)) as [
    FakeSite,
    FakeSite,
  ];
  keystone.sites.push(east, west);
  await Promise.all([keystone, east, west].map(({ server }) => server.start()));
  const [project = '', adminProject = '', operatorId = ''] = [1, 2, 3].map(() => randomBytes(16).toString('hex'));
  keystone.users.set(operator.name, { ...operator, id: operatorId, projectId: adminProject, roles: ['admin'] });

  const { database, close: dropDatabase } = await testDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-data-'));
  const port = await freePort();
  const environment = {
    CASCADE_DATA_DIR: dataDir,
    CASCADE_LISTEN: `127.0.0.1:${port}`,
    CASCADE_KEYSTONE_URL: keystone.server.url,
    DATABASE_URL: database.url,
    // Once, when a site is added, and when a test says so.
    CASCADE_FEED_SECONDS: '3600',
    CASCADE_RECONCILE_SECONDS: '3600',
  };
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const cascade = await startCascade({ ...loadConfig(environment), ...changes }, log);
  const url = `http://127.0.0.1:${port}`;
  const ask: TestCascade['ask'] = (method, below, call) => send(method, `${url}${below}`, call);
  const admin = keystone.issue({ roles: ['admin'], projectId: adminProject });
  const [member, reader] = [['member', 'reader'], ['reader']].map((roles) =>
    keystone.issue({ roles, projectId: project }),
  );
  const test: TestCascade = {
    cascade,
    url,
    dataDir,
    keystone,
    east,
    west,
    logged,
    project,
    admin,
    member: member!,
    reader: reader!,
    ask,
    get: (below, headers = {}) => ask('GET', below, { token: member, headers }),
    addSite: (name, other = {}) => {
      const region = name === 'west' ? west.region : east.region;
      const auth = { username: operator.name, password: operator.password };
      const body = { name, auth_url: keystone.server.url, region, auth, ...other };
      return ask('POST', '/cascade/v1/sites', { token: admin, body });
    },
    close: async () => {
      await cascade.close();
      await dropDatabase();
      await Promise.all([keystone, east, west].map(({ server }) => server.refuse()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  for (const zone of zones) {
    const { status, text: words } = await test.addSite(zone);
    if (status !== 201) throw new Error(`${zone} is no site: ${words}`);
  }
  return test;
}

export async function send(method: string, url: string, { token, headers = {}, body }: Call = {}): Promise<Answer> {
  const isJson = body !== undefined && typeof body !== 'string';
  const response = await request(url, {
    method: method as 'GET',
    headers: {
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    body: body === undefined ? null : isJson ? JSON.stringify(body) : body,
  });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers as Record<string, string>, body: parsed(text), text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A port that nobody listens at, below those that the system gives away by itself; so many after it are free, too. As long as
 * this process lives no other test is given one of them: it holds those of UDP, which are of no other use here.
 */
export async function freePort(after = 0): Promise<number> {
  for (;;) {
    const port = 22_000 + Math.floor(Math.random() * 10_000);
    const ports = Array.from({ length: after + 1 }, (_, k) => port + k);
    const held = await Promise.all(ports.map(hold));
    const areFree = held.every(Boolean) && (await Promise.all(ports.map(isFree))).every(Boolean);
    if (areFree) return port;
    for (const socket of held) socket?.close();
  }
}

const hold = (port: number): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4').unref();
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(socket));
  });

const isFree = (port: number): Promise<boolean> =>
  new Promise((tell) => {
    const server = createServer();
    server.once('error', () => tell(false));
    server.listen(port, '127.0.0.1', () => server.close(() => tell(true)));
  });

export const latestNova = { 'openstack-api-version': 'compute latest' };
