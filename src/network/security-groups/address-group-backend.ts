/** Backends that are known to take a rule which names an address group, and then to admit any source. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import type { Site } from '../../sites/site.js';
import { readMany } from './requests.js';

/** Since 2023.2, of whose backends this was not measured. */
const later = 'security-groups-default-rules';

/**
 * Told by what Neutron's agents say of themselves: an OVS agent that plugs by a bridge in between filters by iptables.
 * @see openstack/neutron:neutron/plugins/ml2/drivers/openvswitch/agent/ovs_neutron_agent.py (OVS_HYBRID_PLUG)
 * @returns its name; undefined for any other
 * @throws SiteUnreachable
 */
export async function ignoringBackend(site: Site): Promise<string | undefined> {
  if (site.capabilities.networkExtensions.includes(later)) return undefined;
  const agents = await readMany(site, '/agents', 'agents', {});
  const typesOf = agents.map(({ agent_type: type }) => String(type));
  if (typesOf.some((type) => type.startsWith('OVN Controller'))) return 'ML2/OVN';
  const isHybrid = agents.some(
    ({ configurations }) => isObject(configurations) && configurations['ovs_hybrid_plug'] === true,
  );
  return isHybrid || typesOf.includes('Linux bridge agent') ? 'the iptables driver' : undefined;
}
