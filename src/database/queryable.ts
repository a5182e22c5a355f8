import { DatabaseError, type Pool, type QueryResult } from 'pg';
import { UnexpectedRowCount } from './errors.js';
import { storable } from './storable.js';

/**
 * A statement that is run so often that each connection is to parse and plan it once, under its name. For those alone whose
 * text never varies and whose plan is the same whatever the values are.
 */
export interface Statement {
  /** At most 63 characters, the statement's own. */
  readonly name: string;
  readonly text: string;
}

/** `statement('inventory.find', 'select …')` */
export const statement = (name: string, text: string): Statement => ({ name, text });

/**
 * What SQL is run on: the database itself or one transaction of it.
 *
 * Values are numbered `$1, $2 …`. `int8` (and so `count(*)`) comes back as a number, `timestamptz` as a `Date`,
 * `numeric` as a string, `json` and `jsonb` parsed. A JavaScript array becomes a PostgreSQL array; for a json array
 * pass `JSON.stringify(value)`.
 *
 * @throws pg.DatabaseError when PostgreSQL refuses (see `violationOf`)
 */
export interface Queryable {
  /** All rows. */
  many<Row>(sql: string | Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** The one row. @throws UnexpectedRowCount unless there is exactly one */
  one<Row>(sql: string | Statement, values?: readonly unknown[]): Promise<Row>;
  /** The row or undefined. @throws UnexpectedRowCount when there are several */
  maybe<Row>(sql: string | Statement, values?: readonly unknown[]): Promise<Row | undefined>;
  /** How many rows were written. Several statements may be given when there are no values. */
  run(sql: string | Statement, values?: readonly unknown[]): Promise<number>;
}

/** Runs `work` in one transaction (read committed): committed when it resolves, rolled back when it throws. */
export type RunTransaction = <Result>(work: (tx: Queryable) => Promise<Result>) => Promise<Result>;

const deadlockDetected = '40P01';
const attempts = 5;

/**
 * What PostgreSQL ends to resolve a deadlock has done nothing, and is run again.
 * @param work a statement, or a transaction that does nothing but ask the database
 */
export async function rerunAfterDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isVictim = error instanceof DatabaseError && error.code === deadlockDetected;
      if (!isVictim || attempt === attempts) throw error;
    }
  }
}

/** A pool, of which each statement is a transaction by itself. */
export function afterDeadlocks(pool: Pick<Pool, 'query'>): Pick<Pool, 'query'> {
  const query = (...given: unknown[]): Promise<QueryResult> =>
    rerunAfterDeadlock(() => pool.query(...(given as [string])));
  return { query: query as Pool['query'] };
}

/** Gives a pool, or a client of it, the shape of `Queryable`. */
export function queryable(executor: Pick<Pool, 'query'>): Queryable {
  const query = (sql: string | Statement, values?: readonly unknown[]): Promise<QueryResult> => {
    const stored = values?.map(storable);
    return typeof sql === 'string' ? executor.query(sql, stored) : executor.query({ ...sql, values: stored });
  };

  const maybe = async <Row>(sql: string | Statement, values?: readonly unknown[]): Promise<Row | undefined> => {
    const { rows } = await query(sql, values);
    if (rows.length > 1) throw new UnexpectedRowCount(rows.length, textOf(sql));
    return rows[0] as Row | undefined;
  };
  return {
    maybe,
    many: async <Row>(sql: string | Statement, values?: readonly unknown[]) => (await query(sql, values)).rows as Row[],
    one: async <Row>(sql: string | Statement, values?: readonly unknown[]) => {
      const row = await maybe<Row>(sql, values);
      if (row === undefined) throw new UnexpectedRowCount(0, textOf(sql));
      return row;
    },
    run: async (sql, values) => (await query(sql, values)).rowCount ?? 0,
  };
}

const textOf = (sql: string | Statement): string => (typeof sql === 'string' ? sql : sql.text);
