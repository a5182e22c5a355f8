/**
 * What was deleted stays deleted, whatever was under way at the time: for each kind that the cascade holds and sites have
 * alike, the reading, the making and the lost answer that once brought it back.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { flavors } from '../src/compute/flavors/flavor-kind.js';
import { keyPairs } from '../src/compute/key-pairs.js';
import { computeQuotas } from '../src/compute/quotas/quota-kinds.js';
import { serverGroups } from '../src/compute/server-groups.js';
import type { GlobalKind } from '../src/globals/global-kind.js';
import { reconcileKinds } from '../src/globals/reconcile.js';
import type { World } from '../src/routing/world.js';
import { SiteUnreachable, type Site, type SiteRequest } from '../src/sites/site.js';
import { volumeGlobals } from '../src/volume/globals.js';
import { startSimulatedCascade, type Ask, type SimulatedCascade } from './simulated-cascade.js';
import { adminCaller, intercepted } from './two-zones.js';

let cloud: SimulatedCascade;
let world: World;
let caller: Caller;
let name: string;

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  ({ world } = cloud.cascade);
  caller = await adminCaller(cloud);
}, 120_000);
afterAll(() => cloud.close());
beforeEach(() => void (name = `t-${randomUUID().slice(0, 8)}`));

const reconciling =
  (...all: GlobalKind[]) =>
  (on: World, site: Site): Promise<void> =>
    reconcileKinds(on, site, all);

interface Kind {
  readonly kind: string;
  /** Makes it through the cascade. @returns what requests call it */
  readonly make: () => Promise<string>;
  readonly remove: (id: string) => Promise<unknown>;
  /** True where a list in the cascade's words shows it. */
  readonly isListed: () => Promise<boolean>;
  /** The same where a site is asked. */
  readonly isAt: (site: Site) => Promise<boolean>;
  readonly reconcile: (world: World, site: Site) => Promise<void>;
  /** What makes it at a site. */
  readonly making: RegExp;
}

async function done(answer: ReturnType<Ask>): Promise<Record<string, Record<string, unknown>>> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return body as Record<string, Record<string, unknown>>;
}

async function namesIn(site: Site | undefined, service: 'compute' | 'volume', path: string): Promise<string> {
  if (site) {
    const [below, query = ''] = path.split('?') as [string, string?];
    const microversion = { compute: '2.93', volume: '3.70' }[service];
    const answer = await site.request({ service, method: 'GET', path: below, query, microversion });
    return (answer.body as Buffer).toString();
  }
  const root = { compute: '/compute/v2.1', volume: '/volume/v3' }[service];
  return (await cloud.admin(`GET ${root}${path}`)).text;
}

const named = (service: 'compute' | 'volume', path: string) => ({
  isListed: async () => (await namesIn(undefined, service, path)).includes(`"${name}"`),
  isAt: async (site: Site) => (await namesIn(site, service, path)).includes(`"${name}"`),
});

