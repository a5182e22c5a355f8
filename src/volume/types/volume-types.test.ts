/** Volume types over several sites: each of them a fake Cinder in process. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import type { Database } from '../../database/database.js';
import { testDatabase } from '../../database/testing.js';
import { reconcileKinds } from '../../globals/reconcile.js';
import { GlobalResources } from '../../resources/global.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { Shadows } from '../../routing/shadows.js';
import { FeedStates } from '../../sync/feed-states.js';
import { registerVolumeShadows, volumeGlobals } from '../globals.js';
import { volumeTypeRoutes } from './type-routes.js';
import { FakeCinder, type FakeType } from './fake-cinder.js';

let world: World;
let sites: FakeCinder[];
let database: Database;
let close: () => Promise<void>;

beforeAll(async () => ({ database, close } = await testDatabase()));
afterAll(() => close());

beforeEach(async () => {
  await database.run('truncate site, global_resource cascade');
  sites = [];
  world = {
    database,
    globals: new GlobalResources(database),
    sites: { all: () => sites, answering: () => sites.filter((site) => !site.silent) },
    capacities: { storage: { zonesAt: () => ['nova'] } },
    kinds: new Map([['volume', { name: 'volume' }]]),
    reader: { states: new FeedStates(database) },
    log: { warn: () => undefined },
  } as unknown as World;
  await addSite('east');
  await addSite('west');
});

async function addSite(name: string): Promise<FakeCinder> {
  const { id } = await world.database.one<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     values ($1, 'enabled', '', '', '', true, '', '{}') returning id`,
    [name],
  );
  // A name of its own in each test, since the reconciler remembers when it looked at one.
  const site = new FakeCinder(world.database, id, `${name}-${randomUUID()}`);
  sites.push(site);
  return site;
}

const [east, west] = [() => sites[0]!, () => sites[1]!];
const caller = { token: 't', userId: 'u', projectId: 'p', roles: ['admin'], isAdmin: true };

async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, never> }> {
  const routes = volumeTypeRoutes(world);
  const route = routes.find((one) => one.method === method && match(one.path, path));
  const raw = Buffer.from(body === undefined ? '' : JSON.stringify(body));
  const asked = {
    service: serviceOf('volume'),
    method,
    path,
    params: match(route!.path, path),
    query: new URLSearchParams(),
    rawQuery: '',
    headers: {},
    microversion: { major: 3, minor: 70 },
    requestId: '',
    serviceUrl: '',
    publicUrl: '',
    caller,
    readBody: () => Promise.resolve(raw),
  } as unknown as Asked;
  const answer = await route!.run(asked);
  const text = (answer.body as Buffer).toString();
  return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Record<string, never> };
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const found = new RegExp(`^${pattern.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`).exec(path);
  return found ? { ...found.groups } : undefined;
}

const make = async (name: string, specs: object = {}) =>
  (
    (await ask('POST', '/types', { volume_type: { name, extra_specs: specs } })).body[
      'volume_type'
    ] as unknown as FakeType
  ).id;
const lastError = async (id: string, site: FakeCinder) =>
  (await world.globals.errors('volume_type', id)).find((one) => one.site_id === site.id)?.error;

test('a type is made in every site; its id is that of the site that spoke', async () => {
  const id = await make('fast', { a: '1' });
  expect(east().types.get(id)).toMatchObject({ name: 'fast', extra_specs: { a: '1' } });
  expect(west().named('fast')).toMatchObject({ extra_specs: { a: '1' } });
  expect(west().named('fast')!.id).not.toBe(id);
});

test('a type for some zones names each site its own, and everybody the cascade’s', async () => {
  const zones = (...names: string[]) => ({ 'RESKEY:availability_zones': names.join(',') });
  const id = await make('fast', zones(east().name, 'north'));
  expect(east().types.get(id)!.extra_specs).toEqual(zones('nova', 'north'));
  expect(west().named('fast')!.extra_specs).toEqual(zones(east().name, 'north'));
  for (const speaks of [east(), west()]) {
    speaks.silent = true;
    const { body } = await ask('GET', `/types/${id}`);
    expect(body['volume_type']).toMatchObject({ extra_specs: zones(east().name, 'north') });
    speaks.silent = false;
  }
  await ask('POST', `/types/${id}/extra_specs`, { extra_specs: zones(west().name) });
  expect(west().named('fast')!.extra_specs).toEqual(zones('nova'));
});

test("another site speaks with the cascade's ids, in path and answer", async () => {
  const id = await make('fast');
  east().silent = true;
  const { status, body } = await ask('GET', `/types/${id}`);
  expect(status).toBe(200);
  expect(body['volume_type']).toMatchObject({ id, name: 'fast' });
  expect(JSON.stringify((await ask('GET', '/types')).body)).not.toContain(west().named('fast')!.id);
});

test('a change and a deletion reach every site', async () => {
  const id = await make('fast', { a: '1', b: '2' });
  await ask('POST', `/types/${id}/extra_specs`, { extra_specs: { a: '3' } });
  await ask('DELETE', `/types/${id}/extra_specs/b`);
  expect(west().named('fast')!.extra_specs).toEqual({ a: '3' });
  await ask('DELETE', `/types/${id}`);
  expect([...east().types, ...west().types]).toEqual([]);
});

test("the speaker's refusal is the answer, and no other site hears of it", async () => {
  await make('fast');
  west().writes.length = 0;
  expect((await ask('POST', '/types', { volume_type: { name: 'fast' } })).status).toBe(409);
  expect(west().writes).toEqual([]);
});

test('what a silent site missed is made good when it is back', async () => {
  const kept = await make('kept', { a: '1' });
  const gone = await make('gone');
  west().silent = true;
  await ask('POST', `/types/${kept}/extra_specs`, { extra_specs: { a: '2' } });
  await ask('DELETE', `/types/${gone}`);
  await make('new');
  west().silent = false;
  await reconcileKinds(world, west(), volumeGlobals);
  expect([...west().types.values()].map(({ name, extra_specs }) => [name, extra_specs]).sort()).toEqual([
    ['kept', { a: '2' }],
    ['new', {}],
  ]);
});

test('a site that missed something does not speak before it has been made good', async () => {
  east().silent = true;
  const id = await make('fast');
  east().silent = false;
  expect((await ask('GET', `/types/${id}`)).status).toBe(200);
  await reconcileKinds(world, east(), volumeGlobals);
  west().silent = true;
  expect((await ask('GET', `/types/${id}`)).body['volume_type']).toMatchObject({ id });
});

test('a refusal is kept with the shadow, and forgotten when the site gives in', async () => {
  const id = await make('fast');
  west().refuses = /extra_specs/;
  await ask('POST', `/types/${id}/extra_specs`, { extra_specs: { a: '1' } });
  expect(await lastError(id, west())).toContain('no, thanks');
  west().refuses = undefined;
  await reconcileKinds(world, west(), volumeGlobals);
  expect(await lastError(id, west())).toBeUndefined();
  expect(west().named('fast')!.extra_specs).toEqual({ a: '1' });
});

test('what sites had before is adopted: one type by its name, each with its own specs', async () => {
  const [ours, theirs] = [east().add('ssd', { backend: 'lvm' }), west().add('ssd', { backend: 'ceph' })];
  const only = west().add('tape');
  for (const site of sites) await reconcileKinds(world, site, volumeGlobals);
  await reconcileKinds(world, east(), volumeGlobals);
  // Volumes of the west may have been read with the west's id of it, which is one of nobody's from now on.
  const suspected = await world.reader.states.suspected();
  expect(suspected).toEqual([{ site_id: west().id, kind: 'volume' }]);
  expect(theirs.extra_specs).toEqual({ backend: 'ceph' });
  expect(east().named('tape')).toBeDefined();
  expect((await world.globals.list('volume_type')).map((row) => row.id).sort()).toEqual([ours.id, only.id].sort());
  // What is changed afterwards is changed everywhere, and nothing else.
  await ask('POST', `/types/${ours.id}/extra_specs`, { extra_specs: { multiattach: '<is> True' } });
  expect(theirs.extra_specs).toEqual({ backend: 'ceph', multiattach: '<is> True' });
});

test('a deleted type that a site still has is removed there, not brought back', async () => {
  const id = await make('fast');
  west().refuses = /^DELETE/;
  await ask('DELETE', `/types/${id}`);
  expect(west().named('fast')).toBeDefined();
  west().refuses = undefined;
  for (const site of sites) await reconcileKinds(world, site, volumeGlobals);
  expect([...east().types, ...west().types]).toEqual([]);
});

test('a type in use is asked of the site that uses it', async () => {
  const id = await make('fast');
  await world.database.run(
    `insert into resource (kind, id, site_id, created_at, updated_at, body, facts)
     values ('volume', 'v', $1, now(), now(), '{}', $2)`,
    [west().id, { volume_type_id: id }],
  );
  west().refuses = /^DELETE/;
  expect(await ask('DELETE', `/types/${id}`)).toMatchObject({
    status: 400,
    body: { badRequest: { message: 'no, thanks' } },
  });
  expect(east().types.has(id)).toBe(true);
});

test('the linker makes what is missing, and leaves ids, names and strangers as they are', async () => {
  const id = await make('fast');
  const north = await addSite('north');
  const shadows = new Shadows();
  registerVolumeShadows({ ...world, shadows });
  const ensure = async (named: string, site: Site) =>
    (await shadows.find('volume_type', [named], caller)).get(named)?.ensure(site, caller);
  expect([await ensure(id, west()), await ensure(id, north)]).toEqual([id, id]);
  expect((await north.request({ service: 'volume', method: 'GET', path: `/types/${id}` })).status).toBe(200);
  expect(north.named('fast')!.id).not.toBe(id);
  expect(await ensure('fast', west())).toBe('fast');
  expect(await ensure('nobody', west())).toBe(undefined);
});
