/** `cascade serve`: runs until it is told to stop. */
import cluster from 'node:cluster';
import { pino } from 'pino';
import { startCascade } from '../cascade.js';
import { loadConfig, urlOf, type Config } from '../config.js';
import { serveProcesses } from './processes.js';

/** @param options.processes how many; each is as good as the others */
export async function serve(options: { processes?: number } = {}): Promise<void> {
  const config = loadConfig(process.env);
  const count = options.processes ?? 1;
  return count > 1 && cluster.isPrimary ? serveProcesses(config, count) : serveAlone(config);
}

async function serveAlone(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel });
  const cascade = await startCascade(config, log);
  const url = urlOf(config);
  log.info(
    { event: 'cascade.ready', url, sites: cascade.world.sites.all().length },
    `cascade is ready at ${url}/identity/v3`,
  );
  const stop = (signal: string): void => {
    log.info({ event: 'cascade.stopping', signal }, 'stopping');
    cascade.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ event: 'cascade.stop_failed', err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', () => stop('SIGINT'));
  process.once('SIGTERM', () => stop('SIGTERM'));
}
