/** What a request costs the database: how many statements, each of which waits for a connection and an answer. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startTestCascade, type TestCascade } from './cascade.js';

let cloud: TestCascade;
let id: string;
interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}
/** All of the process. */
const statements: Statement[] = [];

beforeAll(async () => {
  cloud = await startTestCascade();
  for (let n = 0; n < 3; n += 1) ({ id } = cloud.east.put('servers', { tenant_id: cloud.project, name: `db${n}` }));
  const { reader, kinds, sites, database } = cloud.cascade.world;
  await reader.readAll(kinds.get('server')!, sites.byName('east')!);
  const query = database.pool.query.bind(database.pool) as (...asked: unknown[]) => never;
  vi.spyOn(database.pool, 'query').mockImplementation((...asked: unknown[]) => {
    const [what, values = []] = asked as [string | Statement, unknown[]?];
    statements.push(typeof what === 'string' ? { text: what, values } : what);
    return query(...asked);
  });
});
afterAll(async () => {
  await cloud.east.server.recover();
  await cloud.close();
});
beforeEach(() => {
  statements.splice(0);
});

/** The tables that the tenant's requests asked: its feeds and reconcilers name neither its project nor its server. */
const tablesAsked = () =>
  statements
    .filter(
      ({ text, values }) =>
        values.includes(cloud.project) || values.includes(id) || text.includes("where kind = 'flavor' and body"),
    )
    .map(({ text }) => /(?:from|into|update) (\w+)/.exec(text)?.[1]);

const at = (microversion: string) => ({ 'openstack-api-version': `compute ${microversion}` });
const get = async (path: string, microversion = '2.93') => {
  const answer = await cloud.get(`/compute/v2.1/servers${path}`, at(microversion));
  expect(answer.status).toBe(200);
  return answer.body;
};

test.each([
  ['a list', '', '2.1', ['touched', 'resource']],
  ['a list in detail', '/detail', '2.93', ['touched', 'resource']],
  ['a list in detail that names flavors', '/detail', '2.1', ['global_resource', 'touched', 'resource']],
])('%s looks for writes to catch up with, and reads one page', async (_what, path, microversion, tables) => {
  expect((await get(path, microversion)).servers).toHaveLength(3);
  expect(tablesAsked()).toEqual(tables);
});

test('a page behind a marker looks for the marker, too', async () => {
  await get(`?marker=${id}&limit=1`);
  expect(tablesAsked()).toEqual(['touched', 'resource', 'resource']);
});

test('one server is looked up; what its site shows as it was known is not written again', async () => {
  expect((await get(`/${id}`)).server.id).toBe(id);
  expect(tablesAsked()).toEqual(['resource']);
});

test('one server that its site shows otherwise than it was known is written', async () => {
  cloud.east.change(id, { name: 'renamed' });
  expect((await get(`/${id}`)).server.name).toBe('renamed');
  expect(tablesAsked()).toEqual(['resource', 'resource']);
  expect((await cloud.cascade.world.inventory.find('server', id))?.body).toContain('renamed');
});

test('one server of a silent site is looked up once', async () => {
  await cloud.east.server.refuse();
  for (let time = 0; time < 3; time += 1) await cloud.cascade.world.sites.probe();
  statements.splice(0);
  expect((await get(`/${id}`)).server.status).toBe('UNKNOWN');
  expect(tablesAsked()).toEqual(['resource']);
  statements.splice(0);
  expect((await get(`/${id}`, '2.1')).server.status).toBe('ACTIVE');
  expect(tablesAsked()).toEqual(['resource', 'global_resource']);
});
