/** What lists of servers filter and sort by. */
import type { Body } from '../../resources/kind.js';

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
  const hostname = body['OS-EXT-SRV-ATTR:hostname'];
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
    // Where one has a host, it is the site.
    no_host: !body['OS-EXT-SRV-ATTR:host'],
    other_hostname: hostname === body['name'] ? undefined : hostname,
    reservation_id: body['OS-EXT-SRV-ATTR:reservation_id'],
    vm_state: body['OS-EXT-STS:vm_state'],
    task_state: body['OS-EXT-STS:task_state'],
    key_name: body['key_name'],
    config_drive: body['config_drive'],
    locked: body['locked'],
    description: body['description'],
    tags: body['tags'],
    metadata: body['metadata'],
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => !isNothing(value)));
}

/** What is asked for so rarely that it is read in the bodies, which are ten times as large, and where it stands there. */
export const rarelyAsked: Readonly<Record<string, string>> = {
  access_ip_v4: 'accessIPv4',
  access_ip_v6: 'accessIPv6',
  auto_disk_config: 'OS-DCF:diskConfig',
  kernel_id: 'OS-EXT-SRV-ATTR:kernel_id',
  launch_index: 'OS-EXT-SRV-ATTR:launch_index',
  launched_at: 'OS-SRV-USG:launched_at',
  power_state: 'OS-EXT-STS:power_state',
  progress: 'progress',
  ramdisk_id: 'OS-EXT-SRV-ATTR:ramdisk_id',
  root_device_name: 'OS-EXT-SRV-ATTR:root_device_name',
  terminated_at: 'OS-SRV-USG:terminated_at',
};

/** A fact's text, as SQL. @param name of our own tables, never a request's */
export const factText = (name: string): string =>
  Object.hasOwn(rarelyAsked, name) ? `r.body::jsonb->>'${rarelyAsked[name]}'` : `r.facts->>'${name}'`;
