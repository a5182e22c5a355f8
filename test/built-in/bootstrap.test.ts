/** The first start: an administrator, somebody to try it out, and what belongs to it; once, whoever starts and is killed. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.js';
import { testDatabase } from '../../src/database/testing.js';
import { bootstrapIdentity, type BootstrapOptions } from '../../src/identity/built-in/bootstrap.js';
import { SecretHasher } from '../../src/identity/built-in/secret-hash.js';
import { adminCredential, demoCredential } from '../../src/identity/first-logins.js';

let database: Database;
let close: () => Promise<void>;
let options: BootstrapOptions;

beforeEach(async () => {
  ({ database, close } = await testDatabase());
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-bootstrap-'));
  options = { dataDir, region: 'RegionOne', adminPassword: undefined, passwordHashRounds: 6 };
});
afterEach(async () => {
  await close();
  await rm(options.dataDir, { recursive: true });
});

const count = async (kind: string) =>
  (await database.one<{ count: number }>(`select count(*) from identity_item where kind = $1`, [kind])).count;
const hashOf = async (user: string) =>
  (
    await database.one<{ secret: string }>(
      `select secret from identity_item where kind = 'user' and body->>'name' = $1`,
      [user],
    )
  ).secret;
const isPasswordOf = async (user: string, password = '') => new SecretHasher(6).matches(password, await hashOf(user));

test('passwords are generated into files for the owner alone', async () => {
  await bootstrapIdentity(database, options);
  expect((await readdir(options.dataDir)).sort()).toEqual(['admin-password', 'demo-password']);
  for (const user of ['admin', 'demo']) {
    expect((await stat(path.join(options.dataDir, `${user}-password`))).mode & 0o777).toBe(0o600);
  }
  const admin = await adminCredential(options.dataDir);
  expect(admin).toEqual({
    username: 'admin',
    projectName: 'admin',
    domainName: 'Default',
    password: expect.stringMatching(/^[\w-]{24}$/),
  });
  expect(await isPasswordOf('admin', admin?.password)).toBe(true);
  const demo = await demoCredential(options.dataDir);
  expect(await isPasswordOf('demo', demo?.password)).toBe(true);
  expect(demo?.password).not.toBe(admin?.password);
});

test('there are roles, projects and a catalog, and a second start changes nothing', async () => {
  await bootstrapIdentity(database, options);
  const before = await database.many(`select ref, body, secret from identity_item order by ref`);
  expect(await Promise.all(['domain', 'project', 'user', 'role', 'region'].map(count))).toEqual([1, 3, 2, 5, 1]);
  await bootstrapIdentity(database, options);
  expect(await database.many(`select ref, body, secret from identity_item order by ref`)).toEqual(before);
});

test('what was renamed or removed since stays so', async () => {
  await bootstrapIdentity(database, options);
  await database.run(
    `update identity_item set body = jsonb_set(body, '{name}', '"root"'), unique_key = '["default","root"]' where kind = 'user' and body->>'name' = 'admin'`,
  );
  await database.run(`delete from identity_item where kind = 'user' and body->>'name' = 'demo'`);
  await bootstrapIdentity(database, { ...options, adminPassword: 'for nobody' });
  expect(await count('user')).toBe(1);
});

test('several programs that start together make one', async () => {
  await Promise.all([1, 2, 3, 4].map(() => bootstrapIdentity(database, options)));
  expect([await count('user'), await count('project')]).toEqual([2, 3]);
  expect(await isPasswordOf('admin', (await adminCredential(options.dataDir))?.password)).toBe(true);
});

test('a start that was killed after it wrote the password goes on with that one', async () => {
  await writeFile(path.join(options.dataDir, 'admin-password'), 'written before the crash\n');
  await writeFile(path.join(options.dataDir, 'demo-password.1234'), 'half');
  await bootstrapIdentity(database, options);
  expect(await isPasswordOf('admin', 'written before the crash')).toBe(true);
  expect((await readFile(path.join(options.dataDir, 'demo-password'), 'utf8')).trim()).toHaveLength(24);
});

test('a start that fails half-way leaves nothing', async () => {
  const readOnly = { ...options, dataDir: path.join(options.dataDir, 'admin-password', 'no-directory') };
  await writeFile(path.join(options.dataDir, 'admin-password'), 'a file');
  await expect(bootstrapIdentity(database, readOnly)).rejects.toThrow();
  expect([await count('domain'), await count('service')]).toEqual([0, 0]);
});

test('a configured password is the administrator’s, at the first start and at each later one', async () => {
  await bootstrapIdentity(database, { ...options, adminPassword: 'first' });
  expect(await readdir(options.dataDir)).toEqual(['demo-password']);
  expect(await isPasswordOf('admin', 'first')).toBe(true);
  const hash = await hashOf('admin');
  await bootstrapIdentity(database, { ...options, adminPassword: 'first' });
  expect(await hashOf('admin')).toBe(hash);
  await bootstrapIdentity(database, { ...options, adminPassword: 'second' });
  expect(await isPasswordOf('admin', 'second')).toBe(true);
  expect((await adminCredential(options.dataDir, 'second'))?.password).toBe('second');
  expect(await adminCredential(options.dataDir)).toBeUndefined();
});

test('another region takes the endpoints with it', async () => {
  await bootstrapIdentity(database, options);
  await bootstrapIdentity(database, { ...options, region: 'Elsewhere' });
  const regions = await database.many<{ region: string }>(
    `select distinct body->>'region_id' as region from identity_item where kind = 'endpoint'`,
  );
  expect(regions).toEqual([{ region: 'Elsewhere' }]);
});
