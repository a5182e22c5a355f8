/** Resource providers of a simulated cloud: its hosts. @see openstack/placement:placement/handlers/resource_provider.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../compute/cloud.js';
import { cpuRatio, hostSize } from '../compute/hosts/hosts.js';
import { noiseUuid, numberOf } from '../noise.js';

/** What Placement needs of the cloud it belongs to. */
export type PlacementCloud = Pick<Cloud, 'seed' | 'hosts' | 'servers' | 'flavors'>;

export interface Stock {
  readonly total: number;
  readonly used: number;
  readonly reserved: number;
  /** How often the same is given out. */
  readonly ratio: number;
}

export interface Provider {
  readonly uuid: string;
  readonly name: string;
  readonly stocks: Readonly<Record<string, Stock>>;
}

/** Nobody else writes to a provider, so its generation does not matter to anyone. */
export const generation = 1;

export const traits = [
  'COMPUTE_NODE',
  'COMPUTE_IMAGE_TYPE_QCOW2',
  'COMPUTE_IMAGE_TYPE_RAW',
  'COMPUTE_NET_ATTACH_INTERFACE',
  'COMPUTE_VOLUME_EXTEND',
  'COMPUTE_VOLUME_MULTI_ATTACH',
  'HW_CPU_X86_AVX',
  'HW_CPU_X86_SSE2',
];

/** Its host's hypervisor has the same id in Nova. */
export const providerId = (cloud: PlacementCloud, host: string): string => noiseUuid(cloud.seed, numberOf(host));

export function providerOf(cloud: PlacementCloud, host: string): Provider {
  const { vcpus, ram, disk } = cloud.hosts.usage(host);
  return {
    uuid: providerId(cloud, host),
    name: host,
    stocks: {
      VCPU: { total: hostSize.vcpus, used: vcpus, reserved: 0, ratio: cpuRatio },
      MEMORY_MB: { total: hostSize.ram, used: ram, reserved: 512, ratio: 1 },
      DISK_GB: { total: hostSize.disk, used: disk, reserved: 0, ratio: 1 },
    },
  };
}

export const providersOf = (cloud: PlacementCloud): Provider[] =>
  cloud.hosts.names.map((host) => providerOf(cloud, host));

/** @throws Fault 404 */
export function requireProvider(cloud: PlacementCloud, uuid: string, before = ''): Provider {
  const host = cloud.hosts.names.find((name) => providerId(cloud, name) === uuid.toLowerCase());
  if (host === undefined) throw new Fault('not-found', `${before}No resource provider with uuid ${uuid} found`);
  return providerOf(cloud, host);
}

export const capacityOf = ({ total, reserved, ratio }: Stock): number => Math.floor((total - reserved) * ratio);

export const hasRoomFor = ({ stocks }: Provider, wanted: Readonly<Record<string, number>>): boolean =>
  Object.entries(wanted).every(([name, amount]) => {
    const stock = Object.hasOwn(stocks, name) ? stocks[name] : undefined;
    return stock !== undefined && amount <= stock.total && stock.used + amount <= capacityOf(stock);
  });

export function providerBody(asked: Asked, { uuid, name }: Provider): Record<string, unknown> {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  const href = `${rootPath(asked)}/resource_providers/${uuid}`;
  const below = ['inventories', 'usages'];
  if (since('1.1')) below.push('aggregates');
  if (since('1.6')) below.push('traits');
  if (since('1.11')) below.push('allocations');
  const links = [{ rel: 'self', href }, ...below.map((rel) => ({ rel, href: `${href}/${rel}` }))];
  const family = since('1.14') ? { parent_provider_uuid: null, root_provider_uuid: uuid } : {};
  return { uuid, name, generation, links, ...family };
}

/** Placement's links are paths, below the one it is mounted at. */
export const rootPath = (asked: Asked): string => asked.serviceUrl.replace(/^https?:\/\/[^/]*/, '');

export const inventoryBody = ({ total, reserved, ratio }: Stock) => ({
  total,
  reserved,
  min_unit: 1,
  max_unit: total,
  step_size: 1,
  allocation_ratio: ratio,
});
