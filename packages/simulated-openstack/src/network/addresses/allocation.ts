/** Addresses and MAC addresses of ports. @see openstack/neutron:neutron/db/ipam_pluggable_backend.py */
import { eui64, hostsOf, holds, parseAddress } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { badRequest, conflict, invalidInput } from '@cascade/openstack-adapter/network/faults.js';
import type { FixedIp, NetworkRow, PortRow, SubnetRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import { prefixOf } from '../l2/subnet-collection.js';

export interface WantedIp {
  readonly subnet_id?: string;
  readonly ip_address?: string;
}

export const routerOwners = new Set([
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
  'network:router_gateway',
  'network:router_centralized_snat',
]);

const isAutomatic = ({ ipv6_address_mode: mode }: SubnetRow): boolean =>
  mode === 'slaac' || mode === 'dhcpv6-stateless';

/** Takes addresses for a port: those that are wanted, or one of each IP version. @throws Fault 400, 409 */
export function takeAddresses(
  state: NetworkState,
  network: NetworkRow,
  port: Pick<PortRow, 'mac_address' | 'device_owner'>,
  wanted: readonly WantedIp[] | undefined,
): FixedIp[] {
  const subnets = state.tables.subnet.where('network_id', network.id);
  const taken: FixedIp[] = [];
  const take = (subnet: SubnetRow, ip_address: string): void => {
    state.addresses.take(subnet.id, ip_address);
    taken.push({ subnet_id: subnet.id, ip_address });
  };
  try {
    if (wanted) for (const one of wanted) takeWanted(state, network, subnets, one, port, take);
    else takeUsual(state, network, subnets, port, take);
    return taken;
  } catch (error) {
    giveBack(state, taken);
    throw error;
  }
}

type Take = (subnet: SubnetRow, address: string) => void;

function takeWanted(
  state: NetworkState,
  network: NetworkRow,
  subnets: readonly SubnetRow[],
  { subnet_id: subnetId, ip_address: address }: WantedIp,
  port: Pick<PortRow, 'mac_address'>,
  take: Take,
): void {
  if (subnetId === undefined && address === undefined)
    throw invalidInput('IP allocation requires subnet_id or ip_address');
  const subnet = subnetId === undefined ? subnetOf(subnets, address) : subnets.find((one) => one.id === subnetId);
  if (subnetId !== undefined && !subnet) {
    state.tables.subnet.require(subnetId);
    throw invalidInput(
      `Failed to create port on network ${network.id}, because fixed_ips included invalid subnet ${subnetId}`,
    );
  }
  if (!subnet) {
    const words = `IP address ${address} is not a valid IP for any of the subnets on the specified network.`;
    throw badRequest(words, 'InvalidIpForNetwork');
  }
  if (address === undefined) return takeFree(state, network, [subnet], port, take);
  checkInside(subnet, address);
  if (state.addresses.isTaken(subnet.id, address)) {
    throw conflict('IpAddressAlreadyAllocated', `IP address ${address} already allocated in subnet ${subnet.id}`);
  }
  take(subnet, address);
}

function subnetOf(subnets: readonly SubnetRow[], address: string | undefined): SubnetRow | undefined {
  const found = address === undefined ? undefined : parseAddress(address);
  return found && subnets.find((one) => one.ip_version === found.version && holds(prefixOf(one), found.value));
}

/** @throws Fault 400 */
function checkInside(subnet: SubnetRow, address: string): void {
  const found = parseAddress(address)!;
  const prefix = prefixOf(subnet);
  if (found.version === prefix.version && holds(hostsOf(prefix), found.value)) return;
  throw badRequest(`IP address ${address} is not a valid IP for the specified subnet.`, 'InvalidIpForSubnet');
}

function takeUsual(
  state: NetworkState,
  network: NetworkRow,
  subnets: readonly SubnetRow[],
  port: Pick<PortRow, 'mac_address' | 'device_owner'>,
  take: Take,
): void {
  const automatic = subnets.filter(isAutomatic);
  for (const version of [4, 6] as const) {
    const plain = subnets.filter((one) => one.ip_version === version && !isAutomatic(one));
    if (plain.length > 0) takeFree(state, network, plain, port, take);
  }
  if (!routerOwners.has(port.device_owner))
    for (const one of automatic) take(one, eui64(prefixOf(one), port.mac_address));
}

function takeFree(
  state: NetworkState,
  network: NetworkRow,
  subnets: readonly SubnetRow[],
  port: Pick<PortRow, 'mac_address'>,
  take: Take,
): void {
  for (const subnet of subnets) {
    const address = isAutomatic(subnet) ? eui64(prefixOf(subnet), port.mac_address) : state.addresses.free(subnet);
    if (address !== undefined) return take(subnet, address);
  }
  throw conflict('IpAddressGenerationFailure', `No more IP addresses available on network ${network.id}.`);
}

export function giveBack(state: NetworkState, ips: readonly FixedIp[]): void {
  for (const { subnet_id: subnetId, ip_address: address } of ips) state.addresses.giveBack(subnetId, address);
}

/** One that no port of this cloud has. */
export function freeMac(state: NetworkState): string {
  for (;;) {
    const digits = Math.floor(Math.random() * 2 ** 24)
      .toString(16)
      .padStart(6, '0');
    const mac = `fa:16:3e:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`;
    if (state.tables.port.count('mac_address', mac) === 0) return mac;
  }
}
