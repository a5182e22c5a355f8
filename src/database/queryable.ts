import type { Pool, QueryResult } from 'pg';
import { UnexpectedRowCount } from './errors.js';
import { storable } from './storable.js';

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
  many<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The one row. @throws UnexpectedRowCount unless there is exactly one */
  one<Row>(text: string, values?: readonly unknown[]): Promise<Row>;
  /** The row or undefined. @throws UnexpectedRowCount when there are several */
  maybe<Row>(text: string, values?: readonly unknown[]): Promise<Row | undefined>;
  /** How many rows were written. Several statements may be given when there are no values. */
  run(text: string, values?: readonly unknown[]): Promise<number>;
}

/** Runs `work` in one transaction (read committed): committed when it resolves, rolled back when it throws. */
export type RunTransaction = <Result>(work: (tx: Queryable) => Promise<Result>) => Promise<Result>;

/** Gives a pool, or a client of it, the shape of `Queryable`. */
export function queryable(executor: Pick<Pool, 'query'>): Queryable {
  const query = (text: string, values?: readonly unknown[]): Promise<QueryResult> =>
    executor.query(text, values?.map(storable));

  const maybe = async <Row>(text: string, values?: readonly unknown[]): Promise<Row | undefined> => {
    const { rows } = await query(text, values);
    if (rows.length > 1) throw new UnexpectedRowCount(rows.length, text);
    return rows[0] as Row | undefined;
  };
  return {
    maybe,
    many: async <Row>(text: string, values?: readonly unknown[]) => (await query(text, values)).rows as Row[],
    one: async <Row>(text: string, values?: readonly unknown[]) => {
      const row = await maybe<Row>(text, values);
      if (row === undefined) throw new UnexpectedRowCount(0, text);
      return row;
    },
    run: async (text, values) => (await query(text, values)).rowCount ?? 0,
  };
}
