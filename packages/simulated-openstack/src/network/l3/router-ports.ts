/** Ports that routers have: their gateways and interfaces. */
import { freeMac, takeAddresses, type WantedIp } from '../addresses/allocation.js';
import { bind } from '../l2/port-collection.js';
import type { PortRow, RouterRow } from '../rows.js';
import type { NetworkState } from '../state.js';

export const interfaceOwner = 'network:router_interface';
export const gatewayOwner = 'network:router_gateway';

export const interfacesOf = (state: NetworkState, routerId: string): PortRow[] =>
  state.tables.port.where('device_id', routerId).filter((port) => port.device_owner === interfaceOwner);

/** A port of the router itself. Gateways belong to no project. */
export function addPort(
  state: NetworkState,
  router: RouterRow,
  networkId: string,
  owner: string,
  ips: readonly WantedIp[] | undefined,
): PortRow {
  const network = state.tables.network.require(networkId);
  const shape = { mac_address: freeMac(state), device_owner: owner };
  const fixed_ips = takeAddresses(state, network, shape, ips);
  const port = state.add(state.tables.port, {
    ...bareport,
    ...shape,
    fixed_ips,
    network_id: networkId,
    device_id: router.id,
    project_id: owner === interfaceOwner ? router.project_id : '',
  });
  bind(state, port);
  return port;
}

/** What ports of the cloud's own have. What an attribute is by default need not be kept. */
export const bareport = { status: 'DOWN', security_groups: [], 'binding:host_id': '', port_security_enabled: false };
