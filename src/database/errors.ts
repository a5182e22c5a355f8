import { DatabaseError } from 'pg';

/** Another program works on this data directory. `holderPid` is its process id, undefined when it could not be read. */
export class DataDirectoryBusy extends Error {
  override readonly name = 'DataDirectoryBusy';
  constructor(
    readonly dataDir: string,
    readonly holderPid: number | undefined,
  ) {
    super(
      `the data directory ${dataDir} is in use by another program (process ${holderPid ?? 'unknown'}): ` +
        'stop that one first, or choose another data directory with CASCADE_DATA_DIR',
    );
  }
}

/** The embedded PostgreSQL cannot run on this machine or for this user; the message says what can be done. */
export class PostgresNotAvailable extends Error {
  override readonly name = 'PostgresNotAvailable';
}

/** initdb or postgres was run and failed. `logTail` is the end of what it printed. */
export class PostgresStartFailed extends Error {
  override readonly name = 'PostgresStartFailed';
  constructor(
    what: string,
    readonly logTail: string,
  ) {
    super(logTail === '' ? what : `${what}\n${logTail}`);
  }
}

/** `dataDir` has no room for what the embedded database needs. */
export const noRoomIn = (dataDir: string, cause?: unknown): PostgresNotAvailable =>
  new PostgresNotAvailable(
    `no room is left on the disk of the data directory ${dataDir}: make some, or choose another data directory with CASCADE_DATA_DIR`,
    { cause },
  );

/** The external database cannot be used; the message says why, and what can be done. */
export class DatabaseNotUsable extends Error {
  override readonly name = 'DatabaseNotUsable';
}

/** The database was written by a newer version of this program, so this one must not touch it. */
export class DatabaseNewerThanProgram extends Error {
  override readonly name = 'DatabaseNewerThanProgram';
  constructor(
    readonly found: number,
    readonly known: number,
  ) {
    super(
      `a newer version of cascade has used this database (it is at migration ${found}, this version knows ${known}): ` +
        'run that version, or choose another database',
    );
  }
}

/** `one` or `maybe` met another number of rows than it promises. */
export class UnexpectedRowCount extends Error {
  override readonly name = 'UnexpectedRowCount';
  constructor(
    readonly count: number,
    text: string,
  ) {
    super(`the query gave ${count} rows: ${text.trim().replaceAll(/\s+/g, ' ').slice(0, 200)}`);
  }
}

const violations = {
  '23502': 'not-null',
  '23503': 'foreign-key',
  '23505': 'unique',
  '23514': 'check',
  '23P01': 'exclusion',
} as const;

/** What a rejected write ran into. `constraint` is the constraint's name (for not-null: the column's). */
export interface Violation {
  kind: (typeof violations)[keyof typeof violations];
  constraint: string | undefined;
}

/** The constraint that an error of PostgreSQL names, undefined for every other error. */
export function violationOf(error: unknown): Violation | undefined {
  if (!(error instanceof DatabaseError) || error.code === undefined || !(error.code in violations)) return undefined;
  return { kind: violations[error.code as keyof typeof violations], constraint: error.constraint ?? error.column };
}

// Shut down, crashed or starting; connections that were lost; no resources (a full disk, no memory, no connection left).
const away = /^(57P0[123]|08...|53...)$/;
const noConnection = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
// What pg says without a code.
const lostWords =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** True where the database could not be asked, now; it may well answer later. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message, syscall } = error as { code?: string; message?: string; syscall?: string };
  if (error instanceof DatabaseError) return away.test(code ?? '');
  const isSocket = syscall === 'connect' || syscall === 'read' || syscall === 'write';
  return (isSocket && noConnection.has(code ?? '')) || lostWords.test(message ?? '');
}
