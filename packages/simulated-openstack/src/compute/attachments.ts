/** Volumes of servers. @see openstack/nova:nova/api/openstack/compute/volume_attachments.py */
import { randomUUID } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { emptyPage, json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { boolean, isTrue, uuid } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from './cloud.js';
import { requireState, requireUnlocked, serverAsked } from './servers/asked-server.js';
import { deviceName } from './servers/build-server.js';
import type { AttachedVolume, Server, VmState } from './servers/server.js';

const states: readonly VmState[] = ['active', 'paused', 'stopped', 'resized', 'shelved', 'shelved_offloaded'];

const check = bodyCheck({
  type: 'object',
  properties: {
    volumeAttachment: {
      type: 'object',
      properties: {
        volumeId: uuid,
        device: { type: ['string', 'null'], pattern: '(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$' },
        tag: { type: 'string', minLength: 1, maxLength: 60, pattern: '^[^,/]*$' },
        delete_on_termination: boolean,
        id: uuid,
        serverId: uuid,
      },
      required: ['volumeId'],
      additionalProperties: false,
    },
  },
  required: ['volumeAttachment'],
  additionalProperties: false,
});

interface Wanted {
  readonly volumeId: string;
  readonly device?: string | null;
  readonly tag?: string;
  readonly delete_on_termination?: unknown;
}

export function attachmentRoutes(cloud: Cloud): Route[] {
  const all = '/servers/{id}/os-volume_attachments';
  const one = `${all}/{volume_id}`;
  return [
    route(`GET ${all}`, 'reader', async (asked) => {
      const server = serverAsked(cloud, asked);
      const offset = Number(asked.query.get('offset') ?? 0);
      const page = server.volumes.slice(offset, offset + Number(asked.query.get('limit') ?? 1000));
      return json(200, { volumeAttachments: page.map((volume) => view(asked, server, volume)) });
    }),
    route(`POST ${all}`, 'member', attach(cloud)),
    route(`GET ${one}`, 'reader', async (asked) => {
      const server = serverAsked(cloud, asked);
      return json(200, { volumeAttachment: view(asked, server, volumeAsked(server, asked)) });
    }),
    route(`PUT ${one}`, 'member', swapOrMark(cloud)),
    route(`DELETE ${one}`, 'member', detach(cloud)),
  ];
}

function view(asked: Asked, server: Server, volume: AttachedVolume, isNew = false): Record<string, unknown> {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  return {
    ...(since('2.89') && !isNew ? { attachment_id: volume.attachmentId, bdm_uuid: volume.bdmId } : { id: volume.id }),
    volumeId: volume.id,
    serverId: server.id,
    device: volume.device,
    ...(since('2.70') ? { tag: volume.tag } : {}),
    ...(since('2.79') ? { delete_on_termination: volume.deleteOnTermination } : {}),
  };
}

/** @throws Fault 404 */
function volumeAsked(server: Server, asked: Asked): AttachedVolume {
  const { volume_id: id = '' } = asked.params;
  const volume = server.volumes.find((one) => one.id === id);
  if (!volume) throw new Fault('not-found', `Instance ${server.id} is not attached to volume ${id}`);
  return volume;
}

export const noMapping = (volumeId: string): Fault =>
  new Fault('not-found', `No volume Block Device Mapping with id ${volumeId}.`);

/** The first name that no disk has. */
function nextDevice(server: Server): string {
  const taken = new Set(server.volumes.map(({ device }) => device));
  for (let at = server.imageId === '' ? 0 : 1; ; at += 1) if (!taken.has(deviceName(at))) return deviceName(at);
}

function attach(cloud: Cloud): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    check(body);
    const wanted = body['volumeAttachment'] as Wanted;
    const server = serverAsked(cloud, asked);
    requireUnlocked(asked, server);
    const volume = cloud.volumes.find(wanted.volumeId);
    if (!volume || !(asked.caller.isAdmin || volume.projectId === asked.caller.projectId)) {
      throw new Fault('not-found', `Volume ${wanted.volumeId} could not be found.`);
    }
    requireState(server, 'attach_volume', states);
    if (server.volumes.some(({ id }) => id === volume.id)) {
      throw new Fault(
        'bad-request',
        `Invalid volume: volume ${volume.id} is already attached to instance ${server.id}`,
      );
    }
    cloud.volumes.reserve(volume.id);
    const attached: AttachedVolume = {
      id: volume.id,
      attachmentId: randomUUID(),
      bdmId: randomUUID(),
      device: nextDevice(server),
      deleteOnTermination: isTrue(wanted.delete_on_termination ?? false),
      tag: wanted.tag ?? null,
    };
    cloud.servers.change(server.id, { volumes: [...server.volumes, attached] });
    cloud.journal.note(server, 'attach_volume', asked);
    cloud.after('volume attach', 'finish attachment', { serverId: server.id, volume: attached });
    if (atLeast(asked.microversion, '2.101')) return emptyPage(202);
    return json(200, { volumeAttachment: view(asked, server, attached, true) });
  };
}

