import { access, constants, mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DataDirectoryBusy, PostgresNotAvailable } from './errors.js';
import type { Log } from './log.js';
import type { Cluster } from './initdb.js';
import { ensureRunning, stopServer } from './postgres-server.js';
import type { Postmaster } from './postmaster.js';
import { takeProgramLock, type ProgramLock } from './program-lock.js';

/** A PostgreSQL of our own, on a Unix socket, used by this program and by the workers it tells the URL. */
export interface EmbeddedPostgres {
  url(database: string): string;
  /** Ends all connections and the server (fast shutdown). */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Made if absent; the server's files are in `<dataDir>/postgres`, what it says in `<dataDir>/postgres.log`. */
  dataDir: string;
  log: Log;
  settings?: Record<string, string> | undefined;
}

/**
 * Starts the embedded server, with a database `cascade`, and keeps it running until `stop`. A server left behind by a
 * program that was killed is taken over.
 * @throws DataDirectoryBusy, PostgresNotAvailable, PostgresStartFailed
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = await clusterOf(options);
  let held: Held | undefined = await takeOver(cluster);
  let { postmaster } = held;
  let stopping = false;

  // Whatever ends the server (the kernel short of memory, an operator's kill), the lock's connection tells us.
  const keepRunning = async (): Promise<void> => {
    while (held) {
      await held.lock.lost;
      held = undefined;
      while (!held && !stopping) {
        cluster.log.error('postgres.lost', { pid: postmaster.pid });
        held = await takeOver(cluster).catch((error: unknown) => void report(cluster, error));
        if (held) ({ postmaster } = held);
        else await delay(1_000);
      }
      if (stopping) return;
    }
  };
  const kept = keepRunning();

  const stop = async (): Promise<void> => {
    stopping = true;
    if (held) await stopServer(cluster, held.postmaster); // the lock goes with the server, so nobody can come between
    await kept;
    if (held) await stopServer(cluster, held.postmaster); // it was just being started again
  };
  try {
    await createDatabase(held.lock, 'cascade');
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: (database) => urlOf(postmaster, database), stop };
}

const cannotConnectNow = '57P03';

interface Held {
  postmaster: Postmaster;
  lock: ProgramLock;
}

const report = ({ log }: Cluster, error: unknown): void =>
  log.error('postgres.restart-failed', { error: error instanceof Error ? error.message : String(error) });

async function clusterOf({ dataDir, log, settings = {} }: EmbeddedPostgresOptions): Promise<Cluster> {
  // As root the server is another user, who must be able to pass.
  try {
    await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const who = `user ${process.getuid?.()}`;
    throw new PostgresNotAvailable(`${who} cannot write in the data directory ${dataDir}`, { cause: error });
  }
  const real = await realpath(dataDir);
  return { dataDir: real, pgData: path.join(real, 'postgres'), log, settings };
}

/** @throws DataDirectoryBusy and then leaves the server to the program that has it */
async function takeOver(cluster: Cluster): Promise<Held> {
  for (const startedAt = Date.now(); ; await delay(100)) {
    const postmaster = await ensureRunning(cluster);
    try {
      const lock = await takeProgramLock(urlOf(postmaster, 'postgres'));
      if ('holderPid' in lock) throw new DataDirectoryBusy(cluster.dataDir, lock.holderPid);
      return { postmaster, lock };
    } catch (error) {
      // The server we found may be going down with the program it belonged to, or recovering from a crash.
      const patienceMs = (error as { code?: string }).code === cannotConnectNow ? 120_000 : 3_000;
      if (error instanceof DataDirectoryBusy || Date.now() - startedAt > patienceMs) throw error;
    }
  }
}

async function createDatabase(lock: ProgramLock, name: string): Promise<void> {
  const found = await lock.query('select from pg_database where datname = $1', [name]);
  if (found.length === 0) await lock.query(`create database "${name}"`);
}

function urlOf({ socketDirectory, port }: Postmaster, database: string): string {
  const where = new URLSearchParams({ host: socketDirectory, port: String(port), user: 'cascade', ssl: '0' });
  return `postgres:///${database}?${where.toString()}`;
}
