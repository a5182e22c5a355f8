/**
 * What the cascade asks of a site fits the site's own schemas at every microversion, whatever it adds to a tenant's request:
 * no site answers 400 where the tenant did nothing wrong, and the tenant hears 400 exactly where a site says so itself.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { atLeast, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import { computeRoutes } from '../src/compute/routes.js';
import type { World } from '../src/routing/world.js';
import { send } from './cascade.js';
import { startSimulatedCascade, type Ask, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
/** What a route's `{names}` stand for. */
let known: Record<string, string>;

const versions = ['2.1', '2.60', '2.75', '2.93'];
const nova = '/compute/v2.1';
const nowhere = '00000000-0000-4000-8000-000000000000';
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann';

/** What sites refused the cascade since it was last emptied: its own background work, too. */
const refused: string[] = [];
/** Whose requests are the test's own. */
const direct = 'site-schemas.test';
function onResponse(message: unknown): void {
  const { request, response } = message as {
    request: { origin: string; method: string; path: string; headers: string | readonly string[] };
    response: { statusCode: number };
  };
  const site = [cloud.east, cloud.west].find(({ url }) => url === request.origin);
  const headers = [request.headers].flat().join(' ');
  if (!site || response.statusCode !== 400 || headers.includes(direct)) return;
  refused.push(`${site.cloud.name}: ${request.method} ${request.path} ${/compute \d\S+/.exec(headers)?.[0]}`);
}

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  subscribe('undici:request:headers', onResponse);
  ann = await cloud.tenant('ann');
  known = await thingsToAskFor();
}, 120_000);
afterAll(async () => {
  unsubscribe('undici:request:headers', onResponse);
  await cloud.close();
});

/** The resource in the answer. */
async function made(ask: Ask, call: string, body: object): Promise<Record<string, string>> {
  const { status, body: answer, text } = await ask(call, body);
  expect(status, `${call}: ${text}`).toBeLessThan(300);
  return answer[Object.keys(body)[0]!];
}

async function thingsToAskFor(): Promise<Record<string, string>> {
  const flavor: string = (await ann(`GET ${nova}/flavors`)).body.flavors[0].id;
  await made(cloud.admin, `POST ${nova}/flavors/${flavor}/os-extra_specs`, { extra_specs: { a: 'b' } });
  await made(ann, `POST ${nova}/os-keypairs`, { keypair: { name: 'key', type: 'ssh', public_key: publicKey } });
  const group = await made(ann, `POST ${nova}/os-server-groups`, { server_group: { name: 'g', policy: 'affinity' } });
  const network = await made(ann, 'POST /network/v2.0/networks', {
    network: { name: 'n', availability_zone_hints: ['east'] },
  });
  const subnet = { network_id: network['id'], ip_version: 4, cidr: '10.0.0.0/24' };
  await made(ann, 'POST /network/v2.0/subnets', { subnet });
  const port = await made(ann, 'POST /network/v2.0/ports', { port: { network_id: network['id'] } });
  const volume = await made(ann, 'POST /volume/v3/volumes', { volume: { size: 1, availability_zone: 'east' } });
  const image = cloud.east.cloud.images.initialIds[0]!;
  const server = await made(ann, `POST ${nova}/servers`, {
    server: {
      name: 's',
      flavorRef: flavor,
      imageRef: image,
      networks: [{ port: port['id'] }],
      key_name: 'key',
      tags: ['t'],
      metadata: { a: 'b' },
    },
    'os:scheduler_hints': { group: group['id'] },
  });
  const server_id = server['id']!;
  await cloud.until(
    () => ann(`GET ${nova}/servers/${server_id}`),
    (shown) => shown.server.status === 'ACTIVE',
  );
  await made(ann, `POST ${nova}/servers/${server_id}/os-volume_attachments`, {
    volumeAttachment: { volumeId: volume['id'] },
  });
  const aggregate = await made(cloud.admin, `POST ${nova}/os-aggregates`, { aggregate: { name: 'a' } });
  const { body: actions } = await ann(`GET ${nova}/servers/${server_id}/os-instance-actions`);
  return {
    flavor_id: flavor,
    flavor_extra_spec_key: 'a',
    keypair_name: 'key',
    server_group_id: group['id']!,
    server_id,
    volume_id: volume['id']!,
    image_id: image,
    network_id: network['id']!,
    port_id: port['id']!,
    aggregate_id: String(aggregate['id']),
    tenant_id: ann.projectId,
    request_id: actions.instanceActions[0].request_id,
    key: 'a',
    tag: 't',
    alias: 'os-keypairs',
    host_name: 'east',
    hypervisor_hostname_pattern: 'east',
    before_timestamp: '2026-01-01 00:00:00',
    id: 'default',
  };
}

