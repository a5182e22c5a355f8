/** What rules of security groups, and those that new groups begin with, say. @see openstack/neutron:neutron/extensions/securitygroup.py */
import { formatPrefix, parsePrefix } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { badRequest } from '@cascade/openstack-adapter/network/faults.js';
import { shown, type Reader } from '@cascade/openstack-adapter/network/readers.js';

const withPorts = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite', '6', '17', '33', '132', '136']);
const invalidPort = (value: unknown) =>
  badRequest(`Invalid value for port ${shown(value)}`, 'SecurityGroupInvalidPortValue');

const icmp = new Set(['icmp', 'icmpv6', 'ipv6-icmp', '1', '58']);

/** @throws Fault 400 */
export function checkPortRange(rule: Record<string, unknown>): void {
  const { protocol, port_range_min: least, port_range_max: most } = rule;
  if (least === null && most === null) return;
  if (protocol === null)
    throw badRequest('Must also specify protocol if port range is given.', 'SecurityGroupProtocolRequiredWithPorts');
  if (icmp.has(String(protocol))) {
    if (least === null)
      throw badRequest(
        `ICMP code (port-range-max) ${String(most)} is provided but ICMP type (port-range-min) is missing.`,
        'SecurityGroupMissingIcmpType',
      );
    for (const [field, value] of [
      ['port_range_min', least],
      ['port_range_max', most],
    ] as const) {
      if (value !== null && Number(value) > 255)
        throw badRequest(
          `Invalid value for ICMP ${field === 'port_range_min' ? 'type' : 'code'} (${field}) ${String(value)}. It must be 0 to 255.`,
          'SecurityGroupInvalidIcmpValue',
        );
    }
    return;
  }
  if (!withPorts.has(String(protocol)))
    throw badRequest(
      `Ports cannot be specified for protocol ${protocolNumber({ protocol })}. Ports are only supported for DCCP, SCTP, TCP, UDP, UDPLITE.`,
      'SecurityGroupInvalidProtocolForPort',
    );
  if (least === 0 || most === 0) throw invalidPort(0);
  if (least === null || most === null || Number(least) > Number(most)) {
    throw badRequest(
      'For TCP/UDP protocols, port_range_min must be <= port_range_max',
      'SecurityGroupInvalidPortRange',
    );
  }
}

/** @throws Fault 400 for a protocol nobody knows, and for a prefix of the other family */
export function checkFamily(rule: Record<string, unknown>): void {
  const { protocol, ethertype, remote_ip_prefix: remote } = rule;
  const number = protocolNumber({ protocol });
  if (number !== undefined && !(Number.isInteger(number) && number >= 0 && number <= 255)) {
    throw badRequest(
      `Security group rule protocol ${String(protocol)} not supported. Only protocol values [None, 'ah', 'dccp', 'egp', 'esp', 'gre', 'hopopt', 'icmp', 'igmp', 'ip', 'ipip', 'ipv6-encap', 'ipv6-frag', 'ipv6-icmp', 'icmpv6', 'ipv6-nonxt', 'ipv6-opts', 'ipv6-route', 'ospf', 'pgm', 'rsvp', 'sctp', 'tcp', 'udp', 'udplite', 'vrrp'] and integer representations [0 to 255] are supported.`,
      'SecurityGroupRuleInvalidProtocol',
    );
  }
  if (ethertype === 'IPv4' && number !== undefined && ofVersion6.has(number)) {
    throw badRequest(
      `Invalid ethertype IPv4 for protocol ${String(protocol)}.`,
      'SecurityGroupEthertypeConflictWithProtocol',
    );
  }
  if (remote === null) return;
  const prefix = parsePrefix(String(remote))!;
  if ((prefix.version === 4) !== (ethertype === 'IPv4')) {
    throw badRequest(
      `Conflicting value ethertype ${String(ethertype)} for CIDR ${String(remote)}`,
      'SecurityGroupRuleParameterConflict',
    );
  }
  rule['normalized_cidr'] = formatPrefix(prefix);
}

/** @see openstack/neutron-lib:neutron_lib/constants.py IP_PROTOCOL_MAP */
const protocols: Readonly<Record<string, number>> = {
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  icmp: 1,
  icmpv6: 58,
  igmp: 2,
  ip: 0,
  ipip: 4,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-icmp': 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  'ipv6-route': 43,
  ospf: 89,
  pgm: 113,
  rsvp: 46,
  sctp: 132,
  tcp: 6,
  udp: 17,
  udplite: 136,
  vrrp: 112,
  hopopt: 0,
};

/** `ipv6-encap` and the like. */
const ofVersion6 = new Set([41, 43, 44, 58, 59, 60]);

/** However a protocol is written: `icmp` of IPv6 is that of IPv6. */
function protocolNumber({ protocol, ethertype }: Record<string, unknown>): number | undefined {
  if (protocol === null || protocol === undefined) return undefined;
  const number = protocols[String(protocol).toLowerCase()] ?? Number(protocol);
  return number === 1 && ethertype === 'IPv6' ? 58 : number;
}

/** Everywhere is no limit; otherwise prefixes are compared as they were given, `10.1.2.3/8` is not `10.0.0.0/8`. */
const everywhere = new Set<unknown>(['0.0.0.0/0', '::/0', null, undefined]);

/** The same text for rules that are the same. @see openstack/neutron:neutron/db/securitygroups_db.py _rule_to_key */
export function keyOf(rule: Record<string, unknown>): string {
  const { direction, ethertype = 'IPv4', port_range_min: least, port_range_max: most, remote_ip_prefix: prefix } = rule;
  const { security_group_id: group, remote_group_id: remote, remote_address_group_id: addresses } = rule;
  const protocol = protocolNumber({ ...rule, ethertype });
  const parts = [
    group,
    direction,
    ethertype,
    protocol,
    least,
    most,
    remote,
    addresses,
    everywhere.has(prefix) ? null : prefix,
  ];
  return parts.map((part) => String(part ?? '+')).join(' ');
}

/** @see openstack/neutron:neutron/extensions/securitygroup.py convert_validate_port_value */
export const port: Reader = (value) => {
  const number = /^\s*[+-]?\d+\s*$/.test(String(value)) ? Number(value) : -1;
  if (number < 0 || number > 65_535) throw invalidPort(value);
  return number;
};

/** Of either case. @see openstack/neutron:neutron/extensions/securitygroup.py convert_ethertype_to_case_insensitive */
export const ethertype: Reader = (value) => {
  const found = ['IPv4', 'IPv6'].find((one) => typeof value === 'string' && one.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw badRequest(
    `Security group rule for ethertype '${shown(value)}' not supported. Allowed values are ['IPv4', 'IPv6'].`,
    'SecurityGroupRuleInvalidEtherType',
  );
};
