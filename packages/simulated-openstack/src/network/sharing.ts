/** RBAC policies: what is shared with whom. @see openstack/neutron:neutron/db/rbac_db_mixin.py */
import { attribute, identity, standard } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, disallowed, invalidInput, missing } from '@cascade/openstack-adapter/network/faults.js';
import { id, shown, text, type Reader } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from './collection/collection.js';
import type { PortRow, RbacRow } from './rows.js';
import type { NetworkState, TableName } from './state.js';
import type { Row, Table } from './collection/table.js';

const tableOf: Readonly<Record<string, TableName>> = {
  network: 'network',
  security_group: 'security_group',
  address_group: 'address_group',
  address_scope: 'address_scope',
  subnetpool: 'subnetpool',
  qos_policy: 'policy',
};

/** Ports that foreign projects have thanks to a policy. */
function foreignPorts(state: NetworkState, row: RbacRow): PortRow[] {
  if (row.object_type !== 'network' || row.action !== 'access_as_shared') return [];
  const network = state.tables.network.find(row.object_id);
  return state.tables.port
    .where('network_id', row.object_id)
    .filter((port) => port.project_id !== '' && port.project_id !== network?.project_id)
    .filter((port) => row.target_tenant === '*' || row.target_tenant === port.project_id);
}

/** @see openstack/neutron:neutron/extensions/rbac.py convert_valid_object_type */
const objectType: Reader = (value) => {
  const found = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (Object.hasOwn(tableOf, found)) return found;
  throw invalidInput(`'${shown(value)}' is not a valid RBAC object type`);
};

const actionsOf = (type: string): readonly string[] =>
  type === 'network' ? ['access_as_shared', 'access_as_external'] : ['access_as_shared'];

const rules: Rules<RbacRow> = {
  create(state, row, caller) {
    const actions = actionsOf(objectType(row.object_type, 'object_type') as string);
    if (!actions.includes(row.action)) {
      const listed = actions.length > 1 ? actions.map((one) => `'${one}'`).join(', ') : `'${actions[0]}',`;
      throw badRequest(
        `Invalid action '${row.action}' for object type '${row.object_type}'. Valid actions: (${listed})`,
        'InvalidActionForType',
      );
    }
    const table = state.tables[tableOf[row.object_type]!] as unknown as Table<Row>;
    const object = table.find(row.object_id);
    if (!object || (!caller.isAdmin && object.project_id !== caller.projectId)) {
      throw missing('ObjectNotFound', `Object ${row.object_id} not found.`);
    }
    if (!caller.isAdmin && row.target_tenant === '*') {
      throw disallowed('(rule:create_rbac_policy and rule:create_rbac_policy:target_tenant)');
    }
    const same = state.tables.rbac_policy
      .where('object_id', row.object_id)
      .some((one) => one.action === row.action && one.target_tenant === row.target_tenant);
    if (same) throw conflict('DuplicatePolicyError', 'An RBAC policy already exists with those values.');
  },
  created(state, row) {
    if (row.action !== 'access_as_external') return;
    const network = state.tables.network.find(row.object_id);
    if (network) state.change(state.tables.network, network, { 'router:external': true });
  },
  remove(state, row) {
    if (foreignPorts(state, row).length === 0) return;
    const words = `RBAC policy on object ${row.object_id} cannot be removed because other objects depend on it.\nDetails: Callback neutron.plugins.ml2.plugin.SecurityGroupDbMixin failed with "Unable to reconfigure sharing settings for network ${row.object_id}. Multiple tenants are using it."`;
    throw conflict('RbacPolicyInUse', words);
  },
  seenBy: (_state, row, caller) => row.target_tenant === caller.projectId,
};

export const rbacPolicies = collection<RbacRow>({
  path: '/rbac-policies',
  table: 'rbac_policy',
  key: 'rbac_policy',
  keys: 'rbac_policies',
  alias: 'rbac-policies',
  verbs: 'CUD',
  limited: 'rbac_policy',
  rules,
  attributes: {
    id: identity['id']!,
    project_id: standard['project_id']!,
    object_type: attribute(objectType, { in: 'create', byDefault: null }),
    object_id: attribute(id, { in: 'create', required: true }),
    target_tenant: attribute(text(), { required: true }),
    action: attribute(text(), { in: 'create', required: true }),
    tenant_id: identity['tenant_id']!,
  },
});
