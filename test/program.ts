/**
 * The program as an operator runs it: compiled. A process that compiles what it runs takes some seconds to start, and some
 * tests start a dozen.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const variable = 'CASCADE_TEST_PROGRAM';
/** Data that the program reads. */
const copied = [
  'clouds/simulated/profiles',
  'clouds/simulated/schemas/nova-zed.json',
  'clouds/simulated/schemas/cinder-zed.json',
];

/** What follows `node`; without `vitest run` (a script that runs by itself) the source. */
export const program = (): string[] => {
  const compiled = process.env[variable];
  return compiled === undefined ? ['--import', 'tsx', join(root, 'src/main.ts')] : [compiled];
};

/** Compiles it into a temporary directory, for this process and those it starts. @returns what removes it */
export async function compileProgram(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'cascade-program-'));
  const compiler = join(root, 'node_modules/typescript-native/bin/tsc');
  const options = ['-p', 'tsconfig.build.json', '--outDir', directory, '--noCheck', '--sourceMap', 'false'];
  await Promise.all([
    promisify(execFile)(process.execPath, [compiler, ...options], { cwd: root }),
    // Where Node looks for what the program imports, and what kind of modules these are.
    symlink(join(root, 'node_modules'), join(directory, 'node_modules')),
    writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' })),
    ...copied.map((name) => cp(join(root, 'src', name), join(directory, name), { recursive: true })),
  ]);
  process.env[variable] = join(directory, 'main.js');
  return () => rm(directory, { recursive: true, force: true });
}
