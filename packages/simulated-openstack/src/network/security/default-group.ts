/** Each project's own group `default`, and what every group begins with. */
import type { Rules } from '../collection/collection.js';
import type { SecurityGroupRow } from '../rows.js';
import type { NetworkState } from '../state.js';

const nothing = {
  protocol: null,
  port_range_min: null,
  port_range_max: null,
  remote_ip_prefix: null,
  remote_address_group_id: null,
  normalized_cidr: null,
  remote_group_id: null,
  description: null,
};

const addRule = (state: NetworkState, group: SecurityGroupRow, fields: Record<string, unknown>): void => {
  const whole = { ...nothing, project_id: group.project_id, security_group_id: group.id, ...fields };
  state.add(state.tables.security_group_rule, whole);
};

/** What is sent is allowed from the start. */
export function addEgress(state: NetworkState, group: SecurityGroupRow): void {
  for (const ethertype of ['IPv4', 'IPv6']) addRule(state, group, { direction: 'egress', ethertype });
}

/** The project's group `default`, made when it is first needed. */
export function defaultGroupOf(state: NetworkState, projectId: string): SecurityGroupRow {
  const { security_group: groups } = state.tables;
  const known = groups.where('project_id', projectId).find(({ name }) => name === 'default');
  if (known) return known;
  const fields = { name: 'default', stateful: true, description: 'Default security group', project_id: projectId };
  const group = state.add(groups, fields);
  for (const ethertype of ['IPv4', 'IPv6']) {
    addRule(state, group, { direction: 'ingress', ethertype, remote_group_id: group.id });
  }
  addEgress(state, group);
  return group;
}

export const makeDefaults: Rules<never>['listed'] = (state, caller, projectIds) => {
  const asked = projectIds.length > 0 ? projectIds : caller.projectId ? [caller.projectId] : [];
  // A project that asks is one; administrators may ask for what is none.
  for (const projectId of asked) if (projectId === caller.projectId || caller.isAdmin) defaultGroupOf(state, projectId);
};
