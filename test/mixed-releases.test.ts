/**
 * A site of Zed beside one of the newest release, at the latest microversion: both zones answer in one form, which Nova's own
 * schemas of responses allow, and what the older zone cannot do is refused with its name.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { believe } from './believed-site.js';
import { wrongWith } from './calibration/nova-responses.js';
import type { Answer } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade, type Tenant } from './simulated-cascade.js';

const nova = '/compute/v2.1';
const latest = `compute ${serviceOf('compute').microversions!.max}`;
const zones = ['east', 'west'] as const;
type Zone = (typeof zones)[number];

const nowhere = '00000000-0000-4000-8000-000000000000';

let cloud: SimulatedCascade;
let ann: Tenant;
/** Of each zone. */
const servers: Record<string, string> = {};
const volumes: Record<string, string> = {};

const ask = (call: string, body?: unknown, version = latest): Promise<Answer> => ann(call, body, version);
const asAdmin = (call: string, body?: unknown, version = latest): Promise<Answer> => cloud.admin(call, body, version);

async function boot(zone: Zone, more: object = {}, beside: object = {}): Promise<Answer> {
  const imageRef = cloud[zone].cloud.images.initialIds[0];
  const server = { name: 's', flavorRef: '1', imageRef, networks: 'none', availability_zone: zone, ...more };
  return ask(`POST ${nova}/servers`, { server, ...beside });
}

const isActive = (id: string) =>
  cloud.until(
    () => ask(`GET ${nova}/servers/${id}`),
    (shown) => shown.server.status === 'ACTIVE',
  );

beforeAll(async () => {
  cloud = await startSimulatedCascade({}, {}, { east: '2026.2' });
  ann = await cloud.tenant('ann');
  for (const zone of zones) {
    const made = await boot(zone, {}, { 'os:scheduler_hints': { different_host: nowhere } });
    expect(made.status, made.text).toBe(202);
    servers[zone] = made.body.server.id;
    await isActive(servers[zone]!);
    const volume = { size: 1, availability_zone: zone };
    volumes[zone] = (await ann('POST /volume/v3/volumes', { volume }, 'volume latest')).body.volume.id;
  }
}, 120_000);
afterAll(() => cloud.close());

