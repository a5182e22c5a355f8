/** What servers claim of their hosts. @see openstack/placement:placement/handlers/allocation.py */
import type { Server } from '../compute/servers/server.js';
import type { PlacementCloud } from './providers.js';

/** What one server claims, by resource class. */
export function claimOf(cloud: PlacementCloud, server: Server): Record<string, number> {
  const { vcpus, ram, disk } = cloud.flavors.ever(server.flavorId);
  const local = server.imageId === '' ? 0 : disk;
  return { VCPU: vcpus, MEMORY_MB: ram, ...(local > 0 ? { DISK_GB: local } : {}) };
}

const isOn =
  (host: string) =>
  (server: Server): boolean =>
    server.deletedAt === null && server.host === host;

/** By server; servers that are nowhere claim nothing. */
export function allocationsOn(cloud: PlacementCloud, host: string): [string, Record<string, number>][] {
  const found: [string, Record<string, number>][] = [];
  for (const server of cloud.servers.newestFirst()) {
    if (isOn(host)(server)) found.push([server.id, claimOf(cloud, server)]);
  }
  return found;
}

/** What a project's servers claim together, and how many they are. */
export function usageOf(cloud: PlacementCloud, projectId: string, userId: string | null) {
  const sum: Record<string, number> = {};
  let servers = 0;
  for (const server of cloud.servers.ofProject(projectId)) {
    if (server.deletedAt !== null || server.host === null || (userId !== null && server.userId !== userId)) continue;
    servers += 1;
    for (const [name, amount] of Object.entries(claimOf(cloud, server))) sum[name] = (sum[name] ?? 0) + amount;
  }
  return { servers, sum };
}
