/**
 * Each kind that the cascade holds and every site must have, through what can go wrong between the cascade and one site:
 * a lost response, a stop between a make and its note, silence, changes and deletions behind our back, two processes at once.
 */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { computeGlobals } from '../src/compute/globals.js';
import { converge } from '../src/globals/converge.js';
import { isSame, type GlobalKind } from '../src/globals/global-kind.js';
import { reconcileKinds } from '../src/globals/reconcile.js';
import { networkQuotas } from '../src/network/quota-kind.js';
import type { Body } from '../src/resources/kind.js';
import type { World } from '../src/routing/world.js';
import { AliasTable } from '../src/sites/alias-table.js';
import { SiteUnreachable, type Site, type SiteRequest } from '../src/sites/site.js';
import { volumeGlobals } from '../src/volume/globals.js';
import { send } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';
import { adminCaller, intercepted } from './two-zones.js';

let cloud: SimulatedCascade;
let world: World;
let caller: Caller;
/** Of the thing that a test is about. */
let name: string;

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  ({ world } = cloud.cascade);
  caller = await adminCaller(cloud);
}, 120_000);
afterAll(() => cloud.close());
beforeEach(() => void (name = `g-${randomUUID().slice(0, 8)}`));

const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a@example.org';
/** Nova's: the MD5 of the key. */
const fingerprint = createHash('md5')
  .update(Buffer.from(publicKey.split(' ')[1]!, 'base64'))
  .digest('hex')
  .replace(/..(?!$)/g, '$&:');

interface Example {
  /** The cascade's id. */
  readonly id: () => string;
  readonly body: () => Body;
  /** A change of it; absent where nothing of the kind can be changed. */
  readonly changed?: (body: Body) => Body;
}

const flavor = (): Body => ({
  id: name,
  name,
  vcpus: 1,
  ram: 64,
  disk: 1,
  'OS-FLV-EXT-DATA:ephemeral': 0,
  swap: '',
  rxtx_factor: 1,
  'os-flavor-access:is_public': true,
  'OS-FLV-DISABLED:disabled': false,
  description: null,
  extra_specs: { a: '1' },
  access: [],
});

const examples: Readonly<Record<string, Example>> = {
  flavor: { id: () => name, body: flavor, changed: (body) => ({ ...body, extra_specs: { b: '2' } }) },
  keypair: {
    id: () => `${caller.userId}/${name}`,
    body: () => ({ type: 'ssh', name, public_key: publicKey, fingerprint, user_id: caller.userId }),
  },
  server_group: {
    id: () => randomUUID(),
    body: () => ({ name, policy: 'affinity', rules: {}, user_id: caller.userId, project_id: caller.projectId }),
  },
  compute_quota: { id: () => name, body: () => ({ cores: 7 }), changed: (body) => ({ ...body, ram: 4096 }) },
  volume_qos_specs: {
    id: () => randomUUID(),
    body: () => ({ name, consumer: 'back-end', specs: { a: '1' } }),
    changed: (body) => ({ ...body, specs: { a: '2' } }),
  },
  volume_type: {
    id: () => randomUUID(),
    body: () => ({
      name,
      description: null,
      is_public: true,
      extra_specs: { a: '1' },
      qos_specs_id: null,
      encryption: null,
      projects: [],
    }),
    changed: (body) => ({ ...body, extra_specs: { a: '2', b: '3' } }),
  },
  volume_group_type: {
    id: () => randomUUID(),
    body: () => ({ name, description: null, is_public: true, group_specs: { a: '1' } }),
    changed: (body) => ({ ...body, group_specs: {} }),
  },
  volume_quota: { id: () => name, body: () => ({ volumes: 7 }), changed: (body) => ({ ...body, snapshots: 3 }) },
  network_quota: { id: () => name, body: () => ({ network: 7 }), changed: (body) => ({ ...body, port: 9 }) },
};

const kinds = [...computeGlobals, ...volumeGlobals, networkQuotas].flatMap((kind) => {
  const example = examples[kind.kind];
  return example ? [{ kind, example, word: kind.kind }] : [];
});

const west = (): Site => world.sites.byName('west')!;

/** The west, where each request passes through `change`. */
const through = (change: Parameters<typeof intercepted>[1]): Site => intercepted(west(), change);

const isWrite = ({ method }: SiteRequest): boolean => method !== 'GET';
const reconcile = (kind: GlobalKind, site = through((_asked, send) => send())): Promise<void> =>
  reconcileKinds(world, site, [kind]);

/** What the cascade holds from now on. */
async function hold({ kind, ownerOf }: GlobalKind, id: string, body: Body): Promise<void> {
  await world.globals.put(kind, id, ownerOf?.(body) ?? null, body);
}

/** Its shadow at the west, where that is up to date. */
async function heldAtWest(kind: GlobalKind, id: string) {
  const [row, shadow] = [await world.globals.find(kind.kind, id), await world.globals.shadow(kind.kind, id, west().id)];
  const isHeld = row && shadow?.making_since === null && isSame(shadow.seen, row.body);
  return isHeld ? shadow : undefined;
}

