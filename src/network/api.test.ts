/** The front door, the table and two sites together. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../test/cascade.js';
import { kindNamed } from '../routing/world.js';

let cloud: TestCascade;
const id: Record<string, string> = {};

beforeAll(async () => {
  cloud = await startTestCascade();
  for (const zone of ['east', 'west'] as const) {
    const network = {
      name: `net-${zone}`,
      tenant_id: cloud.project,
      availability_zones: ['nova'],
      'provider:network_type': 'vxlan',
    };
    id[zone] = cloud[zone].put('networks', network).id;
  }
  const { world } = cloud.cascade;
  for (const site of world.sites.all()) await world.reader.readAll(kindNamed(world, 'network'), site);
});
afterAll(() => cloud.close());

test('one list over all zones, each network in its own', async () => {
  const { status, body } = await cloud.get('/network/v2.0/networks?sort_key=name&sort_dir=asc');
  expect(status).toBe(200);
  const named = body.networks as { name: string; availability_zones: string[] }[];
  expect(named.map((one) => [one.name, ...one.availability_zones])).toEqual([
    ['net-east', 'east'],
    ['net-west', 'west'],
  ]);
});

test('one network comes from its site', async () => {
  cloud.west.server.requests.length = 0;
  const { body } = await cloud.get(`/network/v2.0/networks/${id['west']}?fields=name`);
  expect(body.network).toMatchObject({ id: id['west'] });
  expect(cloud.west.server.requests.map((asked) => asked.path)).toContain(`/network/v2.0/networks/${id['west']}`);
});

test('a path may end in .json, as old clients write it', async () => {
  const { body } = await cloud.get('/network/v2.0/networks.json?fields=name&name=net-east');
  expect(body).toEqual({ networks: [{ name: 'net-east' }] });
  expect((await cloud.get(`/network/v2.0/networks/${id['east']}.json`)).status).toBe(200);
});

test('zones are the sites, once for networks and once for routers', async () => {
  const { body } = await cloud.get('/network/v2.0/availability_zones?resource=router&fields=name&fields=state');
  expect(body).toEqual({
    availability_zones: [
      { state: 'available', name: 'east' },
      { state: 'available', name: 'west' },
    ],
  });
});

test.each([
  ['name=EAST', ['east', 'east']],
  ['name=east&name=west&resource=network', ['east', 'west']],
  ['state=Available', []],
  ['state=unavailable', []],
  ['resource=port', []],
  // Without empty-string filtering an empty one asks for nothing.
  ['foo=', ['east', 'east', 'west', 'west']],
])('zones by %s', async (query, names) => {
  const { body } = await cloud.get(`/network/v2.0/availability_zones?${query}`);
  expect(body.availability_zones.map(({ name }: { name: string }) => name)).toEqual(names);
});

test('zones by what no agent has are refused', async () => {
  const { status, body } = await cloud.get('/network/v2.0/availability_zones?foo=bar');
  expect([status, body.NeutronError.type]).toEqual([400, 'InvalidInput']);
  expect(body.NeutronError.message).toContain("'foo' is not supported for filtering");
});

test.each([
  // Neutron compares the text that it keeps, which is JSON.
  ['x', []],
  ['east', []],
  ['["east"]', ['net-east']],
  ['["WEST"]', ['net-west']],
])('networks with the hint %s', async (hint, names) => {
  const { body } = await cloud.get(`/network/v2.0/networks?availability_zone_hints=${encodeURIComponent(hint)}`);
  expect(body.networks.map(({ name }: { name: string }) => name)).toEqual(names);
});

test('an extension is there where all sites have it', async () => {
  expect((await cloud.get('/network/v2.0/extensions')).body).toEqual({ extensions: [{ alias: 'router' }] });
  const headers = { accept: 'application/json' };
  const { status, body } = await cloud.ask('GET', '/network/v2.0/extensions/bgpvpn', { token: cloud.reader, headers });
  const message = 'The resource could not be found.<br /><br />\nExtension with alias bgpvpn does not exist\n\n';
  expect([status, body]).toEqual([404, { message, code: '404 Not Found', title: 'Not Found' }]);
});

test('a reader writes nothing', async () => {
  const { status } = await cloud.ask('POST', '/network/v2.0/networks', { token: cloud.reader, body: { network: {} } });
  expect(status).toBe(403);
});
