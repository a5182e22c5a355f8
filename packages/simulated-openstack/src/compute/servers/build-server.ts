/** A new server comes to life: ports and disks at once, a host a little later, and then it boots. */
import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { Device } from './block-devices.js';
import type { Flavor } from '../flavors/flavors.js';
import type { Nic } from './nics.js';
import { noValidHost } from './population.js';
import type { AttachedVolume, Server } from './server.js';

export interface BuildPlan {
  readonly projectId: string;
  readonly userId: string;
  readonly flavor: Flavor;
  readonly imageId: string;
  /** One an administrator insists on. */
  readonly host: string | undefined;
  readonly nics: readonly Nic[];
  readonly devices: readonly Device[];
  readonly securityGroups: readonly string[];
  readonly keyName: string | null;
  readonly groupId: string | null;
}

/** @throws Fault 400, 403, 409: nothing of the server is left then */
export function buildServer(cloud: Cloud, server: Server, plan: BuildPlan): void {
  const volumes: AttachedVolume[] = [];
  try {
    plug(cloud, server, plan);
    for (const device of plan.devices.filter(({ isVolume }) => isVolume))
      volumes.push(volumeOf(cloud, server, device, volumes.length, plan));
  } catch (error) {
    cloud.networks.unplugDevice(server.id);
    for (const { id } of volumes) cloud.volumes.detach(id, server.id);
    throw error;
  }
  cloud.servers.add({ ...server, volumes });
  cloud.after('port bind', 'schedule server', { id: server.id, host: plan.host });
}

function plug(cloud: Cloud, { id: deviceId, projectId }: Server, { nics, securityGroups }: BuildPlan): void {
  const groups = securityGroups.length > 0 ? { securityGroups } : {};
  for (const nic of nics) cloud.networks.plug({ projectId, deviceId, ...groups, ...nic });
}

function volumeOf(cloud: Cloud, server: Server, device: Device, at: number, plan: BuildPlan): AttachedVolume {
  return {
    id: device.source === 'volume' ? reserved(cloud, device) : created(cloud, server, device, plan),
    attachmentId: randomUUID(),
    bdmId: randomUUID(),
    device: deviceName(plan.imageId === '' ? at : at + 1),
    deleteOnTermination: device.deleteOnTermination,
    tag: device.tag,
  };
}

function reserved(cloud: Cloud, { sourceId = '' }: Device): string {
  cloud.volumes.reserve(sourceId);
  return sourceId;
}

function created(cloud: Cloud, { projectId, userId }: Server, device: Device, plan: BuildPlan): string {
  const { source, sourceId, size, volumeType } = device;
  const volume = cloud.volumes.createFor({
    projectId,
    userId,
    name: '',
    size: size ?? Math.max(plan.flavor.disk, 1),
    ...(source === 'image' && sourceId ? { imageId: sourceId } : {}),
    ...(source === 'snapshot' && sourceId ? { snapshotId: sourceId } : {}),
    ...(volumeType ? { volumeType } : {}),
  });
  return volume.id;
}

/** `/dev/vda`, `/dev/vdb` … `/dev/vdaa` */
export function deviceName(at: number): string {
  const letter = (n: number): string => String.fromCharCode(97 + n);
  return `/dev/vd${at < 26 ? letter(at) : letter(Math.floor(at / 26) - 1) + letter(at % 26)}`;
}

/** @param wanted a host that an administrator insists on */
export function scheduleServer(cloud: Cloud, id: string, wanted: string | undefined): void {
  const server = cloud.servers.living(id);
  if (server?.taskState !== 'scheduling') return;
  const isAllowed = cloud.serverGroups.hostFilter(server.serverGroupId);
  const host = wanted ?? cloud.hosts.withRoomFor(cloud.flavors.ever(server.flavorId), isAllowed);
  // A host that is not there is found out by the scheduler, not by the request.
  if (host === undefined || !cloud.hosts.has(host)) {
    const fault = { code: 500, message: noValidHost, created: cloud.clock.now() };
    cloud.networks.unplugDevice(id);
    cloud.servers.change(id, { vmState: 'error', taskState: null, fault });
    return;
  }
  cloud.servers.change(id, { host, taskState: 'spawning' });
  cloud.after('server build', 'boot server', { id });
}

export function bootServer(cloud: Cloud, id: string): void {
  const server = cloud.servers.living(id);
  if (server?.taskState !== 'spawning') return;
  for (const { id: volumeId, device, attachmentId } of server.volumes) {
    cloud.volumes.attach(volumeId, { serverId: id, device, attachmentId });
  }
  cloud.servers.change(id, { vmState: 'active', taskState: null, launchedAt: cloud.clock.now() });
}
