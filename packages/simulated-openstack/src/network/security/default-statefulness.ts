/**
 * Whether new security groups are stateful, of one project or of all, as Neutron's API reference has it (2026.2).
 * @see openstack/neutron-lib:api-ref/source/v2/security-groups-default-statefulness.inc,
 * openstack/neutron:neutron/db/security_groups_default_statefulness.py
 *
 * The Neutron of August 2026 does not do yet what that says: a create or update is a 500, since the key of one is that of a list
 * (neutron/pecan_wsgi/hooks/body_validation.py), and a request that does not say `stateful` is taken to say true
 * (neutron_lib/api/definitions/stateful_security_group.py).
 */
import { attribute } from '@cascade/openstack-adapter/network/attribute.js';
import { conflict } from '@cascade/openstack-adapter/network/faults.js';
import { flag, orNone, text } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import type { Row } from '../collection/table.js';
import type { NetworkState } from '../state.js';

const everyProject = '';
const of = (state: NetworkState, projectId: string) =>
  state.tables.security_groups_default_statefulness.where('project_id', projectId)[0];

/** What a project's new group is where its request does not say so. */
export const isStatefulByDefault = (state: NetworkState, projectId: string): boolean =>
  ((of(state, projectId) ?? of(state, everyProject))?.['stateful'] as boolean | undefined) ?? true;

const rules: Rules<Row> = {
  create(state, { project_id: projectId }) {
    if (!of(state, projectId)) return;
    const words = `A security group default statefulness setting already exists for project '${projectId || 'system-wide'}'.`;
    throw conflict('SecurityGroupDefaultStatefulnessAlreadyExists', words);
  },
  view: (_state, { project_id: projectId }) => ({ project_id: projectId || null }),
};

const key = 'security_groups_default_statefulness';

export const defaultStatefulness = collection<Row>({
  path: '/security-groups-default-statefulness',
  table: key,
  // One is called as all of them are.
  key,
  keys: key,
  alias: 'security-groups-default-statefulness',
  verbs: 'CUD',
  writers: 'manager',
  rules,
  attributes: {
    id: attribute(text(), { in: 'never' }),
    project_id: attribute(orNone(text()), { in: 'create' }),
    stateful: attribute(flag, { byDefault: true }),
  },
});
