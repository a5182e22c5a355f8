/** Lists of volumes over two sites: filters, order, pages, and what a tenant is shown of them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../../test/cascade.js';

let cloud: TestCascade;
let other: string;

const volume = (name: string, more: object = {}) => ({
  name,
  tenant_id: cloud.project,
  'os-vol-tenant-attr:tenant_id': cloud.project,
  status: 'available',
  size: 1,
  availability_zone: 'nova',
  bootable: 'false',
  metadata: {},
  attachments: [],
  updated_at: null,
  ...more,
});

beforeAll(async () => {
  cloud = await startTestCascade();
  other = 'b'.repeat(32);
  const { east, west } = cloud;
  east.put(
    'volumes',
    volume('alpha', {
      size: 10,
      created_at: '2026-01-01T00:00:00.000000',
      metadata: { tier: 'gold', n: '1' },
      'os-vol-host-attr:host': 'rack1@lvm#pool',
      group_id: null,
      cluster_name: 'c',
      provider_id: 'p',
      migration_status: null,
    }),
  );
  west.put(
    'volumes',
    volume('Beta', {
      size: 9,
      created_at: '2026-01-02T00:00:00.000000',
      bootable: 'true',
      metadata: { tier: 'tin' },
      'os-vol-host-attr:host': 'rack1@nfs#pool',
      attachments: [{ attachment_id: 'a', host_name: 'rack7' }],
      shared_targets: null,
    }),
  );
  east.put(
    'volumes',
    volume('gamma', {
      status: 'error',
      created_at: '2026-01-03T00:00:00.000000',
      updated_at: '2026-02-01T00:00:00.000000',
    }),
  );
  west.put('volumes', volume('half', { created_at: '2026-01-04T00:00:00.000000', migration_status: 'target:x' }));
  west.put(
    'volumes',
    volume('foreign', {
      created_at: '2026-01-05T00:00:00.000000',
      tenant_id: other,
      'os-vol-tenant-attr:tenant_id': other,
    }),
  );
  const { world } = cloud.cascade;
  for (const site of world.sites.all()) await world.reader.readAll(world.kinds.get('volume')!, site);
});
afterAll(() => cloud.close());

const at = (version: string) => ({ 'openstack-api-version': `volume ${version}` });
const list = async (query: string, version = '3.70', token = cloud.member) => {
  const path = `/volume/v3/volumes/detail?${query}`;
  return cloud.ask('GET', path, { token, headers: at(version) });
};
const names = async (query: string, version?: string, token?: string) =>
  ((await list(query, version, token)).body.volumes as { name: string }[]).map((one) => one.name);

test.each([
  ['', ['gamma', 'Beta', 'alpha'], 'newest first, over both sites'],
  ['sort=name:asc', ['alpha', 'Beta', 'gamma'], 'names without regard to case'],
  ['sort=size', ['alpha', 'Beta', 'gamma'], 'sizes as numbers'],
  ['sort_key=size&sort_dir=asc', ['gamma', 'Beta', 'alpha'], 'the older words for it'],
  ['name=beta', ['Beta'], 'values are compared without regard to case, as by MySQL'],
  ['status=error', ['gamma'], ''],
  ["status=['error','available']&size=9", ['Beta'], 'a Python list means any of them'],
  ['availability_zone=east', ['gamma', 'alpha'], "the zone is the site, not the site's own"],
  ['bootable=True', ['Beta'], ''],
  ["metadata={'tier':'gold','n':1}", ['alpha'], 'every pair must be there'],
  ['metadata=tier', [], 'what is no dictionary matches nothing'],
  ["metadata={'tier':'%00'}", [], 'no value has a NUL in it'],
  ['created_at=gt:2026-01-01T00:00:00,lt:2025-01-01', ['gamma', 'Beta'], 'either comparison is enough'],
  ['updated_at=lt:2030-01-01T00:00:00Z', ['gamma'], 'what was never updated compares to nothing'],
  ['limit=1&offset=1', ['Beta'], ''],
  ['limit=0', [], ''],
  [
    'sort_key=volume_type&sort_dir=asc',
    ['alpha', 'Beta', 'gamma'],
    "a relationship of Cinder's model gives no order of its own",
  ],
])('%s gives %j %s', async (query, expected) => expect(await names(query)).toEqual(expected));

test.each([
  ['host=east:rack1', ['alpha'], 'a host at one site'],
  ['host=rack1', ['half', 'Beta', 'alpha'].filter((name) => name !== 'half'), 'a host of that name anywhere'],
  ['host=rack1@nfs', ['Beta'], 'a backend'],
  ['host=west', ['Beta'], 'all of a site'],
  ['name~=ET', ['Beta'], 'a part of the name'],
  ['no_such_column=1', [], 'Cinder finds nothing by what it does not have'],
  [`all_tenants=1&project_id=${'b'.repeat(32)}`, ['foreign'], 'one project of all'],
])('an administrator may ask for %s', async (query, expected) => {
  const all = query.includes('all_tenants') ? query : `all_tenants=1&${query}`;
  expect(await names(all, '3.70', cloud.admin)).toEqual(expected);
});

test.each([
  ['host=x', 400, 'Invalid filters host are found in query options.'],
  ['id=x&host=y&id=z', 400, 'Invalid filters id,host,id are found in query options.'],
  ['limit=-1', 400, 'limit param must be positive'],
  ['limit=x', 400, 'limit param must be an integer'],
  ['offset=-1', 400, 'offset must be >= 0'],
  ['sort=nothing', 400, 'Invalid input received: Invalid sort key'],
  ['sort=name:up', 400, "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'."],
  ['bootable=maybe', 400, "Invalid input received: 'bootable = maybe'"],
  ['consumes_quota=maybe', 400, "Value 'maybe' for 'use_quota' is not a boolean."],
  ['created_at=about:2026', 400, 'Invalid about operator'],
  ['created_at=gt:soon', 400, 'Invalid soon value'],
  ['marker=nobody', 404, 'Volume nobody could not be found.'],
])("%s is refused in Cinder's words", async (query, status, message) => {
  const answer = await list(query);
  expect(answer.status).toBe(status);
  expect((Object.values(answer.body)[0] as { message: string }).message).toBe(message);
});

test("a tenant's all_tenants is ignored, and before 3.31 so is every filter it may not use", async () => {
  expect(await names('all_tenants=1')).toEqual(['gamma', 'Beta', 'alpha']);
  expect(await names('host=x&created_at=gt:soon', '3.30')).toEqual(['gamma', 'Beta', 'alpha']);
});

test('pages follow each other until the last, which has no link', async () => {
  const seen: string[] = [];
  let path: string | undefined = '/volume/v3/volumes?limit=2&sort=name:asc';
  for (let pages = 0; path !== undefined; pages += 1) {
    expect(pages).toBeLessThan(3);
    const { body } = await cloud.ask('GET', path, { token: cloud.member });
    seen.push(...body.volumes.map((one: { name: string }) => one.name));
    path = (body.volumes_links?.[0].href as string | undefined)?.replace(cloud.url, '');
    if (path) expect(path).toMatch(new RegExp(`^/volume/v3/${cloud.project}/volumes\\?`));
  }
  expect(seen).toEqual(['alpha', 'Beta', 'gamma']);
});

test('the count is of all that fit, whatever the page; it came with 3.45', async () => {
  expect((await list('limit=1&with_count=True', '3.45')).body).toMatchObject({ count: 3, volumes: [{}] });
  expect((await list('limit=1&with_count=True', '3.30')).body.count).toBeUndefined();
});

test('fields appear with their microversion, and what is the operator’s for the operator alone', async () => {
  const shown = async (version: string, token?: string) =>
    (await list('name=alpha', version, token)).body.volumes[0] as object;
  const tenants = await shown('3.0');
  for (const hidden of ['group_id', 'cluster_name', 'os-vol-host-attr:host', 'migration_status', 'provider_id'])
    expect(tenants).not.toHaveProperty([hidden]);
  expect(tenants).toMatchObject({ 'os-vol-tenant-attr:tenant_id': cloud.project, availability_zone: 'east' });
  expect(await shown('3.13')).toHaveProperty(['group_id']);
  expect(await shown('3.70')).not.toHaveProperty(['cluster_name']);
  const [all] = (await list('all_tenants=1&name=alpha', '3.70', cloud.admin)).body.volumes;
  expect(all).toMatchObject({ cluster_name: 'c', provider_id: 'p', 'os-vol-host-attr:host': 'east:rack1@lvm#pool' });
});

test('an unknown shared_targets was true before 3.69; a tenant does not see where a volume is attached', async () => {
  const [before] = (await list('name=beta', '3.68')).body.volumes;
  expect(before).toMatchObject({ shared_targets: true, attachments: [{ attachment_id: 'a', host_name: null }] });
  const [after] = (await list('name=beta', '3.69')).body.volumes;
  expect(after.shared_targets).toBeNull();
});

test('a volume of a silent zone is shown as it was last seen', async () => {
  const { world } = cloud.cascade;
  const [{ id }] = (await list('name=beta')).body.volumes as [{ id: string }];
  await cloud.west.server.refuse();
  const site = world.sites.byName('west')!;
  await expect.poll(() => world.sites.probe().then(() => site.health('volume').reachable)).toBe(false);
  const { status, body } = await cloud.ask('GET', `/volume/v3/volumes/${id}`, { token: cloud.member });
  expect(status).toBe(200);
  expect(body.volume).toMatchObject({ id, name: 'Beta', availability_zone: 'west' });
  expect(body.volume).not.toHaveProperty(['os-vol-host-attr:host']);
  expect(await names('')).toEqual(['gamma', 'Beta', 'alpha']);
  const { body: zones } = await cloud.ask('GET', '/volume/v3/os-availability-zone', { token: cloud.member });
  expect(zones.availabilityZoneInfo).toContainEqual({ zoneName: 'west', zoneState: { available: false } });
  const strange = cloud.keystone.issue({ roles: ['member'], projectId: other });
  expect((await cloud.ask('GET', `/volume/v3/volumes/${id}`, { token: strange })).status).toBe(503);
  await cloud.west.server.recover();
});
