/**
 * A cascade over a data directory that fill-inventory.ts filled, as a process of its own, with sites in which nothing
 * happens and with the tokens of keystone.ts. The embedded database belongs to the program that starts it.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { loadConfig } from '../src/config.js';
import { openDatabase, type Database } from '../src/database/database.js';
import { loadSecretKey } from '../src/sites/secrets.js';
import type { SiteCapabilities } from '../src/sites/site.js';
import { assertRunning } from './measure/processes.js';
import { QuietSites } from './quiet-sites.js';

export interface FilledCascade {
  /** Of its Nova, with the version. */
  readonly compute: string;
  /** The cascade and its PostgreSQL. */
  readonly pids: readonly number[];
  close(): Promise<void>;
}

const root = new URL('..', import.meta.url).pathname;

/** @param port where it listens; the Keystone takes the next one. What it holds is CASCADE_DATA_DIR's. */
export async function startFilledCascade(port: number): Promise<FilledCascade> {
  const config = loadConfig(process.env);
  const database = await openDatabase({ dataDir: config.dataDir, url: undefined, poolSize: 4 });
  const sites = new QuietSites();
  await sites.start();
  await pointSitesAt(sites, database);
  const secretKey = await loadSecretKey(config.secretKey, join(config.dataDir, 'secret.key'));
  const keystone = start(['bench/keystone.ts', String(port + 1)]);
  const cascade = start(['src/main.ts', 'serve'], {
    DATABASE_URL: database.url,
    CASCADE_SECRET_KEY: secretKey.toString('base64'),
    CASCADE_KEYSTONE_URL: `http://127.0.0.1:${port + 1}`,
    CASCADE_LISTEN: `127.0.0.1:${port}`,
    CASCADE_LOG_LEVEL: 'error',
  });
  const close = async (): Promise<void> => {
    for (const pid of [cascade, keystone]) process.kill(pid, 'SIGTERM');
    await Promise.all([sites.stop(), delay(1_500)]);
    await database.close();
  };
  // Who interrupts a measurement leaves no cascade behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void close().finally(() => process.exit(1)));
  try {
    await ready(port, [cascade, keystone]);
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  const postmaster = Number.parseInt(readFileSync(join(config.dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
  return { compute: `http://127.0.0.1:${port}/compute/v2.1`, pids: [cascade, postmaster], close };
}

/** What was filled in counts as just read: nothing but changes is asked for. */
async function pointSitesAt(sites: QuietSites, database: Database): Promise<void> {
  for (const { name } of await database.many<{ name: string }>('select name from site')) {
    const url = sites.rootOf(name);
    const capabilities: SiteCapabilities = {
      endpoints: { compute: [`${url}/compute`] },
      microversions: { compute: { min: '2.1', max: '2.93' } },
      networkExtensions: [],
    };
    await database.run('update site set auth_url = $2, capabilities = $3 where name = $1', [name, url, capabilities]);
  }
  await database.run(`update feed set cursor = now(), full_read_at = now() where kind = 'server'`);
}

function start(program: readonly string[], environment: Record<string, string> = {}): number {
  const child = spawn(process.execPath, ['--import', 'tsx', ...program], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (child.pid === undefined) throw new Error(`${program.join(' ')} did not start`);
  return child.pid;
}

async function ready(port: number, pids: readonly number[]): Promise<void> {
  const url = `http://127.0.0.1:${port}/compute/v2.1/servers?limit=1`;
  for (let status = 0; status !== 200; await delay(500)) {
    assertRunning(pids);
    const answer = await request(url, { headers: { 'x-auth-token': 'admin' } }).catch(() => undefined);
    status = answer?.statusCode ?? 0;
    await answer?.body.dump();
  }
  await delay(10_000); // the first reads of the sites
}
