/** What managers and services may do since 2025.1, over one zone of Zed and one of 2026.2. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OwnKeystone } from '@cascade/openstack-adapter/keystone/own-keystone.js';
import { wrongWith } from './calibration/nova-responses.js';
import { send, type Answer } from './cascade.js';
import { startSimulatedCascade, type Ask, type SimulatedCascade, type Tenant } from './simulated-cascade.js';

type Zone = 'east' | 'west';
const zones = ['east', 'west'] as const;
const nova = '/compute/v2.1';

let cloud: SimulatedCascade;
let member: Tenant;
let manager: Ask;
let reader: Ask;
const servers: Record<string, string> = {};

const ask = (who: Ask, call: string, body?: unknown): Promise<Answer> => who(call, body, 'compute 2.104');
const act = (who: Ask, zone: Zone, action: object) => ask(who, `POST ${nova}/servers/${servers[zone]}/action`, action);
const shows = (zone: Zone, status: string) =>
  cloud.until(
    () => ask(member, `GET ${nova}/servers/${servers[zone]}`),
    (body) => body.server.status === status,
  );

/** Somebody else in a project, with a role of his own. */
async function personIn(project: string, name: string, role: string): Promise<Ask> {
  const { accounts } = cloud.east.keystone as OwnKeystone;
  const user = accounts.addUser({ name }, 'pw');
  accounts.assign(user.id, accounts.projectNamed(project)!.id, accounts.roleNamed(role).id);
  const domain = { id: 'default' };
  const identity = { methods: ['password'], password: { user: { name, password: 'pw', domain } } };
  const body = { auth: { identity, scope: { project: { name: project, domain } } } };
  const { headers } = await send('POST', `${cloud.url}/identity/v3/auth/tokens`, { body });
  return (call, asked, version = 'compute 2.104') => {
    const [method = '', path = ''] = call.split(' ');
    const options = { token: headers['x-subject-token']!, body: asked, headers: { 'openstack-api-version': version } };
    return send(method, cloud.url + path, options);
  };
}

beforeAll(async () => {
  cloud = await startSimulatedCascade({}, {}, { east: '2026.2' });
  member = await cloud.tenant('ann');
  manager = await personIn('ann', 'mia', 'manager');
  reader = await personIn('ann', 'ron', 'reader');
  for (const zone of zones) {
    const imageRef = cloud[zone].cloud.images.initialIds[0];
    const server = { name: 's', flavorRef: '1', imageRef, networks: 'none', availability_zone: zone };
    servers[zone] = (await ask(member, `POST ${nova}/servers`, { server })).body.server.id;
    await shows(zone, 'ACTIVE');
  }
}, 120_000);
afterAll(() => cloud.close());

test('a manager moves servers of the own project where the zone lets him, and names no host', async () => {
  expect((await act(member, 'east', { migrate: null })).status).toBe(403);
  const named = await act(manager, 'east', { 'os-migrateLive': { host: 'east', block_migration: 'auto' } });
  expect(named.status).toBe(403);
  expect((await act(manager, 'east', { 'os-migrateLive': { host: null, block_migration: 'auto' } })).status).toBe(202);
  await shows('east', 'ACTIVE');
  expect((await act(manager, 'east', { migrate: null })).status).toBe(202);
  await shows('east', 'VERIFY_RESIZE');
  expect((await act(manager, 'east', { confirmResize: null })).status).toBe(204);
  const older = await act(manager, 'west', { migrate: null });
  expect([older.status, older.text]).toEqual([403, expect.stringContaining('os-migrate-server:migrate')]);
});

