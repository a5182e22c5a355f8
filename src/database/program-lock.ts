import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/**
 * The right to be the one program of a data directory: an advisory lock held by one connection. It needs no cleaning
 * up, since PostgreSQL drops it in the moment the program dies, however it dies.
 */
export interface ProgramLock {
  /** Resolves when the connection, and with it the lock, is gone. */
  readonly lost: Promise<void>;
  /** Runs one statement on the lock's connection. */
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  release(): Promise<void>;
}

/** Someone else has the lock. */
export interface LockHeld {
  holderPid: number | undefined;
}

const lockKey = 0x43415344; // 'CASD'
const holderName = 'cascade program';
const timeoutMs = 2_000; // a program that was killed has let go of it by then

/** Takes the lock, waiting a moment for a dying holder. `url` must always name the same database: locks are per database. */
export async function takeProgramLock(url: string): Promise<ProgramLock | LockHeld> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `${holderName} ${process.pid}`,
    connectionTimeoutMillis: 10_000,
  });
  const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
  client.on('error', () => undefined); // followed by 'end'
  const query = async <Row>(text: string, values?: unknown[]): Promise<Row[]> =>
    (await client.query(text, values)).rows as Row[];
  try {
    await client.connect();
    for (const startedAt = Date.now(); ; await delay(100)) {
      const [answer] = await query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [lockKey]);
      if (answer?.taken) return { lost, query, release: () => client.end() };
      if (Date.now() - startedAt > timeoutMs) break;
    }
    const [holder] = await query<{ name: string }>(
      `select a.application_name as name
         from pg_locks l
         join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = $1
          and a.application_name like $2`,
      [lockKey, `${holderName} %`],
    );
    await client.end();
    return { holderPid: holder && Number(holder.name.slice(holderName.length)) };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
