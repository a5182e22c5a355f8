/** `cascade serve --processes N`: several processes on one port and one database, each of which may die. */
import cluster, { type Worker } from 'node:cluster';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { eventLog } from '../cascade.js';
import type { Config } from '../config.js';
import { openDatabase } from '../database/database.js';
import { loadSecretKey } from '../sites/secrets.js';

/** A process that ran for this long is started again at once; one that dies earlier, after a pause that doubles. */
const steadyMs = 30_000;
const longestPauseMs = 30_000;
/** How long they may take to finish what they were asked. */
const patienceMs = 20_000;

/**
 * Starts `count` processes that serve, and starts those again that die. This process holds the embedded database and
 * answers nothing itself.
 */
export async function serveProcesses(config: Config, count: number): Promise<void> {
  const log = pino({ level: config.logLevel });
  const database = await openDatabase({ dataDir: config.dataDir, url: config.databaseUrl, log: eventLog(log) });
  await loadSecretKey(config.secretKey, join(config.dataDir, 'secret.key')); // made once, before they all look for it
  // All accept from one socket: a connection handed over by us would hang where the process dies before it takes it.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const env = shareOf(config, count, database.url);
  const stopping = new AbortController();
  const running = Array.from({ length: count }, () => keepOne(env, log, stopping.signal));
  log.info({ event: 'cascade.processes', count }, `${count} processes are starting`);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.race([Promise.all(running), delay(patienceMs)]);
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
    await database.close();
    process.exit(0);
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());
}

/** Each has its share of what sites and database allow the cascade. */
const shareOf = (config: Config, count: number, databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  CASCADE_DATABASE_CONNECTIONS: String(Math.max(4, Math.floor(config.databaseConnections / count))),
  CASCADE_SITE_CONCURRENCY: String(Math.max(1, Math.ceil(config.siteLimits.concurrency / count))),
  CASCADE_SITE_RATE: String(config.siteLimits.perSecond / count),
});

async function keepOne(env: Record<string, string>, log: Logger, stopping: AbortSignal): Promise<void> {
  let pauseMs = 500;
  while (!stopping.aborted) {
    const start = Date.now();
    const worker = cluster.fork(env);
    const ended = new Promise<number | string>((resolve) =>
      worker.once('exit', (code, signal) => resolve(signal || code)),
    );
    const stop = (): void => end(worker);
    stopping.addEventListener('abort', stop, { once: true });
    const how = await ended;
    stopping.removeEventListener('abort', stop);
    if (stopping.aborted) return;
    pauseMs = Date.now() - start > steadyMs ? 500 : Math.min(2 * pauseMs, longestPauseMs);
    log.error({ event: 'process.died', pid: worker.process.pid, how, pauseMs }, 'a process died; it is started again');
    await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}

const end = (worker: Worker): void => void worker.process.kill('SIGTERM');
