import { spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PostgresStartFailed } from './errors.js';
import { chooseAccount, giveTo } from './postgres-account.js';
import { binary, findBinaries } from './postgres-binaries.js';
import { environment, initialise, lastLines, type Cluster } from './initdb.js';
import { isAlive, isPostmaster, kill, readPostmaster, type Postmaster } from './postmaster.js';
import { freeSocket } from './server-socket.js';
import { socketDirectory } from './socket-directory.js';

const ownSettings: Record<string, string> = {
  listen_addresses: '', // the Unix socket only
  max_connections: '100',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Refused statements are told to whoever asked; the file is for the life of the server.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

const startTimeoutMs = 120_000; // recovery after a crash reads up to max_wal_size, 1 GB
const stopTimeoutMs = 30_000;
const logSizeMax = 10_000_000;

/** A server that is ready. */
export interface RunningServer {
  readonly postmaster: Postmaster;
  /** True where this call started it, false where it was running before. */
  readonly started: boolean;
}

/**
 * The server of this directory: one that still runs (its program was killed), else one started now, in a directory
 * made now if there is none.
 * @throws PostgresNotAvailable, PostgresStartFailed, and what the cluster's signal was aborted with; nothing that was started
 *   stays
 */
export async function ensureRunning(cluster: Cluster): Promise<RunningServer> {
  const attempts: Attempt[] = [];
  try {
    return await waitUntilReady(cluster, attempts);
  } catch (error) {
    await Promise.all(attempts.map((attempt) => attempt.end()));
    throw error;
  }
}

async function waitUntilReady(cluster: Cluster, attempts: Attempt[]): Promise<RunningServer> {
  const startedAt = Date.now();
  let attempt: Attempt | undefined;
  for (;;) {
    cluster.signal?.throwIfAborted();
    const seen = await readPostmaster(cluster.pgData);
    const running = typeof seen === 'object' ? seen : undefined;
    if (running?.status === 'ready') {
      cluster.log.info('postgres.ready', {
        pid: running.pid,
        started: attempt !== undefined,
        ms: Date.now() - startedAt,
      });
      return { postmaster: running, started: attempt !== undefined };
    }
    if (Date.now() - startedAt > startTimeoutMs) {
      throw new PostgresStartFailed(`PostgreSQL was not ready after ${startTimeoutMs / 1000} s`, await tailOf(cluster));
    }
    if (running === undefined && !attempt?.isRunning()) {
      const reason = await attempt?.failure();
      // Another program was faster, or processes of a server that was killed are still going down.
      if (reason !== undefined && !/lock file "[^"]*" already exists|shared memory block/.test(reason)) {
        throw new PostgresStartFailed(`PostgreSQL did not start in ${cluster.pgData}:`, reason);
      }
      if (reason !== undefined) await delay(200);
      if (seen === 'stale') await removeIfMisleading(cluster.pgData);
      attempt = await start(cluster);
      attempts.push(attempt);
    }
    await delay(10);
  }
}

/** Fast shutdown: connections are ended, transactions rolled back, everything is on disk. A stopped one is no error. */
export async function stopServer({ pgData, log }: Cluster, { pid }: Postmaster): Promise<void> {
  const startedAt = Date.now();
  let asked: NodeJS.Signals | undefined;
  // Asked by its number, not by postmaster.pid, so a server whose files were deleted under it ends as well.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    for (const since = Date.now(); Date.now() - since < stopTimeoutMs; await delay(10)) {
      if (!(await isPostmaster(pid, pgData))) {
        log.info('postgres.stopped', { pid, ms: Date.now() - startedAt });
        return;
      }
      if (asked !== signal) kill(pid, (asked = signal));
    }
  }
  throw new Error(`PostgreSQL (process ${pid}) does not stop`);
}

interface Attempt {
  isRunning(): boolean;
  /** Ends it where it still runs. */
  end(): Promise<void>;
  /** What it wrote before it ended. */
  failure(): Promise<string>;
}

async function start(cluster: Cluster): Promise<Attempt> {
  const { dataDir, pgData } = cluster;
  const account = await chooseAccount(await findBinaries(), dataDir, cluster.log);
  await initialise(cluster, account);
  await giveTo(account, pgData);
  const sockets = await socketDirectory(pgData, account);
  await freeSocket(sockets, cluster);
  const settings = {
    ...ownSettings,
    ...cluster.settings,
    unix_socket_directories: `"${sockets.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
  };
  const args = ['-D', pgData, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const [command, ...rest] = [...account.prefix, binary(account.binaries, 'postgres'), ...args];

  await rotate(logFileOf(cluster));
  const logFile = await open(logFileOf(cluster), 'a', 0o600);
  try {
    const { size } = await logFile.stat();
    // Detached: Ctrl-C in a terminal must reach the program alone, which still needs its database to end well.
    const child = spawn(command!, rest, {
      ...account.switchTo,
      cwd: '/',
      env: environment,
      detached: true,
      stdio: ['ignore', logFile.fd, logFile.fd],
    });
    let isEnded = false;
    let spawnError = '';
    const ended = new Promise<void>((resolve) => {
      child.once('exit', resolve);
      child.once('error', (error) => {
        spawnError = error.message;
        resolve();
      });
    }).then(() => void (isEnded = true));
    child.unref();
    return {
      isRunning: () => !isEnded,
      end: async () => {
        if (isEnded) return;
        child.ref();
        child.kill('SIGINT'); // fast shutdown
        await Promise.race([ended, delay(stopTimeoutMs).then(() => child.kill('SIGQUIT'))]);
      },
      failure: async () => spawnError || (await tailOf(cluster, size)) || 'no message',
    };
  } finally {
    await logFile.close();
  }
}

/** PostgreSQL itself forgets a postmaster.pid of a dead process, but not one whose number was given to another program. */
async function removeIfMisleading(pgData: string): Promise<void> {
  const file = path.join(pgData, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  if (isAlive(pid) && (await readPostmaster(pgData)) === 'stale') await rm(file, { force: true });
}

const logFileOf = ({ dataDir }: Cluster): string => path.join(dataDir, 'postgres.log');

async function tailOf(cluster: Cluster, from = 0): Promise<string> {
  const text = await readFile(logFileOf(cluster)).catch(() => Buffer.alloc(0));
  return lastLines(text.subarray(from).toString());
}

async function rotate(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found && found.size > logSizeMax) await rename(file, `${file}.1`);
}
