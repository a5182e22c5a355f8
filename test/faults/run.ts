/**
 * Random histories for as long as one likes.
 *
 *   npm run test:faults -- --minutes 30 [--seed 7] [--processes 2] [--length 60] [--no-kills]
 *
 * The first history that is not survived is shrunk for a while, printed with its seed, and ends the run with 1. It can be
 * kept in regressions.ts, which every run lives through first.
 */
import { Command } from 'commander';
import fc from 'fast-check';
import { Harness } from './harness.js';
import { histories, type History } from './history.js';
import { regressions } from './regressions.js';
import { startSimulatedClouds } from './simulated-clouds.js';

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly processes: number;
  readonly length: number;
  readonly kills: boolean;
}

const program = new Command('test:faults')
  .option('--minutes <n>', 'how long', Number, 30)
  .option('--seed <n>', 'where the histories start', Number, Date.now() % 2 ** 31)
  .option('--processes <n>', 'processes of the cascade', Number, 2)
  .option('--length <n>', 'steps of a history at most', Number, 60)
  .option('--no-kills', 'nothing is killed')
  .parse();
const { minutes, seed, processes, length, kills } = program.opts<Options>();
const say = (words: string): void => void process.stdout.write(`${words}\n`);

const clouds = await startSimulatedClouds(['east', 'west']);
const harness = await Harness.start(clouds, { processes, held: 110, timeoutMs: 90_000 });
let lived = 0;
let isShrinking = false;
let underWay: Promise<unknown> = Promise.resolve();
const live = (history: History): Promise<void> => {
  const lives = liveThrough(history);
  underWay = lives.catch(() => undefined);
  return lives;
};
const liveThrough = async (history: History): Promise<void> => {
  const start = Date.now();
  await harness.live(history).catch((error: unknown) => {
    say(`NOT SURVIVED, ${history.length} steps: ${(error as Error).message}`);
    if (!isShrinking) say(JSON.stringify(history));
    isShrinking = true;
    throw error;
  });
  lived += 1;
  say(`ok ${lived}: ${history.length} steps, quiet after ${((Date.now() - start) / 1000).toFixed(1)} s`);
};

// Whoever interrupts it is left with no process of it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void harness.stop().finally(() => process.exit(1)));
}
say(`seed ${seed}, ${minutes} minutes, ${processes} processes`);
try {
  await fc.assert(fc.asyncProperty(histories({ length, kills }), live), {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: minutes * 60_000,
    examples: regressions.map(({ history }): [History] => [history]),
  });
  say(`${lived} histories survived`);
} catch (error) {
  say((error as Error).message);
  say(String((error as Error).cause));
  process.exitCode = 1;
} finally {
  await underWay; // when its time is over, fast-check waits for nobody
  await harness.stop();
}
