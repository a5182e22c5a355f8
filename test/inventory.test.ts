/** What tenants see of two sites: one list, that lives through what happens to the sites. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { SiteUnreachable } from '../src/sites/site.js';
import { latestNova, startTestCascade, type TestCascade } from './cascade.js';

let cloud: TestCascade;

beforeAll(async () => {
  cloud = await startTestCascade({ siteDeadlines: { readMs: 4_000, writeMs: 4_000 } });
});
afterAll(() => cloud.close());
afterEach(() => Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover())));

const names = async (query = '') =>
  (await cloud.get(`/compute/v2.1/servers${query}`)).body.servers.map((server: { name: string }) => server.name).sort();
const isReachable = (name: string) => cloud.cascade.world.sites.byName(name)!.health('compute').reachable;
const made = (site: 'east' | 'west', name: string) => cloud[site].put('servers', { name, tenant_id: cloud.project });
const show = (id: string, headers = {}) => cloud.get(`/compute/v2.1/servers/${id}`, headers);

/** @throws what is not a site's silence */
function silent(error: unknown): void {
  if (!(error instanceof SiteUnreachable)) throw error;
}

/** What the feeds do every few seconds, now; a site that does not answer as it should stops nobody. */
async function readFeeds(): Promise<void> {
  const { world } = cloud.cascade;
  for (const site of world.sites.all()) {
    for (const kind of ['server', 'image']) await world.reader.readNow(world.kinds.get(kind)!, site).catch(silent);
  }
}

/** What the probes do every few seconds, until they notice. */
const noticeHealth = (reachable: boolean) =>
  vi.waitFor(
    async () => {
      await cloud.cascade.world.sites.probe();
      expect(isReachable('east')).toBe(reachable);
    },
    { timeout: 20_000, interval: 10 },
  );

test('what is made at a site appears, with its own id; what changes there changes; what is deleted there disappears', async () => {
  const { id } = made('east', 'by-hand');
  await readFeeds();
  expect(await names()).toEqual(['by-hand']);
  expect((await show(id)).body.server.id).toBe(id);
  cloud.east.change(id, { name: 'renamed' });
  await readFeeds();
  expect(await names()).toEqual(['renamed']);
  cloud.east.remove(id);
  await readFeeds();
  expect(await names()).toEqual([]);
  expect((await show(id)).status).toBe(404);
});

test('what no feed has told yet is found by its id', async () => {
  const { id } = made('west', 'new');
  expect(await names()).toEqual([]);
  expect((await show(id)).body.server.name).toBe('new');
  expect(await names()).toEqual(['new']);
});

test('what has moved to another site is shown as it is there', async () => {
  const { id } = made('east', 'here');
  await readFeeds();
  expect((await show(id)).body.server.name).toBe('here');
  cloud.east.remove(id);
  cloud.west.put('servers', { id, tenant_id: cloud.project, name: 'there' });
  await readFeeds();
  const asked = () => cloud.east.server.requestsLike(new RegExp(`^GET .*/servers/${id}$`)).length;
  expect((await show(id)).body.server.name).toBe('there');
  const before = asked();
  expect((await show(id)).body.server.name).toBe('there');
  expect(asked()).toBe(before);
  cloud.west.remove(id);
  await readFeeds();
});

test('an administrator finds servers of all projects by the start of a name and by a part of an address', async () => {
  const addresses = { net: ['10.7.1.5', '192.168.10.7'].map((addr) => ({ addr, version: 4 })) };
  const { id } = cloud.east.put('servers', { tenant_id: 'somebody', name: 'DB_1', addresses });
  await readFeeds();
  const found = async (filter: string) => {
    const list = await cloud.ask('GET', `/compute/v2.1/servers?all_tenants=1&${filter}`, { token: cloud.admin });
    return (list.body.servers as { id: string }[]).length;
  };
  for (const filter of ['name=%5Edb_', 'name=%5EDb_1$', 'name=b_1', 'ip=10.7.1', 'ip=7.1.5', 'ip=168.10.7', 'ip=.5'])
    expect([filter, await found(filter)]).toEqual([filter, 1]);
  for (const filter of ['name=%5Eb_1', 'name=%5EdbX', 'ip=10.71', 'ip=10x7', 'ip=10.7.1.51', 'ip=10%25'])
    expect([filter, await found(filter)]).toEqual([filter, 0]);
  cloud.east.remove(id);
  await readFeeds();
});

