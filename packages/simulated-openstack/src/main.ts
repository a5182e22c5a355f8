#!/usr/bin/env node
/** The `simulated-openstack` command. Nothing imports this file. */
import { Command } from 'commander';
import { simulate, type SimulateOptions } from './simulate.js';
import { withSimulateOptions } from './simulate-options.js';

const stopping = new AbortController();
const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());

const program = withSimulateOptions(
  new Command('simulated-openstack').description('Serve many simulated OpenStack clouds on loopback.'),
).action(async (options: SimulateOptions) => {
  const clouds = await simulate(options, stopping.signal);
  await stopped;
  await clouds.close();
});

try {
  await program.parseAsync();
} catch (error) {
  // One that is told to stop while it starts has not failed.
  if (!stopping.signal.aborted) {
    process.stderr.write(`simulated-openstack: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
