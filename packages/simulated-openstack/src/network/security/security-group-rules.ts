/** Rules of security groups. @see openstack/neutron:neutron/db/securitygroups_db.py, neutron/extensions/securitygroup.py */
import { formatPrefix, parsePrefix } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { attribute, identity, standard } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, disallowed } from '@cascade/openstack-adapter/network/faults.js';
import {
  id,
  oneOf,
  orNone,
  prefixAsGiven,
  shown,
  text,
  word,
  type Reader,
} from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import { makeDefaults } from './default-group.js';
import type { SecurityGroupRuleRow } from '../rows.js';
import type { NetworkState } from '../state.js';

const withPorts = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite', '6', '17', '33', '132', '136']);
const invalidPort = (value: unknown) =>
  badRequest(`Invalid value for port ${shown(value)}`, 'SecurityGroupInvalidPortValue');

const icmp = new Set(['icmp', 'icmpv6', 'ipv6-icmp', '1', '58']);

/** @throws Fault 400 */
function checkPortRange(rule: Record<string, unknown>): void {
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
function checkFamily(rule: Record<string, unknown>): void {
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
function keyOf(rule: Record<string, unknown>): string {
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

const ruleRules: Rules<SecurityGroupRuleRow> = {
  listed: makeDefaults,
  createMany(given) {
    if (new Set(given.map(keyOf)).size === given.length) return;
    throw conflict('DuplicateSecurityGroupRuleInPost', 'Duplicate Security Group Rule in POST.');
  },
  create(state, row, caller) {
    const { security_group: groups, security_group_rule: rules, address_group: addresses } = state.tables;
    const group = groups.require(row.security_group_id);
    if (!caller.isAdmin && group.project_id !== caller.projectId) {
      throw state.isShared(group.id, caller.projectId)
        ? disallowed('rule:create_security_group_rule')
        : groups.absent(group.id);
    }
    row.project_id = group.project_id;
    const remotes = [row.remote_group_id, row['remote_ip_prefix'], row.remote_address_group_id];
    if (remotes.filter((one) => one !== null).length > 1) {
      throw badRequest(
        'Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.',
        'SecurityGroupMultipleRemoteEntites',
      );
    }
    if (row.remote_group_id !== null) groups.require(row.remote_group_id);
    if (row.remote_address_group_id !== null) addresses.require(row.remote_address_group_id);
    row['normalized_cidr'] = null;
    checkFamily(row);
    checkPortRange(row);
    const same = rules.where('security_group_id', group.id).find((one) => keyOf(one) === keyOf(row));
    if (same) {
      throw conflict('SecurityGroupRuleExists', `Security group rule already exists. Rule id is ${same.id}.`);
    }
  },
  created: (state, row) => touchGroup(state, row.security_group_id),
  remove: (state, row) => touchGroup(state, row.security_group_id),
  seenBy: (state, row, caller) => {
    const group = state.tables.security_group.find(row.security_group_id);
    return group?.project_id === caller.projectId || state.isShared(row.security_group_id, caller.projectId);
  },
};

const touchGroup = (state: NetworkState, groupId: string): void => {
  const group = state.tables.security_group.find(groupId);
  if (group) state.change(state.tables.security_group, group, {});
};

/** @see openstack/neutron:neutron/extensions/securitygroup.py convert_validate_port_value */
const port: Reader = (value) => {
  const number = /^\s*[+-]?\d+\s*$/.test(String(value)) ? Number(value) : -1;
  if (number < 0 || number > 65_535) throw invalidPort(value);
  return number;
};

/** Of either case. @see openstack/neutron:neutron/extensions/securitygroup.py convert_ethertype_to_case_insensitive */
const ethertype: Reader = (value) => {
  const found = ['IPv4', 'IPv6'].find((one) => typeof value === 'string' && one.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw badRequest(
    `Security group rule for ethertype '${shown(value)}' not supported. Allowed values are ['IPv4', 'IPv6'].`,
    'SecurityGroupRuleInvalidEtherType',
  );
};

/** Groups are looked up by whatever text is given. */
const anyText: Reader = (value) => String(value);

export const securityGroupRules = collection<SecurityGroupRuleRow>({
  path: '/security-group-rules',
  table: 'security_group_rule',
  key: 'security_group_rule',
  keys: 'security_group_rules',
  alias: 'security-group',
  verbs: 'CD',
  limited: 'security_group_rule',
  tagged: true,
  rules: ruleRules,
  attributes: {
    id: identity['id']!,
    tenant_id: identity['tenant_id']!,
    security_group_id: attribute(text(36), { in: 'create', required: true }),
    ethertype: attribute(ethertype, { in: 'create', byDefault: 'IPv4' }),
    direction: attribute(oneOf('ingress', 'egress'), { in: 'create', required: true }),
    protocol: attribute(word, { in: 'create', byDefault: null }),
    port_range_min: attribute(orNone(port), { in: 'create', byDefault: null }),
    port_range_max: attribute(orNone(port), { in: 'create', byDefault: null }),
    remote_ip_prefix: attribute(orNone(prefixAsGiven), { in: 'create', byDefault: null }),
    remote_address_group_id: attribute(orNone(id), {
      in: 'create',
      byDefault: null,
      alias: 'security-groups-remote-address-group',
    }),
    normalized_cidr: attribute(orNone(text()), {
      in: 'never',
      byDefault: null,
      alias: 'security-groups-normalized-cidr',
    }),
    remote_group_id: attribute(orNone(anyText), { in: 'create', byDefault: null }),
    ...standard,
    description: attribute(orNone(text()), {
      in: 'create',
      byDefault: '',
      sorts: false,
      alias: 'standard-attr-description',
    }),
  },
});

/** A rule inside its group. */
export const bodyOfRule = (state: NetworkState, rule: SecurityGroupRuleRow): Record<string, unknown> => {
  const { project_id: projectId, ...rest } = rule;
  const known = Object.entries(rest).filter(([name]) => {
    const alias = name === 'standard_attr_id' ? 'stateful-security-group' : securityGroupRules.attributes[name]?.alias;
    return !alias || state.extensions.has(alias);
  });
  const owner = state.extensions.has('project-id') ? { project_id: projectId } : {};
  return { ...Object.fromEntries(known), tenant_id: projectId, ...owner };
};