const kinds: readonly Kind[] = [
  {
    kind: 'flavor',
    make: async () => {
      await done(cloud.admin('POST /compute/v2.1/flavors', { flavor: { id: name, name, vcpus: 1, ram: 64, disk: 1 } }));
      return name;
    },
    remove: (id) => done(cloud.admin(`DELETE /compute/v2.1/flavors/${id}`)),
    ...named('compute', '/flavors/detail?is_public=none'),
    reconcile: reconciling(flavors),
    making: /^POST \/flavors$/,
  },
  {
    kind: 'keypair',
    make: async () => {
      await done(cloud.admin('POST /compute/v2.1/os-keypairs', { keypair: { name } }, 'compute 2.10'));
      return name;
    },
    remove: (id) => done(cloud.admin(`DELETE /compute/v2.1/os-keypairs/${id}`)),
    ...named('compute', '/os-keypairs'),
    reconcile: async (_world, site) => {
      await reconcileKinds(world, site, [keyPairs]);
      await ensureShadow('keypair', name, site).catch(() => undefined); // a server that names it
    },
    making: /^POST \/os-keypairs$/,
  },
  {
    kind: 'server_group',
    make: async () => {
      const group = { server_group: { name, policy: 'anti-affinity' } };
      return (await done(cloud.admin('POST /compute/v2.1/os-server-groups', group)))['server_group']!['id'] as string;
    },
    remove: (id) => done(cloud.admin(`DELETE /compute/v2.1/os-server-groups/${id}`)),
    ...named('compute', '/os-server-groups?all_projects=1'),
    reconcile: reconciling(serverGroups),
    making: /^POST \/os-server-groups$/,
  },
  ...(
    [
      ['volume_type', 'types', 'volume_type', { name: '' }],
      ['volume_group_type', 'group_types', 'group_type', { name: '' }],
      ['volume_qos_specs', 'qos-specs', 'qos_specs', { name: '' }],
    ] as const
  ).map(([kind, collection, key, body]): Kind => ({
    kind,
    make: async () => {
      const made = await done(cloud.admin(`POST /volume/v3/${collection}`, { [key]: { ...body, name } }));
      return made[key]!['id'] as string;
    },
    remove: (id) => done(cloud.admin(`DELETE /volume/v3/${collection}/${id}`)),
    ...named('volume', `/${collection}`),
    reconcile: reconciling(...volumeGlobals),
    making: new RegExp(`^POST /${collection}$`),
  })),
];

const open = (site: Site): Site => intercepted(site, (_asked, send) => send());
const wordsOf = ({ method, path }: SiteRequest): string => `${method} ${path}`;
const east = (): Site => world.sites.byName('east')!;
const west = (): Site => world.sites.byName('west')!;

async function expectGone({ isListed, isAt, reconcile }: Kind): Promise<void> {
  for (let round = 0; round < 2; round += 1) for (const site of [east(), west()]) await reconcile(world, open(site));
  const found = { listed: await isListed(), east: await isAt(east()), west: await isAt(west()) };
  expect(found).toEqual({ listed: false, east: false, west: false });
}

/** What a request does that names something global. @returns the site's id; undefined where it is not global */
async function ensureShadow(kind: string, id: string, site: Site): Promise<string | undefined> {
  return (await world.shadows.find(kind, [id], caller)).get(id)?.ensure(site, caller);
}

const namedByRequests = new Set(['flavor', 'keypair', 'server_group', 'volume_type', 'volume_group_type']);

const ensureAt = (kind: Kind, id: string, site: Site): Promise<unknown> =>
  namedByRequests.has(kind.kind) ? ensureShadow(kind.kind, id, site) : kind.reconcile(world, site);

/** Makes it through the cascade, where the west is yet to be given it. */
async function makeAtSpeaker(kind: Kind): Promise<string> {
  const id = await kind.make();
  for (const shadow of await world.globals.shadows(
    kind.kind,
    kind.kind === 'keypair' ? `${caller.userId}/${id}` : id,
  )) {
    if (shadow.site_id !== west().id) continue;
    const path = `${kind.making.source.replace(/^\^POST |\$$/g, '')}/${shadow.global_id}`.replaceAll('\\', '');
    await west().request({ service: 'volume', method: 'DELETE', path, query: '', microversion: '3.70' });
    await world.globals.removeShadow(kind.kind, shadow.global_id, shadow.site_id);
  }
  return id;
}

/** Waits for a deletion, or, where it waits for its turn behind what we are in, for a while. */
const orAWhile = (deletion: Promise<unknown>): Promise<unknown> =>
  Promise.race([deletion, new Promise((go) => setTimeout(go, 300))]);

