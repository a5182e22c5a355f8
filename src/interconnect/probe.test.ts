import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Body } from '../resources/kind.js';
import type { Interconnect } from './interconnect.js';
import { probe } from './probe.js';
import { threeSites, type TestSites } from './testing.js';

let at: TestSites;

beforeAll(async () => {
  at = await threeSites();
});
afterAll(() => at.close());
beforeEach(async () => {
  at.east.agents.splice(0);
  at.east.ranges.splice(0);
  at.east.isSilent = false;
  await extensions('provider', 'network-segment-range');
});

async function extensions(...aliases: string[]): Promise<void> {
  await at.database.run(`update site set capabilities = capabilities || $1`, [{ networkExtensions: aliases }]);
  await at.sites.load();
}
const vlan = (): Interconnect => ({
  id: 1,
  name: 'trunk',
  type: 'vlan',
  ranges: [{ minimum: 100, maximum: 199 }],
  joinsAnyVni: false,
  isDefault: false,
  members: [{ siteId: at.east.id, physicalNetwork: 'physnet1' }],
});
const vxlan = (): Interconnect => ({
  ...vlan(),
  type: 'vxlan',
  members: [{ siteId: at.east.id, physicalNetwork: null }],
});
const agents = (...configurations: Body[]) =>
  at.east.agents.push(...configurations.map((one) => ({ configurations: one })));
const unmapped = 'No agent of site east has physical network physnet1; they have: physnet2, public.';

test.each([
  ['Open vSwitch', [{ bridge_mappings: { physnet2: 'br-2' } }, { bridge_mappings: { public: 'br-ex' } }]],
  ['OVN', [{ 'bridge-mappings': 'physnet2:br-2,public:br-ex' }, { 'bridge-mappings': '' }]],
  ['Linux bridges', [{ interface_mappings: { physnet2: 'eth2', public: 'eth0' } }]],
  ['SR-IOV', [{ device_mappings: { physnet2: ['ens2'], public: ['ens3'] } }]],
])('agents of %s tell their physical networks', async (_what, configurations) => {
  agents(...configurations);
  expect(await probe(vlan(), at.sites)).toEqual([unmapped]);
  agents({ 'bridge-mappings': 'physnet3:br-3, physnet1:br-1' });
  expect(await probe(vlan(), at.sites)).toEqual([]);
});

test('nothing is amiss that no agent tells', async () => {
  agents({ log_agent_heartbeats: false });
  expect([await probe(vlan(), at.sites), await probe(vxlan(), at.sites)]).toEqual([[], []]);
});

test('a site whose tunnels are of another type is named', async () => {
  agents({ tunnel_types: ['gre'] });
  expect(await probe(vxlan(), at.sites)).toEqual(['No agent of site east has tunnels of type vxlan.']);
  agents({ tunnel_types: ['gre', 'vxlan'] });
  expect(await probe(vxlan(), at.sites)).toEqual([]);
});

test('a site that gives some of the numbers out by itself is named', async () => {
  const range = (network_type: string, physical_network: string | null, minimum: number, maximum: number) =>
    at.east.ranges.push({ network_type, physical_network, minimum, maximum });
  range('vlan', 'physnet1', 1, 99);
  range('vlan', 'public', 100, 199);
  range('vxlan', null, 199, 300);
  expect(await probe(vlan(), at.sites)).toEqual([]);
  range('vlan', 'physnet1', 150, 160);
  expect(await probe(vlan(), at.sites)).toEqual([
    expect.stringMatching(/^Neutron of site east gives vlan 150:160 on physnet1 to networks by itself: /),
  ]);
  expect(await probe(vxlan(), at.sites)).toEqual([expect.stringContaining('gives vxlan 199:300 to networks')]);
});

test('a site without the extension, and a silent one, are named', async () => {
  await extensions('router');
  at.east.isSilent = true;
  expect(await probe(vlan(), at.sites)).toEqual([
    "Neutron of site east has no extension 'provider': no network can be made there on a given segment.",
    'Site east does not answer: what it has was not looked at.',
  ]);
});
