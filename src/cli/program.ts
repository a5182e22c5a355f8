/** The words of the `cascade` command. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { siteStates } from '../admin/schemas.js';
import { CommandFailed } from './command-failed.js';
import { serve } from './serve.js';
import { addSite, listSites, removeSite, setSite, showSite } from './sites.js';

function processCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new InvalidArgumentError('a number from 1 to 64 is expected.');
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

  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommandFailed) && process.env['CASCADE_LOG_LEVEL'] === 'debug') throw error;
    process.stderr.write(`cascade: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
