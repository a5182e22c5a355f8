/** Where a project begins, and what wins over that. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulatedCascade, type SimulatedCascade, type Tenant } from './simulated-cascade.js';
import { newProject, other, readAll, toBootFrom, zones, type Zone } from './two-zones.js';

let cloud: SimulatedCascade;
let flavorRef: string;
let imageRef: string;
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  ({ flavorRef, imageRef } = await toBootFrom(cloud));
});
afterAll(() => cloud.close());

/** Which of the two clouds has it. */
const placeOf = async (ask: Tenant, path: string): Promise<Zone[]> => {
  const answers = await Promise.all(zones.map((zone) => ask.at[zone](`GET ${path}`)));
  return zones.filter((_zone, at) => answers[at]!.status === 200);
};
const make = async (ask: Tenant['at']['east'], path: string, key: string, body: object): Promise<string> => {
  const answer = await ask(`POST ${path}`, { [key]: body });
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.body[key].id;
};
const network = (ask: Tenant['at']['east'], body = {}) =>
  make(ask, '/network/v2.0/networks', 'network', { name: 'n', ...body });
const subnet = (ask: Tenant['at']['east'], id: string) =>
  make(ask, '/network/v2.0/subnets', 'subnet', { network_id: id, ip_version: 4, cidr: '10.9.0.0/24' });
const router = (ask: Tenant['at']['east'], body = {}) => make(ask, '/network/v2.0/routers', 'router', body);
const volume = (ask: Tenant['at']['east'], body = {}) =>
  make(ask, '/volume/v3/volumes', 'volume', { size: 1, ...body });

describe.each(zones)('a project that has something in %s from before', (zone) => {
  test('gets its next network and router there, and can join them', async () => {
    const ann = await newProject(cloud);
    await subnet(ann.at[zone], await network(ann.at[zone]));
    await readAll(cloud, 'network');
    const routerId = await router(ann);
    expect(await placeOf(ann, `/network/v2.0/routers/${routerId}`)).toEqual([zone]);
    const networkId = await network(ann);
    const joined = await ann(`PUT /network/v2.0/routers/${routerId}/add_router_interface`, {
      subnet_id: await subnet(ann, networkId),
    });
    expect([joined.status, await placeOf(ann, `/network/v2.0/networks/${networkId}`)]).toEqual([200, [zone]]);
  });

  test('a network weighs more than volumes elsewhere', async () => {
    const ann = await newProject(cloud);
    await network(ann.at[zone]);
    for (let n = 0; n < 3; n += 1) await volume(ann.at[other(zone)]);
    await readAll(cloud, 'network', 'volume');
    expect(await placeOf(ann, `/network/v2.0/routers/${await router(ann)}`)).toEqual([zone]);
  });

  test('volumes alone decide, too', async () => {
    const ann = await newProject(cloud);
    await volume(ann.at[zone]);
    await readAll(cloud, 'volume');
    expect(await placeOf(ann, `/network/v2.0/networks/${await network(ann)}`)).toEqual([zone]);
  });

  test('also what it made there by naming the zone', async () => {
    const ann = await newProject(cloud);
    await network(ann, { availability_zone_hints: [zone] });
    expect(await placeOf(ann, `/network/v2.0/routers/${await router(ann)}`)).toEqual([zone]);
  });

  test('it is read ahead of the first read of a site that has just been added', async () => {
    const ann = await newProject(cloud);
    await network(ann.at[zone]);
    await cloud.cascade.world.database.run(`update feed set cursor = null where kind = 'network'`);
    expect(await placeOf(ann, `/network/v2.0/routers/${await router(ann)}`)).toEqual([zone]);
    await readAll(cloud, 'network');
  });

  test('once it has a home, that stays', async () => {
    const ann = await newProject(cloud);
    await network(ann.at[zone]);
    await readAll(cloud, 'network');
    await router(ann);
    for (let n = 0; n < 3; n += 1) await network(ann, { availability_zone_hints: [other(zone)] });
    expect(await placeOf(ann, `/network/v2.0/routers/${await router(ann)}`)).toEqual([zone]);
  });
});

describe.each(zones)('whatever the home is, what lives in %s is where it is named', (zone) => {
  let ann: Tenant;
  let own: { network: string; subnet: string; port: string; router: string; volume: string; external: string };
  beforeAll(async () => {
    ann = await newProject(cloud);
    await network(ann.at[other(zone)]);
    await readAll(cloud, 'network');
    await router(ann); // its home is the other one from here on
    const there = ann.at[zone];
    const networkId = await network(there);
    const external = await cloud.admin('POST /network/v2.0/networks', {
      network: { name: 'way out', 'router:external': true, availability_zone_hints: [zone] },
    });
    await cloud.admin('POST /network/v2.0/subnets', {
      subnet: { network_id: external.body.network.id, ip_version: 4, cidr: '203.0.113.0/24' },
    });
    await readAll(cloud, 'network');
    own = {
      network: networkId,
      subnet: await subnet(there, networkId),
      port: await make(there, '/network/v2.0/ports', 'port', { network_id: networkId }),
      router: await router(there),
      volume: await volume(there),
      external: external.body.network.id,
    };
  });

  // Made at the site itself a moment ago: no feed has told of them.
  test.each<[string, string, string, () => object]>([
    [
      'subnet',
      '/network/v2.0/subnets',
      'subnet',
      () => ({ network_id: own.network, ip_version: 6, cidr: '2001:db8::/64' }),
    ],
    ['port', '/network/v2.0/ports', 'port', () => ({ network_id: own.network })],
    [
      'router with a gateway',
      '/network/v2.0/routers',
      'router',
      () => ({ external_gateway_info: { network_id: own.external } }),
    ],
    ['trunk', '/network/v2.0/trunks', 'trunk', () => ({ port_id: own.port })],
    [
      'address by its network',
      '/network/v2.0/floatingips',
      'floatingip',
      () => ({ floating_network_id: own.external }),
    ],
    [
      'share of a network',
      '/network/v2.0/rbac-policies',
      'rbac_policy',
      () => ({
        object_type: 'network',
        object_id: own.network,
        action: 'access_as_shared',
        target_tenant: 'f'.repeat(32),
      }),
    ],
    ['volume from a volume', '/volume/v3/volumes', 'volume', () => ({ size: 1, source_volid: own.volume })],
    ['snapshot', '/volume/v3/snapshots', 'snapshot', () => ({ volume_id: own.volume })],
    ['backup', '/volume/v3/backups', 'backup', () => ({ volume_id: own.volume })],
    ['transfer', '/volume/v3/os-volume-transfer', 'transfer', () => ({ volume_id: own.volume })],
    [
      'server on a network',
      '/compute/v2.1/servers',
      'server',
      () => ({ name: 's', flavorRef, imageRef, networks: [{ uuid: own.network }] }),
    ],
    [
      'server with a port',
      '/compute/v2.1/servers',
      'server',
      () => ({ name: 's', flavorRef, imageRef, networks: [{ port: own.port }] }),
    ],
  ])('%s', async (_what, path, key, body) => {
    if (key === 'transfer') own.volume = await volume(ann.at[zone]);
    if (key === 'server')
      own.port = await make(ann.at[zone], '/network/v2.0/ports', 'port', { network_id: own.network });
    const id = await make(ann, path, key, body());
    expect(await placeOf(ann, `${path}/${id}`)).toEqual([zone]);
  });
});
