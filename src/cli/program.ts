/** The words of the `cascade` command. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { siteStates } from '../admin/schemas.js';
import { releaseNames } from '../clouds/simulated/releases.js';
import { exportSites } from './export-sites.js';
import { CommandFailed } from './operator-client.js';
import { rebuild } from './rebuild.js';
import { serve } from './serve.js';
import { simulate } from './simulate.js';
import { addSite, listSites, removeSite, setSite, showSite } from './sites.js';

function processCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new InvalidArgumentError('a number from 1 to 64 is expected.');
}

const collect = (text: string, before: string[]): string[] => [...before, text];

/** @throws InvalidArgumentError */
const numberBetween =
  (least: number, most: number, isWhole = true) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`a number from ${least} to ${most} is expected.`);
  };

function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('serve many simulated clouds on loopback, to be added as sites')
    .option('--sites <n>', 'clouds', numberBetween(1, 10_000), 3)
    .option('--servers <n>', 'servers each of them begins with', numberBetween(0, 100_000_000), 0)
    .option('--projects <n>', 'projects that have them', numberBetween(1, 1_000_000), 1_000)
    .option('--projects-file <file>', 'ids of real projects instead, one a line')
    .option('--base-port <port>', 'of the first cloud; the others follow', numberBetween(1, 65_000), 9_000)
    .option('--profile <file>', 'how long they take: a file, zed, or none', 'zed')
    .addOption(new Option('--release <name>', 'what they are').choices([...releaseNames]).default('zed'))
    .option('--seed <n>', 'another number makes other clouds', numberBetween(0, 2 ** 31), 1)
    .option('--churn <percent>', 'of the servers something happens to, a minute', numberBetween(0, 100, false), 0)
    .option('--keystone <url>', 'a Keystone they share; each has its own otherwise')
    .option('--out <file>', 'writes how to log in to each, for `cascade rebuild`')
    .action(simulate);
}

export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('cascade').description('Many OpenStack clouds, one API.').showHelpAfterError();
  program
    .command('start', { isDefault: true })
    .description('run the cascade (the same as serve)')
    .action(() => serve());
  program
    .command('serve')
    .description('run the cascade; configured by the environment, see docs/configuration.md')
    .option('--processes <n>', 'processes that share the port, the database and the sites', processCount, 1)
    .action(serve);

  addSimulate(program);

  const site = program
    .command('site')
    .description('the clouds behind the cascade; logs in with the usual OS_* variables');
  site
    .command('add')
    .description('make a cloud a site: from then on it is the availability zone NAME')
    .argument('<name>', 'availability zone that tenants see')
    .requiredOption('--auth-url <url>', "the cloud's Keystone")
    .requiredOption('--region <region>', 'its region in the catalog')
    .addOption(
      new Option('--interface <face>', 'which endpoints to use')
        .choices(['public', 'internal', 'admin'])
        .default('public'),
    )
    .option('--username <name>')
    .option('--password <password>', 'or CASCADE_SITE_PASSWORD in the environment')
    .option('--project-name <name>', 'project of the administrator', 'admin')
    .option('--user-domain <name>', 'name, or `default`', 'default')
    .option('--project-domain <name>', 'name, or `default`', 'default')
    .option('--application-credential-id <id>')
    .option('--application-credential-secret <secret>', 'or CASCADE_SITE_SECRET in the environment')
    .option('--insecure', 'accept any TLS certificate', false)
    .action(addSite);
  site.command('list').description('all sites, with state and health').option('--json', 'as JSON').action(listSites);
  site.command('show').argument('<name>').option('--json', 'as JSON').action(showSite);
  site
    .command('set')
    .argument('<name>')
    .addOption(new Option('--state <state>').choices([...siteStates]).makeOptionMandatory())
    .action(setSite);
  site
    .command('remove')
    .argument('<name>')
    .option('--forget-resources', 'although it holds resources, which go on living in it', false)
    .action(removeSite);
  site
    .command('export')
    .description('all sites, for `cascade rebuild`; without secrets unless they are asked for')
    .option('--with-secrets', "with what logs in; needs the cascade's secret key on this machine", false)
    .option('--output <file>', 'a file that its owner alone may read; standard output where it is not given')
    .action(exportSites);

  program
    .command('rebuild')
    .description('a new database from the sites alone, or what is known of a site read anew')
    .argument('[sites.json]', 'written by `cascade site export`: every site in it is added that is not one yet')
    .option('--site <name>', 'read all of this site anew; may be given several times', collect, [])
    .option('--all', 'read all of every site anew', false)
    .option(
      '--patience <seconds>',
      'how long a site is waited for that fails and comes no further',
      numberBetween(0.1, 86_400, false),
      120,
    )
    .addHelpText(
      'after',
      '\nSecrets that are not in the file come from CASCADE_SITE_<NAME>_PASSWORD (or _SECRET of an application credential),' +
        '\nor from CASCADE_SITE_PASSWORD for all. It can be run again: sites that are there are kept, reads go on.',
    )
    .action(rebuild);

  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommandFailed) && process.env['CASCADE_LOG_LEVEL'] === 'debug') throw error;
    process.stderr.write(`cascade: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
