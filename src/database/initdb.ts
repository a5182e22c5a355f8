import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PostgresStartFailed } from './errors.js';
import type { Log } from './log.js';
import type { Account } from './postgres-account.js';
import { binary } from './postgres-binaries.js';
import { isAlive } from './postmaster.js';

/** A database directory and how to serve it. */
export interface Cluster {
  /** Absolute and without symbolic links: a server is recognised by it. */
  dataDir: string;
  /** `<dataDir>/postgres` */
  pgData: string;
  log: Log;
  /** Ends a start that is under way. */
  signal?: AbortSignal | undefined;
  /** As in postgresql.conf. With `fsync` off (tests) nothing waits for the disk, initdb neither. */
  settings: Record<string, string>;
}

/** What PostgreSQL sees of ours: no PGDATA, PGPORT and the like. */
export const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** initdb beside the final place, then a rename: a start that was interrupted, or a second one, leaves nothing half. */
export async function initialise({ dataDir, pgData, log, settings, signal }: Cluster, account: Account): Promise<void> {
  if (await exists(path.join(pgData, 'PG_VERSION'))) return;
  const startedAt = Date.now();
  await removeUnfinished(dataDir);
  const unfinished = await mkdtemp(`${pgData}.new-${process.pid}-`);
  if (account.owner) await chown(unfinished, account.owner.uid, account.owner.gid);
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const access = ['--username=cascade', '--auth-local=trust', '--auth-host=reject'];
  const initdb = [binary(account.binaries, 'initdb'), '-D', unfinished, ...access, ...locale, '--no-instructions'];
  if (settings['fsync'] === 'off') initdb.push('--no-sync');
  const [command, ...args] = [...account.prefix, ...initdb];
  const running = promisify(execFile)(command!, args, { ...account.switchTo, cwd: '/', env: environment, signal });
  try {
    await running;
    await rename(unfinished, pgData);
    log.info('postgres.initialised', { directory: pgData, ms: Date.now() - startedAt });
  } catch (error) {
    // One that was told to end is still ending, and writes until then.
    if (isRunning(running.child)) await once(running.child, 'exit');
    await rm(unfinished, { recursive: true, force: true });
    signal?.throwIfAborted();
    if (await exists(path.join(pgData, 'PG_VERSION'))) return; // another program was faster
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    const said = `${stdout}${stderr}`.trim() || message;
    throw new PostgresStartFailed(`PostgreSQL could not make its database in ${pgData} (initdb):`, lastLines(said));
  }
}

const isRunning = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;

async function removeUnfinished(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = /^postgres\.new-(\d+)-/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) {
      await rm(path.join(dataDir, name), { recursive: true, force: true });
    }
  }
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

export const lastLines = (text: string): string => text.trim().split('\n').slice(-20).join('\n');
