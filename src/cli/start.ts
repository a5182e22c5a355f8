/** `cascade start`: runs the cascade; one that stands alone gets simulated clouds, so that there is something to try. */
import { pino } from 'pino';
import type { Cascade } from '../cascade.js';
import { loadConfig, type Config } from '../config.js';
import { writeCloudsYaml } from './clouds-yaml.js';
import { firstSteps } from './first-steps.js';
import { serveAlone } from './serve.js';
import { openSimulatedSites } from './simulated-sites.js';

export async function start(): Promise<void> {
  const config = loadConfig(process.env);
  const log = pino({ level: process.env['CASCADE_LOG_LEVEL'] ? config.logLevel : 'warn' }); // people read what it says
  await serveAlone(config, log, (cascade) => (config.keystone ? alone() : withSomethingToTry(config, cascade)));
}

const alone = async () => async (): Promise<void> => undefined;

async function withSomethingToTry(config: Config, { world }: Cascade): Promise<() => Promise<void>> {
  const clouds = await openSimulatedSites(config, world);
  const cloudsYaml = await writeCloudsYaml(config);
  const zones = world.sites.all().map(({ name }) => name);
  process.stdout.write(await firstSteps(config, cloudsYaml, zones, clouds.length > 0));
  return async () => {
    await Promise.all(clouds.map((cloud) => cloud.close()));
  };
}
