/** `cascade serve`: runs until it is told to stop. */
import cluster from 'node:cluster';
import { pino, type Logger } from 'pino';
import { requireListenable } from '@cascade/openstack-protocol/server/listening.js';
import { startCascade, type Cascade } from '../cascade.js';
import { loadConfig, urlOf, type Config } from '../config.js';
import type { Opened } from '../opened.js';
import { warnOfSilentKeystone } from './keystone-check.js';
import { serveProcesses } from './processes.js';
import { untilToldToStop } from './stopping.js';

/** @param options.processes how many; each is as good as the others */
export async function serve(options: { processes?: number } = {}): Promise<void> {
  const config = loadConfig(process.env);
  const count = options.processes ?? 1;
  if (count > 1 && cluster.isPrimary) await serveProcesses(config, count);
  else await serveAlone(config, pino({ level: config.logLevel }));
}

/**
 * A cascade in this process, stopped by SIGINT and SIGTERM, also while it starts.
 * @param accompany opens what runs beside it, once it is there
 */
export async function serveAlone(
  config: Config,
  log: Logger,
  accompany?: (cascade: Cascade, opened: Opened, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await untilToldToStop(log, async (opened, signal) => {
    // Those of one command listen on one socket: the process that starts them has looked.
    if (cluster.isPrimary) await requireListenable(config, 'CASCADE_LISTEN');
    const cascade = opened.add(await startCascade(config, log, signal), (it) => it.close());
    const url = urlOf(config);
    log.info(
      { event: 'cascade.ready', url, sites: cascade.world.sites.all().length },
      `cascade is ready at ${url}/identity/v3`,
    );
    if (config.keystone && cluster.isPrimary) void warnOfSilentKeystone(config.keystone, log);
    await accompany?.(cascade, opened, signal);
  });
}
