/** `POST /volumes/{id}/action`. @see openstack/cinder:cinder/api/contrib/volume_actions.py, admin_actions.py, cinder/volume/api.py */
import { randomUUID } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import {
  invalidField,
  invalidInput,
  invalidVolume,
  noSuchAction,
  notAllowed,
  required,
} from '@cascade/openstack-adapter/volume/refusals.js';
import { requireRow, sizeOf, wordsOf } from './asked.js';
import { volumeName } from './backend-objects.js';
import { isFitting } from './scheduler.js';
import { typeFor } from './types.js';
import { uploadImage } from './upload-image.js';
import type { Volume, VolumeAttachment } from './volume.js';
import type { Volumes } from './volumes.js';

type Given = Readonly<Record<string, unknown>>;

interface Action {
  readonly admin?: true;
  readonly since?: string;
  /** What it answers; nothing is 202 without a body. */
  run(volumes: Volumes, volume: Volume, given: Given, asked: Asked): OpenStackResponse | void;
}

export async function actOnVolume(volumes: Volumes, asked: Asked): Promise<OpenStackResponse> {
  const body = await asked.readJson();
  const [name = '', given] = Object.entries(body)[0] ?? [];
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  const isKnown = action && (!action.since || atLeast(asked.microversion, action.since));
  if (!isKnown) throw noSuchAction(name);
  const volume = requireRow(volumes.volumes, 'Volume', asked, asked.params['volume_id']);
  if (action.admin && !asked.caller.isAdmin)
    throw notAllowed(`volume_extension:volume_admin_actions:${name.replace(/^os-/, '')}`);
  return action.run(volumes, volume, isObject(given) ? given : {}, asked) ?? noContent(202);
}

const isHeld = (volume: Volume): boolean => volume.attachments.some(({ status }) => status === 'attached');

/** @throws Fault 400 */
function requireStatus(volume: Volume, ...allowed: string[]): void {
  if (allowed.includes(volume.status)) return;
  const wanted = allowed.length === 1 ? allowed[0] : `in ${allowed.join(' or ')}`;
  throw invalidVolume(`Volume ${volume.id} status must be ${wanted}, but current status is: ${volume.status}.`);
}

function text(given: Given, name: string): string {
  const value = given[name];
  if (value === undefined) throw required(name);
  if (typeof value !== 'string') throw invalidField(name, value, `${JSON.stringify(value)} is not of type 'string'`);
  return value;
}

