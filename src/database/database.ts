import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError, type Pool } from 'pg';
import { AdvisoryLocks } from './advisory-locks.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { noRoomIn } from './errors.js';
import { notUsable, requireUsable } from './external-database.js';
import { silent, type Log } from './log.js';
import { migrate, type Migration } from './migrate.js';
import { migrations as allMigrations } from './migrations/index.js';
import { openPool } from './pool.js';
import { afterDeadlocks, queryable, rerunAfterDeadlock, type Queryable, type RunTransaction } from './queryable.js';

export type { Queryable } from './queryable.js';

/** The database of a running program; `many`, `one`, `maybe` and `run` each take a connection of their own. */
export interface Database extends Queryable {
  /**
   * For what the sites tell again: its commits do not wait for the disk. Should PostgreSQL crash, the last moments of them are
   * lost, in the order in which they were written; whatever is committed elsewhere keeps all that came before it.
   */
  readonly relaxed: Queryable;
  /** For what the helpers do not give: cursors, COPY, named or binary queries. */
  readonly pool: Pool;
  /** What another process of the same cascade connects to. */
  readonly url: string;
  /** What must not happen twice at once, in whichever process. */
  readonly locks: AdvisoryLocks;
  /** Runs `work` in one transaction (read committed): committed when it resolves, rolled back when it throws. */
  readonly transaction: RunTransaction;
  /** The same for work that does nothing but ask the database: run again where PostgreSQL ends it to resolve a deadlock. */
  readonly repeatableTransaction: RunTransaction;
  /** Ends the connections and, when this program started it, the embedded server. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Directory of this program's state; the embedded server lives in `<dataDir>/postgres`. Not used with a `url`. */
  dataDir: string;
  /** An external PostgreSQL 15 or later, `postgres://user:password@host/database`. */
  url?: string | undefined;
  log?: Log | undefined;
  /** Connections of this process. @default 20 (of the 100 that the embedded server allows) */
  poolSize?: number | undefined;
  /** @default those of this program */
  migrations?: readonly Migration[] | undefined;
  /** Settings of the embedded server that differ from ours, as in postgresql.conf. */
  postgresSettings?: Record<string, string> | undefined;
  /** Ends an attempt to open it; a server that was started for it is stopped. */
  signal?: AbortSignal | undefined;
}

/**
 * Opens the database, brought up to date by the pending migrations.
 * @throws DataDirectoryBusy another program uses the data directory
 * @throws PostgresNotAvailable, PostgresStartFailed the embedded server cannot run
 * @throws DatabaseNotUsable an external one cannot be used
 * @throws DatabaseNewerThanProgram
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const log = options.log ?? silent;
  const { dataDir, signal } = options;
  if (options.url) await requireUsable(options.url, signal);
  const server = options.url
    ? undefined
    : await startEmbeddedPostgres({ dataDir, log, settings: options.postgresSettings, signal });
  const url = options.url ?? server!.url('cascade');
  const size = options.poolSize ?? 20;
  const relaxed = Math.max(1, Math.floor(size / 4));
  const pool = openPool(url, size - relaxed, log);
  const relaxedPool = openPool(url, relaxed, log, 'set synchronous_commit to off');
  const locks = new AdvisoryLocks(url);
  let closing: Promise<void> | undefined;
  const database: Database = {
    ...queryable(afterDeadlocks(pool)),
    relaxed: queryable(afterDeadlocks(relaxedPool)),
    pool,
    url,
    locks,
    transaction: (work) => transaction(pool, work),
    repeatableTransaction: (work) => rerunAfterDeadlock(() => transaction(pool, work)),
    close: () => (closing ??= locks.close().then(() => close([pool, relaxedPool], server))),
  };
  try {
    await migrate(database.transaction, options.migrations ?? allMigrations, log);
    return database;
  } catch (error) {
    await database.close();
    throw describe(error, options);
  }
}

/** Errors of the first statements mean that this database cannot be used; some of ours say more than that. */
function describe(error: unknown, { url, dataDir }: DatabaseOptions): unknown {
  const refusal = error instanceof DatabaseError ? error : (error as Error).cause;
  if (!(refusal instanceof DatabaseError)) return error;
  if (url) return notUsable(url, refusal);
  return refusal.code === diskFull ? noRoomIn(dataDir, error) : error;
}

const diskFull = '53100';

async function transaction<Result>(pool: Pool, work: (tx: Queryable) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(queryable(client));
    // PostgreSQL answers ROLLBACK, and no error, to the commit of a transaction in which a statement had failed.
    const { command } = await client.query('commit');
    if (command === 'ROLLBACK') throw new Error('a statement of this transaction failed and its error was swallowed');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function close(pools: readonly Pool[], server: EmbeddedPostgres | undefined): Promise<void> {
  // end() waits for every lent connection; a transaction that hangs must not keep the program from stopping.
  const timer = new AbortController();
  const enough = delay(10_000, undefined, { signal: timer.signal });
  await Promise.race([Promise.all(pools.map((pool) => pool.end())), enough]).finally(() => timer.abort());
  await server?.stop();
}
