/** `cascade serve`: runs until it is told to stop. */
import cluster from 'node:cluster';
import { pino, type Logger } from 'pino';
import { startCascade, type Cascade } from '../cascade.js';
import { loadConfig, urlOf, type Config } from '../config.js';
import { serveProcesses } from './processes.js';

/** @param options.processes how many; each is as good as the others */
export async function serve(options: { processes?: number } = {}): Promise<void> {
  const config = loadConfig(process.env);
  const count = options.processes ?? 1;
  if (count > 1 && cluster.isPrimary) await serveProcesses(config, count);
  else await serveAlone(config, pino({ level: config.logLevel }));
}

/**
 * A cascade in this process, stopped by SIGINT and SIGTERM.
 * @param accompany what runs beside it, once it is there; answers with how that is closed
 */
export async function serveAlone(
  config: Config,
  log: Logger,
  accompany: (cascade: Cascade) => Promise<() => Promise<void>> = async () => async () => undefined,
): Promise<void> {
  const cascade = await startCascade(config, log);
  const url = urlOf(config);
  log.info(
    { event: 'cascade.ready', url, sites: cascade.world.sites.all().length },
    `cascade is ready at ${url}/identity/v3`,
  );
  const companion = accompany(cascade);
  const close = async (): Promise<void> => {
    await companion.then((closeIt) => closeIt()).catch(() => undefined);
    await cascade.close();
  };
  const stop = (signal: string): void => {
    log.info({ event: 'cascade.stopping', signal }, 'stopping');
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ event: 'cascade.stop_failed', err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', () => stop('SIGINT'));
  process.once('SIGTERM', () => stop('SIGTERM'));
  await companion.catch(async (error: unknown) => {
    await cascade.close();
    throw error;
  });
}
