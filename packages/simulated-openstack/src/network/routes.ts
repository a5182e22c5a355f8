/** Neutron's API of a simulated cloud: the table of its collections, and what is no collection. Paths are below /v2.0. */
import { parseJsonObject } from '@cascade/openstack-protocol/server/body.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { addressGroups, changeAddresses } from './security/address-groups.js';
import { agents } from './agents.js';
import type { Collection } from './collection/collection.js';
import { create, remove, requireOwn, show, update } from './collection/crud.js';
import { extensionRoutes } from './extensions.js';
import { floatingIps } from './l3/floatingip-collection.js';
import { ipAvailabilityRoutes } from './addresses/ip-availability.js';
import { list } from './collection/list.js';
import { networks } from './l2/network-collection.js';
import type { Networks } from './networks.js';
import { ports } from './l2/port-collection.js';
import { qosPolicies, qosRoutes } from './qos.js';
import { quotaRoutes } from './quotas.js';
import { changeRoutes, routers } from './l3/router-collection.js';
import { addInterface, removeInterface } from './l3/router-interfaces.js';
import type { AddressGroupRow, RouterRow, SubnetPoolRow, TrunkRow } from './rows.js';
import { segments } from './l2/segments.js';
import { defaultStatefulness } from './security/default-statefulness.js';
import { defaultSecurityGroupRules } from './security/default-rules.js';
import { securityGroupRules } from './security/security-group-rules.js';
import { securityGroups } from './security/security-groups.js';
import { rbacPolicies } from './sharing.js';
import type { NetworkState } from './state.js';
import { addressScopes, changePrefixes, subnetPools } from './l2/subnet-pools.js';
import { subnets } from './l2/subnet-collection.js';
import { tagRoutes } from './collection/tags.js';
import type { Row } from './collection/table.js';
import { addSubPorts, removeSubPorts, trunks } from './l2/trunks.js';
import { bodyOf, requireVisible } from './collection/view.js';

const collections: readonly Collection[] = [
  networks,
  subnets,
  ports,
  routers,
  floatingIps,
  securityGroups,
  securityGroupRules,
  defaultSecurityGroupRules,
  defaultStatefulness,
  rbacPolicies,
  subnetPools,
  addressScopes,
  addressGroups,
  trunks,
  qosPolicies,
  segments,
  agents,
];

export interface NetworkCloud {
  readonly networks: Networks;
}

/** Routes exist with their extension. */
export function networkRoutes(cloud: NetworkCloud): Route[] {
  const { state } = cloud.networks;
  const offered = collections.filter(({ alias }) => !alias || state.extensions.has(alias));
  return [
    ...offered.flatMap((collection) => routesOf(state, collection)),
    ...actionsOf(state).filter(({ path }) => offered.some((collection) => path.startsWith(`${collection.path}/`))),
    ...documents(state),
    ...quotaRoutes(state),
    ...(state.extensions.has('qos') ? qosRoutes(state) : []),
    ...extensionRoutes(state),
    ...ipAvailabilityRoutes(state),
  ];
}

// Neutron decides itself who may write what, row by row: its refusals tell attributes and rules.
const of = (method: string, path: string, run: Answer): Route =>
  route(`${method} ${path}`, method === 'GET' ? 'reader' : 'member', run);

function routesOf(state: NetworkState, collection: Collection): Route[] {
  const { path, verbs, tagged } = collection;
  const tags = tagged && state.extensions.has('standard-attr-tag');
  return [
    of('GET', path, list(state, collection)),
    of('GET', `${path}/{id}`, show(state, collection)),
    ...(verbs.includes('C') ? [of('POST', path, create(state, collection))] : []),
    ...(verbs.includes('U') ? [of('PUT', `${path}/{id}`, update(state, collection))] : []),
    ...(verbs.includes('D') ? [of('DELETE', `${path}/{id}`, remove(state, collection))] : []),
    ...(tags ? tagRoutes(state, collection) : []),
  ];
}

type Change = (row: Row, body: Record<string, unknown>, asked: Asked) => Record<string, unknown> | void;

