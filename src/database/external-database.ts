/** Whether an external PostgreSQL can be used, and in words why it cannot. */
import pg from 'pg';
import { DatabaseNotUsable } from './errors.js';

const oldestMajor = 15;
const timeoutMs = 10_000;

/**
 * Connects once, before anything else is done with it.
 * @param signal ends the attempt
 * @throws DatabaseNotUsable
 */
export async function requireUsable(url: string, signal?: AbortSignal): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs });
  client.on('error', () => undefined); // what matters of it is thrown by the call under way
  const abort = (): void => void client.end().catch(() => undefined);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([check(client), aborted(signal)]);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof DatabaseNotUsable ? error : notUsable(url, error);
  } finally {
    signal?.removeEventListener('abort', abort);
    await Promise.race([client.end(), aborted(signal)]).catch(() => undefined);
  }
}

const aborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason as Error);
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

async function check(client: pg.Client): Promise<void> {
  await client.connect();
  const { rows } = await client.query<{ version: string; number: number; encoding: string; standby: boolean }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
            current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby`,
  );
  const [server] = rows;
  if (!server) return;
  if (server.number < oldestMajor * 10_000) {
    throw new DatabaseNotUsable(
      `the database of DATABASE_URL is PostgreSQL ${server.version}: cascade needs ${oldestMajor} or later`,
    );
  }
  if (server.standby) {
    throw new DatabaseNotUsable(
      'the database of DATABASE_URL is a standby, which takes no writes: DATABASE_URL must name the primary',
    );
  }
  if (server.encoding !== 'UTF8') {
    throw new DatabaseNotUsable(
      `the database of DATABASE_URL is encoded in ${server.encoding}: make one in UTF-8 (create database … encoding 'UTF8' template template0)`,
    );
  }
}

/** What went wrong with a connection or the first statements, in words. The password is in none of them. */
export function notUsable(url: string, error: unknown): DatabaseNotUsable {
  const at = placeOf(url);
  const { code = '', message } = error as { code?: string; message: string };
  const reason = reasons[code] ?? wordless.find(([words]) => words.test(message))?.[1];
  const text = reason ? reason(at) : `${message || code || String(error)}: correct DATABASE_URL, or the server`;
  return new DatabaseNotUsable(`cannot use the database of DATABASE_URL (${at.database} at ${at.server}): ${text}`, {
    cause: error,
  });
}

interface Place {
  readonly server: string;
  readonly database: string;
  readonly user: string;
}

type Reason = (at: Place) => string;

const notRunning: Reason = () => 'no PostgreSQL answers there: start it, or correct the host and port of DATABASE_URL';
const unknownHost: Reason = () => 'the name of the host is not known: correct it in DATABASE_URL';
const silent: Reason = () =>
  `nothing answered within ${timeoutMs / 1000} s: correct host and port of DATABASE_URL, or let the connection through (firewall, pg_hba.conf, listen_addresses)`;
const refused: Reason = ({ user }) =>
  `the server does not let user ${user} in: correct user and password in DATABASE_URL, or the server's pg_hba.conf`;
const forbidden: Reason = ({ user, database }) =>
  `user ${user} may not make tables there: grant create on schema public to "${user}", or make that user owner of database ${database}`;
const full: Reason = () => 'no room is left on its disk: make some, then start again';

/** By the code of PostgreSQL (SQLSTATE) or of the system. */
const reasons: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: notRunning,
  ENOENT: notRunning,
  ECONNRESET: () => 'the connection was cut: is it a PostgreSQL that listens there?',
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ETIMEDOUT: silent,
  EHOSTUNREACH: silent,
  ENETUNREACH: silent,
  EACCES: () => `user ${process.getuid?.() ?? ''} of this machine may not open its socket`,
  '28P01': refused,
  '28000': refused,
  '3D000': ({ database }) =>
    `there is no database ${database}: make it (create database "${database}"), or correct DATABASE_URL`,
  '42501': forbidden,
  '3F000': forbidden, // no schema in which it may
  '53100': full,
  '53300': () =>
    'all connections of the server are taken: raise its max_connections, or lower CASCADE_DATABASE_CONNECTIONS',
  '57P03': () => 'the server is still starting or shutting down: start again when it is ready',
  '42P07': () => 'another program has tables of the same names there: give cascade a database of its own',
  '25006': () => 'it takes no writes (a standby, or default_transaction_read_only): DATABASE_URL must name the primary',
};

/** What pg says without a code. */
const wordless: readonly [RegExp, Reason][] = [
  [/timeout/i, silent],
  [
    /password must be a (non-empty )?string/,
    ({ user }) => `the server wants a password of user ${user}, and DATABASE_URL has none`,
  ],
  [
    /does not support SSL/,
    () => 'the server does not speak TLS: leave sslmode out of DATABASE_URL, or give the server a certificate',
  ],
  [
    /certificate|self.signed/i,
    () => "the server's certificate is not trusted: give its authority by sslrootcert in DATABASE_URL",
  ],
  [/Connection terminated/, () => 'the connection was cut: is it a PostgreSQL that listens there?'],
];

function placeOf(url: string): Place {
  const { host, port, database, user } = new pg.Client({ connectionString: url });
  return {
    server: host.startsWith('/') ? `socket ${host}` : `${host}:${port}`,
    database: database ?? '',
    user: user ?? '',
  };
}