/** How many things of that name a site has. */
async function countAtWest(kind: GlobalKind): Promise<number | undefined> {
  const found = await kind.list?.(west());
  return found?.filter(({ body }) => body['name'] === name).length;
}

/** The west calls it by an id of its own, and above its gateway nobody is told that one. */
async function expectOneId(kind: GlobalKind, id: string): Promise<void> {
  expect((await world.globals.shadow(kind.kind, id, west().id))?.has_alias).toBe(kind.ids === 'own');
  const own = await world.sites.aliases.find(west().id, id);
  expect(own === undefined).toBe(kind.ids === 'chosen');
  const listed = (await kind.list?.(west()))?.map((one) => one.id) ?? [id];
  expect([listed.includes(id), own !== undefined && listed.includes(own)]).toEqual([true, false]);
}

describe.each(kinds)('$word', ({ kind, example }) => {
  test('a lost response makes no second one', async () => {
    const id = example.id();
    await hold(kind, id, example.body());
    const losing = through(async (asked, send) => {
      const response = await send();
      if (isWrite(asked)) throw new SiteUnreachable('west', false, 'lost');
      return response;
    });
    await expect(converge({ world, kind, site: losing, principal: caller }, id)).rejects.toThrow();
    await converge({ world, kind, site: west(), principal: caller }, id);
    expect(await heldAtWest(kind, id)).toBeDefined();
    expect([1, undefined]).toContain(await countAtWest(kind));
  });

  test('what was made is found again where the program stopped before it was noted', async () => {
    const id = example.id();
    await hold(kind, id, example.body());
    await world.globals.beginShadow(kind.kind, id, west().id);
    await kind.create(west(), { id, owner_id: null, body: example.body() }, caller);
    await converge({ world, kind, site: west(), principal: caller }, id);
    expect(await heldAtWest(kind, id)).toBeDefined();
    expect([1, undefined]).toContain(await countAtWest(kind));
    await expectOneId(kind, id);
  });

  test.skipIf(kind.ids === 'chosen')('its shadow and the alias of its id are noted both, or neither is', async () => {
    const id = example.id();
    await hold(kind, id, example.body());
    const add = vi.spyOn(AliasTable.prototype, 'add').mockRejectedValueOnce(new Error('stopped'));
    await expect(converge({ world, kind, site: west(), principal: caller }, id)).rejects.toThrow('stopped');
    add.mockRestore();
    expect(await heldAtWest(kind, id)).toBeUndefined();
    await converge({ world, kind, site: west(), principal: caller }, id);
    expect([1, undefined]).toContain(await countAtWest(kind));
    await expectOneId(kind, id);
    await world.globals.remove(kind.kind, id);
    await converge({ world, kind, site: west() }, id);
    expect(await world.sites.aliases.find(west().id, id)).toBeUndefined();
  });

  test('a silent site gets it when it answers again', async () => {
    const id = example.id();
    await hold(kind, id, example.body());
    const silent = through(() => Promise.reject(new SiteUnreachable('west', true, 'silent')));
    await expect(converge({ world, kind, site: silent, principal: caller }, id)).rejects.toThrow(SiteUnreachable);
    expect(await heldAtWest(kind, id)).toBeUndefined();
    if (kind.presence === 'everywhere') await reconcile(kind);
    else await converge({ world, kind, site: west(), principal: caller }, id);
    expect(await heldAtWest(kind, id)).toBeDefined();
  });

  test('two processes at once make one', async () => {
    const id = example.id();
    await hold(kind, id, example.body());
    await Promise.all([1, 2, 3].map(() => converge({ world, kind, site: west(), principal: caller }, id)));
    expect(await heldAtWest(kind, id)).toBeDefined();
    expect([1, undefined]).toContain(await countAtWest(kind));
  });

  test.skipIf(!kind.list)('deleted behind our back, it is made again where it is needed', async () => {
    const id = example.id();
    await hold(kind, id, example.body());
    await converge({ world, kind, site: west(), principal: caller }, id);
    expect(await heldAtWest(kind, id)).toBeDefined();
    await kind.remove(west(), id);
    await reconcile(kind);
    if (kind.presence === 'on demand') await converge({ world, kind, site: west(), principal: caller }, id);
    expect(await heldAtWest(kind, id)).toBeDefined();
    expect(await countAtWest(kind)).toBe(1);
  });

  test.skipIf(!example.changed)('a change of it reaches the site, and a removal too', async () => {
    const id = example.id();
    await hold(kind, id, example.body());
    await converge({ world, kind, site: west(), principal: caller }, id);
    await hold(kind, id, example.changed!(example.body()));
    await converge({ world, kind, site: west(), principal: caller }, id);
    expect(await heldAtWest(kind, id)).toBeDefined();
    await world.globals.remove(kind.kind, id);
    await converge({ world, kind, site: west() }, id);
    expect(await world.globals.shadow(kind.kind, id, west().id)).toBeUndefined();
    expect([0, undefined]).toContain(await countAtWest(kind));
  });
});

