/** What joins the networks of several sites, and how a network is made on a segment of it. */

/** `bgpvpn` (route targets) is yet to come. */
export const interconnectTypes = ['vlan', 'vxlan'] as const;
export type InterconnectType = (typeof interconnectTypes)[number];

/** Both ends included. */
export interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** @see openstack/neutron-lib:neutron_lib/constants.py MIN_VLAN_TAG … MAX_VXLAN_VNI */
export const numbersOf: Readonly<Record<InterconnectType, NumberRange>> = {
  vlan: { minimum: 1, maximum: 4094 },
  vxlan: { minimum: 1, maximum: 2 ** 24 - 1 },
};

export interface Member {
  readonly siteId: number;
  /** As the site's Neutron calls it; null for vxlan. */
  readonly physicalNetwork: string | null;
}

export interface Interconnect {
  readonly id: number;
  readonly name: string;
  readonly type: InterconnectType;
  /** Of which networks are given segments, in ascending order. */
  readonly ranges: readonly NumberRange[];
  /** Networks of any VNI may be joined as they are. */
  readonly joinsAnyVni: boolean;
  /** Networks that name no zone are given a segment of it. */
  readonly isDefault: boolean;
  readonly members: readonly Member[];
}

/** What Neutron's extension `provider` wants to know of a network. */
export interface ProviderAttributes {
  readonly 'provider:network_type': InterconnectType;
  readonly 'provider:physical_network'?: string;
  readonly 'provider:segmentation_id': number;
}

/** A network's segment on an interconnect. */
export interface Joined {
  readonly isJoined: true;
  readonly interconnect: string;
  readonly type: InterconnectType;
  readonly number: number;
  /** With which it is made at a member. */
  at(siteId: number): ProviderAttributes;
}

export interface NotJoined {
  readonly isJoined: false;
  /** A sentence for the tenant's 409: why, and what to do. */
  readonly reason: string;
}

export const memberOf = ({ members }: Interconnect, siteId: number): Member | undefined =>
  members.find((member) => member.siteId === siteId);

export const joins = (interconnect: Interconnect, siteIds: readonly number[]): boolean =>
  siteIds.every((siteId) => memberOf(interconnect, siteId));

export const joinedBy = (interconnect: Interconnect, number: number): Joined => ({
  isJoined: true,
  interconnect: interconnect.name,
  type: interconnect.type,
  number,
  at: (siteId) => {
    const member = memberOf(interconnect, siteId);
    if (!member) throw new Error(`site ${siteId} is no member of interconnect ${interconnect.name}`);
    const { physicalNetwork } = member;
    return {
      'provider:network_type': interconnect.type,
      ...(physicalNetwork === null ? {} : { 'provider:physical_network': physicalNetwork }),
      'provider:segmentation_id': number,
    };
  },
});

/** `100:199, 300:399`, as Neutron's own options write ranges. */
export const rangesInWords = (ranges: readonly NumberRange[]): string =>
  ranges.map(({ minimum, maximum }) => `${minimum}:${maximum}`).join(', ');
