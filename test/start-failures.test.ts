/** Every start that cannot succeed says what is wrong and what to do, stops all that it had started, and ends with 1. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testDatabase, type TestDatabase } from '../src/database/testing.js';
import { secretsWith } from '../src/sites/secrets.js';
import { freePort } from './cascade.js';
import { TinyDisk } from './faults/tiny-disk.js';
import { program } from './program.js';

vi.setConfig({ testTimeout: 120_000 });

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
let dataDir: string;
let database: TestDatabase;
let port: number;
const servers: Server[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-failing-'));
  await chmod(dataDir, 0o711);
  database = await testDatabase();
  port = await freePort(3);
});
afterAll(async () => {
  servers.forEach((server) => server.close());
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

interface Ended {
  code: number | null;
  said: string;
}

type Environment = Record<string, string | undefined>;

function begin(environment: Environment, args: readonly string[], uid?: number) {
  const { PATH } = process.env;
  const env = {
    PATH,
    HOME: dataDir,
    CASCADE_LOG_LEVEL: 'warn',
    CASCADE_DATA_DIR: path.join(dataDir, 'data'),
    CASCADE_LISTEN: `127.0.0.1:${port}`,
    ...environment,
  };
  const child = spawn(process.execPath, [...program(), ...args], { env, uid, gid: uid, cwd: '/' });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const ended: Promise<Ended> = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  return { child, ended, said: () => said };
}

/** Runs it to its end, which is a failure that leaves nothing behind. @returns what it said */
async function failure(
  environment: Environment = {},
  args: readonly string[] = ['serve'],
  uid?: number,
): Promise<string> {
  const { ended } = begin(environment, args, uid);
  const { code, said } = await ended;
  expect(said).toContain('cascade: ');
  expect(said).not.toMatch(/\n {4}at /); // no stack
  expect(code).toBe(1);
  expect(await processesOf(environment['CASCADE_DATA_DIR'] ?? dataDir)).toEqual([]);
  return said;
}

/** Command lines in which a directory is named: PostgreSQL's. */
async function processesOf(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(directory));
}

/** @returns the port that it takes */
async function taken(at: number | string = 0): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) =>
    typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve),
  );
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const external = (): Environment => ({ DATABASE_URL: database.database.url });

test.each([['start'], ['serve'], ['serve', '--processes', '2']])('a port in use: %s %s %s', async (...args) => {
  const other = await taken();
  const said = await failure({ CASCADE_LISTEN: `127.0.0.1:${other}` }, args);
  expect(said).toContain(`cannot listen on 127.0.0.1:${other}: another program uses that port already`);
  expect(said).toContain('choose another port with CASCADE_LISTEN');
  await expect(stat(path.join(dataDir, 'data', 'postgres'))).rejects.toThrow('ENOENT'); // it was noticed before all else
});

test.each([
  ['192.0.2.1:8700', 'no network interface of this machine has that address'],
  ['nowhere.invalid:8700', 'the host name nowhere.invalid is not known on this machine'],
  ['8700', 'CASCADE_LISTEN: must be host:port'],
  ['127.0.0.1:99999', 'CASCADE_LISTEN: the port must be from 1 to 65535'],
])('an address that cannot be: %s', async (listen, words) => {
  expect(await failure({ CASCADE_LISTEN: listen })).toContain(words);
});

test('bad numbers and words in the environment are all named', async () => {
  const said = await failure({
    CASCADE_SITE_RATE: 'fast',
    CASCADE_SITE_CONCURRENCY: '0',
    CASCADE_KEYSTONE_URL: 'keystone',
    DATABASE_URL: 'mysql://root@localhost/cascade',
  });
  expect(said).toContain('CASCADE_SITE_RATE: must be a number, 0 or more');
  expect(said).toContain('CASCADE_SITE_CONCURRENCY: must be a whole number, 1 or more');
  expect(said).toContain('CASCADE_KEYSTONE_URL: must be an http(s) URL');
  expect(said).toContain('DATABASE_URL: must be postgres://user:password@host/database');
});

