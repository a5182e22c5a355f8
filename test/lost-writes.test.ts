/**
 * A write to what every site must have whose response is lost at the site that takes it first: nobody can say whether it was
 * done, and afterwards the cascade and all sites agree all the same.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { computeGlobals } from '../src/compute/globals.js';
import { reconcileKinds } from '../src/globals/reconcile.js';
import { networkQuotas } from '../src/network/quota-kind.js';
import { volumeGlobals } from '../src/volume/globals.js';
import { send } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
beforeAll(async () => void (cloud = await startSimulatedCascade()));
afterAll(() => cloud.close());

/** What a site itself shows an administrator, by the id that it has there. */
async function shownAt(zone: 'east' | 'west', id: string, read: (id: string) => string): Promise<unknown> {
  const { world } = cloud.cascade;
  const own = (await world.sites.aliases.find(world.sites.byName(zone)!.id, id)) ?? id;
  const [method = '', path = ''] = read(own).split(' ');
  const service = path.split('/')[1];
  const headers: Record<string, string> = service === 'volume' ? { 'openstack-api-version': 'volume 3.70' } : {};
  return (await send(method, cloud[zone].url + path, { token: cloud.token, headers })).body;
}

interface Written {
  /** Makes one and tells its id. */
  readonly make: () => Promise<string>;
  readonly write: (id: string) => [call: string, body?: unknown];
  /** Where it is read, and what of it is told. */
  readonly read: (id: string) => string;
  readonly shown: readonly string[];
}

const named = (): string => `n-${randomUUID()}`;
const madeWith = (call: string, body: () => unknown, key: string) => async (): Promise<string> => {
  const made = await cloud.admin(call, body());
  expect([made.status, made.text]).toEqual([expect.toSatisfy((status: number) => status < 300), expect.anything()]);
  return made.body[key].id as string;
};
const type = madeWith('POST /volume/v3/types', () => ({ volume_type: { name: named() } }), 'volume_type');
const qos = madeWith('POST /volume/v3/qos-specs', () => ({ qos_specs: { name: named(), a: '1' } }), 'qos_specs');
const groupType = madeWith('POST /volume/v3/group_types', () => ({ group_type: { name: named() } }), 'group_type');
const flavor = madeWith(
  'POST /compute/v2.1/flavors',
  () => ({ flavor: { name: named(), ram: 64, vcpus: 1, disk: 1 } }),
  'flavor',
);
const project = async (): Promise<string> => (await cloud.tenant(named())).projectId;

const cases: Record<string, Written> = {
  'a new name of a volume type': {
    make: type,
    write: (id) => [`PUT /volume/v3/types/${id}`, { volume_type: { description: 'changed' } }],
    read: (id) => `GET /volume/v3/types/${id}`,
    shown: ['volume_type', 'description'],
  },
  'extra specs of a volume type': {
    make: type,
    write: (id) => [`POST /volume/v3/types/${id}/extra_specs`, { extra_specs: { a: '1' } }],
    read: (id) => `GET /volume/v3/types/${id}`,
    shown: ['volume_type', 'extra_specs'],
  },
  'keys of QoS specs': {
    make: qos,
    write: (id) => [`PUT /volume/v3/qos-specs/${id}`, { qos_specs: { b: '2' } }],
    read: (id) => `GET /volume/v3/qos-specs/${id}`,
    shown: ['qos_specs', 'specs'],
  },
  'specs of a group type': {
    make: groupType,
    write: (id) => [`POST /volume/v3/group_types/${id}/group_specs`, { group_specs: { a: '1' } }],
    read: (id) => `GET /volume/v3/group_types/${id}`,
    shown: ['group_type', 'group_specs'],
  },
  'extra specs of a flavor': {
    make: flavor,
    write: (id) => [`POST /compute/v2.1/flavors/${id}/os-extra_specs`, { extra_specs: { a: '1' } }],
    read: (id) => `GET /compute/v2.1/flavors/${id}/os-extra_specs`,
    shown: ['extra_specs'],
  },
  'a quota of Cinder': {
    make: project,
    write: (id) => [`PUT /volume/v3/os-quota-sets/${id}`, { quota_set: { volumes: 77 } }],
    read: (id) => `GET /volume/v3/os-quota-sets/${id}`,
    shown: ['quota_set', 'volumes'],
  },
  'a quota of Nova': {
    make: project,
    write: (id) => [`PUT /compute/v2.1/os-quota-sets/${id}`, { quota_set: { cores: 77 } }],
    read: (id) => `GET /compute/v2.1/os-quota-sets/${id}`,
    shown: ['quota_set', 'cores'],
  },
  'a quota of Neutron': {
    make: project,
    write: (id) => [`PUT /network/v2.0/quotas/${id}`, { quota: { network: 77 } }],
    read: (id) => `GET /network/v2.0/quotas/${id}`,
    shown: ['quota', 'network'],
  },
};

const kinds = [...computeGlobals, ...volumeGlobals, networkQuotas];

describe.each(Object.entries(cases))('%s', (_name, { make, write, read, shown }) => {
  test('its response is lost: all agree afterwards', async () => {
    const id = await make();
    const [call, body] = write(id);
    const method = call.split(' ')[0]!;
    const faults = [cloud.east.faults, cloud.west.faults];
    const services = ['compute', 'volume', 'network'] as const;
    for (const one of faults) one.set({ kind: 'answer-lost', services: [...services], methods: [method as 'PUT'] });
    const written = await cloud.admin(call, body);
    for (const one of faults) one.clear();
    expect(written.status).toBeGreaterThanOrEqual(500);
    // Health is as it was before the faults again.
    await cloud.cascade.world.sites.probe();
    for (const site of cloud.cascade.world.sites.all()) await reconcileKinds(cloud.cascade.world, site, kinds);
    for (const site of cloud.cascade.world.sites.all()) await reconcileKinds(cloud.cascade.world, site, kinds);
    const valueIn = (body: unknown) => shown.reduce((value, key) => (value as Record<string, unknown>)?.[key], body);
    const held = valueIn((await cloud.admin(read(id))).body);
    expect(held).toBeDefined();
    for (const zone of ['east', 'west'] as const) {
      expect([zone, valueIn(await shownAt(zone, id, read))]).toEqual([zone, held]);
    }
  });
});
