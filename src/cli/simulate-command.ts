/** `cascade simulate` is the command of the simulated clouds, ended as the other commands of cascade are. */
import type { Command } from 'commander';
import type { SimulateOptions } from '@cascade/simulated-openstack/simulate.js';
import { withSimulateOptions } from '@cascade/simulated-openstack/simulate-options.js';

export function addSimulateCommand(program: Command): void {
  withSimulateOptions(
    program.command('simulate').description('serve many simulated clouds on loopback, to be added as sites'),
  ).action(async (options: SimulateOptions) => {
    const [{ pino }, { simulate }, { untilToldToStop }] = await Promise.all([
      import('pino'),
      import('@cascade/simulated-openstack/simulate.js'),
      import('./stopping.js'),
    ]);
    await untilToldToStop(pino({ level: 'warn' }), async (opened, signal) => {
      opened.add(await simulate(options, signal), (clouds) => clouds.close());
    });
  });
}