test('a flavor that was changed at a site behind our back is changed back', async () => {
  const flavors = kinds.find(({ word }) => word === 'flavor')!.kind;
  await hold(flavors, name, flavor());
  await converge({ world, kind: flavors, site: west() }, name);
  await flavors.update(west(), name, flavor(), { ...flavor(), extra_specs: { c: '3' } });
  await reconcile(flavors);
  expect((await flavors.read(west(), name))?.['extra_specs']).toEqual({ a: '1' });
});

test('a network quota that was changed or reset at a site behind our back is set again', async () => {
  await hold(networkQuotas, name, { network: 7 });
  await converge({ world, kind: networkQuotas, site: west() }, name);
  await networkQuotas.remove(west(), name);
  await reconcile(networkQuotas);
  const { body } = await west().request({ service: 'network', method: 'GET', path: `/quotas/${name}`, query: '' });
  expect((JSON.parse((body as Buffer).toString()) as { quota: { network: number } }).quota.network).toBe(7);
});

test('a site’s own flavor of the same id is not taken over, and the error is kept for the operator', async () => {
  const flavors = kinds.find(({ word }) => word === 'flavor')!.kind;
  await flavors.create(west(), { id: name, owner_id: null, body: { ...flavor(), ram: 128 } });
  await hold(flavors, name, flavor());
  await reconcile(flavors);
  expect(await world.globals.errors('flavor', name)).toMatchObject([
    { site_id: west().id, error: expect.stringContaining('means something else in availability zone west') as string },
  ]);
  await flavors.remove(west(), name);
  await reconcile(flavors);
  expect(await world.globals.errors('flavor', name)).toEqual([]);
});

test('volumes that a site had of a type which it gave an id of its own are listed by the cascade’s', async () => {
  const behind = (path: string, body: unknown) =>
    send('POST', `${cloud.west.url}/volume/v3/${caller.projectId}${path}`, { token: cloud.token, body });
  const made = await behind('/types', { volume_type: { name } });
  const own = (made.body.volume_type as { id: string }).id;
  const volume = await behind('/volumes', { volume: { size: 1, volume_type: own } });
  const { id: volumeId } = volume.body.volume as { id: string };
  const volumes = world.kinds.get('volume')!;
  await world.reader.readAll(volumes, west());

  const { kind, example } = kinds.find(({ word }) => word === 'volume_type')!;
  const id = example.id();
  await hold(kind, id, example.body());
  await converge({ world, kind, site: west() }, id);
  expect(await world.sites.aliases.find(west().id, id)).toBe(own);
  const suspected = await world.reader.states.suspected();
  expect(suspected).toContainEqual({ site_id: west().id, kind: 'volume' });
  await world.reader.readAll(volumes, west());
  const listed = await cloud.admin(`GET /volume/v3/volumes/detail?volume_type_id=${id}`);
  expect(listed.body.volumes).toMatchObject([{ id: volumeId, volume_type_id: id }]);
  const shown = await cloud.admin(`GET /volume/v3/volumes/${volumeId}`);
  expect(shown.body.volume).toMatchObject({ volume_type_id: id });
});

test('a server group is one, whatever a site calls its own: in what is asked, shown and listed', async () => {
  const ann = await cloud.tenant('ann');
  const server_group = { name, policy: 'anti-affinity' };
  const { id } = (await ann('POST /compute/v2.1/os-server-groups', { server_group })).body.server_group as Body;
  const { images } = (await ann('GET /image/v2/images')).body as { images: { id: string }[] };
  const { flavors } = (await ann('GET /compute/v2.1/flavors')).body as { flavors: { id: string }[] };
  const made = await ann('POST /compute/v2.1/servers', {
    server: {
      name,
      imageRef: images[0]!.id,
      flavorRef: flavors[0]!.id,
      networks: 'none',
      availability_zone: 'west',
    },
    'os:scheduler_hints': { group: id },
  });
  expect(made.status, made.text).toBe(202);
  const { id: serverId } = made.body.server as { id: string };
  const shown = await cloud.until(
    () => ann(`GET /compute/v2.1/servers/${serverId}`),
    (body) => body.server.status === 'ACTIVE',
  );
  const own = await world.sites.aliases.find(west().id, String(id));
  expect(own).toBeDefined();
  expect(shown.body.server).toMatchObject({ server_groups: [id] });
  const group = await ann(`GET /compute/v2.1/os-server-groups/${String(id)}`);
  expect(group.body.server_group).toMatchObject({ id, members: [serverId] });
  const there = await ann.at.west(`GET /compute/v2.1/os-server-groups/${own}`);
  expect(there.body.server_group).toMatchObject({ id: own });
});
