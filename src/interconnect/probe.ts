/** What keeps an interconnect from working at its sites, as far as they tell. */
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Body } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { rangesInWords, type Interconnect, type Member, type NumberRange } from './interconnect.js';

/** @returns sentences for operators; none where nothing is known to be amiss */
export async function probe(interconnect: Interconnect, sites: SiteRegistry): Promise<string[]> {
  const warnings = interconnect.members.map((member) =>
    probeMember(interconnect, member, sites.require(member.siteId)),
  );
  return (await Promise.all(warnings)).flat();
}

export async function probeMember(interconnect: Interconnect, member: Member, site: Site): Promise<string[]> {
  const { networkExtensions } = site.capabilities;
  const missing = networkExtensions.includes('provider')
    ? []
    : [`Neutron of site ${site.name} has no extension 'provider': no network can be made there on a given segment.`];
  try {
    const agents = await list(site, 'agents', { fields: 'configurations' });
    const configurations = agents.map((agent) => (agent['configurations'] ?? {}) as Body);
    const ranges = networkExtensions.includes('network-segment-range')
      ? await list(site, 'network_segment_ranges')
      : [];
    return [
      ...missing,
      ...(interconnect.type === 'vlan' ? unmapped(site, member, configurations) : untunnelled(site, configurations)),
      ...givenOut(site, interconnect, member, ranges),
    ];
  } catch (error) {
    if (!(error instanceof SiteUnreachable)) throw error;
    return [...missing, `Site ${site.name} does not answer: what it has was not looked at.`];
  }
}

/** Nothing where the site does not tell. @throws SiteUnreachable */
async function list(site: Site, collection: string, query: Record<string, string> = {}): Promise<Body[]> {
  const response = await site.request({
    service: 'network',
    method: 'GET',
    path: `/${collection}`,
    query: new URLSearchParams(query).toString(),
  });
  if (response.status !== 200) return [];
  return ((bodyOf(response) as Record<string, Body[]> | undefined)?.[collection] ?? []) as Body[];
}

function unmapped({ name }: Site, { physicalNetwork }: Member, configurations: readonly Body[]): string[] {
  const mapped = new Set(configurations.flatMap(physicalNetworksOf));
  if (mapped.size === 0 || mapped.has(String(physicalNetwork))) return [];
  const others = [...mapped].sort().join(', ');
  return [`No agent of site ${name} has physical network ${physicalNetwork}; they have: ${others}.`];
}

/**
 * What an agent says that it is connected to.
 * @see openstack/neutron:neutron/plugins/ml2/drivers/openvswitch/agent/ovs_neutron_agent.py (`bridge_mappings`),
 *   neutron/plugins/ml2/drivers/mech_sriov/agent/sriov_nic_agent.py (`device_mappings`), linuxbridge and macvtap
 *   (`interface_mappings`), neutron/plugins/ml2/drivers/ovn/agent/neutron_agent.py (`bridge-mappings`: `physnet1:br-ex,…`)
 */
function physicalNetworksOf(configuration: Body): string[] {
  const ofOvn = configuration['bridge-mappings'];
  const mappings = ['bridge_mappings', 'interface_mappings', 'device_mappings'].map((name) => configuration[name]);
  return [
    ...mappings.flatMap((mapping) => (mapping && typeof mapping === 'object' ? Object.keys(mapping) : [])),
    ...(typeof ofOvn === 'string' ? ofOvn.split(',').flatMap((one) => one.trim().split(':')[0] || []) : []),
  ];
}

function untunnelled({ name }: Site, configurations: readonly Body[]): string[] {
  const told = configurations.flatMap((one) => (Array.isArray(one['tunnel_types']) ? [one['tunnel_types']] : []));
  if (told.length === 0 || told.some((types) => types.includes('vxlan'))) return [];
  return [`No agent of site ${name} has tunnels of type vxlan.`];
}

/** @see openstack/neutron-lib:neutron_lib/api/definitions/network_segment_range.py */
function givenOut(site: Site, interconnect: Interconnect, member: Member, ranges: readonly Body[]): string[] {
  const own = ranges
    .filter(
      (one) =>
        one['network_type'] === interconnect.type && (one['physical_network'] ?? null) === member.physicalNetwork,
    )
    .map((one): NumberRange => ({ minimum: Number(one['minimum']), maximum: Number(one['maximum']) }));
  const shared = own.filter((one) =>
    interconnect.ranges.some(({ minimum, maximum }) => minimum <= one.maximum && one.minimum <= maximum),
  );
  if (shared.length === 0) return [];
  const where = member.physicalNetwork === null ? '' : ` on ${member.physicalNetwork}`;
  return [
    `Neutron of site ${site.name} gives ${interconnect.type} ${rangesInWords(shared)}${where} to networks by itself: ` +
      'a network there can come to be on one segment with one of another site. Give the interconnect other numbers.',
  ];
}
