/** The words of `cascade site`. */
import { Option, type Command } from 'commander';
import { siteStates } from '../admin/schemas.js';
import { exportSites } from './export-sites.js';
import { addSite, listSites, removeSite, setSite, showSite } from './sites.js';

export function addSiteCommands(program: Command): void {
  const site = program
    .command('site')
    .description(
      "the clouds behind the cascade; logs in with the usual OS_* variables, or to this machine's own cascade",
    );
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
}
