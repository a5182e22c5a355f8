/** The Unix socket that the embedded server is going to listen on, and whose it is now. */
import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { PostgresNotAvailable } from './errors.js';
import type { Cluster } from './initdb.js';
import { isAlive, isPostmaster, readPostmaster } from './postmaster.js';

const socketName = '.s.PGSQL.5432';

/**
 * Removes a lock of the socket whose server is gone and whose number was given to another process since: PostgreSQL refuses
 * to start with it, for good, as after each restart of a container.
 * @throws PostgresNotAvailable another server answers there: one that this process cannot see (another container's, on the
 *   same volume), or one that was started on other files
 */
export async function freeSocket(directory: string, { pgData, dataDir }: Cluster): Promise<void> {
  const socket = path.join(directory, socketName);
  if (typeof (await readPostmaster(pgData)) !== 'object' && (await answers(socket))) {
    throw new PostgresNotAvailable(
      `another PostgreSQL answers on ${socket}, and it is not this program's: stop it (in another container, perhaps, that ` +
        `has the same ${dataDir}), or choose another data directory with CASCADE_DATA_DIR`,
    );
  }
  const lock = `${socket}.lock`;
  const holder = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10);
  if (isAlive(holder) && !(await isPostmaster(holder, pgData))) await rm(lock, { force: true });
}

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
