/** Routers, their gateways and interfaces. @see openstack/neutron:neutron/db/l3_db.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { holds, parseAddress } from '@cascade/openstack-protocol/network/ip-addresses.js';
import {
  adminStateUp,
  attribute,
  identity,
  standard,
  status,
  structure,
} from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, badRouterRequest, conflict } from '@cascade/openstack-adapter/network/faults.js';
import { flag, id, listOf, orNone, record, text } from '@cascade/openstack-adapter/network/readers.js';
import { fixedIps, hostRoutes } from '@cascade/openstack-adapter/network/structures.js';
import type { WantedIp } from '../addresses/allocation.js';
import { collection, type Rules } from '../collection/collection.js';
import { dropPort, networkFor } from '../l2/port-collection.js';
import { addPort, gatewayOwner, interfacesOf } from './router-ports.js';
import type { GatewayInfo, RouterRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import { prefixOf } from '../l2/subnet-collection.js';

interface WantedGateway {
  readonly network_id?: string;
  readonly enable_snat?: boolean;
  readonly external_fixed_ips?: readonly WantedIp[];
}

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
    state.requireZones(row['availability_zone_hints']);
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
    const attached = interfacesOf(state, row.id).map((port) => port.id);
    if (attached.length > 0) {
      throw conflict('RouterInUse', `Router ${row.id} has ports still attached: ${attached.join(', ')}`);
    }
    requireNoFloating(state, row);
    for (const port of state.tables.port.where('device_id', row.id)) dropPort(state, port);
  },
  view: (state, row) => ({
    availability_zones: row.external_gateway_info || interfacesOf(state, row.id).length > 0 ? [state.zone] : [],
  }),
};

/** `PUT /routers/{id}/add_extraroutes` and its opposite. */
export function changeRoutes(state: NetworkState, router: RouterRow, body: Record<string, unknown>, adds: boolean) {
  const wanted = (body['router'] as { routes?: unknown } | undefined)?.routes;
  const routes = hostRoutes(wanted ?? [], 'routes') as RouterRow['routes'];
  const key = (route: RouterRow['routes'][number]): string => `${route.destination} ${route.nexthop}`;
  const kept = router.routes.filter((route) => !routes.some((one) => key(one) === key(route)));
  if (adds) checkRoutes(state, router, routes);
  state.change(state.tables.router, router, { routes: adds ? [...kept, ...routes] : kept });
}

const gateway = record({
  network_id: orNone(id),
  enable_snat: flag,
  external_fixed_ips: fixedIps,
  qos_policy_id: orNone(id),
});

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
    routes: structure(hostRoutes, { in: 'update', byDefault: [], alias: 'extraroute' }),
    flavor_id: attribute(orNone(id), { in: 'create', byDefault: null, alias: 'l3-flavors' }),
    ...standard,
  },
});
