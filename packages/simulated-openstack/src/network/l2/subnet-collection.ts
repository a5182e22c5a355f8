/** Subnets. @see openstack/neutron:neutron/db/db_base_plugin_v2.py, neutron/db/ipam_backend_mixin.py */
import {
  formatAddress,
  formatPrefix,
  holds,
  hostsOf,
  overlap,
  parseAddress,
  parsePrefix,
  without,
  type Prefix,
  type Range,
} from '@cascade/openstack-protocol/network/ip-addresses.js';
import { attribute, computed, identity, standard, structure } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, disallowed, invalidInput } from '@cascade/openstack-adapter/network/faults.js';
import {
  address,
  cidr,
  flag,
  id,
  integer,
  listOf,
  oneOf,
  orNone,
  shown,
  text,
  type Reader,
} from '@cascade/openstack-adapter/network/readers.js';
import { allocationPools, hostRoutes, nameservers } from '@cascade/openstack-adapter/network/structures.js';
import { collection, type Rules } from '../collection/collection.js';
import type { Pool, SubnetRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import { cidrFromPool } from './subnet-pools.js';

/** Ports that do not keep a subnet from being deleted. */
const yielding = new Set(['network:dhcp', 'network:distributed']);

export const prefixOf = (subnet: Pick<SubnetRow, 'cidr'>): Prefix => parsePrefix(subnet.cidr)!;

const rangeOf = ({ start, end }: Pool): Range => ({
  first: parseAddress(start)!.value,
  last: parseAddress(end)!.value,
});

function usualPools(prefix: Prefix, gateway: string | null): Pool[] {
  const hosts = hostsOf(prefix);
  const ranges = gateway === null ? [hosts] : without(hosts, parseAddress(gateway)!.value);
  const write = (value: bigint): string => formatAddress({ version: prefix.version, value });
  return ranges.map(({ first, last }) => ({ start: write(first), end: write(last) }));
}

/** @throws Fault 400, 409 */
function checkPools(prefix: Prefix, pools: readonly Pool[], gateway: string | null): void {
  const ranges = pools.map(rangeOf);
  const words = (at: number) => `${pools[at]!.start}-${pools[at]!.end}`;
  for (const [at, range] of ranges.entries()) {
    if (range.first > range.last || parseAddress(pools[at]!.start)!.version !== prefix.version) {
      const { start, end } = pools[at]!;
      throw badRequest(
        `The allocation pool {'start': '${start}', 'end': '${end}'} is not valid.`,
        'InvalidAllocationPool',
      );
    }
    if (!holds(prefix, range.first) || !holds(prefix, range.last)) {
      const reason = `The allocation pool ${words(at)} spans beyond the subnet cidr ${formatPrefix(prefix)}.`;
      throw badRequest(reason, 'OutOfBoundsAllocationPool');
    }
    if (ranges.some((other, index) => index < at && overlap(range, other))) {
      throw conflict(
        'OverlappingAllocationPools',
        `Found overlapping allocation pools: ${pools.map((_, one) => words(one)).join(' ')} for subnet ${formatPrefix(prefix)}.`,
      );
    }
    if (gateway !== null && holds(range, parseAddress(gateway)!.value)) {
      const reason = `Gateway ip ${gateway} conflicts with allocation pool ${words(at)}.`;
      throw conflict('GatewayConflictWithAllocationPools', reason);
    }
  }
}

/** @throws Fault 400 */
function checkGateway(prefix: Prefix, gateway: string | null): void {
  if (gateway === null) return;
  const found = parseAddress(gateway)!;
  if (found.version !== prefix.version) {
    throw invalidInput(`gateway_ip '${gateway}' does not match the ip_version '${prefix.version}'`);
  }
  const edges = prefix.version === 4 && prefix.length < 31 ? [prefix.first, prefix.last] : [];
  if (edges.includes(found.value)) throw invalidInput('Gateway is not valid on subnet');
}

function checkOverlap(state: NetworkState, networkId: string, prefix: Prefix): void {
  const others = state.tables.subnet.where('network_id', networkId).map(prefixOf);
  if (others.some((other) => other.version === prefix.version && overlap(other, prefix))) {
    const words = `Requested subnet with cidr: ${formatPrefix(prefix)} for network: ${networkId} overlaps with another subnet`;
    throw invalidInput(words);
  }
}

/** @throws Fault 400. @see openstack/neutron:neutron/db/db_base_plugin_v2.py _validate_ipv6_attributes */
function checkModes(row: SubnetRow, prefix: Prefix): void {
  const { ipv6_address_mode: addressMode, ipv6_ra_mode: raMode } = row as unknown as Record<string, string | null>;
  const given = Object.entries({ ipv6_ra_mode: raMode, ipv6_address_mode: addressMode }).filter(
    ([, one]) => one !== null,
  );
  if (given.length === 0) return;
  if (prefix.version === 4) throw invalidInput(`${given[0]![0]} is not valid when ip_version is 4`);
  if (row['enable_dhcp'] === false)
    throw invalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False');
  if (given.length === 2 && raMode !== addressMode) {
    throw invalidInput(
      `ipv6_ra_mode set to '${String(raMode)}' with ipv6_address_mode set to '${String(addressMode)}' is not valid. If both attributes are set, they must be the same value`,
    );
  }
  if (given.some(([, one]) => one !== 'dhcpv6-stateful') && prefix.length !== 64) {
    throw invalidInput(
      `Invalid CIDR ${formatPrefix(prefix)} for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64`,
    );
  }
}

/** As many as Neutron allows where nothing else is configured. @throws Fault 400 */
function checkLengths(subnet: string, values: Record<string, unknown>): void {
  for (const [name, most, what, type] of [
    ['dns_nameservers', 5, 'DNS nameservers', 'DNSNameServersExhausted'],
    ['host_routes', 20, 'host routes', 'HostRoutesExhausted'],
  ] as const) {
    if (((values[name] ?? []) as readonly unknown[]).length <= most) continue;
    throw badRequest(
      `Unable to complete operation for ${subnet}. The number of ${what} exceeds the limit ${most}.`,
      type,
    );
  }
}

/** @throws Fault 400. @see openstack/neutron:neutron/extensions/subnet_service_types.py */
function checkServiceTypes(types: unknown): void {
  const wrong = ((types ?? []) as readonly string[]).find((one) => !/^(network|neutron|compute|baremetal):/.test(one));
  if (wrong === undefined) return;
  throw badRequest(
    `Subnet service type ${wrong} does not correspond to a valid device owner.`,
    'InvalidSubnetServiceType',
  );
}

/** Takes a subnet away, and what is on it. */
export function dropSubnet(state: NetworkState, subnet: SubnetRow): void {
  state.addresses.forget(subnet.id);
  state.tables.subnet.remove(subnet);
}

const touchNetwork = (state: NetworkState, subnet: SubnetRow): void => {
  const network = state.tables.network.find(subnet.network_id);
  if (network) state.change(state.tables.network, network, {});
};

const rules: Rules<SubnetRow> = {
  create(state, row, caller) {
    const network = state.tables.network.require(row.network_id);
    if (!caller.isAdmin && network.project_id !== caller.projectId) {
      if (!state.isShared(network.id, caller.projectId)) throw state.tables.network.absent(network.id);
      throw disallowed('rule:create_subnet');
    }
    if (row.cidr !== undefined && row['prefixlen'] !== undefined) {
      throw badRequest('Bad subnets request: cidr and prefixlen must not be supplied together.', 'BadRequest');
    }
    checkServiceTypes(row['service_types']);
    const text = (row.cidr as string | undefined) ?? cidrFromPool(state, row, row['prefixlen'] as number | undefined);
    delete row['prefixlen'];
    const prefix = parsePrefix(text)!;
    if (prefix.version !== row.ip_version) {
      throw invalidInput(`cidr '${text}' does not match the ip_version '${row.ip_version}'`);
    }
    checkModes(row, prefix);
    checkLengths('new subnet', row);
    checkOverlap(state, network.id, prefix);
    const first = formatAddress({ version: prefix.version, value: hostsOf(prefix).first });
    const gateway = (row.gateway_ip as string | null | undefined) === undefined ? first : row.gateway_ip;
    checkGateway(prefix, gateway);
    const pools = (row.allocation_pools as readonly Pool[] | undefined) ?? usualPools(prefix, gateway);
    checkPools(prefix, pools, gateway);
    Object.assign(row, { cidr: formatPrefix(prefix), gateway_ip: gateway, allocation_pools: pools });
  },
  created: (state, row) => touchNetwork(state, row),
  update(state, row, changes) {
    const prefix = prefixOf(row);
    const gateway = 'gateway_ip' in changes ? (changes['gateway_ip'] as string | null) : row.gateway_ip;
    checkServiceTypes(changes['service_types']);
    checkLengths(row.id, changes);
    if (changes['enable_dhcp'] === false && (row.ipv6_address_mode !== null || row['ipv6_ra_mode'] !== null)) {
      throw invalidInput('Cannot disable enable_dhcp with ipv6 attributes set');
    }
    checkGateway(prefix, gateway);
    if (gateway !== row.gateway_ip && row.gateway_ip !== null) checkGatewayFree(state, row);
    checkPools(prefix, (changes['allocation_pools'] as Pool[] | undefined) ?? row.allocation_pools, gateway);
  },
  remove(state, row) {
    const used = state.tables.port
      .where('network_id', row.network_id)
      .filter((port) => !yielding.has(port.device_owner) && port.fixed_ips.some((ip) => ip.subnet_id === row.id));
    if (used.length > 0) {
      const words = `Unable to complete operation on subnet ${row.id}: One or more ports have an IP allocation from this subnet.`;
      throw conflict('SubnetInUse', words);
    }
    state.addresses.forget(row.id);
    touchNetwork(state, row);
  },
  seenBy: (state, row, caller) => {
    const network = state.tables.network.find(row.network_id);
    const isExternal =
      state.extensions.has(externalAlias) && state.isShared(row.network_id, caller.projectId, 'access_as_external');
    return network?.project_id === caller.projectId || isExternal || state.isShared(row.network_id, caller.projectId);
  },
  view: (state, row) => ({
    'router:external': state.tables.network.find(row.network_id)?.['router:external'] ?? false,
  }),
};

/** @throws Fault 409 while a router's interface has the gateway's address */
function checkGatewayFree(state: NetworkState, row: SubnetRow): void {
  const port = state.tables.port
    .where('network_id', row.network_id)
    .find((one) => one.fixed_ips.some((ip) => ip.subnet_id === row.id && ip.ip_address === row.gateway_ip));
  if (!port) return;
  const words = `Current gateway ip ${row.gateway_ip} already in use by port ${port.id}. Unable to update.`;
  throw conflict('GatewayIpInUse', words);
}

const mode = orNone(oneOf('dhcpv6-stateful', 'dhcpv6-stateless', 'slaac'));

/** @see openstack/neutron-lib:neutron_lib/api/converters.py convert_cidr_to_canonical_format */
const ownCidr: Reader = (value, name) => {
  const isOne = typeof value === 'string' && value.includes('/') && parsePrefix(value) !== undefined;
  if (!isOne) throw invalidInput(`${shown(value)} is not in a CIDR format`);
  return cidr(value, name);
};

/** With it the subnets of external networks are seen by whoever sees the networks. */
const externalAlias = 'subnet-external-network';

const ipVersion: Reader = (value, name) => oneOf(4, 6)(integer(0)(value, name), name);

export const subnets = collection<SubnetRow>({
  path: '/subnets',
  table: 'subnet',
  key: 'subnet',
  keys: 'subnets',
  verbs: 'CUD',
  limited: 'subnet',
  tagged: true,
  rules,
  attributes: {
    ...identity,
    network_id: attribute(id, { in: 'create', required: true }),
    ip_version: attribute(ipVersion, { in: 'create', required: true }),
    subnetpool_id: attribute(orNone(id), {
      in: 'create',
      byDefault: null,
      refersTo: 'subnetpool',
      alias: 'subnet_allocation',
    }),
    prefixlen: structure(integer(0, 128), { in: 'create', alias: 'subnet_allocation' }),
    enable_dhcp: attribute(flag, { byDefault: true }),
    ipv6_ra_mode: attribute(mode, { in: 'create', byDefault: null }),
    ipv6_address_mode: attribute(mode, { in: 'create', byDefault: null }),
    gateway_ip: attribute(orNone(address)),
    cidr: attribute(ownCidr, { in: 'create' }),
    allocation_pools: structure(allocationPools),
    host_routes: structure(hostRoutes, { byDefault: [] }),
    dns_nameservers: structure(nameservers, { byDefault: [] }),
    service_types: structure(listOf(text()), { byDefault: [], alias: 'subnet-service-types' }),
    segment_id: attribute(orNone(id), { byDefault: null, adminSets: true, alias: 'segment' }),
    'router:external': computed(flag, { alias: externalAlias }),
    ...standard,
  },
});