describe.each(zones)('in zone %s', (zone) => {
  const server = () => `${nova}/servers/${servers[zone]}`;
  const versions = ['2.79', '2.90', '2.95', '2.96', '2.98', '2.100', '2.101', '2.104'];
  const reads: readonly (readonly [route: string, call: () => string])[] = [
    ['GET /servers', () => `GET ${nova}/servers`],
    ['GET /servers/detail', () => `GET ${nova}/servers/detail`],
    ['GET /servers/{id}', () => `GET ${server()}`],
    ['GET /servers/{server_id}/os-interface', () => `GET ${server()}/os-interface`],
    ['GET /servers/{server_id}/os-instance-actions', () => `GET ${server()}/os-instance-actions`],
    ['GET /servers/{server_id}/os-volume_attachments', () => `GET ${server()}/os-volume_attachments`],
    ['GET /flavors', () => `GET ${nova}/flavors`],
    ['GET /flavors/detail', () => `GET ${nova}/flavors/detail`],
    ['GET /flavors/{id}', () => `GET ${nova}/flavors/1`],
  ];
  test.each(reads)('%s is of the form of each microversion', async (route, call) => {
    for (const version of versions)
      for (const asker of [ask, asAdmin]) {
        const all = asker === asAdmin && call().endsWith('/servers/detail') ? '?all_tenants=1' : '';
        const { status, body, headers, text } = await asker(call() + all, undefined, `compute ${version}`);
        expect(status, text).toBe(200);
        expect(headers['openstack-api-version']).toBe(`compute ${version}`);
        expect(wrongWith(route, Number(version.split('.')[1]), body), `${version}: ${text.slice(0, 2000)}`).toEqual([]);
      }
  });

  test('a server is pinned to its zone, in what is shown and in what is stored', async () => {
    const { body } = await ask(`GET ${nova}/servers/detail`);
    const listed = body.servers.find((one: { id: string }) => one.id === servers[zone]);
    const shown = (await ask(`GET ${server()}`)).body.server;
    for (const one of [listed, shown]) {
      expect(one).toMatchObject({ pinned_availability_zone: zone, 'OS-EXT-AZ:availability_zone': zone });
      expect(one.image).toHaveProperty('properties');
    }
    // Only the newer zone tells them.
    const hints = zone === 'east' ? { different_host: [nowhere] } : {};
    expect(shown.scheduler_hints).toEqual(hints);
    const older = (await ask(`GET ${server()}`, undefined, 'compute 2.95')).body.server;
    expect(Object.keys(older)).not.toEqual(expect.arrayContaining(['pinned_availability_zone']));
    expect(older.image).not.toHaveProperty('properties');
  });

  test('it stays pinned: its own zone is taken, another and none are refused', async () => {
    const update = (pinned: unknown) => ask(`PUT ${server()}`, { server: { pinned_availability_zone: pinned } });
    const same = await update(zone);
    expect(same.status, same.text).toBe(200);
    expect(wrongWith('PUT /servers/{id}', 104, same.body)).toEqual([]);
    for (const pinned of [null, 'elsewhere']) expect((await update(pinned)).status).toBe(409);
    for (const wrong of [7, ''])
      expect((await update(wrong)).text).toContain('is not valid under any of the given schemas');
    const early = await ask(`PUT ${server()}`, { server: { pinned_availability_zone: zone } }, 'compute 2.103');
    expect(early.status).toBe(400);
  });

  test('an update and a rebuild answer in the latest form', async () => {
    const updated = await ask(`PUT ${server()}`, { server: { name: `of ${zone}` } });
    expect(updated.status, updated.text).toBe(200);
    expect(wrongWith('PUT /servers/{id}', 104, updated.body)).toEqual([]);
    const imageRef = cloud[zone].cloud.images.initialIds[0];
    const rebuilt = await ask(`POST ${server()}/action`, { rebuild: { imageRef } });
    expect(rebuilt.status, rebuilt.text).toBe(202);
    expect(wrongWith('POST /servers/{id}/action#rebuild', 104, rebuilt.body), rebuilt.text).toEqual([]);
    await isActive(servers[zone]!);
  });

  test('a volume is attached behind an empty response, from 2.101 on', async () => {
    const path = `${server()}/os-volume_attachments`;
    const volumeAttachment = { volumeId: volumes[zone] };
    const attached = await ask(`POST ${path}`, { volumeAttachment });
    expect([attached.status, attached.text]).toEqual([202, '']);
    const listed = await ask(`GET ${path}`);
    expect(listed.body.volumeAttachments).toMatchObject([{ volumeId: volumes[zone], serverId: servers[zone] }]);
    expect(wrongWith('GET /servers/{server_id}/os-volume_attachments', 104, listed.body)).toEqual([]);
    expect((await ask(`DELETE ${path}/${volumes[zone]}`)).status).toBe(202);
    await cloud.until(
      () => ask(`GET ${path}`),
      (shown) => shown.volumeAttachments.length === 0,
    );
    const older = await ask(`POST ${path}`, { volumeAttachment }, 'compute 2.100');
    expect(older.status, older.text).toBe(200);
    expect(older.body.volumeAttachment).toMatchObject({ volumeId: volumes[zone] });
  });

  test('parameters that there are not are refused, from 2.102 on', async () => {
    for (const path of [server(), `${server()}/ips`, `${nova}/flavors/1`, `${nova}/os-availability-zone`]) {
      expect((await ask(`GET ${path}?foo=bar`)).status, path).toBe(400);
      expect((await ask(`GET ${path}?foo=bar`, undefined, 'compute 2.101')).status, path).toBe(200);
    }
  });
});

