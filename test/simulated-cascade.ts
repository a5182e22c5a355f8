/** A cascade over two simulated clouds that share a Keystone, and tenants of it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { vi } from 'vitest';
import { noDurations, type Durations, type Task } from '@cascade/simulated-openstack/durations.js';
import type { OwnKeystone } from '@cascade/openstack-adapter/keystone/own-keystone.js';
import { openSimulatedClouds, type OpenedCloud } from '@cascade/simulated-openstack/open-clouds.js';
import type { ReleaseName } from '@cascade/simulated-openstack/releases.js';
import { startCascade, type Cascade } from '../src/cascade.js';
import { loadConfig } from '../src/config.js';
import { testDatabase } from '../src/database/testing.js';
import { freePort, send, type Answer } from './cascade.js';

/** Asks in somebody's name, at the latest microversion: `ask('GET /volume/v3/volumes')`. */
export type Ask = (call: string, body?: unknown, version?: string) => Promise<Answer>;

export interface Tenant extends Ask {
  readonly projectId: string;
  readonly token: string;
  /** The same member at a site itself, behind the cascade's back. */
  readonly at: Readonly<Record<'east' | 'west', Ask>>;
}

export interface SimulatedCascade {
  readonly cascade: Cascade;
  readonly url: string;
  readonly east: OpenedCloud;
  readonly west: OpenedCloud;
  /** Of what the clouds begin from now on. */
  readonly durations: Record<Task, number>;
  readonly admin: Ask;
  /** The administrator's. */
  readonly token: string;
  /** What another process of the same cascade is started with. */
  readonly environment: Record<string, string>;
  /** A member of a project of this name, which is made where there is none. */
  tenant(project: string): Promise<Tenant>;
  /** Asks until the answer is as it should be: what clouds do behind their answers takes a moment. */
  until(ask: () => Promise<Answer>, holds: (body: Answer['body']) => boolean): Promise<Answer>;
  close(): Promise<void>;
}

const admin = { username: 'admin', password: 'correct horse', projectName: 'admin' };
const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });

/**
 * @param settings of the cascade; its feeds are read, and its sites reconciled, once and when a test says so, unless they say otherwise
 * @param durations of what clouds do behind their answers: none, where nothing is said
 * @param releases of the clouds: both are of Zed, where nothing is said
 */
export async function startSimulatedCascade(
  settings: Record<string, string> = {},
  durations: Partial<Durations> = {},
  releases: { east?: ReleaseName; west?: ReleaseName } = {},
): Promise<SimulatedCascade> {
  const profile = { latencies: {}, durations: { ...noDurations, ...durations } };
  const easts = await openSimulatedClouds({
    names: ['east'],
    release: releases.east ?? 'zed',
    profile,
    keystone: { admin },
    log,
  });
  const keystone = `${easts.clouds[0]!.url}/identity`;
  const wests = await openSimulatedClouds({
    names: ['west'],
    release: releases.west ?? 'zed',
    profile,
    keystone: { shared: keystone },
    log,
  });
  const [east, west] = [easts.clouds[0]!, wests.clouds[0]!];
  const { database, close: dropDatabase } = await testDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-data-'));
  const port = await freePort();
  const environment = {
    CASCADE_DATA_DIR: dataDir,
    CASCADE_LISTEN: `127.0.0.1:${port}`,
    CASCADE_KEYSTONE_URL: keystone,
    CASCADE_FEED_SECONDS: '3600',
    CASCADE_RECONCILE_SECONDS: '3600',
    CASCADE_SECRET_KEY: randomBytes(32).toString('base64'),
    DATABASE_URL: database.url,
    ...settings,
  };
  const cascade = await startCascade(loadConfig(environment), log);
  const url = `http://127.0.0.1:${port}`;
  const { accounts } = east.keystone as OwnKeystone;
  const logIn = async (name: string, password: string, project: string): Promise<string> => {
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name, password, domain } } };
    const auth = { identity, scope: { project: { name: project, domain } } };
    const { headers } = await send('POST', `${url}/identity/v3/auth/tokens`, { body: { auth } });
    return headers['x-subject-token']!;
  };
  const asking =
    (token: string, at = url): Ask =>
    (call, body, version) => {
      const [method = '', below = ''] = call.split(' ');
      const service = below.split('/')[1] ?? '';
      const newest = { compute: 'compute 2.93', volume: 'volume 3.70' }[service];
      const asked = version ?? newest;
      return send(method, at + below, { token, body, headers: asked ? { 'openstack-api-version': asked } : {} });
    };
  const token = await logIn(admin.username, admin.password, admin.projectName);
  const adminAsks = asking(token);
  for (const [name, cloud] of Object.entries({ east, west })) {
    const auth = { username: admin.username, password: admin.password };
    const body = { name, auth_url: `${cloud.url}/identity`, region: name, auth };
    const { status, text } = await adminAsks('POST /cascade/v1/sites', body);
    if (status !== 201) throw new Error(`${name} is no site: ${text}`);
  }
  // The images of both, and the flavors, are known before anybody names one.
  const { globals, kinds, reader, sites } = cascade.world;
  await vi.waitFor(async () => {
    if ((await globals.list('flavor')).length === 0) throw new Error('no flavor is known yet');
  }, 20_000);
  for (const site of sites.all()) await reader.readAll(kinds.get('image')!, site);
  return {
    cascade,
    url,
    east,
    west,
    durations: profile.durations,
    token,
    environment,
    admin: adminAsks,
    tenant: async (project) => {
      const { id } = accounts.projectNamed(project) ?? accounts.addProject({ name: project });
      const user = accounts.userNamed(project) ?? accounts.addUser({ name: project }, 'pw');
      accounts.assign(user.id, id, accounts.roleNamed('member').id);
      const token = await logIn(project, 'pw', project);
      const at = { east: asking(token, east.url), west: asking(token, west.url) };
      return Object.assign(asking(token), { projectId: id, token, at });
    },
    until: (ask, holds) =>
      vi.waitFor(
        async () => {
          const answer = await ask();
          if (!holds(answer.body)) throw new Error(`not yet: ${answer.status} ${answer.text.slice(0, 400)}`);
          return answer;
        },
        { timeout: 20_000, interval: 20 },
      ),
    close: async () => {
      await cascade.close();
      await dropDatabase();
      await wests.close();
      await easts.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
