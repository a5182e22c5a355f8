/** Floating IPs. @see openstack/neutron:neutron/db/l3_db.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import {
  attribute,
  computed,
  identity,
  standard,
  status,
  structure,
} from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, missing } from '@cascade/openstack-adapter/network/faults.js';
import { dnsDomain, relativeDnsName } from '@cascade/openstack-adapter/network/dns-names.js';
import { address, id, orNone, text } from '@cascade/openstack-adapter/network/readers.js';
import { freeMac, takeAddresses } from '../addresses/allocation.js';
import { collection, type Rules } from '../collection/collection.js';
import { dropPort, networkFor } from '../l2/port-collection.js';
import { bareport, interfacesOf } from './router-ports.js';
import type { FixedIp, FloatingIpRow, PortRow, RouterRow } from '../rows.js';
import type { NetworkState } from '../state.js';

const badFloatingIp = (words: string) => badRequest(`Bad floatingip request: ${words}.`, 'BadRequest');

/** The port's address it leads to. @throws Fault 400 */
function fixedIpOf(port: PortRow, wanted: string | null): FixedIp {
  const candidates = port.fixed_ips.filter((ip) => !ip.ip_address.includes(':'));
  if (wanted !== null) {
    const found = candidates.find((ip) => ip.ip_address === wanted);
    if (found) return found;
    throw badFloatingIp(`Port ${port.id} does not have fixed ip ${wanted}`);
  }
  const [only] = candidates;
  if (!only) throw badFloatingIp(`Cannot add floating IP to port ${port.id} that has no fixed IPv4 addresses`);
  if (candidates.length > 1)
    throw badFloatingIp(
      `Port ${port.id} has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when assigning a floating IP`,
    );
  return only;
}

/** The router that joins a subnet and an external network. @throws Fault 404 */
function routerFor(state: NetworkState, port: PortRow, subnetId: string, externalId: string): RouterRow {
  for (const router of state.tables.router.all()) {
    if (router.external_gateway_info?.network_id !== externalId) continue;
    const reaches = interfacesOf(state, router.id).some((one) => one.fixed_ips.some((ip) => ip.subnet_id === subnetId));
    if (reaches) return router;
  }
  const words = `External network ${externalId} is not reachable from subnet ${subnetId}. Therefore, cannot associate Port ${port.id} with a Floating IP.`;
  throw missing('ExternalGatewayForFloatingIPNotFound', words);
}

/**
 * The router that a request names: it need not reach the port by itself, since others may be in between.
 * @see openstack/neutron-specs, "floating-ip-router-writable", which tells the statuses of the refusals and not their words
 * @throws Fault 404, 409
 */
function namedRouter(state: NetworkState, id: string, externalId: string, caller: Caller): RouterRow {
  const router = state.tables.router.require(id);
  if (!caller.isAdmin && router.project_id !== caller.projectId) throw state.tables.router.absent(id);
  if (router.external_gateway_info?.network_id === externalId) return router;
  throw conflict('Conflict', `Router ${id} has no external gateway on network ${externalId}.`);
}

interface Wanted {
  readonly portId: string | null;
  readonly address: string | null;
  readonly routerId: string | null;
}

/** What an association changes. @throws Fault 400, 404, 409 */
function association(
  state: NetworkState,
  row: FloatingIpRow,
  { portId, address: wanted, routerId }: Wanted,
  caller: Caller,
): Partial<FloatingIpRow> {
  const named = routerId === null ? undefined : namedRouter(state, routerId, row.floating_network_id, caller);
  if (portId === null) {
    if (wanted !== null) throw badFloatingIp('fixed_ip_address cannot be specified without a port_id');
    return { port_id: null, fixed_ip_address: null, router_id: named?.id ?? null, status: 'DOWN' };
  }
  const port = state.tables.port.require(portId);
  if (!caller.isAdmin && port.project_id !== caller.projectId) throw state.tables.port.absent(portId);
  const fixed = fixedIpOf(port, wanted);
  const router = named ?? routerFor(state, port, fixed.subnet_id, row.floating_network_id);
  const other = state.tables.floatingip
    .where('port_id', port.id)
    .find((one) => one.id !== row.id && one.fixed_ip_address === fixed.ip_address);
  if (other) {
    const words = `Cannot associate floating IP ${row.floating_ip_address} (${row.id}) with port ${port.id} using fixed IP ${fixed.ip_address}, as that fixed IP already has a floating IP on external network ${row.floating_network_id}.`;
    throw conflict('FloatingIPPortAlreadyAssigned', words);
  }
  return { port_id: port.id, fixed_ip_address: fixed.ip_address, router_id: router.id, status: 'ACTIVE' };
}

