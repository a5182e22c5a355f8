/** Ports. @see openstack/neutron:neutron/plugins/ml2/plugin.py, neutron/db/db_base_plugin_v2.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import {
  adminStateUp,
  attribute,
  computed,
  identity,
  standard,
  status,
  structure,
} from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, disallowed } from '@cascade/openstack-adapter/network/faults.js';
import { dnsDomain, dnsName } from '@cascade/openstack-adapter/network/dns-names.js';
import { dictionary, flag, id, listOf, mac, oneOf, orNone, text } from '@cascade/openstack-adapter/network/readers.js';
import { addressPairs, dhcpOptions, fixedIps } from '@cascade/openstack-adapter/network/structures.js';
import { freeMac, giveBack, routerOwners, takeAddresses, type WantedIp } from '../addresses/allocation.js';
import { collection, type Rules } from '../collection/collection.js';
import type { FixedIp, NetworkRow, PortRow } from '../rows.js';
import { defaultGroupOf } from '../security/default-group.js';
import type { NetworkState } from '../state.js';

const makesNoGroups = (owner: string): boolean => owner.startsWith('network:');

/** A network on which a caller may have ports. @throws Fault 404 */
export function networkFor(state: NetworkState, networkId: string, caller: Caller): NetworkRow {
  const network = state.tables.network.require(networkId);
  const { projectId } = caller;
  const mayUse =
    caller.isAdmin ||
    network.project_id === projectId ||
    state.isShared(network.id, projectId) ||
    state.isShared(network.id, projectId, 'access_as_external');
  if (!mayUse) throw state.tables.network.absent(networkId);
  return network;
}

/** What a project may give a port on its own networks alone. @throws Fault 403 */
function checkRights(network: NetworkRow, given: Record<string, unknown>, caller: Caller, action: string): void {
  if (caller.isAdmin || network.project_id === caller.projectId) return;
  const wanted = given['fixed_ips'] as readonly WantedIp[] | undefined;
  const refuse = (name: string) => disallowed(`(rule:${action} and rule:${action}:${name})`);
  if (wanted?.some((one) => one.ip_address !== undefined)) throw refuse('fixed_ips:ip_address');
  for (const name of ['mac_address', 'port_security_enabled']) if (given[name] !== undefined) throw refuse(name);
  if (String(given['device_owner'] ?? '').startsWith('network:')) throw refuse('device_owner');
}

/**
 * Groups of other projects are there for those they are shared with.
 * @see openstack/neutron:neutron/db/securitygroups_db.py _get_security_groups_on_port
 */
function requireGroups(state: NetworkState, ids: readonly string[], caller: Caller, projectId: string): void {
  const { security_group: groups } = state.tables;
  const isValid = (id: string): boolean => {
    const group = groups.find(id);
    return group !== undefined && (caller.isAdmin || group.project_id === projectId || state.isShared(id, projectId));
  };
  const missing = ids.filter((id) => !isValid(id));
  if (missing.length > 0) throw groups.absent(missing.join(', '));
}

/** @throws Fault 404 for a group that is not there, 400 for groups given to a port without security, 409 where it had them */
function checkGroups(given: readonly string[] | undefined, had: readonly string[], secured: boolean) {
  if (secured) return;
  if (given && given.length > 0) {
    throw badRequest(
      'Port security must be enabled and port must have an IP address in order to use security groups.',
      'PortSecurityAndIPRequiredForSecurityGroups',
    );
  }
  if (!given && had.length > 0) {
    throw conflict(
      'PortSecurityPortHasSecurityGroup',
      'Port has security group associated. Cannot disable port security or IP address until security group is removed.',
    );
  }
}

/** @throws Fault 409 for pairs on a port without security */
function checkPairs(pairs: unknown, secured: boolean): void {
  if (secured || !Array.isArray(pairs) || pairs.length === 0) return;
  throw conflict(
    'AddressPairAndPortSecurityRequired',
    'Port Security must be enabled in order to have allowed address pairs on a port.',
  );
}

/** A port becomes ACTIVE some time after a host was told about it. */
export function bind(state: NetworkState, port: PortRow): void {
  state.after('port bind', 'activate port', { id: port.id });
}

