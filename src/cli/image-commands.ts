/** The words of `cascade image`. */
import { Option, type Command } from 'commander';
import { modes } from '../copies/policy.js';
import { copyMethods } from '../copies/method.js';

export function addImageCommands(program: Command): void {
  const image = program.command('image').description('where images are, and when and how they are copied to sites');
  image
    .command('show')
    .description('an image: its home, its copies and how far they have come')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action(async (id: string, options: { json?: boolean }) => (await import('./images.js')).showImage(id, options));
  image
    .command('copies')
    .description('copies of all images, those that changed last first')
    .addOption(new Option('--state <state>').choices(['waiting', 'copying', 'active', 'failed', 'deleting']))
    .option('--json', 'as JSON')
    .action(async (options: { state?: string; json?: boolean }) => (await import('./images.js')).listCopies(options));
  image
    .command('copy')
    .description('copy an image to a site, whatever its policy')
    .argument('<id>')
    .argument('<site>')
    .option('--wait', 'until it is there', false)
    .action(async (id: string, site: string, options: { wait: boolean }) =>
      (await import('./images.js')).copyImage(id, site, options),
    );
  image
    .command('merge')
    .description(
      'make an image of another site, with the same name and bytes, a copy of this one; it takes over its properties',
    )
    .argument('<id>', 'the one that stays')
    .argument('<other>', 'the one that becomes a copy, known by the first id from then on')
    .action(async (id: string, other: string) => (await import('./images.js')).mergeImages(id, other));
  image
    .command('policy')
    .description('when images are copied to sites, and by which method; without either, the policies as they are')
    .option('--image <id>', 'of one image; of all where it is not given')
    .option('--site <name>', 'to one site; to all where it is not given')
    .addOption(
      new Option(
        '--mode <mode>',
        'eager: at once; lazy: when needed; register: never copied; usual: as the configuration says',
      ).choices([...modes, 'usual']),
    )
    .addOption(
      new Option(
        '--method <method>',
        'upload: sent by the cascade; the others: fetched by the site, where it offers that',
      ).choices([...copyMethods, 'usual']),
    )
    .action(async (options: { image?: string; site?: string; mode?: string; method?: string }) =>
      (await import('./images.js')).setPolicy(options),
    );
}
