/** Interfaces of routers. @see openstack/neutron:neutron/db/l3_db.py add_router_interface */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { overlap } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { badRouterRequest, conflict, missing } from '@cascade/openstack-adapter/network/faults.js';
import { shown, uuid } from '@cascade/openstack-adapter/network/readers.js';
import { bind, dropPort, networkFor } from '../l2/port-collection.js';
import { addPort, interfaceOwner, interfacesOf } from './router-ports.js';
import type { PortRow, RouterRow, SubnetRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import { prefixOf } from '../l2/subnet-collection.js';

/** What `PUT /routers/{id}/add_router_interface` answers. */
const interfaceBody = (router: RouterRow, port: PortRow, subnetIds: readonly string[]) => ({
  id: router.id,
  tenant_id: router.project_id,
  port_id: port.id,
  network_id: port.network_id,
  subnet_id: subnetIds[0],
  subnet_ids: subnetIds,
});

function given(body: Record<string, unknown>): { portId: string | undefined; subnetId: string | undefined } {
  const [portId, subnetId] = [body['port_id'], body['subnet_id']];
  if (portId === undefined && subnetId === undefined)
    throw badRouterRequest('Either subnet_id or port_id must be specified');
  const read = (value: unknown) => {
    if (value === undefined) return undefined;
    if (typeof value === 'string' && uuid.test(value)) return value;
    throw badRouterRequest(`'${shown(value)}' is not a valid UUID`);
  };
  return { portId: read(portId), subnetId: read(subnetId) };
}

export function addInterface(state: NetworkState, router: RouterRow, body: Record<string, unknown>, caller: Caller) {
  const { portId, subnetId } = given(body);
  if (portId !== undefined && subnetId !== undefined)
    throw badRouterRequest('Cannot specify both subnet-id and port-id');
  const port =
    portId === undefined ? bySubnet(state, router, subnetId!, caller) : byPort(state, router, portId, caller);
  state.change(state.tables.router, router, {});
  return interfaceBody(
    router,
    port,
    port.fixed_ips.map((ip) => ip.subnet_id),
  );
}

function bySubnet(state: NetworkState, router: RouterRow, subnetId: string, caller: Caller): PortRow {
  const subnet = state.tables.subnet.require(subnetId);
  networkFor(state, subnet.network_id, caller);
  if (subnet.gateway_ip === null) throw badRouterRequest('Subnet for router interface must have a gateway IP');
  checkNoOverlap(state, router, subnet);
  const wanted = [{ subnet_id: subnet.id, ip_address: subnet.gateway_ip }];
  return addPort(state, router, subnet.network_id, interfaceOwner, wanted);
}

function byPort(state: NetworkState, router: RouterRow, portId: string, caller: Caller): PortRow {
  const port = state.tables.port.require(portId);
  if (!caller.isAdmin && port.project_id !== caller.projectId) throw state.tables.port.absent(portId);
  if (port.device_id !== '') {
    const words = `Unable to complete operation on port ${port.id} for network ${port.network_id}. Port already has an attached device ${port.device_id}.`;
    throw conflict('PortInUse', words);
  }
  if (port.fixed_ips.length === 0) throw badRouterRequest('Router port must have at least one fixed IP');
  for (const ip of port.fixed_ips) checkNoOverlap(state, router, state.tables.subnet.require(ip.subnet_id));
  state.change(state.tables.port, port, { device_id: router.id, device_owner: interfaceOwner });
  bind(state, port);
  return port;
}

function checkNoOverlap(state: NetworkState, router: RouterRow, subnet: SubnetRow): void {
  for (const ip of interfacesOf(state, router.id).flatMap((port) => port.fixed_ips)) {
    const other = state.tables.subnet.require(ip.subnet_id);
    if (other.id === subnet.id) throw badRouterRequest(`Router already has a port on subnet ${subnet.id}`);
    if (other.ip_version !== subnet.ip_version || !overlap(prefixOf(other), prefixOf(subnet))) continue;
    throw badRouterRequest(
      `Cidr ${subnet.cidr} of subnet ${subnet.id} overlaps with cidr ${other.cidr} of subnet ${other.id}`,
    );
  }
}

export function removeInterface(state: NetworkState, router: RouterRow, body: Record<string, unknown>) {
  const { portId, subnetId } = given(body);
  const has = (port: PortRow): boolean =>
    subnetId === undefined || port.fixed_ips.some((ip) => ip.subnet_id === subnetId);
  const port = interfacesOf(state, router.id).find((one) => (portId === undefined || one.id === portId) && has(one));
  if (!port) {
    const type = portId === undefined ? 'RouterInterfaceNotFoundForSubnet' : 'RouterInterfaceNotFound';
    if (portId === undefined) state.tables.subnet.require(subnetId);
    const what =
      portId === undefined ? `has no interface on subnet ${subnetId}` : `does not have an interface with id ${portId}`;
    throw missing(type, `Router ${router.id} ${what}`);
  }
  const subnetIds = port.fixed_ips.map((ip) => ip.subnet_id);
  requireNoFloatingBehind(state, router, subnetIds);
  dropPort(state, port);
  state.change(state.tables.router, router, {});
  return interfaceBody(router, port, subnetIds);
}

function requireNoFloatingBehind(state: NetworkState, router: RouterRow, subnetIds: readonly string[]): void {
  for (const floating of state.tables.floatingip.where('router_id', router.id)) {
    const port = state.tables.port.find(floating.port_id);
    if (!port?.fixed_ips.some((ip) => subnetIds.includes(ip.subnet_id))) continue;
    const words = `Router interface for subnet ${subnetIds[0]} on router ${router.id} cannot be deleted, as it is required by one or more floating IPs.`;
    throw conflict('RouterInterfaceInUseByFloatingIP', words);
  }
}
