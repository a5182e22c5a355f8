/** One site in the shape of Nova's hypervisors, at every microversion. */
import { isIP } from 'node:net';
import type { HypervisorStatistics } from '@cascade/openstack-protocol/compute/hypervisor-statistics.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { hypervisorUuid } from '../../sites/stable-uuid.js';
import { serverNames } from './site-servers.js';
import type { SiteService } from './site-services.js';

export const noCapacity: HypervisorStatistics = {
  count: 0,
  vcpus: 0,
  vcpus_used: 0,
  memory_mb: 0,
  memory_mb_used: 0,
  free_ram_mb: 0,
  local_gb: 0,
  local_gb_used: 0,
  free_disk_gb: 0,
  disk_available_least: 0,
  current_workload: 0,
  running_vms: 0,
};

/** What a site said last, or says now if it was never asked; nothing where it cannot be asked. */
export async function capacityOf(world: World, site: Site): Promise<HypervisorStatistics> {
  const known = world.capacities.hosts.of(site);
  if (known || !site.health('compute').reachable) return known ?? noCapacity;
  return (await world.capacities.hosts.read(site).catch(() => undefined)) ?? noCapacity;
}

export const hypervisorId = (asked: Asked, { site }: SiteService): number | string =>
  atLeast(asked.microversion, '2.53') ? hypervisorUuid(site) : site.id;

/** @see openstack/nova:nova/api/openstack/compute/hypervisors.py _view_hypervisor */
export async function hypervisorView(
  world: World,
  asked: Asked,
  service: SiteService,
  wanted: { detail: boolean; servers: boolean },
): Promise<Body> {
  const view: Body = {
    id: hypervisorId(asked, service),
    hypervisor_hostname: service.host,
    state: service.isUp ? 'up' : 'down',
    status: service.isEnabled ? 'enabled' : 'disabled',
  };
  if (wanted.detail) Object.assign(view, await details(world, asked, service));
  if (wanted.servers) {
    const servers = await serverNames(world, service.site);
    // From 2.75 an empty list is shown too.
    if (servers.length > 0 || atLeast(asked.microversion, '2.75')) view['servers'] = servers;
  }
  return view;
}

async function details(world: World, asked: Asked, service: SiteService): Promise<Body> {
  const { site } = service;
  const shown = {
    hypervisor_type: 'OpenStack',
    hypervisor_version: versionOf(site),
    host_ip: addressOf(site),
    service: {
      id: atLeast(asked.microversion, '2.53') ? service.uuid : service.id,
      host: service.host,
      disabled_reason: service.disabledReason,
    },
  };
  if (atLeast(asked.microversion, '2.88')) return { ...shown, uptime: null };
  const { count: _count, ...capacity } = await capacityOf(world, site);
  return { ...shown, ...capacity, cpu_info: atLeast(asked.microversion, '2.28') ? {} : '' };
}

/** Nova's versions are integers: microversion 2.93 is 2093. */
function versionOf(site: Site): number {
  const [major = 2, minor = 0] = (site.capabilities.microversions.compute?.max ?? '2.1').split('.').map(Number);
  return major * 1000 + minor;
}

/** The address of the site's Nova, where its URL has one. */
function addressOf(site: Site): string {
  const host = new URL(site.capabilities.endpoints.compute?.[0] ?? 'http://0.0.0.0').hostname.replace(/^\[|\]$/g, '');
  return isIP(host) ? host : '0.0.0.0';
}