type Persona = 'admin' | 'ann';
const askers = () => ({ admin: { ask: cloud.admin, token: cloud.token }, ann: { ask: ann, token: ann.token } });

/** The same request to the cascade and to a site itself, which says what is right. Tells the site's status. */
async function compare(who: Persona, call: string, version: string, body?: object): Promise<number> {
  const { ask, token } = askers()[who];
  refused.length = 0;
  const { status, text } = await ask(call, body, `compute ${version}`);
  const bySites = [...refused];
  const [method = '', path = ''] = call.split(' ');
  const headers = { 'openstack-api-version': `compute ${version}`, 'user-agent': direct };
  const site = await send(method, cloud.east.url + path, { token, body, headers });
  const isRefused = site.status === 400;
  const what = `${who}: ${call} at ${version} ${JSON.stringify(body)}: ${text.slice(0, 300)}; a site: ${site.text.slice(0, 300)}`;
  expect.soft(status === 400, what).toBe(isRefused);
  if (!isRefused) expect.soft(bySites, what).toEqual([]);
  return site.status;
}

/** The path with what there is in it. */
const pathOf = (path: string): string =>
  nova + path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(known[name] ?? nowhere));

const hasRoute = ({ since, until }: Route, version: string): boolean =>
  (!since || atLeast(parseMicroversion(version), since)) && (!until || atLeast(parseMicroversion(until), version));

/** Of Nova's own schemas of queries: what may be asked for, at any microversion. */
const dump = JSON.parse(
  readFileSync(new URL('../packages/openstack-adapter/src/schemas/nova-zed.json', import.meta.url), 'utf8'),
) as {
  routes: Record<string, { query?: [number, number | null, number][] }>;
  schemas: { properties?: object }[];
};
const shapeOf = (name: string): string => name.replace(/\{\w+\}/g, '{}');
const querySchemas = new Map(Object.entries(dump.routes).map(([name, { query = [] }]) => [shapeOf(name), query]));

function parametersOf({ method, path }: Route): Set<string> {
  const schemas = querySchemas.get(shapeOf(`${method} ${path}`)) ?? [];
  return new Set(schemas.flatMap(([, , at]) => Object.keys(dump.schemas[at]?.properties ?? {})));
}

const valuesOf = (name: string): string[] => ['', '1', name.startsWith('changes-') ? '2026-01-01T00:00:00Z' : 'x'];
const queriesOf = (row: Route): string[] => [
  '',
  'foo=bar',
  ...[...parametersOf(row)].flatMap((name) => valuesOf(name).map((value) => `${name}=${encodeURIComponent(value)}`)),
];

const isOtherwise = (path: string, query: string): boolean =>
  // The same list as with details, of which one is long enough.
  (path === '/servers' && query.includes('=')) ||
  // Simulated clouds do not have Nova's proxies.
  path === '/os-security-groups' ||
  // Who locked a server no site tells, so nobody can ask for it here.
  query.startsWith('locked_by=') ||
  // Sites are the hypervisors, and have ids as such.
  (path.startsWith('/os-hypervisors') && query === 'marker=1');

const reads = new Map(
  computeRoutes({} as World)
    .filter(({ method }) => method === 'GET')
    .map((row) => [row.path, row]),
);

describe('what is read', () => {
  test.each([...reads.keys()])(
    'GET %s',
    async (path) => {
      const row = reads.get(path)!;
      const personas: Persona[] = row.needs === 'admin' ? ['admin'] : ['admin', 'ann'];
      for (const query of queriesOf(row).filter((one) => !isOtherwise(path, one)))
        for (const version of versions.filter((one) => hasRoute(row, one)))
          for (const who of personas) await compare(who, `GET ${pathOf(path)}?${query}`, version);
    },
    180_000,
  );
});

