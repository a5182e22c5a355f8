/** Administrators choose segments; what is refused, and how, is Neutron's. */
import { beforeEach, describe, expect, test } from 'vitest';
import { behindDoor, factsOf, type Ask } from '../../testing.js';
import { Networks } from '../networks.js';
import { networkRoutes } from '../routes.js';

let ask: Ask;

beforeEach(() => {
  ask = behindDoor('network', networkRoutes({ networks: new Networks(factsOf()) }));
});

interface Given {
  type?: unknown;
  physical?: unknown;
  id?: unknown;
}
const attributes = (given: Given) => ({
  ...('type' in given ? { 'provider:network_type': given.type } : {}),
  ...('physical' in given ? { 'provider:physical_network': given.physical } : {}),
  ...('id' in given ? { 'provider:segmentation_id': given.id } : {}),
});
const post = (given: Given, more: object = {}, who = 'admin') =>
  ask(who, 'POST /v2.0/networks', { body: { network: { name: 'n', ...attributes(given), ...more } } });
const put = (id: string, changes: object) => ask('admin', `PUT /v2.0/networks/${id}`, { body: { network: changes } });
const made = async (given: Given, more: object = {}) => {
  const { status, body } = await post(given, more);
  expect(status, JSON.stringify(body)).toBe(201);
  return body.network;
};
const refusal = ({ status, body }: Awaited<ReturnType<Ask>>) => [
  status,
  body.NeutronError?.type,
  body.NeutronError?.message,
];
const invalid = (words: string) => [400, 'InvalidInput', `Invalid input for operation: ${words}.`];
const vlan = (id: number, physical = 'physnet1') => ({ type: 'vlan', physical, id });

test.each([
  [vlan(100), ['vlan', 'physnet1', 100], 1500],
  [{ type: 'vxlan', id: 42 }, ['vxlan', null, 42], 1450],
  [{ type: 'vxlan' }, ['vxlan', null, expect.any(Number)], 1450],
  [{ type: 'gre', id: 42 }, ['gre', null, 42], 1458],
  [{ type: 'geneve', id: 42 }, ['geneve', null, 42], 1450],
  [{ type: 'flat', physical: 'physnet2' }, ['flat', 'physnet2', null], 1500],
  [{ type: 'local' }, ['local', null, null], 1500],
  [{}, ['vxlan', null, expect.any(Number)], 1450],
])('%j is a network, with the MTU of its type', async (given, segment, mtu) => {
  const network = await made(given);
  expect(['network_type', 'physical_network', 'segmentation_id'].map((name) => network[`provider:${name}`])).toEqual(
    segment,
  );
  expect(network.mtu).toBe(mtu);
  const { body } = await ask('admin', `GET /v2.0/segments?network_id=${network.id}`);
  expect(body.segments).toMatchObject([{ network_type: segment[0], physical_network: segment[1] }]);
});

test.each([
  [{ id: 4 }, 'network_type required'],
  [{ physical: 'physnet1' }, 'network_type required'],
  [{ type: 'stt', id: 4 }, "network_type value 'stt' not supported"],
  [vlan(4, 'physnet9'), "physical_network 'physnet9' unknown for VLAN provider network"],
  [vlan(0), 'segmentation_id out of range (1 through 4094)'],
  [vlan(4095), 'segmentation_id out of range (1 through 4094)'],
  [{ type: 'vlan', id: 4 }, 'segmentation_id requires physical_network for VLAN provider network'],
  [{ type: 'vxlan', physical: 'physnet1', id: 4 }, 'provider:physical_network specified for vxlan network'],
  [{ type: 'flat' }, 'physical_network required for flat provider network'],
  [{ type: 'flat', physical: 'physnet1', id: 4 }, 'segmentation_id prohibited for flat provider network'],
  [{ type: 'local', physical: 'physnet1' }, 'physical_network prohibited for local provider network'],
  [{ type: 'local', id: 4 }, 'segmentation_id prohibited for local provider network'],
  [{ type: 'vxlan', id: 'four' }, "'four' is not an integer"],
  [{ type: 'vxlan', id: null }, "'None' is not an integer"],
])('%j is refused', async (given, words) => {
  expect(refusal(await post(given))).toEqual(invalid(words));
});

test('a physical network is a string', async () => {
  const words = "Invalid input for provider:physical_network. Reason: 'None' is not a valid string.";
  expect(refusal(await post({ type: 'vxlan', physical: null }))).toEqual([400, 'HTTPBadRequest', words]);
});

