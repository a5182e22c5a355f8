/** Passwords that were generated, kept in the data directory for its owner alone. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fileOf = (dataDir: string, user: string): string => join(dataDir, `${user}-password`);

/** The password in `<dataDir>/<user>-password`, which is made where it is not there. */
export async function keptPassword(dataDir: string, user: string): Promise<string> {
  const kept = await readKeptPassword(dataDir, user);
  if (kept !== undefined) return kept;
  await mkdir(dataDir, { recursive: true });
  const file = fileOf(dataDir, user);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600, flag: 'w' });
  // Killed here, there is a whole file or none; of two programs the first one's stays.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft, { force: true });
  return (await readKeptPassword(dataDir, user)) ?? '';
}

/** Undefined where none was generated here. */
export async function readKeptPassword(dataDir: string, user: string): Promise<string | undefined> {
  try {
    return (await readFile(fileOf(dataDir, user), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
