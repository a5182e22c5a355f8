import { access, constants, mkdir, realpath, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DataDirectoryBusy, noRoomIn, PostgresNotAvailable } from './errors.js';
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
  /** Ends a start that is under way; it does not stop a server that runs. */
  signal?: AbortSignal | undefined;
}

/**
 * Starts the embedded server, with a database `cascade`, and keeps it running until `stop`. A server left behind by a
 * program that was killed is taken over.
 * @throws DataDirectoryBusy, PostgresNotAvailable, PostgresStartFailed
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = await clusterOf(options);
  let held: Held | undefined = await takeOver(cluster).catch(async (error: unknown) => {
    throw await withReason(cluster, error);
  });
  let { postmaster } = held;
  let stopping = false;

  // Whatever ends the server (the kernel short of memory, an operator's kill), the lock's connection tells us.
  const keepRunning = async (): Promise<void> => {
    while (held) {
      await held.lock.lost;
      held = undefined;
      while (!held && !stopping) {
        cluster.log.error('postgres.lost', { pid: postmaster.pid });
        held = await takeOver({ ...cluster, signal: undefined }).catch((error: unknown) => void report(cluster, error));
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

async function clusterOf({ dataDir, log, settings = {}, signal }: EmbeddedPostgresOptions): Promise<Cluster> {
  // As root the server is another user, who must be able to pass.
  try {
    await makeDirectory(path.resolve(dataDir), process.getuid?.() === 0 ? 0o711 : 0o700);
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw noRoomIn(dataDir, error);
    const { code } = error as NodeJS.ErrnoException;
    throw new PostgresNotAvailable(
      `user ${process.getuid?.()} cannot write in the data directory ${dataDir} (${code}): let that user write there, or ` +
        'choose another data directory with CASCADE_DATA_DIR',
      { cause: error },
    );
  }
  const real = await realpath(dataDir);
  return { dataDir: real, pgData: path.join(real, 'postgres'), log, settings, signal };
}

/** Node's own recursive mkdir tries for ever where a file system takes no directories and says ENOENT, as /proc does. */
async function makeDirectory(directory: string, mode: number): Promise<void> {
  try {
    await mkdir(directory, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || (await stat(parent).catch(() => undefined))) throw error;
    await makeDirectory(parent, mode);
    await mkdir(directory, { mode });
  }
}

/** A disk without room has PostgreSQL fail in many ways, and leaves no room for the words either. */
async function withReason(cluster: Cluster, error: unknown): Promise<unknown> {
  if (error instanceof DataDirectoryBusy || cluster.signal?.aborted) return error;
  const { bavail, bsize } = await statfs(cluster.dataDir);
  const isFull = bavail * bsize < leastRoom || /No space left on device|ENOSPC/.test(String(error));
  return isFull ? noRoomIn(cluster.dataDir, error) : error;
}

/** One segment of PostgreSQL's write-ahead log, of which it needs a whole one to start. */
const leastRoom = 16 * 1024 * 1024;

/**
 * @throws DataDirectoryBusy and then leaves the server to the program that has it; after any other failure none that was
 *   started here runs
 */
async function takeOver(cluster: Cluster): Promise<Held> {
  for (const startedAt = Date.now(); ; await delay(100)) {
    const { postmaster, started } = await ensureRunning(cluster);
    try {
      cluster.signal?.throwIfAborted();
      const lock = await takeProgramLock(urlOf(postmaster, 'postgres'));
      if ('holderPid' in lock) throw new DataDirectoryBusy(cluster.dataDir, lock.holderPid);
      return { postmaster, lock };
    } catch (error) {
      // The server we found may be going down with the program it belonged to, or recovering from a crash.
      const timeoutMs = (error as { code?: string }).code === cannotConnectNow ? 120_000 : 3_000;
      if (error instanceof DataDirectoryBusy) throw error;
      if (Date.now() - startedAt < timeoutMs && !cluster.signal?.aborted) continue;
      if (started) await stopServer(cluster, postmaster);
      throw error;
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
