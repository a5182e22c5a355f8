import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from './database.js';
import { DataDirectoryBusy, PostgresNotAvailable, PostgresStartFailed } from './errors.js';
import { isAlive } from './postmaster.js';

vi.setConfig({ testTimeout: 120_000 });

const module = new URL('database.ts', import.meta.url).href;
const migrations = [{ number: 1, name: 'note', sql: 'create table note (text text)' }];
const postgresSettings = { fsync: 'off' }; // a killed server loses nothing by that, only a machine without power would

let dataDir: string;
let events: string[];
const opened: Database[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-embedded-'));
  await chmod(dataDir, 0o711);
  events = [];
});
afterEach(async () => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
  await Promise.all(opened.splice(0).map((database) => database.close()));
  await rm(dataDir, { recursive: true, force: true });
});

async function open(directory = dataDir): Promise<Database> {
  const record = (event: string): void => void events.push(event);
  const log = { info: record, warn: record, error: record };
  const database = await openDatabase({ dataDir: directory, migrations, log, postgresSettings });
  opened.push(database);
  return database;
}

/** Another program, which opens the database, writes a note and stays until it is killed. */
async function otherProgram(): Promise<ChildProcess> {
  const code = `
    const { openDatabase } = await import(${JSON.stringify(module)});
    const migrations = ${JSON.stringify(migrations)};
    const postgresSettings = ${JSON.stringify(postgresSettings)};
    const database = await openDatabase({ dataDir: ${JSON.stringify(dataDir)}, migrations, postgresSettings });
    await database.run("insert into note values ('written by the other')");
    process.on('SIGTERM', () => database.close().then(() => process.exit()));
    process.stdout.write('open');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the other program ended'))),
  ]);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await once(child, 'exit');
}

const pidFile = () => path.join(dataDir, 'postgres', 'postmaster.pid');
const postmasterPid = async () => Number.parseInt(await readFile(pidFile(), 'utf8'), 10);
const notes = (database: Database) => database.many('select text from note');
const theirNote = [{ text: 'written by the other' }];

test('what was written is there after a restart, and no server stays behind', async () => {
  const first = await open();
  await first.run("insert into note values ('hello')");
  const pid = await postmasterPid();
  await first.close();
  await expect.poll(() => isAlive(pid)).toBe(false);

  const second = await open();
  expect(await notes(second)).toEqual([{ text: 'hello' }]);
  expect(events.filter((event) => event === 'postgres.initialised')).toHaveLength(1);
});

test('the server of a program that was killed is taken over', async () => {
  const other = await otherProgram();
  const pid = await postmasterPid();
  await end(other, 'SIGKILL');

  const database = await open();
  expect(await notes(database)).toEqual(theirNote);
  expect(await postmasterPid()).toBe(pid);
  expect(events).not.toContain('postgres.account'); // nothing was started
  await database.close();
  await expect(readFile(pidFile())).rejects.toThrow('ENOENT');
});

test('a second program on the same data directory is refused and told by whom', async () => {
  const other = await otherProgram();
  const refusal = await open().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(DataDirectoryBusy);
  expect(refusal).toMatchObject({ dataDir, holderPid: other.pid });

  await end(other, 'SIGTERM'); // and the first was not disturbed: it can still end in order
  expect(await notes(await open())).toEqual(theirNote);
});

test('of two programs that start at once in a new directory one wins', async () => {
  const [one, two] = await Promise.allSettled([open(), open()]);
  expect([one.status, two.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  const lost = [one, two].find((result) => result.status === 'rejected');
  expect(lost?.reason).toBeInstanceOf(DataDirectoryBusy);
});

test('a program that starts while another one stops waits for it', async () => {
  const first = await open();
  const [, second] = await Promise.all([first.close(), open()]);
  expect(await notes(second)).toEqual([]);
});

test('both program and server killed: the next start recovers', async () => {
  const other = await otherProgram();
  process.kill(await postmasterPid(), 'SIGKILL');
  await end(other, 'SIGKILL');
  expect(await notes(await open())).toEqual(theirNote);
});

test('a postmaster.pid whose number now belongs to another process is seen through', async () => {
  await (await open()).close();
  for (const pid of [process.pid, 4_000_000]) {
    const text = `${pid}\n${dataDir}/postgres\n1700000000\n5432\n/tmp\n\n  1234567   1\nready   \n`;
    await writeFile(pidFile(), text);
    await writeFile(path.join(dataDir, 'postgres', '.s.PGSQL.5432.lock'), text);
    const database = await open();
    expect(await notes(database)).toEqual([]);
    await database.close();
  }
});

test('a server that dies under the program is started again', async () => {
  const database = await open();
  const pid = await postmasterPid();
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => postmasterPid(), { timeout: 20_000 }).not.toBe(pid);
  await expect.poll(() => notes(database).catch(String), { timeout: 20_000 }).toEqual([]);
  expect(events).toContain('postgres.lost');
});

test('a server whose files were deleted under it still ends', async () => {
  const database = await open();
  const pid = await postmasterPid();
  await rm(dataDir, { recursive: true, force: true });
  await database.close();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('an interrupted initdb leaves nothing that matters', async () => {
  const unfinished = path.join(dataDir, 'postgres.new-4000000-abc');
  await mkdir(unfinished);
  await writeFile(path.join(unfinished, 'PG_VERSION'), '18');
  expect(await notes(await open())).toEqual([]);
  expect((await readdir(dataDir)).toSorted()).toEqual(['postgres', 'postgres.log']);
});

test('a data directory too deep for a socket has its socket in a short one', async () => {
  const deep = path.join(dataDir, 'x'.repeat(60), 'é "quoted", and spaced');
  const database = await open(deep);
  const sockets = new URLSearchParams(database.url.split('?')[1]).get('host')!;
  expect(sockets).toMatch(/^\/tmp\/cascade-[0-9a-f]{16}$/);
  await database.close();
  const again = await open(deep);
  expect(await notes(again)).toEqual([]);
  await again.close();
  await rmdir(sockets);
});

test('files of another PostgreSQL are refused with the words of its log', async () => {
  await (await open()).close();
  await writeFile(path.join(dataDir, 'postgres', 'PG_VERSION'), '14\n');
  const refusal = await open().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(PostgresStartFailed);
  expect(String(refusal)).toContain('initialized by PostgreSQL version 14');
});

test('a data directory that cannot be is refused by name', async () => {
  await writeFile(path.join(dataDir, 'file'), '');
  const refusal = await open(path.join(dataDir, 'file')).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(PostgresNotAvailable);
  expect(String(refusal)).toContain(`cannot write in the data directory ${dataDir}/file`);
});

test('a directory that is no database is not overwritten', async () => {
  await mkdir(path.join(dataDir, 'postgres'));
  await writeFile(path.join(dataDir, 'postgres', 'thesis.tex'), '…');
  await expect(open()).rejects.toThrow('not empty');
  expect(await readdir(path.join(dataDir, 'postgres'))).toEqual(['thesis.tex']);
});