test('the links of a list lead through the servers of both sites, each of them once', async () => {
  const ids = Array.from({ length: 7 }, (_, at) => made(at % 2 ? 'east' : 'west', `s${at}`).id);
  await readFeeds();
  const seen: string[] = [];
  for (let path: string | undefined = '/compute/v2.1/servers?limit=3&name=%5Es'; path && seen.length < 20;) {
    const { body } = await cloud.get(path);
    seen.push(...body.servers.map((server: { id: string }) => server.id));
    path = body.servers_links?.[0].href.replace(cloud.url, '');
  }
  expect([...seen].sort()).toEqual([...ids].sort());
});

test('in a site with many images what comes and goes is found all the same', async () => {
  const put = (name: string) => cloud.west.put('images', { name, owner: cloud.project });
  const many = Array.from({ length: 120 }, (_, at) => put(`i${at}`));
  const count = async () => (await cloud.get('/image/v2/images?limit=500')).body.images.length;
  await readFeeds();
  expect(await count()).toBe(120);
  cloud.west.remove(many[3]!.id);
  many.push(put('late'), put('later'));
  await readFeeds();
  expect(await count()).toBe(121);
  for (const { id } of many) cloud.west.remove(id);
  await readFeeds();
  expect(await count()).toBe(0);
});

test('images come and go in the same way, without a word of their deletion', async () => {
  const list = async () =>
    (await cloud.get('/image/v2/images')).body.images.map((image: { name: string }) => image.name);
  const { id } = cloud.east.put('images', { name: 'cirros', owner: cloud.project });
  await readFeeds();
  expect(await list()).toEqual(['cirros']);
  cloud.east.remove(id);
  await readFeeds();
  expect(await list()).toEqual([]);
});