/** `PUT <path>/{id}/<action>`: answers what the change returns, or the row in its key. */
function action(state: NetworkState, collection: Collection, word: string, change: Change): Route {
  return of('PUT', `${collection.path}/{id}/${word}`, async (asked) => {
    const raw = await asked.readBody();
    // Neutron takes an empty list for a body without anything in it.
    const isEmpty = raw.toString().trim() === '[]';
    const body = isEmpty ? {} : parseJsonObject(raw, asked.headers['content-type']);
    const row = requireOwn(state, collection, asked, word);
    const answer = change(row, body, asked);
    return json(200, answer ?? { [collection.key]: bodyOf(state, collection, row, asked.caller) });
  });
}

const actionsOf = (state: NetworkState): Route[] => [
  action(state, routers, 'add_router_interface', (row, body, { caller }) =>
    addInterface(state, row as RouterRow, body, caller),
  ),
  action(state, routers, 'remove_router_interface', (row, body) => removeInterface(state, row as RouterRow, body)),
  action(state, routers, 'add_extraroutes', (row, body) => changeRoutes(state, row as RouterRow, body, true)),
  action(state, routers, 'remove_extraroutes', (row, body) => changeRoutes(state, row as RouterRow, body, false)),
  action(state, addressGroups, 'add_addresses', (row, body) =>
    changeAddresses(state, row as AddressGroupRow, body, true),
  ),
  action(state, addressGroups, 'remove_addresses', (row, body) =>
    changeAddresses(state, row as AddressGroupRow, body, false),
  ),
  action(state, subnetPools, 'add_prefixes', (row, body) => changePrefixes(state, row as SubnetPoolRow, body, true)),
  action(state, subnetPools, 'remove_prefixes', (row, body) =>
    changePrefixes(state, row as SubnetPoolRow, body, false),
  ),
  action(state, trunks, 'add_subports', (row, body, { caller }) => addSubPorts(state, row as TrunkRow, body, caller)),
  action(state, trunks, 'remove_subports', (row, body) => removeSubPorts(state, row as TrunkRow, body)),
  of('GET', '/trunks/{id}/get_subports', async ({ params, caller }) => {
    const trunk = requireVisible(state, trunks, params['id'] ?? '', caller) as TrunkRow;
    return json(200, { sub_ports: trunk.sub_ports });
  }),
];

const providers = ['single_node', 'ha', 'dvr', 'dvrha'];

const documents = (state: NetworkState): Route[] => [
  of('GET', '/', async ({ serviceUrl }) => {
    const resources = [networks, subnets, subnetPools, ports].map(({ key, keys, path }) => ({
      name: key,
      collection: keys,
      links: [{ rel: 'self', href: `${serviceUrl}/v2.0${path}` }],
    }));
    return json(200, { resources });
  }),
  of('GET', '/availability_zones', async () => {
    const zone = (resource: string) => ({ state: 'available', name: state.zone, resource });
    return json(200, { availability_zones: [zone('network'), zone('router')] });
  }),
  of('GET', '/service-providers', async () => {
    const found = providers.map((name) => ({ service_type: 'L3_ROUTER_NAT', name, default: false }));
    return json(200, { service_providers: found });
  }),
  // All of them are the cloud's one host's.
  of('GET', '/networks/{id}/dhcp-agents', agentsOf(state, networks, 'DHCP agent')),
  of('GET', '/routers/{id}/l3-agents', agentsOf(state, routers, 'L3 agent')),
  of('GET', '/agents/{id}/dhcp-networks', async (asked) => {
    requireVisible(state, agents, asked.params['id'] ?? '', asked.caller);
    const found = [...state.tables.network.all()].map((row) => bodyOf(state, networks, row, asked.caller));
    return json(200, { networks: found });
  }),
  of('GET', '/agents/{id}/l3-routers', async (asked) => {
    requireVisible(state, agents, asked.params['id'] ?? '', asked.caller);
    const found = [...state.tables.router.all()].map((row) => bodyOf(state, routers, row, asked.caller));
    return json(200, { routers: found });
  }),
];

function agentsOf(state: NetworkState, collection: Collection, type: string): Answer {
  return async ({ params, caller }) => {
    requireVisible(state, collection, params['id'] ?? '', caller);
    const found = caller.isAdmin ? [...state.tables.agent.all()].filter((one) => one['agent_type'] === type) : [];
    return json(200, { agents: found.map((row) => bodyOf(state, agents, row, caller)) });
  };
}
