/** How many addresses of networks are used. @see openstack/neutron:neutron/db/network_ip_availability_db.py */
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { parseAddress } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { disallowed } from '@cascade/openstack-adapter/network/faults.js';
import { networks } from '../l2/network-collection.js';
import type { NetworkRow, SubnetRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import { requireVisible } from '../collection/view.js';

const sizeOf = ({ allocation_pools: pools }: SubnetRow): number =>
  pools.reduce((sum, { start, end }) => sum + Number(parseAddress(end)!.value - parseAddress(start)!.value + 1n), 0);

function bodyOf(state: NetworkState, network: NetworkRow): Record<string, unknown> {
  const subnets = state.tables.subnet.where('network_id', network.id).map((subnet) => ({
    subnet_id: subnet.id,
    ip_version: subnet.ip_version,
    cidr: subnet.cidr,
    subnet_name: subnet.name,
    used_ips: state.addresses.count(subnet.id),
    total_ips: sizeOf(subnet),
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
  };
}

const filters = ['network_id', 'network_name', 'tenant_id', 'project_id'];

export const ipAvailabilityRoutes = (state: NetworkState): Route[] => [
  route('GET /network-ip-availabilities', 'reader', async ({ caller, query }) => {
    const all = caller.isAdmin ? [...state.tables.network.all()].map((network) => bodyOf(state, network)) : [];
    const found = all.filter((body) =>
      filters.every((name) => !query.has(name) || query.getAll(name).includes(String(body[name]))),
    );
    return json(200, { network_ip_availabilities: found });
  }),
  route('GET /network-ip-availabilities/{id}', 'reader', async ({ caller, params }) => {
    const network = requireVisible(state, networks, params['id'] ?? '', caller) as NetworkRow;
    if (!caller.isAdmin) throw disallowed('rule:get_network_ip_availability');
    return json(200, { network_ip_availability: bodyOf(state, network) });
  }),
];