const actions: Readonly<Record<string, Action>> = {
  'os-attach': {
    run(volumes, volume, given) {
      const [serverId, host] = [given['instance_uuid'], given['host_name']];
      if (serverId === undefined && host === undefined) {
        throw new Fault('bad-request', 'Invalid request to attach volume to an invalid target');
      }
      requireStatus(volume, 'available', 'reserved', 'attaching', ...(volume.multiattach ? ['in-use'] : []));
      const attachment: VolumeAttachment = {
        id: randomUUID(),
        status: 'attached',
        mode: given['mode'] === 'ro' ? 'ro' : 'rw',
        attachedAt: volumes.now(),
        serverId: typeof serverId === 'string' ? serverId : null,
        host: typeof host === 'string' ? host : null,
        device: text(given, 'mountpoint'),
      };
      volumes.change(volume, { status: 'in-use', attachments: [...volume.attachments, attachment] });
    },
  },
  'os-detach': {
    run(volumes, volume, given) {
      const id = given['attachment_id'];
      const left = typeof id === 'string' ? volume.attachments.filter((one) => one.id !== id) : [];
      if (typeof id === 'string' && left.length === volume.attachments.length)
        throw new Fault('not-found', `Volume attachment could not be found with filter: attachment_id = ${id}.`);
      volumes.change(volume, { attachments: left, status: left.length > 0 ? 'in-use' : 'available' });
    },
  },
  'os-reserve': { run: (volumes, volume) => volumes.reserve(volume.id) },
  'os-unreserve': {
    run(volumes, volume) {
      if (['reserved', 'attaching'].includes(volume.status)) {
        volumes.change(volume, { status: isHeld(volume) ? 'in-use' : 'available' });
      }
    },
  },
  'os-begin_detaching': {
    run(volumes, volume) {
      if (volume.status !== 'in-use' || !isHeld(volume)) {
        throw invalidVolume(
          "Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.",
        );
      }
      volumes.change(volume, { status: 'detaching' });
    },
  },
  'os-roll_detaching': {
    run(volumes, volume) {
      if (volume.status === 'detaching') volumes.change(volume, { status: 'in-use' });
    },
  },
  'os-initialize_connection': {
    run(_volumes, volume, given) {
      if (!isObject(given['connector'])) throw required('connector');
      const data = {
        target_portal: '127.0.0.1:3260',
        target_iqn: `iqn.2010-10.org.openstack:volume-${volume.id}`,
        target_lun: 1,
        volume_id: volume.id,
        access_mode: volume.readonly ? 'ro' : 'rw',
      };
      return json(200, { connection_info: { driver_volume_type: 'iscsi', data } });
    },
  },
  'os-terminate_connection': { run: () => undefined },
  'os-extend': {
    run(volumes, volume, given, asked) {
      const size = sizeOf(given['new_size'], 'new_size');
      requireStatus(volume, 'available', ...(atLeast(asked.microversion, '3.42') ? ['in-use'] : []));
      if (size <= volume.size)
        throw invalidInput(
          `New size for extend must be greater than current size. (current: ${volume.size}, extended: ${size}).`,
        );
      volumes.requireRoom(volume.projectId, { gigabytes: size - volume.size });
      if (!isFitting(volumes, volume.typeId, size - volume.size)) {
        const told = { projectId: volume.projectId, volumeId: volume.id, requestId: asked.requestId };
        return volumes.messages.tell(told, 'extend volume', 'Could not find any available weighted backend.');
      }
      const before = volume.status;
      volumes.change(volume, { status: 'extending' });
      volumes.after('volume extend', 'extend volume', { id: volume.id, size, before });
    },
  },
  'os-extend_volume_completion': {
    since: '3.71',
    admin: true,
    run(_volumes, volume) {
      const words = `Volume ${volume.id} is not being extended.`;
      if (volume.status !== 'extending') throw invalidInput(words);
    },
  },
  'os-set_bootable': {
    run(volumes, volume, given) {
      const bootable = booleanWord(String(given['bootable']));
      if (bootable === undefined)
        throw invalidField('bootable', given['bootable'], `'${String(given['bootable'])}' is not one of [True, False]`);
      volumes.change(volume, { bootable });
      return noContent(200);
    },
  },
  'os-update_readonly_flag': {
    run(volumes, volume, given) {
      const readonly = booleanWord(String(given['readonly']));
      if (readonly === undefined)
        throw invalidField('readonly', given['readonly'], `'${String(given['readonly'])}' is not one of [True, False]`);
      requireStatus(volume, 'available');
      volumes.change(volume, { readonly });
    },
  },
  'os-retype': {
    run(volumes, volume, given, { caller }) {
      requireStatus(volume, 'available', 'in-use');
      const type = typeFor(volumes, caller, text(given, 'new_type'));
      if (type.id === volume.typeId) throw invalidInput('Retype requires a volume type other than the current one.');
      const before = volume.status;
      volumes.change(volume, { status: 'retyping' });
      volumes.after('volume retype', 'retype volume', { id: volume.id, typeId: type.id, before });
    },
  },
  'os-reset_status': {
    admin: true,
    run(volumes, volume, given) {
      const { status, attach_status: attached, migration_status: migration } = given;
      volumes.change(volume, {
        ...(typeof status === 'string' ? { status: status.toLowerCase() } : {}),
        ...(attached === 'detached' ? { attachments: [] } : {}),
        ...(typeof migration === 'string' ? { migrationStatus: migration === 'none' ? null : migration } : {}),
      });
    },
  },
  'os-force_delete': { admin: true, run: (volumes, volume) => volumes.drop(volume) },
  'os-force_detach': {
    admin: true,
    run: (volumes, volume) => volumes.change(volume, { attachments: [], status: 'available' }),
  },
  'os-volume_upload_image': { run: (volumes, volume, given, asked) => uploadImage(volumes, volume, given, asked) },
  'os-set_image_metadata': {
    run(volumes, volume, given) {
      const imageMetadata = { ...volume.imageMetadata, ...wordsOf(given['metadata']) };
      volumes.change(volume, { imageMetadata });
      return json(200, { metadata: imageMetadata });
    },
  },
  'os-unset_image_metadata': {
    run(volumes, volume, given) {
      const key = text(given, 'key');
      if (!Object.hasOwn(volume.imageMetadata, key)) {
        throw new Fault('not-found', `Glance metadata for volume/snapshot ${volume.id} cannot be found.`);
      }
      const { [key]: _gone, ...imageMetadata } = volume.imageMetadata;
      volumes.change(volume, { imageMetadata });
      return noContent(200);
    },
  },
  'os-show_image_metadata': { run: (_volumes, volume) => json(200, { metadata: volume.imageMetadata }) },
  'os-unmanage': {
    admin: true,
    run(volumes, volume, _given, { requestId }) {
      requireStatus(volume, 'available', 'error');
      if (volumes.types.get(volume.typeId)?.encryption) {
        const told = { projectId: volume.projectId, volumeId: volume.id, requestId };
        volumes.messages.tell(told, 'unmanage volume', 'Unmanaging encrypted volumes is not supported.');
        throw new Fault('bad-request', 'Unmanaging encrypted volumes is not supported.');
      }
      volumes.volumes.delete(volume.id);
      const name = volumeName(volume.id);
      volumes.unmanaged.set(name, { name, size: volume.size, of: null });
    },
  },
  'os-migrate_volume': {
    admin: true,
    run(volumes, _volume, given) {
      const { host, cluster } = given;
      if (!host === !cluster) throw invalidInput('One and only one of cluster and host must be set.');
      // There is one backend, and moving to where it is makes no sense.
      throw new Fault(
        'bad-request',
        host === volumes.host
          ? `Invalid host: Destination host must be different than the current host`
          : `Invalid host: No available service named '${String(host ?? cluster)}'`,
      );
    },
  },
  revert: {
    since: '3.40',
    run(volumes, volume, given) {
      const snapshotId = given['snapshot_id'];
      const latest = [...volumes.snapshots.values()].findLast(({ volumeId }) => volumeId === volume.id);
      if (!latest) throw new Fault('bad-request', `Volume ${volume.id} doesn't have any snapshots.`);
      if (latest.id !== snapshotId) {
        throw new Fault(
          'bad-request',
          `Specified snapshot ${snapshotId === undefined ? 'None' : String(snapshotId)} is None or not the latest one of volume ${volume.id}.`,
        );
      }
      if (latest.size !== volume.size) {
        throw new Fault(
          'bad-request',
          `Can't revert volume ${volume.id} to its latest snapshot ${latest.id}. The volume size must be equal to the snapshot size.`,
        );
      }
      requireStatus(volume, 'available');
      volumes.change(volume, { status: 'reverting' });
      volumes.after('volume create', 'revert volume', { id: volume.id });
    },
  },
};
