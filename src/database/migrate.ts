import { DatabaseNewerThanProgram } from './errors.js';
import type { Log } from './log.js';
import type { Queryable, RunTransaction } from './queryable.js';

/** One step of the schema. `sql` may hold several statements; it runs in a transaction (no `create index concurrently`). */
export interface Migration {
  number: number;
  name: string;
  sql: string;
}

const lockKey = 0x43415343; // 'CASC': the advisory lock that makes programs migrate one after another

/**
 * Runs the migrations that this database has not seen, each in a transaction of its own.
 * Programs that start together take turns: each looks again after it got the lock.
 * @throws DatabaseNewerThanProgram
 */
export async function migrate(transaction: RunTransaction, migrations: readonly Migration[], log: Log): Promise<void> {
  checkNumbers(migrations);
  // The lock ends with the transaction, so it also works through a PgBouncer that shares connections.
  const next = () =>
    transaction(async (tx) => {
      await tx.run('select pg_advisory_xact_lock($1)', [lockKey]);
      const migration = migrations[await lastApplied(tx, migrations)];
      if (migration) await apply(tx, migration);
      return migration;
    });
  for (let done = await next(); done; done = await next()) {
    log.info('database.migrated', { number: done.number, name: done.name });
  }
}

async function apply(tx: Queryable, { number, name, sql }: Migration): Promise<void> {
  try {
    await tx.run(sql);
  } catch (error) {
    throw new Error(`migration ${number} (${name}) failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  await tx.run('insert into schema_migration (number, name) values ($1, $2)', [number, name]);
}

async function lastApplied(tx: Queryable, migrations: readonly Migration[]): Promise<number> {
  await tx.run(`
    create table if not exists schema_migration (
      number     integer primary key,
      name       text not null,
      applied_at timestamptz not null default now()
    )`);
  const applied = await tx.many<{ number: number; name: string }>(
    'select number, name from schema_migration order by number',
  );
  const last = applied.at(-1)?.number ?? 0;
  if (last > migrations.length) throw new DatabaseNewerThanProgram(last, migrations.length);
  for (const { number, name } of applied) {
    const known = migrations[number - 1]?.name;
    if (known === name) continue;
    throw new Error(
      `the database was made by another program, or by a version of cascade that was never released (its migration ${number} ` +
        `is "${name}", here it is "${known}"): give this one a database of its own`,
    );
  }
  return last;
}

function checkNumbers(migrations: readonly Migration[]): void {
  migrations.forEach(({ number, name }, index) => {
    if (number !== index + 1) throw new Error(`migration "${name}" has number ${number}, expected ${index + 1}`);
  });
}
