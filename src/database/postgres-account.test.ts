import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from './database.js';
import { PostgresNotAvailable } from './errors.js';
import { silent } from './log.js';
import { chooseAccount, giveTo, type Account } from './postgres-account.js';
import { carelessSettings } from './testing.js';
import { binary, completeLinks, copyBinaries, findBinaries } from './postgres-binaries.js';

vi.setConfig({ testTimeout: 120_000 }); // 60 MB are copied and PostgreSQL is started several times

let closed: string; // a directory that only we may enter, as root's home
let reachable: string;

beforeEach(async () => {
  closed = await mkdtemp(path.join(tmpdir(), 'cascade-account-'));
  reachable = await mkdtemp(path.join(tmpdir(), 'cascade-account-'));
  await chmod(reachable, 0o711);
});
afterEach(async () => {
  await rm(closed, { recursive: true, force: true });
  await rm(reachable, { recursive: true, force: true });
});

test('missing links among the libraries are made, and postgres then runs', async () => {
  const installed = await findBinaries();
  const native = path.join(closed, 'native');
  await cp(installed.directory, native, {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (file) => !(await readlink(file).catch(() => undefined)),
  });
  const copy = { ...installed, directory: native };
  const version = () => promisify(execFile)(binary(copy, 'postgres'), ['--version']);
  await expect(version()).rejects.toThrow('shared object');
  await completeLinks(copy);
  await completeLinks(copy);
  expect((await version()).stdout).toContain('PostgreSQL');
});

test('binaries are copied once', async () => {
  const [one, two] = await Promise.all([findBinaries(), findBinaries()]);
  const first = await copyBinaries(one, closed);
  const { ino } = await stat(binary(first, 'postgres'));
  const again = await copyBinaries(two, closed);
  expect((await stat(binary(again, 'postgres'))).ino).toBe(ino);
  expect(await readdir(closed)).toHaveLength(1);
});

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  const choose = async (dataDir: string, ...methods: Account['method'][]) =>
    chooseAccount(await findBinaries(), dataDir, silent, methods.length > 0 ? methods : undefined);

  test('nobody runs PostgreSQL where nobody can enter', async () => {
    expect(await choose(reachable)).toMatchObject({ method: 'nobody' });
  });

  test('in a closed directory root runs it under another name', async () => {
    expect(await choose(closed)).toMatchObject({ method: 'user-namespace', owner: { uid: 0 } });
  });

  test('a database moves between the two methods', async () => {
    const open = () =>
      openDatabase({ dataDir: path.join(closed, 'data'), migrations: [], postgresSettings: carelessSettings });
    const owner = async () => (await stat(path.join(closed, 'data', 'postgres', 'PG_VERSION'))).uid;
    for (const [mode, uid] of [
      [0o700, 0],
      [0o711, (await choose(reachable)).owner?.uid],
      [0o700, 0],
    ] as const) {
      await chmod(closed, mode);
      const database = await open();
      expect(await database.one('select 1 as works')).toEqual({ works: 1 });
      await database.close();
      expect(await owner()).toBe(uid);
    }
  });

  test('where binaries cannot be reached and namespaces are forbidden, they are copied to the data', async () => {
    const hidden = path.join(closed, 'native');
    const installed = await findBinaries();
    await cp(installed.directory, hidden, { recursive: true, verbatimSymlinks: true });
    const unreachable = { ...installed, directory: hidden };
    expect(await chooseAccount(unreachable, reachable, silent)).toMatchObject({ method: 'user-namespace' });

    const methods = ['nobody', 'nobody-copied-binaries'] as const;
    const account = await chooseAccount(unreachable, reachable, silent, methods);
    expect(account).toMatchObject({ method: 'nobody-copied-binaries' });
    expect(account.binaries.directory).toContain(reachable);
  });

  test('when no method works the error tells what to do and what each answered', async () => {
    const refusal = await choose(closed, 'nobody', 'nobody-copied-binaries').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PostgresNotAvailable);
    expect(await readdir(closed)).toEqual([]);
    expect(String(refusal)).toMatch(/ordinary user.*DATABASE_URL\n {2}nobody: .*cd.*\n {2}nobody-copied/s);
  });

  test('files that an earlier start gave to another user change hands', async () => {
    await mkdir(path.join(reachable, 'postgres', 'base'), { recursive: true });
    const account = await choose(reachable);
    await giveTo(account, path.join(reachable, 'postgres'));
    expect((await stat(path.join(reachable, 'postgres', 'base'))).uid).toBe(account.owner?.uid);
  });
});
