/** `cascade start`: runs the cascade; one that stands alone gets simulated clouds, so that there is something to try. */
import { pino } from 'pino';
import type { Cascade } from '../cascade.js';
import { loadConfig, type Config } from '../config.js';
import type { Opened } from '../opened.js';
import { writeCloudsYaml } from './clouds-yaml.js';
import { firstSteps } from './first-steps.js';
import { serveAlone } from './serve.js';
import { openSimulatedSites } from './simulated-sites.js';

export async function start(): Promise<void> {
  const config = loadConfig(process.env);
  const log = pino({ level: process.env['CASCADE_LOG_LEVEL'] ? config.logLevel : 'warn' }); // people read what it says
  await serveAlone(config, log, async (cascade, opened, signal) => {
    if (!config.keystone) await withSomethingToTry(config, cascade, opened, signal);
  });
}

async function withSomethingToTry(
  config: Config,
  { world }: Cascade,
  opened: Opened,
  signal: AbortSignal,
): Promise<void> {
  const clouds = await openSimulatedSites(config, world, opened, signal);
  const cloudsYaml = await writeCloudsYaml(config);
  const zones = world.sites.all().map(({ name }) => name);
  signal.throwIfAborted();
  process.stdout.write(await firstSteps(config, cloudsYaml, zones, clouds));
}
