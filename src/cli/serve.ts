/** `cascade serve`: runs until it is told to stop. */
import { pino } from 'pino';
import { startCascade } from '../cascade.js';
import { loadConfig } from '../config.js';

export async function serve(): Promise<void> {
  const config = loadConfig(process.env);
  const log = pino({ level: config.logLevel });
  const cascade = await startCascade(config, log);
  const url = config.publicUrl ?? `http://${config.host}:${config.port}`;
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
