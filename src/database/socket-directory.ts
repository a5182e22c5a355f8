import { createHash } from 'node:crypto';
import { chown, lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PostgresNotAvailable } from './errors.js';
import type { Account } from './postgres-account.js';

const longestSocketPath = process.platform === 'linux' ? 107 : 103; // bytes, sun_path of sockaddr_un(7) without its end

/**
 * The directory of PostgreSQL's Unix socket, open to its owner alone (that is the only access control there is). The
 * database directory itself, unless its path is too long for a socket.
 * @throws PostgresNotAvailable the short directory belongs to someone else
 */
export async function socketDirectory(pgData: string, { owner }: Account): Promise<string> {
  if (Buffer.byteLength(path.join(pgData, '.s.PGSQL.5432.lock')) <= longestSocketPath) return pgData;
  const uid = owner?.uid ?? process.getuid!();
  const hash = createHash('sha256').update(`${uid} ${pgData}`).digest('hex').slice(0, 16);
  const short = `/tmp/cascade-${hash}`;
  try {
    await mkdir(short, { mode: 0o700 });
    if (owner) await chown(short, owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // Anyone can make a directory in /tmp first, to sit between us and the server.
  const found = await lstat(short);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new PostgresNotAvailable(`${short} is not a directory that belongs to user ${uid} alone: remove it`);
  }
  return short;
}