/** The server may be gone by then, and the volume must not stay held. */
export function finishAttachment(cloud: Cloud, serverId: string, { id, device, attachmentId }: AttachedVolume): void {
  const isThere = cloud.servers.living(serverId)?.volumes.some((one) => one.attachmentId === attachmentId);
  if (isThere) cloud.volumes.attach(id, { serverId, device, attachmentId });
  else cloud.volumes.detach(id, serverId);
}

function detach(cloud: Cloud): Answer {
  return async (asked) => {
    const server = serverAsked(cloud, asked);
    requireUnlocked(asked, server);
    const { volume_id: id = '' } = asked.params;
    if (!cloud.volumes.find(id)) throw new Fault('not-found', `Volume ${id} could not be found.`);
    const volume = volumeAsked(server, asked);
    requireState(server, 'detach_volume', states);
    const isRoot = server.imageId === '' && volume === server.volumes[0];
    if (isRoot && server.host !== null) throw new Fault('forbidden', 'Cannot detach a root device volume');
    cloud.journal.note(server, 'detach_volume', asked);
    cloud.after('volume attach', 'release volume', { serverId: server.id, volumeId: volume.id });
    return noContent(202);
  };
}

export function releaseVolume(cloud: Cloud, serverId: string, volumeId: string): void {
  cloud.volumes.detach(volumeId, serverId);
  const server = cloud.servers.living(serverId);
  if (server) cloud.servers.change(serverId, { volumes: server.volumes.filter(({ id }) => id !== volumeId) });
}

/** A change of `delete_on_termination` (2.85), or another volume in its place. */
function swapOrMark(cloud: Cloud): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    check(body);
    const wanted = body['volumeAttachment'] as Wanted;
    const server = serverAsked(cloud, asked);
    requireUnlocked(asked, server);
    const old = server.volumes.find(({ id }) => id === asked.params['volume_id']);
    if (!old) throw noMapping(asked.params['volume_id'] ?? '');
    const isSame = wanted.volumeId === old.id;
    if (isSame && atLeast(asked.microversion, '2.85')) {
      const deleteOnTermination = isTrue(wanted.delete_on_termination ?? old.deleteOnTermination);
      const volumes = server.volumes.map((one) => (one === old ? { ...old, deleteOnTermination } : one));
      cloud.servers.change(server.id, { volumes });
      return noContent(202);
    }
    if (!asked.caller.isAdmin)
      throw new Fault('forbidden', "Policy doesn't allow os_compute_api:os-volumes-attachments:swap to be performed.");
    if (!cloud.volumes.find(wanted.volumeId))
      throw new Fault('bad-request', `Volume ${wanted.volumeId} could not be found.`);
    requireState(server, 'swap_volume', ['active', 'paused', 'resized']);
    cloud.volumes.reserve(wanted.volumeId);
    const next = { ...old, id: wanted.volumeId, attachmentId: randomUUID() };
    cloud.servers.change(server.id, { volumes: server.volumes.map((one) => (one === old ? next : one)) });
    cloud.volumes.detach(old.id, server.id);
    cloud.after('volume attach', 'finish attachment', { serverId: server.id, volume: next });
    return noContent(202);
  };
}
