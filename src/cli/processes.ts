/** `cascade serve --processes N`: several processes on one port and one database, each of which may die. */
import cluster, { type Worker } from 'node:cluster';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { requireListenable } from '@cascade/openstack-protocol/server/listening.js';
import { eventLog } from '../cascade.js';
import type { Config } from '../config.js';
import { openDatabase } from '../database/database.js';
import type { Opened } from '../opened.js';
import { loadSecretKey } from '../sites/secrets.js';
import { CommandFailed } from './command-failed.js';
import { warnOfSilentKeystone } from './keystone-check.js';
import { untilToldToStop } from './stopping.js';

/** A process that ran for this long is started again at once; one that dies earlier, after a pause that doubles. */
const steadyMs = 30_000;
const longestPauseMs = 30_000;
/** How long they may take to finish what they were asked. */
const timeoutMs = 20_000;

/**
 * Starts `count` processes that serve, and starts those again that die. This process holds the embedded database and
 * answers nothing itself. The first one shows whether they can run at all, before there are others.
 * @throws CommandFailed where it cannot; the process itself has said why
 */
export async function serveProcesses(config: Config, count: number): Promise<void> {
  const log = pino({ level: config.logLevel });
  await untilToldToStop(log, (opened, signal) => startProcesses(config, count, log, opened, signal));
}

async function startProcesses(
  config: Config,
  count: number,
  log: Logger,
  opened: Opened,
  signal: AbortSignal,
): Promise<void> {
  await requireListenable(config, 'CASCADE_LISTEN');
  const { dataDir, databaseUrl: url } = config;
  const database = opened.add(await openDatabase({ dataDir, url, log: eventLog(log), signal }), (it) => it.close());
  await loadSecretKey(config.secretKey, join(config.dataDir, 'secret.key')); // made once, before they all look for it
  signal.throwIfAborted();
  // All accept from one socket: a connection handed over by us would hang where the process dies before it takes it.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const env = shareOf(config, count, database.url);
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  opened.add(undefined, async () => {
    stopping.abort();
    await Promise.race([Promise.all(running), delay(timeoutMs)]);
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
  });
  const first = new Promise<void>((resolve, reject) => {
    running.push(keepOne(env, log, stopping.signal, resolve).catch(reject));
  });
  log.info({ event: 'cascade.processes', count }, `${count} processes are starting`);
  await unlessAborted(first, signal);
  for (let more = 1; more < count; more += 1) running.push(keepOne(env, log, stopping.signal));
  if (config.keystone) void warnOfSilentKeystone(config.keystone, log);
}

const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    ),
  ]);

/** Each has its share of what sites and database allow the cascade. */
const shareOf = (config: Config, count: number, databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  CASCADE_DATABASE_CONNECTIONS: String(Math.max(4, Math.floor(config.databaseConnections / count))),
  CASCADE_SITE_CONCURRENCY: String(Math.max(1, Math.ceil(config.siteLimits.concurrency / count))),
  CASCADE_SITE_RATE: String(config.siteLimits.perSecond / count),
});

/**
 * @param listening of the first process: called when it accepts connections
 * @throws CommandFailed where the first process failed before it ever did that
 */
async function keepOne(
  env: Record<string, string>,
  log: Logger,
  stopping: AbortSignal,
  listening?: () => void,
): Promise<void> {
  let pauseMs = 500;
  let mayFail = listening === undefined;
  while (!stopping.aborted) {
    const start = Date.now();
    const worker = cluster.fork(env);
    worker.once('listening', () => {
      mayFail = true;
      listening?.();
    });
    const ended = new Promise<number | string>((resolve) =>
      worker.once('exit', (code, signal) => resolve(signal || code)),
    );
    const stop = (): void => end(worker);
    stopping.addEventListener('abort', stop, { once: true });
    const how = await ended;
    stopping.removeEventListener('abort', stop);
    if (stopping.aborted) return;
    if (how === 1 && !mayFail) throw new CommandFailed('the first process could not start, so none is started');
    pauseMs = Date.now() - start > steadyMs ? 500 : Math.min(2 * pauseMs, longestPauseMs);
    log.error({ event: 'process.died', pid: worker.process.pid, how, pauseMs }, 'a process died; it is started again');
    await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}

const end = (worker: Worker): void => void worker.process.kill('SIGTERM');
