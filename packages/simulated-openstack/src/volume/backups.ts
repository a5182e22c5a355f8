/** Backups and their restoring. @see openstack/cinder:cinder/api/contrib/backups.py, cinder/backup/api.py */
import { randomUUID } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidVolume, noSuchAction, notAllowed, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, requireRow, textOrNone, wordsOf } from './asked.js';
import { list } from './list.js';
import { listedBackups } from './listed.js';
import type { Backup, Volume } from './volume.js';
import type { Volumes } from './volumes.js';
import { backupBody, backupBrief } from './view.js';

const of = '/backups/{backup_id}';
const invalidBackup = (reason: string): Fault => new Fault('bad-request', `Invalid backup: ${reason}`);

export function backupRoutes(volumes: Volumes): Route[] {
  const listed = listedBackups(volumes);
  const one = (asked: Asked): Backup => requireRow(volumes.backups, 'Backup', asked, asked.params['backup_id']);
  const body = (asked: Asked, backup: Backup) => backupBody(volumes, asked, backup);
  return [
    route('GET /backups', 'reader', list(listed, backupBrief)),
    route('GET /backups/detail', 'reader', list(listed, body)),
    route('POST /backups', 'member', async (asked) => {
      const backup = await create(volumes, asked);
      return json(202, { backup: backupBrief(asked, backup) });
    }),
    route(`GET ${of}`, 'reader', async (asked) => json(200, { backup: body(asked, one(asked)) })),
    route(
      `PUT ${of}`,
      'member',
      async (asked) => {
        const backup = one(asked);
        const given = await bodyUnder(asked, 'backup');
        volumes.change(backup, {
          ...('name' in given ? { name: textOrNone(given, 'name') } : {}),
          ...('description' in given ? { description: textOrNone(given, 'description') } : {}),
          ...('metadata' in given ? { metadata: wordsOf(given['metadata']) } : {}),
        });
        return json(200, { backup: backupBrief(asked, backup) });
      },
      { since: '3.9' },
    ),
    route(`DELETE ${of}`, 'member', async (asked) => {
      const backup = one(asked);
      if (!['available', 'error'].includes(backup.status))
        throw invalidBackup('Backup status must be available or error');
      if ([...volumes.backups.values()].some(({ parentId }) => parentId === backup.id))
        throw invalidBackup('Incremental backups exist for this backup.');
      drop(volumes, backup);
      return noContent(202);
    }),
    route(`POST ${of}/restore`, 'member', async (asked) =>
      json(202, { restore: await restore(volumes, one(asked), asked) }),
    ),
    route(`POST ${of}/action`, 'member', async (asked) => {
      const [name = '', given] = Object.entries(await asked.readJson())[0] ?? [];
      const backup = one(asked);
      if (!asked.caller.isAdmin) throw notAllowed(`volume_extension:backup_admin_actions:${name.replace(/^os-/, '')}`);
      if (name === 'os-force_delete') drop(volumes, backup);
      else if (name === 'os-reset_status' && isObject(given) && typeof given['status'] === 'string')
        volumes.change(backup, { status: given['status'] });
      else throw noSuchAction(name);
      return noContent(202);
    }),
  ];
}

function drop(volumes: Volumes, backup: Backup): void {
  volumes.change(backup, { status: 'deleting' });
  volumes.after('volume delete', 'delete backup', { id: backup.id });
}

/** @throws Fault 400, 404, 413 */
async function create(volumes: Volumes, asked: Asked): Promise<Backup> {
  const given = await bodyUnder(asked, 'backup');
  if (given['volume_id'] === undefined) throw required('volume_id');
  const volume = requireRow(volumes.volumes, 'Volume', asked, given['volume_id']);
  const snapshotId = textOrNone(given, 'snapshot_id');
  if (snapshotId !== null) requireRow(volumes.snapshots, 'Snapshot', asked, snapshotId);
  const force = booleanWord(String(given['force'] ?? 'false')) === true;
  if (volume.status === 'in-use' && !force && snapshotId === null) {
    throw invalidVolume(`Backing up an in-use volume must use the force flag.`);
  }
  if (!['available', 'in-use'].includes(volume.status)) {
    throw invalidVolume(
      `Volume to be backed up must be available or in-use, but the current status is "${volume.status}".`,
    );
  }
  volumes.requireRoom(volume.projectId, { backups: 1, backup_gigabytes: volume.size });
  const parent = booleanWord(String(given['incremental'] ?? 'false')) === true ? latestOf(volumes, volume) : null;
  const backup: Backup = {
    id: randomUUID(),
    projectId: volume.projectId,
    userId: asked.caller.userId,
    volumeId: volume.id,
    size: volume.size,
    snapshotId,
    name: textOrNone(given, 'name'),
    description: textOrNone(given, 'description'),
    metadata: atLeast(asked.microversion, '3.43') ? wordsOf(given['metadata']) : {},
    parentId: parent?.id ?? null,
    container: textOrNone(given, 'container') ?? 'volumebackups',
    objectCount: 0,
    failReason: null,
    dataTimestamp: volumes.now(),
    status: 'creating',
    createdAt: volumes.now(),
    updatedAt: null,
  };
  volumes.backups.set(backup.id, backup);
  const { status: before } = volume;
  volumes.change(volume, { status: 'backing-up' });
  volumes.after('backup create', 'finish backup', { id: backup.id, volumeId: volume.id, before });
  return backup;
}

/** @throws Fault 400 where there is nothing to go on from */
function latestOf(volumes: Volumes, volume: Volume): Backup {
  const own = [...volumes.backups.values()].filter((one) => one.volumeId === volume.id && one.status === 'available');
  const latest = own.at(-1);
  if (!latest) throw invalidBackup('No backups available to do an incremental backup.');
  return latest;
}

/** @throws Fault 400, 404, 413 */
async function restore(volumes: Volumes, backup: Backup, asked: Asked): Promise<Record<string, unknown>> {
  const given = await bodyUnder(asked, 'restore');
  if (backup.status !== 'available') throw invalidBackup('Backup status must be available');
  const volumeId = textOrNone(given, 'volume_id');
  const volume =
    volumeId === null
      ? newVolume(volumes, backup, asked, textOrNone(given, 'name'))
      : requireRow(volumes.volumes, 'Volume', asked, volumeId);
  if (volumeId !== null && volume.status !== 'available')
    throw invalidVolume('Volume to be restored to must be available');
  if (volume.size < backup.size)
    throw invalidVolume(`volume size ${volume.size} is too small to restore backup of size ${backup.size}.`);
  volumes.change(backup, { status: 'restoring' });
  volumes.change(volume, { status: 'restoring-backup' });
  volumes.after('backup restore', 'finish restore', { id: backup.id, volumeId: volume.id });
  return { backup_id: backup.id, volume_id: volume.id, volume_name: volume.name };
}

const newVolume = (volumes: Volumes, backup: Backup, { caller }: Asked, name: string | null): Volume =>
  volumes.add({
    projectId: backup.projectId,
    userId: caller.userId,
    size: backup.size,
    name: name ?? `restore_backup_${backup.id}`,
    description: 'auto-created_from_restore_from_backup',
  });