describe('flavors at 2.102', () => {
  test('are without what is gone, and found by name', async () => {
    const { body } = await ask(`GET ${nova}/flavors/detail?name=TINY`);
    expect(body.flavors.length).toBeGreaterThan(0);
    for (const flavor of body.flavors) {
      expect(flavor.name).toMatch(/tiny/i);
      expect(flavor).not.toHaveProperty('rxtx_factor');
      expect(flavor).not.toHaveProperty('OS-FLV-DISABLED:disabled');
    }
    expect((await ask(`GET ${nova}/flavors?name=tiny`, undefined, 'compute 2.101')).status).toBe(400);
    expect((await ask(`GET ${nova}/flavors?sort_key=rxtx_factor`)).status).toBe(400);
  });

  test('are made without rxtx_factor, whichever zone is asked', async () => {
    const flavor = { name: 'f', ram: 64, vcpus: 1, disk: 1 };
    const refused = await asAdmin(`POST ${nova}/flavors`, { flavor: { ...flavor, rxtx_factor: 2 } });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("'rxtx_factor' was unexpected");
    const made = await asAdmin(`POST ${nova}/flavors`, { flavor });
    expect(made.status, made.text).toBe(200);
    expect(wrongWith('POST /flavors', 104, made.body)).toEqual([]);
  });
});

test('os-volumes_boot is gone from 2.103 on', async () => {
  expect((await ask(`GET ${nova}/os-volumes_boot`)).status).toBe(404);
  expect((await ask(`GET ${nova}/os-volumes_boot`, undefined, 'compute 2.102')).status).toBe(200);
});

