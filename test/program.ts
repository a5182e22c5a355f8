/**
 * The program as an operator runs it: compiled. A process that compiles what it runs takes some seconds to start, and some
 * tests start a dozen.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const variable = 'CASCADE_TEST_PROGRAM';
const compiler = join(root, 'node_modules/typescript-native/bin/tsc');
const packages = ['openstack-protocol', 'openstack-adapter', 'simulated-openstack'];
/** Data that the packages read. */
const data = ['openstack-adapter/src/schemas', 'simulated-openstack/src/profiles'];

/** What follows `node`; without `vitest run` (a script that runs by itself) the source. */
export const program = (): string[] => {
  const compiled = process.env[variable];
  return compiled === undefined ? ['--import', 'tsx', join(root, 'src/main.ts')] : [compiled];
};

/** Compiles it into `app/` of a temporary directory, for this process and those it starts. @returns what removes it */
export async function compileProgram(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'cascade-program-'));
  const app = join(directory, 'app');
  const built = (name: string): string => join(app, 'node_modules/@cascade', name);
  const dataOf = (path: string) =>
    cp(join(root, 'packages', path), join(app, 'node_modules/@cascade', path.replace('/src/', '/dist/')), {
      recursive: true,
      filter: (name) => !name.endsWith('.ts'),
    });
  await mkdir(app);
  await Promise.all([
    compile('.', app),
    ...packages.map((name) => compile(`packages/${name}`, join(built(name), 'dist'))),
    ...packages.map((name) => cp(join(root, 'packages', name, 'package.json'), join(built(name), 'package.json'))),
    ...data.map(dataOf),
    // Where Node looks for what the program and its packages import, and what kind of modules these are.
    symlink(join(root, 'node_modules'), join(directory, 'node_modules')),
    writeFile(join(app, 'package.json'), JSON.stringify({ type: 'module' })),
  ]);
  process.env[variable] = join(app, 'main.js');
  return () => rm(directory, { recursive: true, force: true });
}

const compile = (project: string, into: string) =>
  promisify(execFile)(
    process.execPath,
    [compiler, '-p', join(project, 'tsconfig.build.json'), '--outDir', into, '--noCheck', '--sourceMap', 'false'],
    { cwd: root },
  );
