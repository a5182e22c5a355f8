/** Cinder's hosts where two sites call theirs the same: the site that is named, or a refusal that names both. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  // As where nobody changed what the installer says.
  for (const { cloud: site } of [cloud.east, cloud.west]) Object.assign(site.volumes, { zone: 'storage' });
}, 120_000);
afterAll(() => cloud.close());

const ask = (call: string, body?: object) => cloud.admin(call.replace(' /', ' /volume/v3/'), body);
const put = (below: string, body: object) => ask(`PUT /os-services/${below}`, body);
const several = (host: string): string =>
  `Several availability zones have a host ${host}. It has to be one of east:${host}, west:${host}.`;
const words = ({ status, body }: Awaited<ReturnType<typeof ask>>): unknown[] => [
  status,
  Object.values<{ message: string }>(body)[0]?.message,
];

test('lists name each with its site, and nothing else is in them', async () => {
  const { body } = await ask('GET /os-services?binary=cinder-volume');
  expect(body.services.map(({ host }: { host: string }) => host)).toEqual(['east:storage@lvm', 'west:storage@lvm']);
  const { body: one } = await ask('GET /os-services?host=west:storage@lvm');
  expect(one.services.map(({ host }: { host: string }) => host)).toEqual(['west:storage@lvm']);
  const managed = await ask('GET /manageable_volumes?host=west:storage@lvm%23lvm');
  expect([managed.status, Object.keys(managed.body)]).toEqual([200, ['manageable-volumes']]);
});

describe.each(['east', 'west'] as const)('a host that is named with its site %s', (zone) => {
  const other = zone === 'east' ? 'west' : 'east';
  test('is frozen and thawed there alone', async () => {
    expect((await put('freeze', { host: `${zone}:storage@lvm` })).status).toBe(200);
    expect([...cloud[zone].cloud.volumes.frozenHosts.keys()]).toEqual(['storage@lvm']);
    expect(cloud[other].cloud.volumes.frozenHosts.size).toBe(0);
    expect((await put('thaw', { host: `${zone}:storage@lvm` })).status).toBe(200);
    expect(cloud[zone].cloud.volumes.frozenHosts.size).toBe(0);
  });

  test('is disabled and enabled there alone, whatever its service', async () => {
    for (const [host, binary] of [
      ['storage@lvm', 'cinder-volume'],
      ['storage', 'cinder-scheduler'],
    ]) {
      const service = { host: `${zone}:${host}`, binary };
      expect((await put('disable', service)).body).toMatchObject({ host: `${zone}:${host}`, status: 'disabled' });
      expect([...cloud[zone].cloud.volumes.disabledServices.keys()]).toEqual([`${binary} ${host}`]);
      expect(cloud[other].cloud.volumes.disabledServices.size).toBe(0);
      expect((await put('enable', service)).status).toBe(200);
    }
  });

  test('fails over in the words of its Cinder', async () => {
    const refused = await put('failover_host', { host: `${zone}:storage@lvm`, backend_id: 'b' });
    expect(words(refused)).toEqual([
      400,
      'Invalid input received: replication_status in storage@lvm must be enabled or failed-over and must be up to failover.',
    ]);
  });

  test('is shown under its path, by the name of the site too where that has one backend', async () => {
    for (const name of [`${zone}:storage@lvm`, zone]) {
      const { status, body, text } = await ask(`GET /os-hosts/${name}`);
      expect(status, text).toBe(200);
      expect(body.host[0].resource.host).toBe(`${zone}:storage@lvm`);
    }
    expect((await ask(`GET /capabilities/${zone}:storage@lvm`)).status).toBe(200);
    expect(words(await ask(`GET /clusters/${zone}:c`))).toEqual([404, 'Cluster c could not be found.']);
  });
});

describe('a host that two sites have', () => {
  test.each<[string, string, object?]>([
    ['PUT /os-services/freeze', 'storage@lvm', { host: 'storage@lvm' }],
    ['PUT /os-services/thaw', 'storage@lvm', { host: 'storage@lvm' }],
    ['PUT /os-services/failover_host', 'storage@lvm', { host: 'storage@lvm' }],
    ['PUT /os-services/disable', 'storage@lvm', { host: 'storage@lvm', binary: 'cinder-volume' }],
    ['PUT /os-services/disable', 'storage', { host: 'storage', binary: 'cinder-scheduler' }],
    ['PUT /os-services/set-log', 'storage', { server: 'storage', level: 'debug' }],
    ['POST /workers/cleanup', 'storage@lvm', { host: 'storage@lvm' }],
    ['GET /os-hosts/storage@lvm', 'storage@lvm'],
    ['PUT /os-hosts/storage@lvm', 'storage@lvm', { status: 'disable' }],
    ['GET /capabilities/storage@lvm', 'storage@lvm'],
    ['GET /manageable_volumes?host=storage@lvm%23lvm', 'storage@lvm#lvm'],
    ['GET /manageable_snapshots/detail?host=storage@lvm%23lvm', 'storage@lvm#lvm'],
  ])('%s of %s is refused by name', async (call, host, body) => {
    expect(words(await ask(call, body))).toEqual([400, several(host)]);
    for (const { volumes } of [cloud.east.cloud, cloud.west.cloud])
      expect([volumes.frozenHosts.size, volumes.disabledServices.size, volumes.logLevels.size]).toEqual([0, 0, 0]);
  });

  test('hosts of two sites in one request are refused', async () => {
    const refused = await put('freeze', { host: 'east:storage@lvm', cluster: 'west:c' });
    expect(words(refused)).toEqual([
      400,
      'The request names hosts of availability zones east and west, which have none in common.',
    ]);
    expect(cloud.east.cloud.volumes.frozenHosts.size).toBe(0);
    expect((await ask('GET /manageable_volumes?host=east:storage@lvm&cluster=west:c')).status).toBe(400);
  });

  test('a service is not cleaned up by a number, which is another one in each', async () => {
    expect(words(await ask('POST /workers/cleanup', { service_id: 1 }))[0]).toBe(400);
    expect((await ask('POST /workers/cleanup', { service_id: 1, host: 'east:storage@lvm' })).status).toBe(202);
    expect((await ask('POST /workers/cleanup', {})).status).toBe(202);
  });
});

test('a host of no site is refused in the words of Cinder', async () => {
  expect(words(await ask('GET /os-hosts/nowhere'))).toEqual([404, 'Host nowhere could not be found.']);
  expect(words(await put('disable', { host: 'nowhere', binary: 'cinder-volume' }))).toEqual([
    404,
    'Service cinder-volume could not be found on host nowhere.',
  ]);
});
