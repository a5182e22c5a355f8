/** Routers, their gateways and interfaces. @see openstack/neutron:neutron/db/l3_db.py */
import type { Caller } from '../../../openstack/caller.js';
import { holds, overlap, parseAddress } from './addresses.js';
import { freeMac, takeAddresses, type WantedIp } from './allocation.js';
import { adminStateUp, attribute, identity, standard, status, structure } from './attribute.js';
import { collection, type Rules } from './collection.js';
import { badRequest, badRouterRequest, conflict, missing } from './faults.js';
import { bind, dropPort, networkFor } from './port-collection.js';
import { address, cidr, flag, id, listOf, orNone, record, text } from './readers.js';
import type { FixedIp, GatewayInfo, PortRow, RouterRow, SubnetRow } from './rows.js';
import type { NetworkState } from './state.js';
import { prefixOf } from './subnet-collection.js';

interface WantedGateway {
  readonly network_id?: string;
  readonly enable_snat?: boolean;
  readonly external_fixed_ips?: readonly WantedIp[];
}

const interfaceOwner = 'network:router_interface';
const gatewayOwner = 'network:router_gateway';

export const interfacesOf = (state: NetworkState, routerId: string): PortRow[] =>
  state.tables.port.where('device_id', routerId).filter((port) => port.device_owner === interfaceOwner);

/** A port of the router itself. Gateways belong to no project. */
function addPort(
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
    ...bareport, ...shape, fixed_ips,
    name: '', network_id: networkId, device_id: router.id,
    project_id: owner === interfaceOwner ? router.project_id : '',
  }); // prettier-ignore
  bind(state, port);
  return port;
}

/** What ports of the cloud's own have. */
export const bareport = {
  admin_state_up: true, status: 'DOWN', allowed_address_pairs: [], extra_dhcp_opts: [], security_groups: [], description: '',
  'binding:vnic_type': 'normal', 'binding:profile': {}, 'binding:host_id': '', 'binding:vif_type': 'unbound',
  'binding:vif_details': {}, port_security_enabled: false, qos_policy_id: null, qos_network_policy_id: null, dns_name: '',
  dns_domain: '', resource_request: null, ip_allocation: 'immediate',
}; // prettier-ignore

function setGateway(state: NetworkState, router: RouterRow, wanted: WantedGateway | null, caller: Caller) {
  const old = state.tables.port.where('device_id', router.id).find((port) => port.device_owner === gatewayOwner);
  if (!wanted?.network_id) {
    requireNoFloating(state, router);
    if (old) dropPort(state, old);
    return null;
  }
  const network = networkFor(state, wanted.network_id, caller);
  if (!network['router:external']) throw badRouterRequest(`Network ${network.id} is not an external network`);
  const moved = !old || old.network_id !== network.id;
  if (moved && old) requireNoFloating(state, router);
  if (old && (moved || wanted.external_fixed_ips)) dropPort(state, old);
  const keeps = old && !moved && !wanted.external_fixed_ips;
  const port = keeps ? old : addPort(state, router, network.id, gatewayOwner, wanted.external_fixed_ips);
  const enable_snat = wanted.enable_snat ?? router.external_gateway_info?.enable_snat ?? true;
  return { network_id: network.id, external_fixed_ips: port.fixed_ips, enable_snat } satisfies GatewayInfo;
}

function requireNoFloating(state: NetworkState, router: RouterRow): void {
  if (state.tables.floatingip.count('router_id', router.id) === 0) return;
  const words = `Gateway cannot be updated for router ${router.id}, since a gateway to external network ${router.external_gateway_info?.network_id} is required by one or more floating IPs.`;
  throw conflict('RouterExternalGatewayInUseByFloatingIp', words);
}

/** @throws Fault 400 for a route through an address the router does not reach */
function checkRoutes(state: NetworkState, router: RouterRow, routes: RouterRow['routes']): void {
  const subnets = state.tables.port
    .where('device_id', router.id)
    .flatMap((port) => port.fixed_ips.map((ip) => state.tables.subnet.find(ip.subnet_id)))
    .filter((subnet) => subnet !== undefined);
  for (const { destination, nexthop } of routes) {
    const hop = parseAddress(nexthop)!;
    const reached = subnets.some((one) => one.ip_version === hop.version && holds(prefixOf(one), hop.value));
    if (reached) continue;
    const reason = 'the nexthop is not connected with router';
    const words = `Invalid format for routes: [{'destination': '${destination}', 'nexthop': '${nexthop}'}], ${reason}`;
    throw badRequest(words, 'InvalidRoutes');
  }
}

