/**
 * How many addresses of networks are used. @see openstack/neutron:neutron/db/network_ip_availability_db.py,
 * neutron/db/network_ip_availability_details_db.py
 */
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { holds, parseAddress, parsePrefix } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { disallowed } from '@cascade/openstack-adapter/network/faults.js';
import { networks } from '../l2/network-collection.js';
import type { NetworkRow, SubnetRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import { fieldsAsked, requireVisible } from '../collection/view.js';

const rangesOf = ({ allocation_pools: pools }: SubnetRow) =>
  pools.map(({ start, end }) => ({ first: parseAddress(start)!.value, last: parseAddress(end)!.value }));

const poolSize = (subnet: SubnetRow): number =>
  rangesOf(subnet).reduce((sum, { first, last }) => sum + Number(last - first + 1n), 0);

function wholeSize({ cidr }: SubnetRow): number {
  const { first, last } = parsePrefix(cidr)!;
  return Number(last - first + 1n);
}

/** Those of a subnet without pools are all that it has. */
const sizeOf = (subnet: SubnetRow): number =>
  subnet.allocation_pools.length === 0 ? wholeSize(subnet) : poolSize(subnet);

type Details = Readonly<Record<(typeof detailNames)[number], number>>;
const detailNames = [
  'total_ips_in_subnet',
  'total_ips_in_allocation_pool',
  'used_ips_in_subnet',
  'used_ips_in_allocation_pool',
] as const;

function detailsOf(state: NetworkState, subnet: SubnetRow): Details {
  const ranges = rangesOf(subnet);
  const used = [...state.addresses.addressesOf(subnet.id)].map((address) => parseAddress(address)!.value);
  return {
    // Without the address of the network and that of everybody in it.
    total_ips_in_subnet: wholeSize(subnet) - (subnet.ip_version === 4 ? 2 : 0),
    total_ips_in_allocation_pool: poolSize(subnet),
    used_ips_in_subnet: used.length,
    used_ips_in_allocation_pool: used.filter((value) => ranges.some((range) => holds(range, value))).length,
  };
}

const sumOf = (all: readonly Details[]): Details =>
  Object.fromEntries(
    detailNames.map((name) => [name, all.reduce((total, one) => total + one[name], 0)]),
  ) as unknown as Details;

function bodyOf(state: NetworkState, network: NetworkRow): Record<string, unknown> {
  const rows = state.tables.subnet.where('network_id', network.id);
  const details = state.extensions.has('network-ip-availability-details')
    ? rows.map((subnet) => detailsOf(state, subnet))
    : undefined;
  const subnets = rows.map((subnet, at) => ({
    subnet_id: subnet.id,
    ip_version: subnet.ip_version,
    cidr: subnet.cidr,
    subnet_name: subnet.name,
    used_ips: state.addresses.count(subnet.id),
    total_ips: sizeOf(subnet),
    ...(details && { ip_availability_details: details[at] }),
  }));
  const sum = (field: 'used_ips' | 'total_ips'): number => subnets.reduce((total, one) => total + one[field], 0);
  return {
    network_id: network.id,
    network_name: network.name,
    tenant_id: network.project_id,
    project_id: network.project_id,
    subnet_ip_availability: subnets,
    used_ips: sum('used_ips'),
    total_ips: sum('total_ips'),
    ...(details && { ip_availability_details: sumOf(details) }),
  };
}

const only = (body: Record<string, unknown>, fields: readonly string[]) =>
  fields.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)));

const filters = ['network_id', 'network_name', 'tenant_id', 'project_id'];

export const ipAvailabilityRoutes = (state: NetworkState): Route[] => [
  route('GET /network-ip-availabilities', 'reader', async ({ caller, query }) => {
    const all = caller.isAdmin ? [...state.tables.network.all()].map((network) => bodyOf(state, network)) : [];
    const found = all.filter((body) =>
      filters.every((name) => !query.has(name) || query.getAll(name).includes(String(body[name]))),
    );
    return json(200, { network_ip_availabilities: found.map((body) => only(body, fieldsAsked(query))) });
  }),
  route('GET /network-ip-availabilities/{id}', 'reader', async ({ caller, params, query }) => {
    const network = requireVisible(state, networks, params['id'] ?? '', caller) as NetworkRow;
    if (!caller.isAdmin) throw disallowed('rule:get_network_ip_availability');
    return json(200, { network_ip_availability: only(bodyOf(state, network), fieldsAsked(query)) });
  }),
];
