/** Rules of security groups. @see openstack/neutron:neutron/db/securitygroups_db.py, neutron/extensions/securitygroup.py */
import { attribute, identity, standard } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, disallowed } from '@cascade/openstack-adapter/network/faults.js';
import {
  flag,
  id,
  oneOf,
  orNone,
  prefixAsGiven,
  text,
  word,
  type Reader,
} from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import { makeDefaults } from './default-group.js';
import { checkFamily, checkPortRange, ethertype, keyOf, port } from './rule-words.js';
import type { SecurityGroupRuleRow } from '../rows.js';
import type { NetworkState } from '../state.js';

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
  view: (state, row) => ({ belongs_to_default_sg: belongsToDefault(state, row) }),
};

const belongsToDefault = (state: NetworkState, row: SecurityGroupRuleRow): boolean =>
  state.tables.security_group.find(row.security_group_id)?.name === 'default';

const touchGroup = (state: NetworkState, groupId: string): void => {
  const group = state.tables.security_group.find(groupId);
  if (group) state.change(state.tables.security_group, group, {});
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
    belongs_to_default_sg: attribute(flag, {
      in: 'never',
      sorts: false,
      alias: 'security-groups-rules-belongs-to-default-sg',
    }),
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
  const whole = { ...rest, belongs_to_default_sg: belongsToDefault(state, rule) };
  const known = Object.entries(whole).filter(([name]) => {
    const alias = name === 'standard_attr_id' ? 'stateful-security-group' : securityGroupRules.attributes[name]?.alias;
    return !alias || state.extensions.has(alias);
  });
  const owner = state.extensions.has('project-id') ? { project_id: projectId } : {};
  return { ...Object.fromEntries(known), tenant_id: projectId, ...owner };
};
