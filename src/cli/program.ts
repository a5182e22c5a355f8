/** The words of the `cascade` command. What a word does is loaded when it is said: a list of sites needs no simulated cloud. */
import { Command } from 'commander';
import { among } from '@cascade/simulated-openstack/number-option.js';
import { CommandFailed } from './command-failed.js';
import { wordsOf } from './failure-words.js';
import { addImageCommands } from './image-commands.js';
import { addInterconnectCommands } from './interconnect-commands.js';
import type { RebuildOptions } from './rebuild.js';
import { severally } from './repeated-option.js';
import { addSimulateCommand } from './simulate-command.js';
import { addSiteCommands } from './site-commands.js';

export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('cascade').description('Many OpenStack clouds, one API.').showHelpAfterError();
  program
    .command('start', { isDefault: true })
    .description('run the cascade; without CASCADE_KEYSTONE_URL with three simulated clouds, to try it out')
    .action(async () => (await import('./start.js')).start());
  program
    .command('demo')
    .description('make projects, networks, servers and volumes in every zone, as something to look at')
    .action(async () => (await import('./demo.js')).demo());
  program
    .command('serve')
    .description('run the cascade; configured by the environment, see docs/configuration.md')
    .option('--processes <n>', 'processes that share the port, the database and the sites', among(1, 64), 1)
    .action(async (options: { processes: number }) => (await import('./serve.js')).serve(options));
  addSiteCommands(program);
  addImageCommands(program);
  addInterconnectCommands(program);
  addRebuildCommand(program);
  addSimulateCommand(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommandFailed) && process.env['CASCADE_LOG_LEVEL'] === 'debug') throw error;
    process.stderr.write(`cascade: ${wordsOf(error)}\n`);
    process.exitCode = 1;
  }
}

function addRebuildCommand(program: Command): void {
  program
    .command('rebuild')
    .description('a new database from the sites alone, or what is known of a site read anew')
    .argument('[sites.json]', 'written by `cascade site export`: every site in it is added that is not one yet')
    .option('--site <name>', 'read all of this site anew; may be given several times', severally, [])
    .option('--all', 'read all of every site anew', false)
    .option(
      '--timeout <seconds>',
      'how long a site is waited for that fails and comes no further',
      among(0.1, 86_400, false),
      120,
    )
    .addHelpText(
      'after',
      '\nSecrets that are not in the file come from CASCADE_SITE_<NAME>_PASSWORD (or _SECRET of an application credential),' +
        '\nor from CASCADE_SITE_PASSWORD for all. It can be run again: sites that are there are kept, reads go on.',
    )
    .action(async (file: string | undefined, options: RebuildOptions) =>
      (await import('./rebuild.js')).rebuild(file, options),
    );
}
