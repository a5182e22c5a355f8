import pg from 'pg';
import type { Log } from './log.js';

const int8 = 20;
const int8Array = 1016 as number; // not among pg's named types

/** @throws RangeError rather than a silently wrong number */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit in a number: cast it to text`);
  return value;
}

const parseInt8Array = (text: string): (number | null)[] =>
  (pg.types.getTypeParser(int8Array as never)(text) as (string | null)[]).map((item) =>
    item === null ? null : parseInt8(item),
  );

const ownParsers: Record<number, (text: string) => unknown> = { [int8]: parseInt8, [int8Array]: parseInt8Array };

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && ownParsers[oid]) || pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig;

/**
 * A pool of at most `size` connections that survives a server which goes away.
 * @param setting further SQL by which each connection begins
 */
export function openPool(url: string, size: number, log: Log, setting = ''): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    types,
    application_name: `cascade ${process.pid}`,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    // Text of a timestamptz is the same whatever server answers. (The pool waits for this promise, its types say void.)
    onConnect: (client) => client.query(`set time zone 'UTC'; ${setting}`) as unknown as void,
  });
  // Without listeners a lost connection (57P01 when the server stops) is an uncaught exception: the pool listens for
  // idle clients only, so one lent to a transaction needs a listener of its own.
  pool.on('error', (error) => log.warn('database.connection-lost', { error: error.message }));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