const rules: Rules<FloatingIpRow> = {
  create(state, row, caller) {
    const network = networkFor(state, row.floating_network_id, caller);
    if (!network['router:external']) throw badFloatingIp(`Network ${network.id} is not a valid external network`);
    const wanted = row.floating_ip_address as string | undefined;
    const subnetId = row['subnet_id'] as string | undefined | null;
    delete row['subnet_id'];
    const ip = { ...(subnetId ? { subnet_id: subnetId } : {}), ...(wanted ? { ip_address: wanted } : {}) };
    const shape = { mac_address: freeMac(state), device_owner: 'network:floatingip' };
    const asked = Object.keys(ip).length > 0 ? [ip] : undefined;
    const fixed_ips = takeAddresses(state, network, shape, asked);
    const port = {
      ...bareport,
      ...shape,
      fixed_ips,
      network_id: network.id,
      device_id: row.id,
      project_id: '',
    };
    const own = state.add(state.tables.port, { ...port, status: 'N/A' });
    const address = fixed_ips.find((one) => !one.ip_address.includes(':'))?.ip_address;
    Object.assign(row, { floating_ip_address: address });
    try {
      if (address === undefined)
        throw conflict(
          'ExternalIpAddressExhausted',
          `Unable to find any IP address on external network ${network.id}.`,
        );
      Object.assign(
        row,
        association(
          state,
          row,
          { portId: row.port_id, address: row.fixed_ip_address, routerId: row.router_id },
          caller,
        ),
      );
    } catch (error) {
      dropPort(state, own);
      throw error;
    }
  },
  update(state, row, changes, caller) {
    const { port_id: port = row.port_id, fixed_ip_address: given, router_id: routerId = null } = changes;
    if (!['port_id', 'fixed_ip_address', 'router_id'].some((name) => name in changes)) return;
    // One that another router is to lead to goes on leading where it led.
    const isMoved = 'port_id' in changes || 'fixed_ip_address' in changes;
    const address = isMoved ? (given ?? null) : row.fixed_ip_address;
    const wanted = { portId: port, address, routerId } as Wanted;
    Object.assign(changes, association(state, row, wanted, caller));
  },
  remove(state, row) {
    for (const port of state.tables.port.where('device_id', row.id)) dropPort(state, port);
  },
  view(state, row) {
    const port = state.tables.port.find(row.port_id);
    const named = port && {
      name: port['name'],
      network_id: port.network_id,
      mac_address: port.mac_address,
      admin_state_up: port['admin_state_up'],
      status: port.status,
      device_id: port.device_id,
      device_owner: port.device_owner,
    };
    return { port_details: named ?? null, port_forwardings: [] };
  },
};

export const floatingIps = collection<FloatingIpRow>({
  path: '/floatingips',
  table: 'floatingip',
  key: 'floatingip',
  keys: 'floatingips',
  alias: 'router',
  verbs: 'CUD',
  limited: 'floatingip',
  tagged: true,
  rules,
  attributes: {
    id: identity['id']!,
    tenant_id: identity['tenant_id']!,
    floating_ip_address: attribute(address, { in: 'create', adminSets: true }),
    subnet_id: structure(orNone(id), { in: 'create' }),
    floating_network_id: attribute(id, { in: 'create', required: true }),
    router_id: computed(orNone(id), { byDefault: null, sorts: true, givenWith: 'floating-ip-router-writable' }),
    port_id: attribute(orNone(id), { byDefault: null, sorts: false }),
    fixed_ip_address: attribute(orNone(address), { byDefault: null }),
    status,
    description: standard['description']!,
    qos_policy_id: attribute(orNone(id), { byDefault: null, refersTo: 'policy', alias: 'qos-fip' }),
    port_details: structure(text(), { in: 'never', alias: 'fip-port-details' }),
    dns_domain: attribute(dnsDomain, { in: 'create', byDefault: '', alias: 'dns-integration' }),
    dns_name: attribute(relativeDnsName, { in: 'create', byDefault: '', alias: 'dns-integration' }),
    port_forwardings: structure(text(), { in: 'never', alias: 'expose-port-forwarding-in-fip' }),
    ...standard,
  },
});
