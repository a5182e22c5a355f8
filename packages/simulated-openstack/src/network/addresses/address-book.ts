/** Which addresses of which subnets are taken, and which is free next. */
import { formatAddress, holds, parseAddress } from '@cascade/openstack-protocol/network/ip-addresses.js';
import type { PortRow, SubnetRow } from '../rows.js';

export class AddressBook {
  private readonly taken = new Map<string, Set<string>>();
  /** Where the search goes on: an address that was just given back is not given out at once. */
  private readonly next = new Map<string, bigint>();

  isTaken(subnetId: string, address: string): boolean {
    return this.taken.get(subnetId)?.has(address) ?? false;
  }

  count(subnetId: string): number {
    return this.taken.get(subnetId)?.size ?? 0;
  }

  addressesOf(subnetId: string): Iterable<string> {
    return this.taken.get(subnetId) ?? [];
  }

  take(subnetId: string, address: string): void {
    const addresses = this.taken.get(subnetId);
    if (addresses) addresses.add(address);
    else this.taken.set(subnetId, new Set([address]));
  }

  giveBack(subnetId: string, address: string): void {
    this.taken.get(subnetId)?.delete(address);
  }

  forget(subnetId: string): void {
    this.taken.delete(subnetId);
    this.next.delete(subnetId);
  }

  /** Takes those of all ports, and no others. */
  recount(ports: Iterable<PortRow>): void {
    this.taken.clear();
    for (const { fixed_ips: ips } of ports) for (const ip of ips) this.take(ip.subnet_id, ip.ip_address);
  }

  /** A free address of the subnet's pools; undefined where there is none. */
  free({ id, ip_version: version, allocation_pools: pools }: SubnetRow): string | undefined {
    const ranges = pools.map(({ start, end }) => ({
      first: parseAddress(start)!.value,
      last: parseAddress(end)!.value,
    }));
    const from = this.next.get(id) ?? -1n;
    const current = ranges.findIndex((range) => holds(range, from));
    const order = current < 0 ? ranges : [...ranges.slice(current), ...ranges.slice(0, current + 1)];
    for (const [at, { first, last }] of order.entries()) {
      for (let value = at === 0 && current >= 0 ? from : first; value <= last; value += 1n) {
        const address = formatAddress({ version, value });
        if (this.isTaken(id, address)) continue;
        this.next.set(id, value + 1n);
        return address;
      }
    }
    return undefined;
  }
}