describe.each(kinds)('$kind', (kind) => {
  test('is made, is everywhere it is used, and is gone from there', async () => {
    const id = await makeAtSpeaker(kind);
    expect(await kind.isAt(west())).toBe(false);
    await ensureAt(kind, id, west());
    expect(await kind.isListed()).toBe(true);
    expect(await kind.isAt(west())).toBe(true);
    await kind.remove(id);
    await expectGone(kind);
  });

  test.each(['east', 'west'])('what was read from %s before a deletion does not bring it back', async (from) => {
    const id = await kind.make();
    await ensureAt(kind, id, west());
    let deletion: Promise<unknown> | undefined;
    const site = world.sites.byName(from)!;
    const reading = intercepted(site, async (asked, send) => {
      const answer = await send();
      if (asked.method === 'GET') await orAWhile((deletion ??= kind.remove(id)));
      return answer;
    });
    await kind.reconcile(world, reading);
    await (deletion ?? kind.remove(id));
    await expectGone(kind);
  });

  test('a deletion comes while it is being made at a site', async () => {
    const id = await makeAtSpeaker(kind);
    let deletion: Promise<unknown> | undefined;
    const making = intercepted(west(), async (asked, send) => {
      if (kind.making.test(wordsOf(asked))) await orAWhile((deletion ??= kind.remove(id)));
      return send();
    });
    await ensureAt(kind, id, making);
    expect(deletion).toBeDefined();
    await deletion;
    await expectGone(kind);
  });

  test('it was made at a site, whose answer was lost, before a deletion', async () => {
    const id = await makeAtSpeaker(kind);
    let isLost = false;
    const losing = intercepted(west(), async (asked, send) => {
      const answer = await send();
      if (!kind.making.test(wordsOf(asked))) return answer;
      isLost = true;
      throw new SiteUnreachable('west', false, 'lost');
    });
    await ensureAt(kind, id, losing).catch(() => undefined);
    expect(isLost).toBe(true);
    await kind.remove(id);
    await expectGone(kind);
  });

  test('a site makes it after its deletion, by a request from before', async () => {
    const id = await makeAtSpeaker(kind);
    let late: (() => Promise<unknown>) | undefined;
    const slow = intercepted(west(), (asked, send) => {
      if (!kind.making.test(wordsOf(asked))) return send();
      late ??= send;
      return Promise.reject(new SiteUnreachable('west', false, 'no answer within 60 s'));
    });
    await ensureAt(kind, id, slow).catch(() => undefined);
    expect(late).toBeDefined();
    await kind.remove(id);
    await kind.reconcile(world, open(west()));
    await late!();
    await expectGone(kind);
  });
});

test('a key pair that was read at the site that speaks before its deletion is not adopted after it', async () => {
  const [keys] = kinds.filter(({ kind }) => kind === 'keypair') as [Kind];
  await keys.make();
  await world.database.run(`delete from shadow where kind = 'keypair'`);
  await world.database.run(`delete from global_resource where kind = 'keypair'`);
  const site = east();
  const request = site.request.bind(site);
  let deletion: Promise<unknown> | undefined;
  site.request = async (asked, as) => {
    const answer = await request(asked, as);
    if (asked.method === 'GET' && asked.path.startsWith('/os-keypairs/'))
      await orAWhile((deletion ??= keys.remove(name)));
    return answer;
  };
  try {
    await ensureShadow('keypair', name, west());
  } finally {
    site.request = request;
  }
  expect(deletion).toBeDefined();
  await deletion;
  await expectGone(keys);
});

describe('compute quotas', () => {
  const path = () => `/compute/v2.1/os-quota-sets/${name}`;
  const coresAt = async (site: Site): Promise<number> => {
    const { body } = await site.request({
      service: 'compute',
      method: 'GET',
      path: `/os-quota-sets/${name}`,
      query: '',
    });
    return (JSON.parse((body as Buffer).toString()) as { quota_set: { cores: number } }).quota_set.cores;
  };

  test.each(['before it is taken', 'after it was taken'])('a slow push, and a deletion %s', async (when) => {
    const usual = await coresAt(west());
    await done(cloud.admin(`PUT ${path()}`, { quota_set: { cores: 7 } }));
    await world.database.run(`delete from shadow where kind = 'compute_quota' and global_id = $1`, [name]);
    let isDeleted: Promise<unknown> | undefined;
    const slow = intercepted(west(), async (asked, send) => {
      if (asked.method !== 'PUT') return send();
      const answer = when.startsWith('after') ? await send() : undefined;
      await orAWhile((isDeleted ??= done(cloud.admin(`DELETE ${path()}`))));
      return answer ?? send();
    });
    await reconcileKinds(world, slow, [computeQuotas]);
    await isDeleted;
    for (const site of [east(), west()]) await reconcileKinds(world, site, [computeQuotas]);
    expect([await coresAt(east()), await coresAt(west())]).toEqual([usual, usual]);
  });
});

