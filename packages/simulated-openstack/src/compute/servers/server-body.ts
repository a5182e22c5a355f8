/** A server as Nova writes it, at each microversion. @see openstack/nova:nova/api/openstack/compute/views/servers.py */
import { createHash } from 'node:crypto';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { bookmark, links } from '@cascade/openstack-adapter/compute/links.js';
import { isoMicros, isoSeconds } from '../../clock.js';
import type { Cloud } from '../cloud.js';
import type { PluggedPort } from '../../service-interfaces.js';
import type { Flavor } from '../flavors/flavors.js';
import { addressesIn, addressesWith } from './server-addresses.js';
import { powerStateOf, statusOf, type Server } from './server.js';

type Body = Record<string, unknown>;

/** `one`: a show. `changed`: the answer to a change, which says less before 2.75. */
type Occasion = 'list' | 'one' | 'changed';

export const briefServer = (asked: Asked, { id, name }: Server): Body => ({
  id,
  name,
  links: links(asked, 'servers', id),
});

// A list has a thousand of them: one object each is filled, none is put together from others.
export function serverBody(cloud: Cloud, asked: Asked, server: Server, occasion: Occasion): Body {
  const minor = asked.microversion?.minor ?? 1;
  const ports = cloud.networks.portsOf(server.id);
  const body = basics(cloud, asked, server, ports, minor);
  if (minor >= 9) body['locked'] = server.locked;
  if (minor >= 73) body['locked_reason'] = server.lockedReason;
  if (minor >= 19) body['description'] = server.description;
  if (minor >= 26) body['tags'] = server.tags;
  if (minor >= 63) body['trusted_image_certificates'] = null;
  if (minor >= 71 && occasion !== 'list') body['server_groups'] = server.serverGroupId ? [server.serverGroupId] : [];
  if (minor >= 100) body['scheduler_hints'] = listed(server.schedulerHints ?? {});
  if (occasion === 'changed' && minor < 75) {
    body['addresses'] = addressesIn(addressesWith(ports, server), true);
    return body;
  }
  extend(body, cloud, server, ports, minor);
  if (asked.caller.isAdmin) addHost(body, cloud, server, minor);
  else if (minor >= 90) body['OS-EXT-SRV-ATTR:hostname'] = server.hostname;
  return body;
}

/** @see openstack/nova:nova/objects/request_spec.py _from_hints: each hint is kept as a list of strings */
const listed = (hints: Readonly<Record<string, unknown>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(hints).map(([name, value]) => [name, [value].flat().map(String)]));

function basics(cloud: Cloud, asked: Asked, server: Server, ports: readonly PluggedPort[], minor: number): Body {
  const status = statusOf(server);
  const body: Body = {
    id: server.id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: server.host === null ? '' : hostId(server.projectId, server.host),
    image: server.imageId && imageIn(cloud, asked, server.imageId, minor),
    flavor: flavorIn(cloud, asked, server.flavorId, minor),
    created: isoSeconds(server.createdAt),
    updated: isoSeconds(server.updatedAt),
    addresses: addressesIn(addressesWith(ports, server)),
    accessIPv4: server.accessIPv4,
    accessIPv6: server.accessIPv6,
    links: links(asked, 'servers', server.id),
    'OS-DCF:diskConfig': server.diskConfig,
  };
  if (progressing.has(status)) body['progress'] = 0;
  if (server.fault && (status === 'ERROR' || status === 'DELETED')) body['fault'] = faultIn(asked, server.fault);
  return body;
}

/** Where Nova shows a progress. Its drivers report none, so it stays as it was at first. */
const progressing = new Set(['ACTIVE', 'BUILD', 'REBUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING']);

function extend(body: Body, cloud: Cloud, server: Server, ports: readonly PluggedPort[], minor: number): void {
  body['OS-EXT-AZ:availability_zone'] = server.host === null ? '' : cloud.zone;
  body['config_drive'] = server.configDrive ? 'True' : '';
  body['key_name'] = server.keyName;
  body['OS-SRV-USG:launched_at'] = server.launchedAt === null ? null : isoMicros(server.launchedAt);
  body['OS-SRV-USG:terminated_at'] = server.deletedAt === null ? null : isoMicros(server.deletedAt);
  body['OS-EXT-STS:task_state'] = server.taskState;
  body['OS-EXT-STS:vm_state'] = server.vmState;
  body['OS-EXT-STS:power_state'] = powerStateOf(server);
  body['os-extended-volumes:volumes_attached'] = server.volumes.map(({ id, deleteOnTermination }) =>
    minor >= 3 ? { id, delete_on_termination: deleteOnTermination } : { id },
  );
  const groups = securityGroupsOf(ports, server);
  if (groups.length > 0) body['security_groups'] = groups;
  if (minor >= 96) body['pinned_availability_zone'] = server.pinnedZone ?? null;
}

function addHost(body: Body, cloud: Cloud, server: Server, minor: number): void {
  body['OS-EXT-SRV-ATTR:host'] = server.host;
  body['OS-EXT-SRV-ATTR:instance_name'] = `instance-${server.id.slice(0, 8)}`;
  body['OS-EXT-SRV-ATTR:hypervisor_hostname'] = server.host;
  if (minor >= 16) body['host_status'] = server.host === null ? '' : cloud.hosts.statusOf(server.host);
  if (minor < 3) return;
  body['OS-EXT-SRV-ATTR:reservation_id'] = server.reservationId;
  body['OS-EXT-SRV-ATTR:launch_index'] = server.launchIndex;
  body['OS-EXT-SRV-ATTR:hostname'] = server.hostname;
  body['OS-EXT-SRV-ATTR:kernel_id'] = '';
  body['OS-EXT-SRV-ATTR:ramdisk_id'] = '';
  body['OS-EXT-SRV-ATTR:root_device_name'] = '/dev/vda';
  body['OS-EXT-SRV-ATTR:user_data'] = server.userData;
}

/** The same for all servers of one project on one host, and no way back to the host. */
export const hostId = (projectId: string, host: string): string =>
  createHash('sha224')
    .update(projectId + host)
    .digest('hex');

/** Names of the groups that the ports have; those that were asked for while there are no ports. */
function securityGroupsOf(ports: readonly PluggedPort[], server: Server): { name: string }[] {
  const ofPorts = ports.flatMap((port) => port.securityGroups.map(({ name }) => name));
  return [...new Set(ports.length > 0 ? ofPorts : server.securityGroups)].map((name) => ({ name }));
}

function faultIn(asked: Asked, { code, message, created }: NonNullable<Server['fault']>): Body {
  const shown = { code, created: isoSeconds(created), message };
  return asked.caller.isAdmin ? { ...shown, details: '' } : shown;
}

function imageIn(cloud: Cloud, asked: Asked, id: string, minor: number): Body {
  const image: Body = { id, links: bookmark(asked, 'images', id) };
  if (minor >= 98) image['properties'] = cloud.images.find(id)?.properties ?? {};
  return image;
}

function flavorIn(cloud: Cloud, asked: Asked, id: string, minor: number): Body {
  return minor < 47 ? { id, links: bookmark(asked, 'flavors', id) } : embedded(cloud.flavors.ever(id));
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
