/** What lists of servers filter and sort by. */
import type { Body } from '../resources/kind.js';

interface Address {
  readonly addr: string;
  readonly version: number;
}

/** What is null, empty, false or 0 is left out: of a million servers most have none of it. */
export const isNothing = (value: unknown): boolean =>
  !value || (typeof value === 'object' && Object.keys(value).length === 0);

export function serverFacts(body: Body): Body {
  const addresses = Object.values((body['addresses'] ?? {}) as Record<string, Address[]>).flat();
  const ofVersion = (version: number): string =>
    addresses.flatMap((address) => (address.version === version ? address.addr : [])).join('\n');
  const flavor = (body['flavor'] ?? {}) as Body;
  const facts: Body = {
    status: body['status'],
    name: body['name'],
    user_id: body['user_id'],
    image: ((body['image'] || {}) as Body)['id'],
    flavor: flavor['id'],
    flavor_name: flavor['original_name'],
    // An address a line.
    ip4: ofVersion(4),
    ip6: ofVersion(6),
    host: body['OS-EXT-SRV-ATTR:host'],
    hostname: body['OS-EXT-SRV-ATTR:hostname'],
    instance_name: body['OS-EXT-SRV-ATTR:instance_name'],
    kernel_id: body['OS-EXT-SRV-ATTR:kernel_id'],
    ramdisk_id: body['OS-EXT-SRV-ATTR:ramdisk_id'],
    launch_index: body['OS-EXT-SRV-ATTR:launch_index'],
    root_device_name: body['OS-EXT-SRV-ATTR:root_device_name'],
    reservation_id: body['OS-EXT-SRV-ATTR:reservation_id'],
    vm_state: body['OS-EXT-STS:vm_state'],
    task_state: body['OS-EXT-STS:task_state'],
    power_state: body['OS-EXT-STS:power_state'],
    key_name: body['key_name'],
    config_drive: body['config_drive'],
    progress: body['progress'],
    locked: body['locked'],
    description: body['description'],
    tags: body['tags'],
    metadata: body['metadata'],
    access_ip_v4: body['accessIPv4'],
    access_ip_v6: body['accessIPv6'],
    auto_disk_config: body['OS-DCF:diskConfig'],
    launched_at: body['OS-SRV-USG:launched_at'],
    terminated_at: body['OS-SRV-USG:terminated_at'],
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => !isNothing(value)));
}