test('secret keys that are none, in the environment and in the file', async () => {
  const short = { ...external(), CASCADE_SECRET_KEY: Buffer.from('too short').toString('base64') };
  expect(await failure(short)).toContain('CASCADE_SECRET_KEY is not a secret key, which is 32 random bytes in base64');
  await mkdir(path.join(dataDir, 'bad-key'));
  const file = path.join(dataDir, 'bad-key', 'secret.key');
  await writeFile(file, '');
  const said = await failure({ ...external(), CASCADE_DATA_DIR: path.dirname(file) }, ['serve', '--processes', '2']);
  expect(said).toContain(`${file} is not a secret key`);
});

test.each([[['serve']], [['serve', '--processes', '3']]])(
  'a secret key that is not the one of the database: %s',
  async (args) => {
    const sealed = secretsWith(Buffer.alloc(32, 1)).seal('{}', 'east');
    await database.database.run(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       values ('east', 'enabled', 'http://127.0.0.1:1', 'east', 'public', true, $1, '{}')`,
      [sealed],
    );
    const key = Buffer.alloc(32, 2).toString('base64');
    const said = await failure({ ...external(), CASCADE_SECRET_KEY: key }, args).finally(() =>
      database.database.run(`delete from site`),
    );
    expect(said).toContain('the credential of site east cannot be decrypted: it was stored with another secret key');
    expect(said.match(/cannot be decrypted/g)).toHaveLength(1);
  },
);

test('databases that cannot be used', async () => {
  const { url } = database.database;
  expect(await failure({ DATABASE_URL: 'postgres://shop:very-secret@127.0.0.1:1/cascade' })).toMatch(
    /\(cascade at 127\.0\.0\.1:1\): no PostgreSQL answers there: start it/,
  );
  const missing = await failure({ DATABASE_URL: url.replace(/\/test_[0-9a-f]+\?/, '/missing?') }, [
    'serve',
    '--processes',
    '2',
  ]);
  expect(missing).toContain('there is no database missing: make it');
  const stranger = await failure({ DATABASE_URL: url.replace('user=cascade', 'user=stranger') });
  expect(stranger).toContain('does not let user stranger in');
});

test('a database of a newer version, one of another program, and one whose user may not write', async () => {
  const next = await testDatabase();
  try {
    await next.database.run(`insert into schema_migration (number, name) values (9999, 'later')`);
    expect(await failure({ DATABASE_URL: next.database.url })).toContain(
      'a newer version of cascade has used this database (it is at migration 9999',
    );
    await next.database.run(`delete from schema_migration; insert into schema_migration values (1, 'users')`);
    expect(await failure({ DATABASE_URL: next.database.url })).toContain('made by another program');
    await next.database.run('delete from schema_migration');
    expect(await failure({ DATABASE_URL: next.database.url })).toContain('give cascade a database of its own');
    await next.database.run(`drop schema public cascade; create schema public; create role reader_only login`);
    const said = await failure({ DATABASE_URL: next.database.url.replace('user=cascade', 'user=reader_only') });
    expect(said).toContain('user reader_only may not make tables there');
  } finally {
    await next.database.run('drop role if exists reader_only');
    await next.close();
  }
});

test('data directories that cannot be', async () => {
  const file = path.join(dataDir, 'file');
  await writeFile(file, '');
  expect(await failure({ CASCADE_DATA_DIR: file })).toContain(`cannot write in the data directory ${file}`);
  const said = await failure({ CASCADE_DATA_DIR: '/proc/cascade' });
  expect(said).toContain('cannot write in the data directory /proc/cascade');
  expect(said).toContain('choose another data directory with CASCADE_DATA_DIR');
});

/** What root starts for another user must be readable by that user. */
const forNobody = async (): Promise<boolean> => {
  const [main] = program();
  if (!isRoot || !main?.endsWith('main.js')) return false;
  await chmod(path.join(main, '../..'), 0o755);
  return true;
};

test("a port and a data directory that are root's", async ({ skip }) => {
  if (!(await forNobody())) skip();
  const closed = path.join(dataDir, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const said = await failure({ CASCADE_DATA_DIR: closed }, ['serve'], nobody);
  expect(said).toContain(`user ${nobody} cannot write in the data directory ${closed}`);
  const first = Number(await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  if (first <= 1) return;
  const refused = await failure({ CASCADE_LISTEN: `127.0.0.1:${first - 1}` }, ['serve'], nobody);
  expect(refused).toContain(`user ${nobody} may not use this port`);
});

test('a disk without room', async ({ skip }) => {
  const disk = TinyDisk.mount(20);
  if (!disk) return skip();
  try {
    const directory = path.join(disk.path, 'data');
    expect(await failure({ CASCADE_DATA_DIR: directory })).toContain(
      `no room is left on the disk of the data directory ${directory}: make some`,
    );
    disk.fill();
    expect(await failure({ CASCADE_DATA_DIR: directory })).toContain('no room is left on the disk');
    const said = await failure({
      ...external(),
      CASCADE_DATA_DIR: directory,
      CASCADE_KEYSTONE_URL: 'http://127.0.0.1:1',
    });
    expect(said).toContain('no room is left on the disk');
  } finally {
    disk.unmount();
  }
});

test("another PostgreSQL on the embedded one's socket", async () => {
  const directory = path.join(dataDir, 'shared');
  const files = path.join(directory, 'postgres');
  await mkdir(files, { recursive: true });
  await writeFile(path.join(files, 'PG_VERSION'), '18\n');
  await taken(path.join(files, '.s.PGSQL.5432'));
  const said = await failure({ CASCADE_DATA_DIR: directory });
  expect(said).toContain(`another PostgreSQL answers on ${files}/.s.PGSQL.5432, and it is not this program's: stop it`);
  await rm(directory, { recursive: true });
});

test('simulate: ports in use, and too few of them', async () => {
  const other = await taken();
  const few = ['simulate', '--sites', '2', '--profile', 'none'];
  expect(await failure({}, [...few, '--base-port', String(other - 1)])).toMatch(
    /cannot listen on 127\.0\.0\.1:\d+: another program uses that port already: .* choose another port with --base-port/,
  );
  expect(await failure({}, ['simulate', '--sites', '1000', '--base-port', '65000'])).toContain('leaves no ports');
});

/** Resolves when a file of such a name is made, which may be gone again before anybody looks for it. */
const firstFile = (directory: string, prefix: string): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watch(directory, (_event, name) => {
      if (!name?.startsWith(prefix)) return;
      watcher.close();
      resolve();
    });
  });

