import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openDatabase, type Database, type DatabaseOptions } from './database.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { silent } from './log.js';
import { isAlive, kill, readPostmaster } from './postmaster.js';

/** Names the server that `vitest run` started for all its test files; its user may create databases. */
export const testServerVariable = 'CASCADE_TEST_SERVER';

// Nothing in a test outlives it, so nothing waits for the disk.
export const carelessSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

export interface TestDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/**
 * A fresh database with all migrations, about 0.1 s when the run's server is up, else (a script without vitest) on a
 * server of its own. `close` drops it.
 */
export async function testDatabase(
  options: Pick<DatabaseOptions, 'migrations' | 'log' | 'poolSize'> = {},
): Promise<TestDatabase> {
  const shared = process.env[testServerVariable];
  const server = shared === undefined ? await startTestServer() : { url: shared, stop: async () => undefined };
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server.url, `create database ${name}`);
  const database = await openDatabase({
    dataDir: '',
    url: server.url.replace('/postgres?', `/${name}?`),
    poolSize: 5,
    ...options,
  });
  const close = async (): Promise<void> => {
    await database.close();
    await asAdmin(server.url, `drop database ${name} with (force)`);
    await server.stop();
  };
  return { database, close };
}

const directoryName = 'cascade-test-';

/** A server in a temporary directory; `url` is that of its database `postgres`. */
export async function startTestServer(): Promise<{ url: string; stop(): Promise<void> }> {
  await removeLeftovers();
  const dataDir = await mkdtemp(path.join(tmpdir(), `${directoryName}${process.pid}-`));
  await chmod(dataDir, 0o711);
  const server = await startEmbeddedPostgres({ dataDir, log: silent, settings: carelessSettings });
  return {
    url: server.url('postgres'),
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A run that was killed could not stop its server: the next one does. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(directoryName) ? Number.parseInt(name.slice(directoryName.length), 10) : NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const dataDir = path.join(tmpdir(), name);
    const server = await readPostmaster(path.join(dataDir, 'postgres'));
    if (typeof server === 'object') kill(server.pid, 'SIGQUIT');
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined); // not ours, or the next time
  }
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