const rules: Rules<RouterRow> = {
  create(state, row, caller) {
    const wanted = (row.external_gateway_info as unknown as WantedGateway | null) ?? null;
    Object.assign(row, { external_gateway_info: null, status: 'ACTIVE', routes: [], flavor_id: null });
    row.external_gateway_info = wanted && setGateway(state, row, wanted, caller);
  },
  update(state, row, changes, caller) {
    if (changes['routes'] !== undefined) checkRoutes(state, row, changes['routes'] as RouterRow['routes']);
    if (!('external_gateway_info' in changes)) return;
    const wanted = changes['external_gateway_info'] as WantedGateway | null;
    changes['external_gateway_info'] = setGateway(state, row, wanted, caller);
  },
  remove(state, row) {
    if (interfacesOf(state, row.id).length > 0) {
      throw conflict('RouterInUse', `Router ${row.id} still has ports`);
    }
    requireNoFloating(state, row);
    for (const port of state.tables.port.where('device_id', row.id)) dropPort(state, port);
  },
  view: (state, row) => ({ availability_zones: row.external_gateway_info || interfacesOf(state, row.id).length > 0 ? [state.zone] : [] }), // prettier-ignore
};

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
  if (portId === undefined && subnetId === undefined) throw badRouterRequest('Either subnet_id or port_id must be specified'); // prettier-ignore
  const read = (value: unknown, name: string) => (value === undefined ? undefined : (id(value, name) as string));
  return { portId: read(portId, 'port_id'), subnetId: read(subnetId, 'subnet_id') };
}

export function addInterface(state: NetworkState, router: RouterRow, body: Record<string, unknown>, caller: Caller) {
  const { portId, subnetId } = given(body);
  if (portId !== undefined && subnetId !== undefined)
    throw badRouterRequest('Cannot specify both subnet-id and port-id');
  const port =
    portId === undefined ? bySubnet(state, router, subnetId!, caller) : byPort(state, router, portId, caller);
  state.change(state.tables.router, router, {});
  return interfaceBody(router, port, port.fixed_ips.map((ip) => ip.subnet_id)); // prettier-ignore
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
    throw badRouterRequest(`Cidr ${subnet.cidr} of subnet ${subnet.id} overlaps with cidr ${other.cidr} of subnet ${other.id}`); // prettier-ignore
  }
}

export function removeInterface(state: NetworkState, router: RouterRow, body: Record<string, unknown>) {
  const { portId, subnetId } = given(body);
  const has = (port: PortRow): boolean =>
    subnetId === undefined || port.fixed_ips.some((ip) => ip.subnet_id === subnetId);
  const port = interfacesOf(state, router.id).find((one) => (portId === undefined || one.id === portId) && has(one));
  if (!port) {
    const type = portId === undefined ? 'RouterInterfaceNotFoundForSubnet' : 'RouterInterfaceNotFound';
    const what = portId === undefined ? `on subnet ${subnetId}` : `with id ${portId}`;
    const words = `Router ${router.id} has no interface ${what}`;
    throw missing(type, words);
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
    if (!port?.fixed_ips.some((ip: FixedIp) => subnetIds.includes(ip.subnet_id))) continue;
    const words = `Router interface for subnet ${subnetIds[0]} on router ${router.id} cannot be deleted, as it is required by one or more floating IPs.`;
    throw conflict('RouterInterfaceInUseByFloatingIP', words);
  }
}

/** `PUT /routers/{id}/add_extraroutes` and its opposite. */
export function changeRoutes(state: NetworkState, router: RouterRow, body: Record<string, unknown>, adds: boolean) {
  const wanted = (body['router'] as { routes?: unknown } | undefined)?.routes;
  const routes = routeList(wanted ?? [], 'routes') as RouterRow['routes'];
  const key = (route: RouterRow['routes'][number]): string => `${route.destination} ${route.nexthop}`;
  const kept = router.routes.filter((route) => !routes.some((one) => key(one) === key(route)));
  if (adds) checkRoutes(state, router, routes);
  state.change(state.tables.router, router, { routes: adds ? [...kept, ...routes] : kept });
}

const routeList = listOf(record({ destination: cidr, nexthop: address }, ['destination', 'nexthop']));
const wantedIps = listOf(record({ subnet_id: id, ip_address: address }));
const gateway = record({ network_id: orNone(id), enable_snat: flag, external_fixed_ips: wantedIps, qos_policy_id: orNone(id) }); // prettier-ignore

export const routers = collection<RouterRow>({
  path: '/routers',
  table: 'router',
  key: 'router',
  keys: 'routers',
  alias: 'router',
  verbs: 'CUD',
  limited: 'router',
  tagged: true,
  rules,
  attributes: {
    ...identity,
    admin_state_up: adminStateUp,
    status,
    external_gateway_info: structure(orNone(gateway), { byDefault: null }),
    description: standard['description']!,
    availability_zones: structure(text(), { in: 'never', alias: 'router_availability_zone' }),
    distributed: attribute(flag, { byDefault: false, adminSets: true, adminSees: true, alias: 'dvr' }),
    ha: attribute(flag, { byDefault: false, adminSets: true, adminSees: true, alias: 'l3-ha' }),
    availability_zone_hints: structure(listOf(text()), {
      in: 'create',
      byDefault: [],
      alias: 'router_availability_zone',
    }),
    routes: structure(routeList, { in: 'update', byDefault: [], alias: 'extraroute' }),
    flavor_id: attribute(orNone(id), { in: 'create', byDefault: null, alias: 'l3-flavors' }),
    ...standard,
  },
});