test.each(['SIGINT', 'SIGTERM'] as const)('%s during the start ends it in order', async (signal) => {
  const directory = path.join(dataDir, `told-${signal}`);
  await mkdir(directory);
  const begun = firstFile(directory, 'postgres.new-');
  const { child, ended } = begin({ CASCADE_DATA_DIR: directory }, ['serve']);
  await begun; // initdb is at work
  child.kill(signal);
  expect((await ended).code).toBe(0);
  expect(await processesOf(directory)).toEqual([]);
  expect((await readdir(directory)).filter((name) => name.startsWith('postgres.new-'))).toEqual([]);
});

test('a second cascade on the same data directory; told to stop, the first one leaves nothing', async () => {
  const directory = path.join(dataDir, 'twice');
  const first = begin({ CASCADE_DATA_DIR: directory, CASCADE_LOG_LEVEL: 'info' }, ['serve']);
  await vi.waitFor(() => expect(first.said()).toContain('cascade is ready'), { timeout: 90_000 });
  const second = begin({ CASCADE_DATA_DIR: directory, CASCADE_LISTEN: `127.0.0.1:${port + 1}` }, ['serve']);
  const { code, said } = await second.ended;
  expect(code).toBe(1);
  expect(said).toContain(`${directory} is in use by another program (process ${first.child.pid}): stop that one first`);
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
  expect(await processesOf(directory)).toEqual([]);
});

test('a Keystone that does not answer: it starts, and says so', async () => {
  const silent = 'http://127.0.0.1:1';
  const { child, ended, said } = begin({ ...external(), CASCADE_KEYSTONE_URL: silent }, ['start']);
  const words = `CASCADE_KEYSTONE_URL: ${silent} does not answer (ECONNREFUSED)`;
  await vi.waitFor(() => expect(said()).toContain(words), { timeout: 60_000 });
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});
