/** Servers of a cloud: the computed and the made ones are one list, in which nothing is missing and nothing twice. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../cloud.js';
import { openTestCloud, type TestCloud } from '../../testing-cloud.js';

const projectIds = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)];
const cloudWith = (changes: object = {}) => new SimulatedCloud({ name: 'z1', servers: 500, projectIds, ...changes });
const idsOf = (cloud: SimulatedCloud): string[] => [...cloud.servers.newestFirst()].map(({ id }) => id);

describe('the servers a cloud begins with', () => {
  test('are the same for the same seed and name, and others for others', () => {
    const [one, again, otherSeed, otherName] = [{}, {}, { seed: 2 }, { name: 'z2' }].map((changes) => {
      const cloud = cloudWith(changes);
      cloud.close();
      return JSON.stringify([...cloud.servers.newestFirst()]);
    });
    expect(again).toBe(one);
    expect(new Set([one, otherSeed, otherName]).size).toBe(3);
  });

  test('have ids of their own that lead back to them', () => {
    const cloud = cloudWith();
    cloud.close();
    const ids = idsOf(cloud);
    expect(new Set(ids).size).toBe(500);
    expect(ids[7]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids.map((id) => cloud.servers.find(id)?.id)).toEqual(ids);
    expect(cloud.servers.find(ids[7]!.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).toBeUndefined();
  });

  test('are found by project without looking at the others', () => {
    const cloud = cloudWith();
    cloud.close();
    const all = [...cloud.servers.newestFirst()];
    for (const projectId of projectIds) {
      expect([...cloud.servers.ofProject(projectId)]).toEqual(all.filter((server) => server.projectId === projectId));
    }
  });

  test('that are deleted stay deleted when their tombstones are gone', () => {
    const cloud = cloudWith();
    const [gone = ''] = idsOf(cloud);
    cloud.servers.remove(gone);
    expect([cloud.servers.count, cloud.servers.find(gone)?.vmState]).toEqual([499, 'deleted']);
    cloud.clock.skewMs = 25 * 3_600_000;
    cloud.servers.sweep();
    expect([cloud.servers.count, cloud.servers.kept, cloud.servers.find(gone)]).toEqual([499, 0, undefined]);
    expect(idsOf(cloud)).not.toContain(gone);
    cloud.close();
  });
});

describe('the list', () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await openTestCloud({ servers: 120 });
    const image = cloud.cloud.images.initialIds[0];
    for (const name of ['first', 'second']) {
      const server = { name, imageRef: image, flavorRef: '1', networks: 'none' };
      await cloud.ask('POST /compute/v2.1/servers', { version: '2.60', body: { server } });
    }
    await cloud.settle();
  });
  afterAll(() => cloud.close());

  const list = (query: string) =>
    cloud.ask(`GET /compute/v2.1/servers/detail?all_tenants=1&${query}`, { version: '2.66' });

  test.each([
    '',
    'sort_key=display_name&sort_dir=asc',
    'sort_key=project_id&sort_key=created_at&sort_dir=desc',
    'changes-since=2020-01-01T00:00:00Z',
  ])('page by page is the whole list, in the same order: %s', async (query) => {
    const whole = (await list(query)).body.servers.map(({ id }: { id: string }) => id);
    const paged: string[] = [];
    let next = `limit=7&${query}`;
    for (;;) {
      const { body } = await list(next);
      paged.push(...body.servers.map(({ id }: { id: string }) => id));
      if (!body.servers_links) break;
      next = new URL(body.servers_links[0].href).search.slice(1).replace('all_tenants=1&', '');
    }
    expect(paged).toEqual(whole);
    expect(new Set(paged).size).toBe(122);
  });

  // Made within one second, they are told apart by their ids alone.
  test('has the youngest first', async () => {
    const { body } = await list('limit=3');
    const names = body.servers.map(({ name }: { name: string }) => name);
    expect([names.slice(0, 2).sort(), names[2]]).toEqual([['first', 'second'], expect.stringMatching(/-00000$/)]);
  });

  test('is of the project of who asks', async () => {
    const { body } = await cloud.ask('GET /compute/v2.1/servers');
    expect(body.servers.map(({ name }: { name: string }) => name).sort()).toEqual(['first', 'second']);
  });

  test.each([
    ['name=^first$', 1],
    ['status=deleted', 0],
    ['flavor=none', 0],
    ['host=nowhere', 0],
    ['display_name=^first$', 1],
    ['name=first&name=second', 1],
    ['created_at=^2', 122],
    ['created_at=1999', 0],
    ['key_name=.', 0],
    ['ip=10.0.0.5', 11], // also 10.0.0.50 to 59
    ['ip=^10\\.0', 0],
  ])('filters: %s', async (query, count) => {
    expect((await list(query)).body.servers).toHaveLength(count);
  });

  test.each([
    ['limit=-1', 400],
    ['limit=x', 400],
    ['marker=00000000-0000-4000-8000-000000000000', 400],
    ['sort_key=colour', 400],
    ['sort_dir=up', 400],
    ['name=(', 400],
    ['status=merry', 400],
    ['metadata=x', 400],
    ['_hidden=x', 400],
    ['changes-since=2026-01-02T00:00:00Z&changes-before=2026-01-01T00:00:00Z', 400],
    ['changes-since=soon', 400],
  ])('refuses %s', async (query, status) => {
    expect((await list(query)).status).toBe(status);
  });

  test('tells what changed, the deleted too', async () => {
    const { body } = await list('limit=2');
    const [{ id }] = body.servers;
    const since = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z/, 'Z');
    await cloud.ask(`DELETE /compute/v2.1/servers/${id}`);
    await cloud.settle();
    const changed = (await list(`changes-since=${since}`)).body.servers;
    expect(changed).toContainEqual(expect.objectContaining({ id, status: 'DELETED' }));
    expect(changed).toHaveLength(2);
    expect((await list('')).text).not.toContain(id);
  });
});
