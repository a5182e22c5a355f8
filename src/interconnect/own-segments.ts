/** The segments that a network has at its home, and the interconnects that they lie on. */
import type { Body } from '../resources/kind.js';
import { memberOf, type Interconnect } from './interconnect.js';

export interface OwnSegment {
  readonly type: unknown;
  readonly physicalNetwork: unknown;
  readonly number: number;
}

/**
 * @param network as the site's administrator sees it: with one segment, or several (extension `multi-provider`)
 * @see openstack/neutron:neutron/plugins/ml2/managers.py extend_network_with_provider_segments
 */
export function ownSegments(network: Body): OwnSegment[] {
  const several = network['segments'];
  return (Array.isArray(several) ? (several as Body[]) : [network]).flatMap((segment) => {
    const number = segment['provider:segmentation_id'];
    if (typeof number !== 'number') return [];
    return [{ type: segment['provider:network_type'], physicalNetwork: segment['provider:physical_network'], number }];
  });
}

/** True where a member has the segment on what joins it with the others. */
export function isOn(interconnect: Interconnect, siteId: number, { type, physicalNetwork }: OwnSegment): boolean {
  const member = memberOf(interconnect, siteId);
  if (!member || type !== interconnect.type) return false;
  return interconnect.type === 'vxlan' || physicalNetwork === member.physicalNetwork;
}

/**
 * True where a network can be joined by it as it is. Of a VLAN the physical network says so; each cloud uses VNIs of its
 * own, so of these the operator does.
 */
export function canJoin(interconnect: Interconnect, siteId: number, segment: OwnSegment): boolean {
  if (!isOn(interconnect, siteId, segment)) return false;
  const { type, joinsAnyVni, ranges } = interconnect;
  if (type === 'vlan' || joinsAnyVni) return true;
  return ranges.some(({ minimum, maximum }) => minimum <= segment.number && segment.number <= maximum);
}
