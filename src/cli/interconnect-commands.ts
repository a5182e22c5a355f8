/** The words of `cascade interconnect`. */
import { Option, type Command } from 'commander';
import type { AddInterconnect, ChangeInterconnect } from './interconnects.js';
import { severally } from './repeated-option.js';

const memberWords = 'NAME=PHYSICAL_NETWORK, or NAME where the type is vxlan; may be given several times';
const rangeWords = 'FIRST:LAST, of which networks are given segments; may be given several times';

export function addInterconnectCommands(program: Command): void {
  const interconnect = program.command('interconnect').description('what joins the networks of several sites');
  interconnect
    .command('add')
    .description('join sites: by VLANs of a physical network that they share, or by VNIs of a fabric that they share')
    .argument('<name>')
    .addOption(new Option('--type <type>').choices(['vlan', 'vxlan', 'bgpvpn']).makeOptionMandatory())
    .option('--site <member>', memberWords, severally, [])
    .option('--range <range>', rangeWords, severally, [])
    .option('--any-vni', 'join networks of any VNI as they are, not only those of the ranges', false)
    .option('--default', 'give networks that name no zone a segment of it', false)
    .action(async (name: string, options: AddInterconnect) =>
      (await import('./interconnects.js')).addInterconnect(name, options),
    );
  interconnect
    .command('list')
    .description('all interconnects')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => (await import('./interconnects.js')).listInterconnects(options));
  interconnect
    .command('show')
    .description('one interconnect: its sites, which networks have which segments, and what is amiss')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action(async (name: string, options: { json?: boolean }) =>
      (await import('./interconnects.js')).showInterconnect(name, options),
    );
  interconnect
    .command('set')
    .description('change an interconnect')
    .argument('<name>')
    .option('--site <member>', `add, or with another physical network: ${memberWords}`, severally, [])
    .option('--remove-site <site>', 'may be given several times', severally, [])
    .option('--range <range>', `add: ${rangeWords}`, severally, [])
    .option('--remove-range <range>', 'FIRST:LAST; networks keep what they have of it', severally, [])
    .option('--any-vni', 'join networks of any VNI as they are')
    .option('--no-any-vni', 'join only networks with a VNI of the ranges as they are')
    .option('--default', 'give networks that name no zone a segment of it')
    .option('--no-default', 'give them none')
    .action(async (name: string, options: ChangeInterconnect) =>
      (await import('./interconnects.js')).changeInterconnect(name, options),
    );
  interconnect
    .command('remove')
    .description('refused while networks have segments of it')
    .argument('<name>')
    .action(async (name: string) => (await import('./interconnects.js')).removeInterconnect(name));
}