test.each([{ type: 'vlan', physical: 'physnet1' }, { type: 'vlan' }, { type: 'gre' }])(
  'projects have none by themselves of %j',
  async (given) => {
    const words = 'Unable to create the network. No project network is available for allocation.';
    expect(refusal(await post(given))).toEqual([503, 'NoNetworkAvailable', words]);
  },
);

test('only administrators choose', async () => {
  const answer = await post({ type: 'vxlan', id: 4 }, {}, 'demo');
  expect(refusal(answer)).toEqual([
    403,
    'PolicyNotAuthorized',
    expect.stringContaining('create_network:provider:network_type'),
  ]);
});

describe('a segment is one network’s', () => {
  test('until that is deleted', async () => {
    const { id } = await made(vlan(100));
    expect(refusal(await post(vlan(100)))).toEqual([
      409,
      'VlanIdInUse',
      'Unable to create the network. The VLAN 100 on physical network physnet1 is in use.',
    ]);
    await made(vlan(100, 'public'));
    await made({ type: 'vxlan', id: 100 });
    expect((await ask('admin', `DELETE /v2.0/networks/${id}`)).status).toBe(204);
    await made(vlan(100));
  });

  test('for each type of tunnel', async () => {
    await made({ type: 'vxlan', id: 7 });
    await made({ type: 'gre', id: 7 });
    const words = 'Unable to create the network. The tunnel ID 7 is in use.';
    expect(refusal(await post({ type: 'vxlan', id: 7 }))).toEqual([409, 'TunnelIdInUse', words]);
  });

  test('whoever gave it', async () => {
    const network = await made({});
    const answer = await post({ type: 'vxlan', id: network['provider:segmentation_id'] });
    expect(answer.body.NeutronError.type).toBe('TunnelIdInUse');
    const next = Number(network['provider:segmentation_id']) + 1;
    for (let number = next; number < next + 20; number += 1) await made({ type: 'vxlan', id: number });
    expect((await made({}))['provider:segmentation_id']).not.toBe(next);
  });

  test('and a flat network is all of its physical network', async () => {
    expect(refusal(await post({ type: 'flat', physical: 'public' }))).toEqual([
      409,
      'FlatNetworkInUse',
      'Unable to create the flat network. Physical network public is in use.',
    ]);
  });
});

describe('what is changed', () => {
  test('is the number of a VLAN', async () => {
    const { id } = await made(vlan(100));
    await made(vlan(101));
    const { status, body } = await put(id, { 'provider:segmentation_id': 102 });
    expect([status, body.network['provider:segmentation_id']]).toEqual([200, 102]);
    const { body: listed } = await ask('admin', `GET /v2.0/segments?network_id=${id}`);
    expect(listed.segments).toMatchObject([{ segmentation_id: 102 }]);
    await made(vlan(100));
    expect(refusal(await put(id, { 'provider:segmentation_id': 101 }))).toEqual([
      409,
      'VlanIdInUse',
      expect.any(String),
    ]);
    expect(refusal(await put(id, { 'provider:segmentation_id': 5000 }))).toEqual(
      invalid('segmentation_id out of range (1 through 4094)'),
    );
  });

  test('is not the number of a tunnel', async () => {
    const { id } = await made({ type: 'vxlan', id: 7 });
    const answer = await put(id, { 'provider:segmentation_id': 8 });
    // Its words end with a full stop of their own.
    expect(answer.body.NeutronError.message).toContain('Only VLAN type networks can be updated.');
  });

  test('is neither type nor physical network', async () => {
    const { id } = await made(vlan(100));
    const words =
      'Plugin does not support updating the following provider network attributes: ' +
      'provider:network_type, provider:physical_network';
    for (const changes of [attributes({ type: 'vxlan' }), attributes({ physical: 'public' })])
      expect(refusal(await put(id, changes))).toEqual(invalid(words));
    expect((await put(id, { ...attributes({ type: 'vlan', physical: 'physnet1' }), name: 'm' })).status).toBe(200);
  });

  test('the MTU is at most what the segment carries', async () => {
    const { id } = await made(vlan(100), { mtu: 1400 });
    expect(refusal(await put(id, { mtu: 1501 }))).toEqual(invalid('Requested MTU is too big, maximum is 1500'));
    expect((await put(id, { mtu: 0 })).body.network.mtu).toBe(1500);
    expect(refusal(await post({ type: 'vxlan', id: 7 }, { mtu: 1451 }))).toEqual(
      invalid('Requested MTU is too big, maximum is 1450'),
    );
  });
});
