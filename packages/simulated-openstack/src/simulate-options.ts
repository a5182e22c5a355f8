/** The options of the command, which `cascade simulate` has too: it loads the clouds only when it runs. */
import { Option, type Command } from 'commander';
import { among } from './number-option.js';
import { releaseNames } from './releases.js';

export const withSimulateOptions = (command: Command): Command =>
  command
    .option('--sites <n>', 'clouds', among(1, 10_000), 3)
    .option('--servers <n>', 'servers each of them begins with', among(0, 100_000_000), 0)
    .option('--projects <n>', 'projects that have them', among(1, 1_000_000), 1_000)
    .option('--projects-file <file>', 'ids of real projects instead, one a line')
    .option('--base-port <port>', 'of the first cloud; the others follow', among(1, 65_000), 9_000)
    .option('--profile <file>', 'how long they take: a file, zed, or none', 'zed')
    .addOption(new Option('--release <name>', 'what they are').choices([...releaseNames]).default('zed'))
    .option('--seed <n>', 'another number makes other clouds', among(0, 2 ** 31), 1)
    .option('--churn <percent>', 'of the servers something happens to, a minute', among(0, 100, false), 0)
    .option('--keystone <url>', 'a Keystone they share; each has its own otherwise')
    .option('--state <dir>', 'where they remember what became of them; they begin anew each time otherwise')
    .option('--out <file>', 'writes how to log in to each, for `cascade rebuild`');
