/** Security groups. @see openstack/neutron:neutron/db/securitygroups_db.py */
import { attribute, computed, identity, standard } from '@cascade/openstack-adapter/network/attribute.js';
import { conflict } from '@cascade/openstack-adapter/network/faults.js';
import { flag, text } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import { addFirstRules, defaultGroupOf, makeDefaults } from './default-group.js';
import { isStatefulByDefault } from './default-statefulness.js';
import type { SecurityGroupRow } from '../rows.js';
import { bodyOfRule } from './security-group-rules.js';
import type { NetworkState } from '../state.js';

const usesGroup = (state: NetworkState, groupId: string): boolean => {
  for (const port of state.tables.port.all()) if (port.security_groups.includes(groupId)) return true;
  return false;
};

/** In whatever letters, and whether or not it would change anything. @see neutron/extensions/securitygroup.py _validate_name_not_default */
function refuseDefaultName(name: unknown): void {
  if (String(name).toLowerCase() !== 'default') return;
  throw conflict('SecurityGroupDefaultAlreadyExists', 'Default security group already exists.');
}

const groupRules: Rules<SecurityGroupRow> = {
  listed: makeDefaults,
  create(state, row) {
    refuseDefaultName(row.name);
    defaultGroupOf(state, row.project_id);
    row['stateful'] ??= isStatefulByDefault(state, row.project_id);
  },
  created: (state, row) => addFirstRules(state, row, false),
  update(state, row, changes) {
    refuseDefaultName(changes['name']);
    if (row.name === 'default' && changes['name'] !== undefined) {
      throw conflict('SecurityGroupCannotUpdateDefault', 'Updating default security group not allowed.');
    }
    if (changes['stateful'] !== undefined && changes['stateful'] !== row['stateful'] && usesGroup(state, row.id)) {
      throw conflict('SecurityGroupInUse', `Security Group ${row.id} in use.`);
    }
  },
  remove(state, row, caller) {
    if (usesGroup(state, row.id)) throw conflict('SecurityGroupInUse', `Security Group ${row.id} in use.`);
    if (row.name === 'default' && !caller.isAdmin) {
      throw conflict('SecurityGroupCannotRemoveDefault', 'Insufficient rights for removing default security group.');
    }
    const { security_group_rule: rules } = state.tables;
    for (const rule of rules.where('security_group_id', row.id)) rules.remove(rule);
    // Rules of others that name it go with it. @see neutron/db/models/securitygroup.py source_rules
    for (const rule of [...rules.all()]) if (rule.remote_group_id === row.id) rules.remove(rule);
  },
  view: (state, row, caller) => ({
    shared: state.isShared(row.id, caller.projectId),
    security_group_rules: state.tables.security_group_rule
      .where('security_group_id', row.id)
      .map((rule) => bodyOfRule(state, rule)),
  }),
  seenBy: (state, row, caller) => state.isShared(row.id, caller.projectId),
};

export const securityGroups = collection<SecurityGroupRow>({
  path: '/security-groups',
  table: 'security_group',
  key: 'security_group',
  keys: 'security_groups',
  alias: 'security-group',
  verbs: 'CUD',
  limited: 'security_group',
  tagged: true,
  rules: groupRules,
  attributes: {
    ...identity,
    stateful: attribute(flag, { sorts: false, alias: 'stateful-security-group' }),
    shared: attribute(flag, { in: 'never', sorts: false, alias: 'rbac-security-groups' }),
    security_group_rules: { ...computed(text()), filters: false },
    ...standard,
    description: attribute(text(), { byDefault: '' }),
  },
});