test('a key pair that was made again under its name is the new one at a site that had missed the deletion', async () => {
  const [keys] = kinds.filter(({ kind }) => kind === 'keypair') as [Kind];
  const fingerprintAt = async (site: Site): Promise<unknown> => {
    const { body } = await site.request({ service: 'compute', method: 'GET', path: `/os-keypairs/${name}`, query: '' });
    return (JSON.parse((body as Buffer).toString()) as { keypair: { fingerprint: string } }).keypair.fingerprint;
  };
  await keys.make();
  await ensureAt(keys, name, west());
  const before = await fingerprintAt(west());
  const [shadow] = (await world.globals.shadows('keypair', `${caller.userId}/${name}`)).filter(
    ({ site_id: id }) => id === west().id,
  );
  await keys.remove(name);
  // What the west has is what it had, and the cascade knows it.
  await west().request({
    service: 'compute',
    method: 'POST',
    path: '/os-keypairs',
    query: '',
    microversion: '2.10',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ keypair: { name, public_key: oldKey, user_id: caller.userId } })),
  });
  await world.globals.putShadow('keypair', shadow!.global_id, west().id, shadow!.seen);
  await keys.make();
  await ensureAt(keys, name, west());
  expect(await fingerprintAt(west())).toBe(await fingerprintAt(east()));
  expect(await fingerprintAt(west())).not.toBe(before);
  await keys.remove(name);
});

const oldKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl old@example.org';

describe('rows and shadows', () => {
  test('what was read before a change does not undo it, and what was read after does', async () => {
    const { globals } = world;
    const early = await globals.version();
    expect(await globals.put('k', name, null, { at: 1 }, { readAt: early })).toBe(true);
    expect(await globals.put('k', name, null, { at: 0 }, { readAt: early })).toBe(true); // lives, as it was
    expect((await globals.find('k', name))?.body).toEqual({ at: 1 });
    await globals.remove('k', name);
    expect(await globals.put('k', name, null, { at: 2 }, { readAt: early })).toBe(false);
    expect(await globals.find('k', name)).toBeUndefined();
    expect(await globals.put('k', name, null, { at: 3 }, { readAt: await globals.version() })).toBe(true);
    expect((await globals.find('k', name))?.body).toEqual({ at: 3 });
  });

  test('a deletion that comes before the row is stored is found by it', async () => {
    const early = await world.globals.version();
    await world.globals.remove('k', name);
    expect(await world.globals.put('k', name, null, {}, { readAt: early })).toBe(false);
  });

  test('the removal of a shadow is news of its tombstone; one that is being made is not removed', async () => {
    const { globals } = world;
    await globals.put('k', name, null, {});
    expect(await globals.beginShadow('k', name, west().id)).toBe(true);
    await globals.remove('k', name);
    await globals.removeShadow('k', name, west().id);
    expect(await globals.shadowsOfGone('k', west().id)).toHaveLength(1);
    expect(await globals.beginShadow('k', name, west().id)).toBe(false);
    const between = await globals.version();
    await globals.putShadow('k', name, west().id, null);
    await globals.removeShadow('k', name, west().id);
    expect(await globals.shadowsOfGone('k', west().id)).toHaveLength(0);
    expect(await globals.put('k', name, null, {}, { readAt: between })).toBe(false);
  });
});
