/** Networks. @see openstack/neutron-lib:neutron_lib/api/definitions/network.py and its extensions */
import {
  adminStateUp,
  attribute,
  computed,
  identity,
  standard,
  status,
  structure,
} from '@cascade/openstack-adapter/network/attribute.js';
import { dnsDomain } from '@cascade/openstack-adapter/network/dns-names.js';
import { badRequest, conflict, disallowed, invalidInput } from '@cascade/openstack-adapter/network/faults.js';
import { id, flag, integer, listOf, nonNegative, orNone, text } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import type { NetworkRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import { changedNumber, largestMtu, segmentFor } from './provider-segment.js';
import { addSegment, dropSegments, renumberSegment } from './segments.js';
import { dropSubnet } from './subnet-collection.js';

const provider = { alias: 'provider', adminSets: true, adminSees: true, sorts: false } as const;

/** Ports that Neutron makes and takes away by itself. */
const ownersOfItsOwn = new Set(['network:dhcp', 'network:distributed']);

/** @throws Fault 400. @see openstack/neutron:neutron/plugins/ml2/plugin.py _create_network_db */
function checkTagging(row: NetworkRow): void {
  if (!row['vlan_transparent'] || !row['qinq']) return;
  const words = "Attributes 'vlan_transparent' and 'qinq' can not be set to True for the same network.";
  throw badRequest(`Bad network request: ${words}.`, 'BadRequest');
}

/**
 * The most that a segment carries is what a network has where nothing was asked.
 * @throws Fault 400 for more
 * @see openstack/neutron:neutron/plugins/ml2/plugin.py _get_network_mtu
 */
function mtuOf(asked: unknown, type: string): number {
  const most = largestMtu(type);
  if (typeof asked === 'number' && asked > most) throw invalidInput(`Requested MTU is too big, maximum is ${most}`);
  return (asked as number | undefined) || most;
}

/** Sharing is an RBAC policy, whichever way it is written. */
export function share(state: NetworkState, row: NetworkRow, action: string, wanted: boolean): void {
  const { rbac_policy: policies } = state.tables;
  const isIt = (one: { action: string; target_tenant: string }) => one.action === action && one.target_tenant === '*';
  const known = policies.where('object_id', row.id).find(isIt);
  if (wanted && !known) {
    const fields = {
      object_type: 'network',
      object_id: row.id,
      action,
      target_tenant: '*',
      project_id: row.project_id,
    };
    state.add(policies, fields);
  }
  if (!wanted && known) policies.remove(known);
}

const rules: Rules<NetworkRow> = {
  create(state, row, caller) {
    if (row['shared'] === true && !caller.isAdmin)
      throw disallowed('(rule:create_network and rule:create_network:shared)');
    const { type, physicalNetwork, number } = segmentFor(state, row);
    const mtu = mtuOf(row['mtu'], type);
    checkTagging(row);
    state.requireZones(row['availability_zone_hints']);
    const isShared = row['shared'] === true;
    delete row['shared'];
    Object.assign(row, {
      'provider:network_type': type,
      'provider:physical_network': physicalNetwork,
      'provider:segmentation_id': number,
      mtu,
      status: 'ACTIVE',
    });
    share(state, row, 'access_as_shared', isShared);
    share(state, row, 'access_as_external', row['router:external']);
  },
  created: (state, row) => addSegment(state, row),
  update(state, row, changes) {
    const number = changedNumber(state, row, changes);
    if ('mtu' in changes) changes['mtu'] = mtuOf(changes['mtu'], row['provider:network_type']);
    if (number !== undefined) renumberSegment(state, row.id, number);
    if (typeof changes['shared'] === 'boolean') share(state, row, 'access_as_shared', changes['shared']);
    if (typeof changes['router:external'] === 'boolean') {
      const used = state.tables.floatingip.count('floating_network_id', row.id) > 0;
      if (used && !changes['router:external']) {
        throw conflict(
          'ExternalNetworkInUse',
          `External network ${row.id} cannot be updated to be made non-external, since it has existing gateway ports.`,
        );
      }
      share(state, row, 'access_as_external', changes['router:external']);
    }
    delete changes['shared'];
  },
  remove(state, row) {
    const { port: ports, subnet: subnets, rbac_policy: policies } = state.tables;
    const used = ports.where('network_id', row.id).filter((port) => !ownersOfItsOwn.has(port.device_owner));
    if (used.length > 0) {
      const ids = used.map((port) => port.id).join(',');
      const words = `Unable to complete operation on network ${row.id}. There are one or more ports still in use on the network, id for these ports is: ${ids}.`;
      throw conflict('NetworkInUse', words);
    }
    dropSegments(state, row.id);
    for (const subnet of subnets.where('network_id', row.id)) dropSubnet(state, subnet);
    for (const policy of policies.where('object_id', row.id)) policies.remove(policy);
  },
  view: (state, row, caller) => ({
    subnets: state.tables.subnet.where('network_id', row.id).map((subnet) => subnet.id),
    shared: state.isShared(row.id, caller.projectId),
    availability_zones: state.tables.subnet.count('network_id', row.id) > 0 ? [state.zone] : [],
    l2_adjacency: true,
    ...(row['router:external'] ? {} : { is_default: undefined }),
  }),
  // Only external networks have it, but whoever makes one is told what was understood.
  told: (row) => ({ is_default: row['is_default'] ?? false }),
  seenBy: (state, row, caller) =>
    state.isShared(row.id, caller.projectId) || state.isShared(row.id, caller.projectId, 'access_as_external'),
};

export const networks = collection<NetworkRow>({
  path: '/networks',
  table: 'network',
  key: 'network',
  keys: 'networks',
  verbs: 'CUD',
  limited: 'network',
  tagged: true,
  rules,
  attributes: {
    ...identity,
    admin_state_up: adminStateUp,
    mtu: attribute(nonNegative, { alias: 'net-mtu' }),
    status,
    subnets: structure(text(), { in: 'never' }),
    shared: attribute(flag, { adminSets: true, byDefault: false, sorts: false }),
    availability_zone_hints: structure(listOf(text()), {
      in: 'create',
      byDefault: [],
      alias: 'network_availability_zone',
    }),
    availability_zones: structure(text(), { in: 'never', alias: 'network_availability_zone' }),
    ipv4_address_scope: computed(orNone(id), { byDefault: null, alias: 'address-scope' }),
    ipv6_address_scope: computed(orNone(id), { byDefault: null, alias: 'address-scope' }),
    'router:external': attribute(flag, { byDefault: false, adminSets: true, sorts: false, alias: 'external-net' }),
    port_security_enabled: attribute(flag, { byDefault: true, alias: 'port-security' }),
    qos_policy_id: attribute(orNone(id), { byDefault: null, refersTo: 'policy', alias: 'qos' }),
    dns_domain: attribute(dnsDomain, { byDefault: '', alias: 'dns-integration' }),
    l2_adjacency: computed(flag, { alias: 'l2_adjacency' }),
    vlan_transparent: attribute(flag, { in: 'create', byDefault: false, sorts: false, alias: 'vlan-transparent' }),
    qinq: attribute(flag, { in: 'create', byDefault: false, sorts: false, alias: 'qinq' }),
    is_default: attribute(flag, { byDefault: false, adminSets: true, sorts: false, alias: 'external-net' }),
    ...standard,
    'provider:network_type': attribute(text(32), provider),
    'provider:physical_network': attribute(text(64), provider),
    'provider:segmentation_id': attribute(integer(Number.MIN_SAFE_INTEGER), provider),
  },
});