const details = {
  port_filter: true,
  connectivity: 'l2',
  bridge_name: 'br-int',
  datapath_type: 'system',
  bound_drivers: { '0': 'openvswitch' },
};
const bound = { 'binding:vif_type': 'ovs', 'binding:vif_details': details };
const unbound = { 'binding:vif_type': 'unbound', 'binding:vif_details': {} };

/** Takes a port away, whoever it belongs to. */
export function dropPort(state: NetworkState, port: PortRow): void {
  giveBack(state, port.fixed_ips);
  state.tables.port.remove(port);
  for (const floating of state.tables.floatingip.where('port_id', port.id)) {
    const gone = { port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN' };
    state.change(state.tables.floatingip, floating, gone);
  }
}

export const portRules: Rules<PortRow> = {
  create(state, row, caller) {
    const network = networkFor(state, row.network_id, caller);
    checkRights(network, row, caller, 'create_port');
    const owner = row.device_owner;
    const secured =
      (row.port_security_enabled as boolean | undefined) ??
      (!makesNoGroups(owner) && network['port_security_enabled'] !== false);
    const asked = row.security_groups as readonly string[] | undefined;
    const usual = () => (secured && !makesNoGroups(owner) ? [defaultGroupOf(state, row.project_id).id] : []);
    const groups = asked ?? usual();
    checkPairs(row['allowed_address_pairs'], secured);
    requireGroups(state, asked ?? [], caller, row.project_id);
    checkGroups(asked, [], secured);
    const given = row.mac_address as string | undefined;
    if (given !== undefined) checkMac(state, network, given);
    row.mac_address = given ?? freeMac(state);
    const wanted = row['fixed_ips'] as unknown as readonly WantedIp[] | undefined;
    row.fixed_ips = takeAddresses(state, network, row, wanted);
    Object.assign(row, {
      port_security_enabled: secured,
      security_groups: groups,
      status: 'DOWN',
    });
  },
  created: (state, row) => {
    if (row['binding:host_id'] !== '') bind(state, row);
  },
  update(state, row, changes, caller) {
    const network = state.tables.network.require(row.network_id);
    checkRights(network, changes, caller, 'update_port');
    const secured = (changes['port_security_enabled'] as boolean | undefined) ?? row.port_security_enabled;
    checkPairs(changes['allowed_address_pairs'] ?? row['allowed_address_pairs'], secured);
    const wanted = changes['security_groups'] as string[] | undefined;
    requireGroups(state, wanted ?? [], caller, row.project_id);
    checkGroups(wanted, row.security_groups, secured);
    const host = changes['binding:host_id'] as string | undefined;
    const address = changes['mac_address'] as string | undefined;
    if (address !== undefined && address !== row.mac_address) {
      if (row['binding:host_id'] !== '' && row.device_owner.startsWith('compute:')) {
        const words = `Unable to complete operation on port ${row.id}, port is already bound, port type: ovs, old_mac ${row.mac_address}, new_mac ${address}.`;
        throw conflict('PortBound', words);
      }
      checkMac(state, network, address);
    }
    if (changes['fixed_ips'] !== undefined) {
      changes['fixed_ips'] = moveAddresses(state, network, row, changes['fixed_ips'] as readonly WantedIp[]);
    }
    if (host !== undefined && host !== row['binding:host_id']) {
      changes['status'] = 'DOWN';
      if (host !== '') bind(state, row);
    }
  },
  remove(state, row) {
    if (routerOwners.has(row.device_owner) || row.device_owner === 'network:floatingip') {
      const words = `Port ${row.id} cannot be deleted directly via the port API: has device owner ${row.device_owner}.`;
      throw conflict('ServicePortInUse', words);
    }
    if (state.tables.trunk.count('port_id', row.id) > 0) {
      throw conflict(
        'PortInUse',
        `Unable to complete operation on port ${row.id} for network ${row.network_id}. Port already has an attached device ${row.device_id}.`,
      );
    }
    dropPort(state, row);
  },
  view: (state, row) => ({
    ...(row['binding:host_id'] === '' ? unbound : bound),
    ip_allocation: row.fixed_ips.length > 0 ? 'immediate' : 'none',
    dns_assignment: row.fixed_ips.map(({ ip_address }) => {
      const hostname = String(row['dns_name'] ?? '') || `host-${ip_address.replace(/[.:]+/g, '-')}`;
      return { ip_address, hostname, fqdn: `${hostname}.${state.zone}.example.` };
    }),
  }),
  seenBy: (state, row, caller) => state.tables.network.find(row.network_id)?.project_id === caller.projectId,
};

/** Addresses it keeps stay taken; the others are given back once the new ones are. */
function moveAddresses(state: NetworkState, network: NetworkRow, row: PortRow, wanted: readonly WantedIp[]): FixedIp[] {
  const isKept = (ip: FixedIp): boolean =>
    wanted.some(
      (one) => one.ip_address === ip.ip_address || (one.ip_address === undefined && one.subnet_id === ip.subnet_id),
    );
  const kept = row.fixed_ips.filter(isKept);
  const isNew = (one: WantedIp): boolean =>
    !kept.some((ip) =>
      one.ip_address === undefined ? one.subnet_id === ip.subnet_id : one.ip_address === ip.ip_address,
    );
  const added = takeAddresses(state, network, row, wanted.filter(isNew));
  giveBack(
    state,
    row.fixed_ips.filter((ip) => !kept.includes(ip)),
  );
  return [...kept, ...added];
}

/** @throws Fault 409 */
function checkMac(state: NetworkState, network: NetworkRow, given: string): void {
  const isThere = state.tables.port.where('mac_address', given).some((one) => one.network_id === network.id);
  if (!isThere) return;
  const words = `Unable to complete operation for network ${network.id}. The mac address ${given} is in use.`;
  throw conflict('MacAddressInUse', words);
}

const binding = { alias: 'binding', adminSets: true, adminSees: true } as const;

export const ports = collection<PortRow>({
  path: '/ports',
  table: 'port',
  key: 'port',
  keys: 'ports',
  verbs: 'CUD',
  limited: 'port',
  tagged: true,
  rules: portRules,
  attributes: {
    id: identity['id']!,
    name: identity['name']!,
    network_id: attribute(id, { in: 'create', required: true }),
    tenant_id: identity['tenant_id']!,
    mac_address: attribute(mac),
    admin_state_up: adminStateUp,
    status,
    device_id: attribute(text(), { byDefault: '' }),
    device_owner: attribute(text(), { byDefault: '' }),
    fixed_ips: structure(fixedIps, { filters: true }),
    allowed_address_pairs: structure(addressPairs, { byDefault: [], alias: 'allowed-address-pairs' }),
    extra_dhcp_opts: structure(dhcpOptions, { byDefault: [], alias: 'extra_dhcp_opt' }),
    security_groups: structure(listOf(id), { filters: true, alias: 'security-group' }),
    ...standard,
    'binding:vnic_type': attribute(
      oneOf(
        'normal',
        'direct',
        'macvtap',
        'baremetal',
        'direct-physical',
        'virtio-forwarder',
        'smart-nic',
        'vdpa',
        'remote-managed',
        'accelerator-direct',
      ),
      { byDefault: 'normal', sorts: false, alias: 'binding' },
    ),
    'binding:profile': structure(dictionary, { ...binding, byDefault: {} }),
    'binding:host_id': attribute(text(), { ...binding, byDefault: '', sorts: false }),
    'binding:vif_type': computed(text(), { alias: 'binding', adminSees: true }),
    'binding:vif_details': structure(dictionary, { in: 'never', alias: 'binding', adminSees: true }),
    port_security_enabled: attribute(flag, { alias: 'port-security' }),
    qos_policy_id: attribute(orNone(id), { byDefault: null, refersTo: 'policy', alias: 'qos' }),
    qos_network_policy_id: computed(orNone(id), { byDefault: null, alias: 'qos-port-network-policy' }),
    dns_name: attribute(dnsName, { byDefault: '', alias: 'dns-integration' }),
    dns_assignment: structure(text(), { in: 'never', alias: 'dns-integration' }),
    dns_domain: attribute(dnsDomain, { byDefault: '', alias: 'dns-domain-ports' }),
    resource_request: structure(orNone(dictionary), {
      in: 'never',
      byDefault: null,
      adminSees: true,
      alias: 'port-resource-request',
    }),
    numa_affinity_policy: structure(orNone(oneOf('required', 'preferred', 'legacy', 'socket')), {
      byDefault: null,
      alias: 'port-numa-affinity-policy',
    }),
    ip_allocation: computed(text(), { alias: 'ip_allocation' }),
  },
});
