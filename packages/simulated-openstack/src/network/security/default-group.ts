/** Each project's own group `default`, and what every group begins with. */
import type { Rules } from '../collection/collection.js';
import type { SecurityGroupRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import { templatesFor } from './default-rules.js';

/** @see openstack/neutron:neutron/db/securitygroups_db.py _create_rules_from_template */
export function addFirstRules(state: NetworkState, group: SecurityGroupRow, isDefault: boolean): void {
  for (const { remote_group_id: remote, ...fields } of templatesFor(state, isDefault)) {
    const remote_group_id = remote === 'PARENT' ? group.id : remote;
    const whole = { ...fields, remote_group_id, project_id: group.project_id, security_group_id: group.id };
    state.add(state.tables.security_group_rule, whole);
  }
}

/** The project's group `default`, made when it is first needed. */
export function defaultGroupOf(state: NetworkState, projectId: string): SecurityGroupRow {
  const { security_group: groups } = state.tables;
  const known = groups.where('project_id', projectId).find(({ name }) => name === 'default');
  if (known) return known;
  const fields = { name: 'default', stateful: true, description: 'Default security group', project_id: projectId };
  const group = state.add(groups, fields);
  addFirstRules(state, group, true);
  return group;
}

export const makeDefaults: Rules<never>['listed'] = (state, caller, projectIds) => {
  const asked = projectIds.length > 0 ? projectIds : caller.projectId ? [caller.projectId] : [];
  // A project that asks is one; administrators may ask for what is none.
  for (const projectId of asked) if (projectId === caller.projectId || caller.isAdmin) defaultGroupOf(state, projectId);
};
