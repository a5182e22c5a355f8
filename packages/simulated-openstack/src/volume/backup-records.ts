/** Backups' records, to be kept outside of the database. @see openstack/cinder:cinder/backup/api.py import_record, cinder/objects/backup.py */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidInput, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, requireRow } from './asked.js';
import type { Backup } from './volume.js';
import type { Volumes } from './volumes.js';
import { backupBrief } from './view.js';

const driver = 'cinder.backup.drivers.posix.PosixBackupDriver';
const invalidBackup = (reason: string): Fault => new Fault('bad-request', `Invalid backup: ${reason}`);

export const backupRecordRoutes = (volumes: Volumes): Route[] => [
  route('GET /backups/{backup_id}/export_record', 'admin', async (asked) => {
    const backup = requireRow(volumes.backups, 'Backup', asked, asked.params['backup_id']);
    if (backup.status !== 'available') throw invalidBackup(`Backup status must be available and not ${backup.status}.`);
    return json(200, { 'backup-record': { backup_service: driver, backup_url: encoded(volumes, backup) } });
  }),
  route('POST /backups/import_record', 'admin', async (asked) => {
    const backup = importedFrom(await bodyUnder(asked, 'backup-record'), asked);
    if (volumes.backups.has(backup.id)) throw invalidBackup('Backup already exists in database.');
    volumes.backups.set(backup.id, backup);
    volumes.after('backup create', 'finish import', { id: backup.id });
    return json(201, { backup: backupBrief(asked, backup) });
  }),
];

/** The whole row in base 64, with the zone that wrote it. */
const encoded = (volumes: Volumes, { volumeId, projectId, userId, ...backup }: Backup): string =>
  Buffer.from(
    JSON.stringify({
      ...backup,
      volume_id: volumeId,
      project_id: projectId,
      user_id: userId,
      availability_zone: volumes.zone,
      service: driver,
    }),
  ).toString('base64');

/** @throws Fault 400 for a record that no Cinder wrote */
function importedFrom({ backup_service: service, backup_url: url }: Record<string, unknown>, asked: Asked): Backup {
  if (typeof service !== 'string') throw required('backup_service');
  if (typeof url !== 'string') throw required('backup_url');
  const record = tryJson(Buffer.from(url, 'base64'));
  if (!isObject(record)) throw invalidInput("Can't parse backup record.");
  if (typeof record['id'] !== 'string') throw invalidInput('Backup record is missing an id');
  const { volume_id: volumeId, project_id: _project, user_id: _user, availability_zone: _zone, ...row } = record;
  const { projectId = '', userId } = asked.caller;
  return { ...(row as unknown as Backup), volumeId: String(volumeId), projectId, userId, status: 'creating' };
}
