/** A site is one nova-compute, one hypervisor and one host, all of which say the same of it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../../test/cascade.js';

let cloud: TestCascade;
beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());
afterEach(async () => {
  for (const name of ['east', 'west']) await cloud.cascade.world.sites.setState(name, 'enabled');
  await cloud.east.server.recover();
});

const ask = (version: string, method: string, path: string, body?: unknown) =>
  cloud.ask(method, `/compute/v2.1${path}`, {
    token: cloud.admin,
    headers: { 'openstack-api-version': `compute ${version}` },
    ...(body ? { body } : {}),
  });
const words = ({ status, body }: Awaited<ReturnType<typeof ask>>) => [
  status,
  Object.values<{ message: string }>(body)[0]?.message,
];
const siteId = (name: string) => cloud.cascade.world.sites.byName(name)!.id;

test('a disabled nova-compute is a site that gets no new servers, and says why', async () => {
  const host = { host: 'east', binary: 'nova-compute' };
  const disabled = await ask('2.1', 'PUT', '/os-services/disable-log-reason', {
    ...host,
    disabled_reason: 'new power supply',
  });
  expect(disabled.body).toEqual({ service: { ...host, status: 'disabled', disabled_reason: 'new power supply' } });
  expect(cloud.cascade.world.sites.byName('east')?.state).toBe('draining');

  const { services } = (await ask('2.1', 'GET', '/os-services?host=east')).body;
  expect(services).toMatchObject([
    { id: siteId('east'), zone: 'east', status: 'disabled', state: 'up', disabled_reason: 'new power supply' },
  ]);
  const { hypervisors } = (await ask('2.1', 'GET', '/os-hypervisors/detail')).body;
  expect(hypervisors[0]).toMatchObject({
    hypervisor_hostname: 'east',
    status: 'disabled',
    service: { disabled_reason: 'new power supply' },
  });
  const { availabilityZoneInfo: zones } = (await cloud.get('/compute/v2.1/os-availability-zone')).body;
  expect(zones.map((zone: { zoneName: string; zoneState: object }) => [zone.zoneName, zone.zoneState])).toEqual([
    ['west', { available: true }],
    ['east', { available: false }],
  ]);
  expect(
    (await ask('2.1', 'GET', '/os-hosts')).body.hosts.map((one: { host_name: string }) => one.host_name),
  ).not.toContain('east');

  await ask('2.1', 'PUT', '/os-services/enable', host);
  expect(cloud.cascade.world.sites.byName('east')?.state).toBe('enabled');
  expect((await ask('2.1', 'GET', '/os-services?host=east')).body.services[0].disabled_reason).toBeNull();
});

test('a site that its operator enabled has no reason to be disabled', async () => {
  const [{ id }] = (await ask('2.53', 'GET', '/os-services?host=east')).body.services;
  await ask('2.53', 'PUT', `/os-services/${id}`, { status: 'disabled', disabled_reason: 'old' });
  await cloud.cascade.world.sites.setState('east', 'enabled');
  const { services } = (await ask('2.53', 'GET', '/os-services?host=east')).body;
  expect(services).toMatchObject([{ status: 'enabled', disabled_reason: null }]);
});

test('maintenance is more than disabled, and stays', async () => {
  await cloud.cascade.world.sites.setState('east', 'maintenance');
  await ask('2.1', 'PUT', '/os-services/disable', { host: 'east', binary: 'nova-compute' });
  expect(cloud.cascade.world.sites.byName('east')?.state).toBe('maintenance');
});

test('from 2.53 a service has a uuid, the same each time', async () => {
  const list = async () =>
    (await ask('2.53', 'GET', '/os-services?binary=nova-compute')).body.services as { id: string; host: string }[];
  const [first] = await list();
  expect(first!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect((await list())[0]!.id).toBe(first!.id);
  const changed = await ask('2.53', 'PUT', `/os-services/${first!.id}`, { status: 'disabled' });
  expect(changed.body.service).toMatchObject({ id: first!.id, host: 'east', status: 'disabled', forced_down: false });
});

test('whether a site answers is seen, not set', async () => {
  const [{ id }] = (await ask('2.53', 'GET', '/os-services?host=east')).body.services;
  const seen = [
    400,
    'Service nova-compute of host east cannot be forced down: whether a site answers is seen, not set.',
  ];
  expect(words(await ask('2.53', 'PUT', `/os-services/${id}`, { forced_down: true, status: 'disabled' }))).toEqual(
    seen,
  );
  expect(cloud.cascade.world.sites.byName('east')?.state).toBe('enabled');
  const body = { host: 'east', binary: 'nova-compute', forced_down: true };
  expect(words(await ask('2.11', 'PUT', '/os-services/force-down', body))).toEqual(seen);
  expect(words(await ask('2.1', 'PUT', '/os-services/force-down', { host: 'east', binary: 'nova-compute' }))).toEqual([
    404,
    'Unknown action',
  ]);
});

test('no service goes by itself', async () => {
  expect((await ask('2.1', 'DELETE', `/os-services/${siteId('east')}`)).status).toBe(409);
  expect(words(await ask('2.1', 'DELETE', '/os-services/77'))).toEqual([404, 'Service 77 not found.']);
  expect(words(await ask('2.53', 'DELETE', '/os-services/77'))).toEqual([400, 'Invalid uuid 77']);
});

test('hypervisors: fields, pages and servers as each microversion has them', async () => {
  const room = {
    count: 3,
    vcpus: 10,
    vcpus_used: 2,
    memory_mb: 4096,
    memory_mb_used: 1024,
    free_ram_mb: 3072,
    local_gb: 100,
    local_gb_used: 1,
    free_disk_gb: 99,
    disk_available_least: 90,
    current_workload: 0,
    running_vms: 1,
  };
  for (const site of [cloud.east, cloud.west])
    site.server.fail(200, /os-hypervisors\/statistics/, { hypervisor_statistics: room });
  await cloud.cascade.world.capacities.hosts.refresh(() => true);

  const { hypervisor_statistics: sum } = (await ask('2.87', 'GET', '/os-hypervisors/statistics')).body;
  expect(sum).toMatchObject({ count: 2, vcpus: 20, memory_mb_used: 2048 });
  expect((await ask('2.88', 'GET', '/os-hypervisors/statistics')).status).toBe(404);

  const shown = async (version: string, path = `/os-hypervisors/${siteId('east')}`) =>
    (await ask(version, 'GET', path)).body.hypervisor;
  expect(await shown('2.27')).toMatchObject({ cpu_info: '', vcpus: 10, host_ip: '127.0.0.1' });
  expect((await shown('2.28')).cpu_info).toEqual({});
  const page = (await ask('2.88', 'GET', '/os-hypervisors/detail?limit=1')).body;
  expect(page.hypervisors[0]).toMatchObject({ hypervisor_hostname: 'east', uptime: null });
  expect(page.hypervisors[0]).not.toHaveProperty('vcpus');
  const next = new URL(page.hypervisors_links[0].href);
  const second = await ask('2.88', 'GET', `/os-hypervisors/detail${next.search}`);
  expect(second.body.hypervisors.map((one: { hypervisor_hostname: string }) => one.hypervisor_hostname)).toEqual([
    'west',
  ]);
  expect(words(await ask('2.33', 'GET', '/os-hypervisors?marker=99'))).toEqual([400, 'marker [99] not found']);

  const { world } = cloud.cascade;
  const flavor = { vcpus: 2, ram: 512, disk: 5, ephemeral: 1 };
  const server = cloud.east.put('servers', {
    name: 'db1',
    tenant_id: cloud.project,
    flavor,
    'OS-EXT-SRV-ATTR:instance_name': 'instance-0000002a',
  });
  await world.inventory.store(world.kinds.get('server')!, world.sites.byName('east')!, [server], new Date());
  const its = [{ uuid: server.id, name: 'instance-0000002a' }];
  expect((await ask('2.52', 'GET', '/os-hypervisors/EAS/servers')).body.hypervisors).toMatchObject([{ servers: its }]);
  const { hypervisors } = (await ask('2.75', 'GET', '/os-hypervisors?with_servers=true')).body;
  expect(hypervisors.map((one: { servers: unknown }) => one.servers)).toEqual([its, []]);

  const { host } = (await ask('2.42', 'GET', '/os-hosts/east')).body;
  expect(
    host.map((row: { resource: { project: string; cpu: number; memory_mb: number; disk_gb: number } }) =>
      Object.values(row.resource).slice(1),
    ),
  ).toEqual([
    ['(total)', 10, 4096, 100],
    ['(used_now)', 2, 1024, 1],
    ['(used_max)', 2, 512, 6],
    [cloud.project, 2, 512, 6],
  ]);
});

test('a site that is silent is down, wherever it is shown', async () => {
  await cloud.east.server.refuse();
  for (let time = 0; time < 3; time += 1) await cloud.cascade.world.sites.probe();
  expect((await ask('2.1', 'GET', '/os-services?host=east')).body.services[0].state).toBe('down');
  expect((await ask('2.1', 'GET', '/os-hypervisors')).body.hypervisors[0]).toMatchObject({
    state: 'down',
    status: 'enabled',
  });
  const { availabilityZoneInfo: zones } = (await ask('2.1', 'GET', '/os-availability-zone/detail')).body;
  expect(zones.at(-1)).toMatchObject({
    zoneName: 'east',
    zoneState: { available: false },
    hosts: { east: { 'nova-compute': { available: false, active: true } } },
  });
  await cloud.east.server.recover();
  await cloud.cascade.world.sites.probe();
  await cloud.cascade.world.sites.probe();
});

test('hosts: what a cloud cannot do is refused before anything is done', async () => {
  const both = await ask('2.1', 'PUT', '/os-hosts/east', { status: 'disable', maintenance_mode: 'enable' });
  expect(words(both)).toEqual([501, 'The requested functionality is not supported.']);
  expect(cloud.cascade.world.sites.byName('east')?.state).toBe('enabled');
  expect((await ask('2.1', 'PUT', '/os-hosts/east', { status: 'disable' })).body).toEqual({
    host: 'east',
    status: 'disabled',
  });
  expect(words(await ask('2.1', 'GET', '/os-hosts/north/reboot'))).toEqual([
    404,
    "Host 'north' is not mapped to any cell",
  ]);
  expect((await ask('2.1', 'GET', '/os-hosts/east/reboot')).status).toBe(501);
  expect((await ask('2.43', 'GET', '/os-hosts')).status).toBe(404);
  expect((await ask('2.1', 'GET', '/os-agents')).status).toBe(410);
});

test('that no service is forced down may be said again', async () => {
  const [first] = (await ask('2.53', 'GET', '/os-services?binary=nova-compute')).body.services;
  const byId = await ask('2.53', 'PUT', `/os-services/${first.id}`, { forced_down: false });
  expect([byId.status, byId.body.service]).toMatchObject([
    200,
    { id: first.id, status: first.status, forced_down: false },
  ]);
  const names = { host: first.host, binary: 'nova-compute' };
  const byName = await ask('2.11', 'PUT', '/os-services/force-down', { ...names, forced_down: 'False' });
  expect([byName.status, byName.body]).toEqual([200, { service: { ...names, forced_down: false } }]);
});