describe('what the older zone cannot do', () => {
  const both = async (call: (zone: Zone) => string, body: (zone: Zone) => object | undefined, asker = ask) => {
    const [newer, older] = await Promise.all(zones.map((zone) => asker(call(zone), body(zone))));
    expect(newer!.status, newer!.text).not.toBe(400);
    expect(older!.text).toContain('Availability zone west does not support');
    return [newer!, older!] as const;
  };
  const below = (path: string) => (zone: Zone) => `${nova}/servers/${servers[zone]}${path}`;

  test('a name with a domain (2.94)', async () => {
    const hostname = 'a.example.org';
    for (const zone of zones) {
      const { status, text } = await boot(zone, { hostname });
      expect(status, text).toBe(zone === 'east' ? 202 : 400);
      if (zone === 'west')
        expect(text).toContain('does not support \\"hostname\\" with a domain: its compute service is older');
    }
    const [newer, older] = await both(
      (zone) => `PUT ${below('')(zone)}`,
      () => ({ server: { hostname } }),
    );
    expect([newer.status, older.status]).toEqual([200, 400]);
    // One without a domain is of 2.90, which both have.
    expect((await boot('west', { hostname: 'plain' })).status).toBe(202);
  });

  test('an evacuation that leaves the server stopped (2.95)', async () => {
    const [, older] = await both(
      (zone) => `POST ${below('/action')(zone)}`,
      () => ({ evacuate: { host: 'nowhere' } }),
      asAdmin,
    );
    expect(older.status).toBe(400);
  });

  test('shares (2.97)', async () => {
    const [newer, older] = await both(
      (zone) => `GET ${below('/shares')(zone)}`,
      () => undefined,
    );
    expect([newer.status, newer.body, older.status]).toEqual([200, { shares: [] }, 404]);
    expect((await ask(`GET ${below('/shares')('east')}`, undefined, 'compute 2.96')).status).toBe(404);
    await ask(`POST ${below('/action')('east')}`, { 'os-stop': null });
    await cloud.until(
      () => ask(`GET ${below('')('east')}`),
      (shown) => shown.server.status === 'SHUTOFF',
    );
    const share = { share_id: '8d1c0a4e-0000-4000-8000-000000000001' };
    const made = await ask(`POST ${below('/shares')('east')}`, { share });
    expect(made.status, made.text).toBe(201);
    expect(wrongWith('POST /servers/{server_id}/shares', 104, made.body)).toEqual([]);
    expect(made.body.share).toEqual({ share_id: share.share_id, tag: share.share_id, status: 'attaching' });
    const path = below(`/shares/${share.share_id}`);
    const one = await ask(`GET ${path('east')}`);
    expect(one.body).toEqual({ share: { ...made.body.share, status: 'inactive' } });
    const shown = (await asAdmin(`GET ${path('east')}`)).body;
    expect(Object.keys(shown.share).sort()).toEqual(['export_location', 'share_id', 'status', 'tag', 'uuid']);
    expect(wrongWith('GET /servers/{server_id}/shares/{id}', 104, shown)).toEqual([]);
    const all = (await ask(`GET ${below('/shares')('east')}`)).body;
    expect([all.shares, wrongWith('GET /servers/{server_id}/shares', 104, all)]).toEqual([[one.body.share], []]);
    expect((await ask(`POST ${below('/shares')('east')}`, { share })).status).toBe(409);
    const wrong = await ask(`POST ${below('/shares')('east')}`, { share: { ...share, tag: 'a b' } });
    expect(wrong.status).toBe(400);
    expect((await ask(`GET ${below('/shares')('east')}?all=1`)).status).toBe(400);
    const shelved = await ask(`POST ${below('/action')('east')}`, { shelve: null });
    expect(shelved.body.conflictingRequest.message).toBe('Feature not supported with instances that have shares.');
    for (const [method, body] of [
      ['POST', { share }],
      ['DELETE', undefined],
    ] as const) {
      const refused = await ask(`${method} ${method === 'POST' ? below('/shares')('west') : path('west')}`, body);
      expect(refused.status).toBe(404);
      expect(refused.text).toContain('Availability zone west does not support shares of servers');
    }
    expect((await ask(`DELETE ${path('east')}`)).status).toBe(200);
    await ask(`POST ${below('/action')('east')}`, { 'os-start': null });
  });

  test('a console of type spice-direct (2.99)', async () => {
    const remote_console = { protocol: 'spice', type: 'spice-direct' };
    const { status, text } = await ask(`POST ${below('/remote-consoles')('west')}`, { remote_console });
    expect(status).toBe(400);
    expect(text).toContain('Availability zone west does not support a console of type spice-direct');
    // The newer zone has it, and the cascade has no way to relay it.
    const newer = await ask(`POST ${below('/remote-consoles')('east')}`, { remote_console });
    expect([newer.status, newer.body.badRequest.message]).toEqual([
      400,
      'Unavailable console type spice-direct. The cascade relays consoles that are web pages and web sockets.',
    ]);
    const earlier = await ask(`POST ${below('/remote-consoles')('east')}`, { remote_console }, 'compute 2.98');
    expect(earlier.text).toContain("'spice-direct' is not one of");
  });

  test('Nova’s word that a volume is extended (3.71)', async () => {
    const action = { 'os-extend_volume_completion': { error: false } };
    const { status, text } = await cloud.admin(
      `POST /volume/v3/volumes/${volumes['west']}/action`,
      action,
      'volume latest',
    );
    expect(status).toBe(400);
    expect(text).toContain('Availability zone west does not support the action os-extend_volume_completion');
  });
});

test('a site that was downgraded, and not looked at since, is asked in the microversion that it says it has', async () => {
  const restore = await believe(cloud, 'west', { microversions: { compute: { min: '2.1', max: '2.104' } } });
  try {
    const shown = await ask(`GET ${nova}/servers/${servers['west']}`);
    expect([shown.status, shown.headers['openstack-api-version']]).toEqual([200, latest]);
    expect(wrongWith('GET /servers/{id}', 104, shown.body)).toEqual([]);
    const refused = await ask(`GET ${nova}/servers/${servers['west']}/shares`);
    expect(refused.status).toBe(404);
    expect(refused.text).toContain('Availability zone west does not support shares of servers');
  } finally {
    await restore();
  }
});

test('a field of Neutron that a zone does not know is refused with its name', async () => {
  const network = { name: 'n', no_such_field: true, availability_zone_hints: ['west'] };
  const { status, text } = await ann('POST /network/v2.0/networks', { network });
  expect(status).toBe(400);
  expect(text).toContain("Unrecognized attribute(s) 'no_such_field' (Availability zone west.)");
});