type Write = readonly [who: Persona, call: string, body: object | null | ((run: string) => object)];
const act = (who: Persona, action: object | (() => object)): Write => [who, 'POST /servers/{server_id}/action', action];
const server =
  (more: object): (() => object) =>
  () => ({
    server: { name: 's', flavorRef: known['flavor_id'], imageRef: known['image_id'], networks: 'none', ...more },
  });
const rebuild =
  (more: object): (() => object) =>
  () => ({ rebuild: { imageRef: known['image_id'], ...more } });
const flavor = { ram: 64, vcpus: 1, disk: 1 };

/** Each is right at one microversion at least, and most are wrong at another. */
const writes: readonly Write[] = [
  ['admin', 'POST /flavors', (run) => ({ flavor: { name: run, ...flavor, swap: 0, rxtx_factor: 1.5 } })],
  ['admin', 'POST /flavors', (run) => ({ flavor: { name: run, ...flavor, 'os-flavor-access:is_public': false } })],
  ['admin', 'POST /flavors', (run) => ({ flavor: { name: run, ...flavor, description: 'd' } })],
  ['admin', 'PUT /flavors/{flavor_id}', { flavor: { description: 'other' } }],
  ['admin', 'POST /flavors/{flavor_id}/os-extra_specs', (run) => ({ extra_specs: { [`hw:${run}`]: '1' } })],
  ['admin', 'POST /flavors/{flavor_id}/os-extra_specs', { extra_specs: { 'hw:cpu_policy': 'shared' } }],
  ['admin', 'PUT /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}', { a: 'c' }],
  ['admin', 'PUT /os-quota-sets/{tenant_id}', { quota_set: { cores: 40, force: true } }],
  ['admin', 'PUT /os-quota-sets/{tenant_id}?user_id=someone', { quota_set: { cores: '30' } }],
  ['admin', 'PUT /os-quota-class-sets/{id}', { quota_class_set: { cores: 50 } }],
  ['admin', 'DELETE /os-quota-sets/{tenant_id}?user_id=someone', null],
  ['admin', 'DELETE /os-quota-sets/{tenant_id}?foo=bar', null],
  ['admin', 'DELETE /os-quota-sets/{tenant_id}', null],
  [
    'admin',
    'POST /os-server-external-events',
    () => ({ events: [{ name: 'network-changed', server_uuid: known['server_id'] }] }),
  ],
  act('admin', { migrate: null }),
  act('admin', { 'os-migrateLive': { host: null, block_migration: 'auto' } }),
  act('admin', { evacuate: {} }),
  act('admin', { 'os-resetState': { state: 'active' } }),
  ['ann', 'POST /os-keypairs', (run) => ({ keypair: { name: run, public_key: publicKey } })],
  ['ann', 'POST /os-keypairs', (run) => ({ keypair: { name: run, type: 'ssh', public_key: publicKey } })],
  ['ann', 'POST /os-keypairs', (run) => ({ keypair: { name: `ann@x.${run}`, public_key: publicKey } })],
  ['ann', 'POST /os-server-groups', (run) => ({ server_group: { name: run, policies: ['affinity'] } })],
  [
    'ann',
    'POST /os-server-groups',
    (run) => ({ server_group: { name: run, policy: 'anti-affinity', rules: { max_server_per_host: 2 } } }),
  ],
  ['ann', 'POST /servers', server({ networks: undefined })],
  ['ann', 'POST /servers', server({ availability_zone: 'east', key_name: 'key' })],
  ['ann', 'POST /servers', server({ description: 'd' })],
  ['ann', 'POST /servers', server({ tags: ['t'], trusted_image_certificates: null })],
  ['ann', 'POST /servers', server({ networks: 'auto', hostname: 'host' })],
  ['ann', 'PUT /servers/{server_id}', { server: { name: 'other' } }],
  ['ann', 'PUT /servers/{server_id}', { server: { description: 'other' } }],
  ['ann', 'PUT /servers/{server_id}', { server: { hostname: 'other' } }],
  ['ann', 'POST /servers/{server_id}/metadata', { metadata: { a: 'b' } }],
  ['ann', 'PUT /servers/{server_id}/metadata', { metadata: { a: 'b' } }],
  ['ann', 'PUT /servers/{server_id}/metadata/{key}', { meta: { a: 'c' } }],
  ['ann', 'PUT /servers/{server_id}/tags', { tags: ['t', 'u'] }],
  ['ann', 'PUT /servers/{server_id}/tags/{tag}', null],
  ['ann', 'POST /servers/{server_id}/remote-consoles', { remote_console: { protocol: 'vnc', type: 'novnc' } }],
  [
    'ann',
    'POST /servers/{server_id}/os-interface',
    () => ({ interfaceAttachment: { net_id: known['network_id'], tag: 't' } }),
  ],
  act('ann', { reboot: { type: 'SOFT' } }),
  act('ann', { createImage: { name: 'i', metadata: {} } }),
  act('ann', { createBackup: { name: 'i', backup_type: 'daily', rotation: 1 } }),
  act('ann', { 'os-getConsoleOutput': { length: 1 } }),
  act('ann', { 'os-getVNCConsole': { type: 'novnc' } }),
  act('ann', { lock: { locked_reason: 'r' } }),
  act('ann', { unlock: null }),
  act('ann', { addSecurityGroup: { name: 'default' } }),
  act('ann', { changePassword: { adminPass: 'p' } }),
  act('ann', { unshelve: null }),
  act('ann', { unshelve: {} }),
  act('ann', { unshelve: { availability_zone: 'east' } }),
  act('ann', { unshelve: { availability_zone: null } }),
  act('ann', { resize: { flavorRef: '2' } }),
  act('ann', rebuild({})),
  act('ann', rebuild({ key_name: 'key' })),
  act('ann', rebuild({ key_name: null, user_data: null, trusted_image_certificates: null })),
  act('ann', () => ({ rescue: { adminPass: 'p', rescue_image_ref: known['image_id'] } })),
];