describe('when a site is silent', () => {
  let atEast: string;
  let atWest: string;

  const silence = async () => {
    await cloud.east.server.refuse();
    await noticeHealth(false);
  };
  beforeEach(async () => {
    for (const site of [cloud.east, cloud.west]) site.things.clear();
    await cloud.cascade.world.database.run('delete from resource');
    atEast = made('east', 'db1').id;
    atWest = made('west', 'web1').id;
    await readFeeds();
  });
  afterEach(async () => {
    await cloud.east.server.recover();
    await noticeHealth(true);
  });

  test('its servers stay in lists: UNKNOWN from 2.69 on, as they were last seen before', async () => {
    await silence();
    const list = async (version: string) =>
      (await cloud.get('/compute/v2.1/servers/detail', { 'openstack-api-version': `compute ${version}` })).body.servers;
    for (const version of ['2.69', '2.93']) {
      const servers = await list(version);
      expect(servers).toHaveLength(2);
      expect(servers).toContainEqual(
        expect.objectContaining({ id: atEast, status: 'UNKNOWN', tenant_id: cloud.project }),
      );
      expect(servers).toContainEqual(expect.objectContaining({ id: atWest, status: 'ACTIVE', name: 'web1' }));
    }
    for (const version of ['2.1', '2.68']) {
      expect(await list(version)).toContainEqual(
        expect.objectContaining({ id: atEast, status: 'ACTIVE', name: 'db1' }),
      );
    }
  });

  test('one of its servers is shown as it was last seen, to its own project alone', async () => {
    await silence();
    expect((await show(atEast, latestNova)).body.server).toMatchObject({
      id: atEast,
      status: 'UNKNOWN',
      'OS-EXT-AZ:availability_zone': 'east',
    });
    expect((await show(atEast)).body.server).toMatchObject({ id: atEast, status: 'ACTIVE', name: 'db1' });
    const token = cloud.keystone.issue({ roles: ['member'], projectId: 'f'.repeat(32) });
    const stranger = await cloud.ask('GET', `/compute/v2.1/servers/${atEast}`, { token });
    expect([stranger.status, stranger.text]).toEqual([503, expect.not.stringContaining('db1')]);
  });

  test('a write to it is 503 and says when to try again; the others know nothing of it', async () => {
    await silence();
    const change = (id: string) =>
      cloud.ask('PUT', `/compute/v2.1/servers/${id}`, { token: cloud.member, body: { server: { name: 'x' } } });
    const { status, headers, body } = await change(atEast);
    expect([status, headers['retry-after']]).toEqual([503, '10']);
    expect(body.serviceUnavailable.message).toBe(
      'Availability zone east does not answer at the moment. Try again later.',
    );
    for (const method of ['DELETE', 'GET']) {
      expect(
        (await cloud.ask(method, `/compute/v2.1/servers/${atEast}/metadata/x`, { token: cloud.member })).status,
      ).toBe(503);
    }
    expect((await change(atWest)).status).toBe(200);
    expect((await show(atWest)).body.server.name).toBe('x');
    expect((await cloud.get('/image/v2/images')).status).toBe(200);
  });

  test('nobody is kept waiting for it, once that is known', async () => {
    await silence();
    await cloud.east.server.recover();
    cloud.east.server.fallSilent();
    const asked = cloud.east.server.requestsLike(/servers/).length;
    expect((await cloud.ask('DELETE', `/compute/v2.1/servers/${atEast}`, { token: cloud.member })).status).toBe(503);
    expect(cloud.east.server.requestsLike(/servers/).length).toBe(asked);
  });

  test('one late answer says nothing of a server: who asks is told when to ask again, and lists show it as it was', async () => {
    cloud.east.server.fallSilent(/servers/);
    const late = await show(atEast, latestNova);
    expect([late.status, late.headers['retry-after']]).toEqual([503, '10']);
    const { servers } = (await cloud.get('/compute/v2.1/servers/detail', latestNova)).body;
    expect(servers).toContainEqual(expect.objectContaining({ id: atEast, name: 'db1', status: 'ACTIVE' }));
  });

  test('with the silence that is one too many it is known to be down, and what was seen last is shown', async () => {
    await cloud.east.server.refuse();
    // An answer that was under way when it fell silent begins the count anew.
    const seen: unknown[] = [];
    while (seen.length < 10 && seen.at(-1) !== 'UNKNOWN') {
      const { status, body } = await show(atEast, latestNova);
      seen.push(status === 200 ? body.server.status : status);
    }
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([...Array<number>(seen.length - 1).fill(503), 'UNKNOWN']);
    expect(await names()).toEqual(['db1', 'web1']);
  });

  test.each([
    ['only errors', () => cloud.east.server.fail(500, /servers/)],
    ['lists that break off', () => cloud.east.server.cutJson(/servers/)],
    ['that nothing is here', () => cloud.east.server.fail(404, /servers/)],
  ])('a site that answers %s loses none of its servers', async (_what, begin) => {
    begin();
    await readFeeds();
    await readFeeds();
    expect(await names()).toEqual(['db1', 'web1']);
  });

  test('what was deleted at it meanwhile disappears when it is back', async () => {
    await silence();
    cloud.east.remove(atEast);
    expect(await names()).toEqual(['db1', 'web1']);
    await cloud.east.server.recover();
    await noticeHealth(true);
    await readFeeds();
    expect(await names()).toEqual(['web1']);
  });
});

test('feeds and probes go on by themselves', { timeout: 90_000 }, async () => {
  const soon = { timeout: 40_000 };
  const other = await startTestCascade({ feedSeconds: 0.1 }, []);
  try {
    const list = async () =>
      (await other.get('/compute/v2.1/servers')).body.servers.map(({ id }: { id: string }) => id);
    const { id } = other.east.put('servers', { tenant_id: other.project });
    await other.addSite('east');
    await expect.poll(list, soon).toEqual([id]);
    other.east.remove(id);
    await expect.poll(list, soon).toEqual([]);
    await other.east.server.refuse();
    const site = other.cascade.world.sites.byName('east')!;
    await expect.poll(() => site.health('compute').reachable, soon).toBe(false);
    await other.east.server.recover();
    await expect.poll(() => site.health('compute').reachable, soon).toBe(true);
  } finally {
    await other.close();
  }
});
