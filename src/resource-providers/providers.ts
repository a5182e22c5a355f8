/** Every site is one resource provider, without parents and children, as to tenants' Nova it is one huge host. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { hypervisorUuid } from '../sites/stable-uuid.js';

/** What a provider has of one resource class. */
export interface Stock {
  readonly total: number;
  readonly used: number;
}

export interface Provider {
  readonly uuid: string;
  readonly name: string;
  /** By resource class; empty until the site has said what it has. */
  readonly stocks: Readonly<Record<string, Stock>>;
}

/** Providers are the sites' own to change, so their generation never does. */
export const generation = 1;

export const providersOf = (world: World): Provider[] => world.sites.all().map((site) => providerOf(world, site));

/** @throws Fault 404 */
export function providerNamed(world: World, uuid: string): Provider {
  const provider = providersOf(world).find((one) => one.uuid === uuid.toLowerCase());
  if (!provider) throw new Fault('not-found', `No resource provider with uuid ${uuid} found`);
  return provider;
}

function providerOf(world: World, site: Site): Provider {
  const room = world.capacities.hosts.of(site);
  const stocks: Record<string, Stock> = room
    ? {
        VCPU: { total: room.vcpus, used: room.vcpus_used },
        MEMORY_MB: { total: room.memory_mb, used: room.memory_mb_used },
        DISK_GB: { total: room.local_gb, used: room.local_gb_used },
      }
    : {};
  return { uuid: hypervisorUuid(site), name: site.name, stocks };
}

/** A provider as Placement shows it. */
export function providerView(asked: Asked, { uuid, name }: Provider) {
  const version = asked.microversion;
  const href = `${rootPath(asked)}/resource_providers/${uuid}`;
  const below = ['inventories', 'usages'];
  if (atLeast(version, '1.1')) below.push('aggregates');
  if (atLeast(version, '1.6')) below.push('traits');
  if (atLeast(version, '1.11')) below.push('allocations');
  const links = [{ rel: 'self', href }, ...below.map((rel) => ({ rel, href: `${href}/${rel}` }))];
  const family = atLeast(version, '1.14') ? { parent_provider_uuid: null, root_provider_uuid: uuid } : {};
  return { uuid, name, generation, links, ...family };
}

/** Placement's links are paths, below the one it is mounted at. */
export const rootPath = (asked: Asked): string => asked.serviceUrl.replace(/^https?:\/\/[^/]*/, '');

/** Nothing is set apart and nothing counted twice: the site's own Placement knows of reserves and overcommitment. */
export const inventoryView = ({ total }: Stock) => ({
  total,
  reserved: 0,
  min_unit: 1,
  max_unit: Math.max(total, 1),
  step_size: 1,
  allocation_ratio: 1.0,
});