let run = 0;
/** With another name each time. */
function bodyOf(body: Write[2]): object | undefined {
  run += 1;
  return (typeof body === 'function' ? body(`run ${run}`) : body) ?? undefined;
}

/** With a field that no schema has; undefined for what is no object within an object. */
function withMore(body: object | undefined): object | undefined {
  const [key = '', inner] = Object.entries(body ?? {})[0] ?? [];
  const isInner = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
  return isInner ? { ...body, [key]: { ...inner, foo: 'bar' } } : undefined;
}

describe('what is written', () => {
  test.each(writes)('%s: %s %j', async (who, call, body) => {
    const [method = '', path = ''] = call.split(' ');
    const at = `${method} ${pathOf(path)}`;
    const statuses: number[] = [];
    for (const version of versions) {
      statuses.push(await compare(who, at, version, bodyOf(body)));
      const more = withMore(bodyOf(body));
      if (more) await compare(who, at, version, more);
    }
    // What is wrong everywhere would prove nothing.
    expect(statuses.some((status) => status !== 400)).toBe(true);
  });
});

/** What is right here and not at a site, where no host is called as the site is. */
const ownWrites: readonly [...Write, since: string][] = [
  ['admin', 'POST /servers', server({ host: 'east' }), '2.74'],
  ['admin', 'POST /servers', server({ hypervisor_hostname: 'east' }), '2.74'],
  ['admin', 'POST /servers', server({ availability_zone: 'east:east' }), '2.37'],
  [...act('admin', { unshelve: { host: 'east' } }), '2.91'],
  [...act('admin', { unshelve: { availability_zone: 'east', host: 'east' } }), '2.91'],
];

test.each(ownWrites)('a site is a host here: %s: %s %j from %s on', async (who, call, body, since) => {
  const [method = '', path = ''] = call.split(' ');
  for (const version of versions.filter((one) => atLeast(parseMicroversion(one), since))) {
    refused.length = 0;
    const { status, text } = await askers()[who].ask(`${method} ${pathOf(path)}`, bodyOf(body), `compute ${version}`);
    expect(status, text).not.toBe(400);
    expect(refused).toEqual([]);
  }
});
