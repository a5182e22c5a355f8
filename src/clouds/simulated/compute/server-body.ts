/** A server as Nova writes it, at each microversion. @see openstack/nova:nova/api/openstack/compute/views/servers.py */
import { createHash } from 'node:crypto';
import { atLeast } from '../../../openstack/microversion.js';
import type { Asked } from '../../../openstack/route.js';
import { isoMicros, isoSeconds } from '../clock.js';
import type { Cloud } from '../cloud.js';
import type { Flavor } from './flavors.js';
import { bookmark, links } from './links.js';
import { addressesIn, addressesOf } from './server-addresses.js';
import { powerStateOf, statusOf, type Server } from './server.js';

type Body = Record<string, unknown>;

/** `one`: a show. `changed`: the answer to a change, which says less before 2.75. */
type Occasion = 'list' | 'one' | 'changed';

export const briefServer = (asked: Asked, { id, name }: Server): Body => ({
  id,
  name,
  links: links(asked, 'servers', id),
});

export function serverBody(cloud: Cloud, asked: Asked, server: Server, occasion: Occasion): Body {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  return {
    ...basics(cloud, asked, server),
    ...(since('2.9') ? { locked: server.locked } : {}),
    ...(since('2.73') ? { locked_reason: server.lockedReason } : {}),
    ...(since('2.19') ? { description: server.description } : {}),
    ...(since('2.26') ? { tags: server.tags } : {}),
    ...(since('2.63') ? { trusted_image_certificates: null } : {}),
    ...(since('2.71') && occasion !== 'list' ? { server_groups: server.serverGroupId ? [server.serverGroupId] : [] } : {}),
    ...(since('2.100') ? { scheduler_hints: {} } : {}),
    ...(occasion !== 'changed' || since('2.75') ? extended(cloud, asked, server) : {}),
  }; // prettier-ignore
}

function basics(cloud: Cloud, asked: Asked, server: Server): Body {
  const status = statusOf(server);
  const image = { id: server.imageId, links: bookmark(asked, 'images', server.imageId) };
  const properties = atLeast(asked.microversion, '2.98')
    ? { properties: cloud.images.find(server.imageId)?.properties }
    : {};
  return {
    id: server.id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: server.host === null ? '' : hostId(server.projectId, server.host),
    image: server.imageId && { ...image, ...properties },
    flavor: flavorIn(cloud, asked, server.flavorId),
    created: isoSeconds(server.createdAt),
    updated: isoSeconds(server.updatedAt),
    addresses: addressesIn(addressesOf(cloud, server)),
    accessIPv4: server.accessIPv4,
    accessIPv6: server.accessIPv6,
    links: links(asked, 'servers', server.id),
    'OS-DCF:diskConfig': server.diskConfig,
    ...(status === 'ERROR' || status === 'DELETED' ? faultOf(server, asked) : {}),
    ...(progressing.has(status) ? { progress: 0 } : {}),
  }; // prettier-ignore
}

/** Where Nova shows a progress. Its drivers report none, so it stays as it was at first. */
const progressing = new Set(['ACTIVE', 'BUILD', 'REBUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING']);

function extended(cloud: Cloud, asked: Asked, server: Server): Body {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  const groups = securityGroupsOf(cloud, server);
  return {
    'OS-EXT-AZ:availability_zone': server.host === null ? '' : cloud.zone,
    config_drive: server.configDrive ? 'True' : '',
    key_name: server.keyName,
    'OS-SRV-USG:launched_at': server.launchedAt === null ? null : isoMicros(server.launchedAt),
    'OS-SRV-USG:terminated_at': server.deletedAt === null ? null : isoMicros(server.deletedAt),
    ...(groups.length > 0 ? { security_groups: groups } : {}),
    ...(asked.caller.isAdmin ? hostFields(cloud, server, since) : {}),
    ...(!asked.caller.isAdmin && since('2.90') ? { 'OS-EXT-SRV-ATTR:hostname': server.hostname } : {}),
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': powerStateOf(server),
    'os-extended-volumes:volumes_attached': server.volumes.map(({ id, deleteOnTermination }) => ({
      id,
      ...(since('2.3') ? { delete_on_termination: deleteOnTermination } : {}),
    })),
    ...(since('2.96') ? { pinned_availability_zone: null } : {}),
  };
}

function hostFields(cloud: Cloud, server: Server, since: (floor: string) => boolean): Body {
  return {
    'OS-EXT-SRV-ATTR:host': server.host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${server.id.slice(0, 8)}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host,
    ...(since('2.3')
      ? {
          'OS-EXT-SRV-ATTR:reservation_id': server.reservationId,
          'OS-EXT-SRV-ATTR:launch_index': server.launchIndex,
          'OS-EXT-SRV-ATTR:hostname': server.hostname,
          'OS-EXT-SRV-ATTR:kernel_id': '',
          'OS-EXT-SRV-ATTR:ramdisk_id': '',
          'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
          'OS-EXT-SRV-ATTR:user_data': server.userData,
        }
      : {}),
    ...(since('2.16') ? { host_status: server.host === null ? '' : cloud.hosts.statusOf(server.host) } : {}),
  };
}

/** The same for all servers of one project on one host, and no way back to the host. */
export const hostId = (projectId: string, host: string): string =>
  createHash('sha224')
    .update(projectId + host)
    .digest('hex');

/** Names, one for each port that has the group, as Nova lists them. */
function securityGroupsOf(cloud: Cloud, server: Server): { name: string }[] {
  const ports = cloud.networks.portsOf(server.id);
  const names = ports.length > 0 ? ports.flatMap((port) => port.securityGroups.map(({ name }) => name)) : server.securityGroups;
  return [...new Set(names)].map((name) => ({ name }));
} // prettier-ignore

function faultOf({ fault }: Server, asked: Asked): Body {
  if (!fault) return {};
  const { code, message, created } = fault;
  return { fault: { code, created: isoSeconds(created), message, ...(asked.caller.isAdmin ? { details: '' } : {}) } };
}

function flavorIn(cloud: Cloud, asked: Asked, id: string): Body {
  if (!atLeast(asked.microversion, '2.47')) return { id, links: bookmark(asked, 'flavors', id) };
  return embedded(cloud.flavors.ever(id));
}

const embedded = (flavor: Flavor): Body => ({
  vcpus: flavor.vcpus,
  ram: flavor.ram,
  disk: flavor.disk,
  ephemeral: flavor.ephemeral,
  swap: flavor.swap,
  original_name: flavor.name,
  extra_specs: flavor.extraSpecs,
});
