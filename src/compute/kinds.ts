/** The kinds of resources Nova has in one site. */
import type { Body, Kind } from '../resources/kind.js';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

// What a create answers once and must never be kept, and what another microversion writes in another shape.
const notKept = ['adminPass', 'links'];
const shapedByMicroversion = ['flavor', 'os-extended-volumes:volumes_attached'];

function liftServer(seen: Body, known: Body | undefined): Body {
  const lifted = { ...known };
  for (const [key, value] of Object.entries(seen)) {
    if (notKept.includes(key) || (known && shapedByMicroversion.includes(key))) continue;
    lifted[key] = value;
  }
  return lifted;
}

interface Address {
  addr: string;
  version: number;
}

function serverFacts(body: Body): Body {
  const addresses = Object.values((body['addresses'] ?? {}) as Record<string, Address[]>).flat();
  const flavor = (body['flavor'] ?? {}) as Body;
  return {
    status: body['status'],
    name: body['name'],
    user_id: body['user_id'],
    image: ((body['image'] || {}) as Body)['id'] ?? '',
    flavor: flavor['id'] ?? null,
    flavor_name: flavor['original_name'] ?? null,
    ip4: addresses.filter((address) => address.version === 4).map((address) => address.addr),
    ip6: addresses.filter((address) => address.version === 6).map((address) => address.addr),
    availability_zone: body['OS-EXT-AZ:availability_zone'],
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
    tags: body['tags'] ?? [],
    metadata: body['metadata'] ?? {},
    access_ip_v4: body['accessIPv4'],
    access_ip_v6: body['accessIPv6'],
    auto_disk_config: body['OS-DCF:diskConfig'],
    launched_at: body['OS-SRV-USG:launched_at'],
    terminated_at: body['OS-SRV-USG:terminated_at'],
  };
}

export const computeKinds: readonly Kind[] = [
  {
    name: 'server',
    service: 'compute',
    collection: '/servers',
    key: 'server',
    keys: 'servers',
    projectOf: (body) => text(body['tenant_id']),
    timesOf: (body) => ({ created: text(body['created']), updated: text(body['updated']) }),
    factsOf: serverFacts,
    lift: liftServer,
    feed: {
      path: '/servers/detail',
      microversion: '2.93',
      everything: { all_tenants: '1' },
      ofProject: (projectId) => ({ project_id: projectId }),
      changed: (since) => [{ 'changes-since': since.toISOString().replace(/\.\d+Z$/, 'Z') }],
      tellsDeletions: true,
      ids: { path: '/servers', query: { all_tenants: '1' } },
      page: 1000,
    },
  },
];
