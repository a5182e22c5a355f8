/** A hypervisor as Nova writes it, at each microversion. */
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import { hostSize } from './hosts.js';

export interface Hypervisor {
  readonly number: number;
  readonly id: string;
  readonly host: string;
}

type Body = Record<string, unknown>;

/** What its driver reports of a host. Gone since 2.88, where Placement is asked instead. */
function resources(cloud: Cloud, host: string) {
  const used = cloud.hosts.usage(host);
  return {
    vcpus: hostSize.vcpus,
    vcpus_used: used.vcpus,
    memory_mb: hostSize.ram,
    memory_mb_used: used.ram,
    free_ram_mb: hostSize.ram - used.ram,
    local_gb: hostSize.disk,
    local_gb_used: used.disk,
    free_disk_gb: hostSize.disk - used.disk,
    disk_available_least: hostSize.disk - used.disk,
    current_workload: 0,
    running_vms: used.servers,
  };
}

/** Sums over the hosts that are enabled. */
export function sumOver(cloud: Cloud): Record<string, number> {
  const sum: Record<string, number> = { count: 0 };
  for (const host of cloud.hosts.names.filter((name) => cloud.hosts.isEnabled(name))) {
    sum['count']! += 1;
    for (const [name, value] of Object.entries(resources(cloud, host))) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum;
}

export function hypervisorBody(
  cloud: Cloud,
  asked: Asked,
  row: Hypervisor,
  { detailed, servers }: { detailed: boolean; servers: boolean },
): Body {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  const { host } = row;
  return {
    id: since('2.53') ? row.id : row.number,
    hypervisor_hostname: host,
    state: cloud.hosts.isUp(host) ? 'up' : 'down',
    status: cloud.hosts.isEnabled(host) ? 'enabled' : 'disabled',
    ...(detailed ? details(cloud, asked, row) : {}),
    ...(servers ? serversOn(cloud, host, since('2.75')) : {}),
  };
}

function details(cloud: Cloud, asked: Asked, { host, id, number }: Hypervisor): Body {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  const service = {
    id: since('2.53') ? id : number,
    host,
    disabled_reason: cloud.hosts.disabledReason(host),
  };
  return {
    ...(since('2.88') ? { uptime: null } : resources(cloud, host)),
    hypervisor_type: 'QEMU',
    hypervisor_version: 7_002_000,
    host_ip: cloud.hosts.addressOf(host),
    ...(since('2.88') ? {} : { cpu_info: since('2.28') ? {} : '{}' }),
    service,
  };
}

function serversOn(cloud: Cloud, host: string, always: boolean): Body {
  const found = [];
  for (const { id, host: where, deletedAt } of cloud.servers.newestFirst()) {
    if (where === host && deletedAt === null) found.push({ name: `instance-${id.slice(0, 8)}`, uuid: id });
  }
  return found.length > 0 || always ? { servers: found } : {};
}