test('a manager is told of the migrations of the own project, and of no host', async () => {
  const own = `GET ${nova}/os-migrations?project_id=${member.projectId}`;
  const { status, body, text } = await ask(manager, own);
  expect([status, wrongWith('GET /os-migrations', 104, body)], text).toEqual([200, []]);
  expect(body.migrations.length).toBeGreaterThan(0);
  for (const migration of body.migrations)
    expect(migration).toMatchObject({ instance_uuid: servers['east'], source_compute: null, dest_host: null });
  const page = await ask(manager, `${own}&limit=1`);
  const next = new URL(page.body.migrations_links[0].href);
  const rest = await ask(manager, `GET ${next.pathname}${next.search}`);
  expect(rest.status, `${next.href} ${rest.text}`).toBe(200);
  expect([...page.body.migrations, ...rest.body.migrations].map(({ uuid }) => uuid)).toEqual(
    expect.arrayContaining([body.migrations[0].uuid, body.migrations[1].uuid]),
  );
  for (const [who, call] of [
    [manager, `GET ${nova}/os-migrations`],
    [manager, `GET ${nova}/os-migrations?project_id=${'0'.repeat(32)}`],
    [member, own],
  ] as const)
    expect((await ask(who, call)).status, call).toBe(403);
  // The zone that keeps them to administrators is no reason to hide those of the other from an administrator either.
  const all = await cloud.admin(`GET ${nova}/os-migrations`, undefined, 'compute 2.104');
  expect(all.body.migrations[0]).toMatchObject({ source_compute: 'east' });
});

test('a manager looks at a server’s live migrations where the zone lets him', async () => {
  const below = (zone: Zone) => `GET ${nova}/servers/${servers[zone]}/migrations`;
  expect((await ask(manager, below('east'))).status).toBe(200);
  expect((await ask(manager, below('west'))).status).toBe(403);
  expect((await ask(member, below('east'))).status).toBe(403);
});

test('a service reads where there is room', async () => {
  const service = await personIn('ann', 'planner', 'service');
  const path = 'GET /placement/resource_providers';
  const { status, body } = await service(path, undefined, 'placement 1.39');
  expect(status).toBe(200);
  expect(body.resource_providers.map((one: { name: string }) => one.name).sort()).toEqual([...zones]);
  expect((await member(path, undefined, 'placement 1.39')).status).toBe(403);
});

/** @see PolicyNotAuthorized of nova/exception.py, cinder/exception.py and oslo.policy, Forbidden of glance/common/exception.py */
const perform = (rule: string) => `Policy doesn't allow ${rule} to be performed.`;
test.each<[who: string, call: string, body: object | undefined, words: string]>([
  ['member', `GET ${nova}/os-services`, undefined, perform('os_compute_api:os-services:list')],
  ['member', `GET ${nova}/os-hypervisors/detail`, undefined, perform('os_compute_api:os-hypervisors:list-detail')],
  ['member', `POST ${nova}/flavors`, { flavor: {} }, perform('os_compute_api:os-flavor-manage:create')],
  ['reader', `DELETE ${nova}/servers/{id}`, undefined, perform('os_compute_api:servers:delete')],
  ['reader', `POST ${nova}/servers/{id}/action`, { 'os-stop': null }, perform('os_compute_api:servers:stop')],
  ['reader', `POST ${nova}/servers/{id}/action`, { reboot: {} }, perform('os_compute_api:servers:reboot')],
  ['member', 'GET /volume/v3/os-services', undefined, perform('volume_extension:services:index')],
  ['member', 'POST /volume/v3/types', { volume_type: {} }, perform('volume_extension:type_create')],
  ['reader', 'POST /volume/v3/volumes', { volume: { size: 1 } }, perform('volume:create')],
  ['reader', 'POST /network/v2.0/networks', { network: {} }, 'rule:create_network is disallowed by policy'],
  ['reader', 'POST /image/v2/images', { name: 'i' }, 'You are not authorized to complete add_image action.'],
])('%s: %s %j is refused by the name of its policy', async (who, call, body, words) => {
  const asked = call.replace('{id}', servers['east']!);
  const version = asked.includes('/volume/') ? 'volume 3.70' : 'compute 2.93';
  const { status, text } = await (who === 'reader' ? reader : member)(asked, body, version);
  expect([status, text.replaceAll('&#x27;', "'")]).toEqual([403, expect.stringContaining(words)]);
});
