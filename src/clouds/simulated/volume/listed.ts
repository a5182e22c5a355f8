/** The three lists with filters, and what each may be asked for. */
import { backupColumns, snapshotColumns, volumeColumns } from './columns.js';
import type { Listed } from './list.js';
import type { Backup, Snapshot, Volume } from './volume.js';
import type { Volumes } from './volumes.js';

const common = [
  'id',
  'project_id',
  'user_id',
  'display_name',
  'display_description',
  'status',
  'created_at',
  'updated_at',
];

export const listedVolumes = (volumes: Volumes): Listed<Volume> => ({
  kind: 'volume',
  keys: 'volumes',
  word: 'Volume',
  tenantFilters: [
    'name',
    'name~',
    'description~',
    'status',
    'metadata',
    'bootable',
    'migration_status',
    'availability_zone',
    'group_id',
    'size',
    'created_at',
    'updated_at',
    'consumes_quota',
  ],
  columns: new Set([
    ...common,
    'size',
    'availability_zone',
    'host',
    'snapshot_id',
    'source_volid',
    'volume_type_id',
    'bootable',
    'multiattach',
    'attach_status',
    'migration_status',
    'group_id',
    'consistencygroup_id',
    'replication_status',
    'service_uuid',
    'shared_targets',
    'use_quota',
  ]),
  rows: () => volumes.volumes.values(),
  columnsOf: (row) => volumeColumns(volumes, row),
});

export const listedSnapshots = (volumes: Volumes): Listed<Snapshot> => ({
  kind: 'snapshot',
  keys: 'snapshots',
  word: 'Snapshot',
  tenantFilters: [
    'name',
    'name~',
    'description~',
    'status',
    'volume_id',
    'metadata',
    'availability_zone',
    'consumes_quota',
  ],
  columns: new Set([
    ...common,
    'volume_id',
    'volume_size',
    'progress',
    'availability_zone',
    'host',
    'group_snapshot_id',
    'use_quota',
  ]),
  rows: () => volumes.snapshots.values(),
  columnsOf: (row) => snapshotColumns(volumes, row),
});

export const listedBackups = (volumes: Volumes): Listed<Backup> => ({
  kind: 'backup',
  keys: 'backups',
  word: 'Backup',
  tenantFilters: ['name', 'name~', 'description~', 'status', 'volume_id'],
  columns: new Set([
    ...common,
    'size',
    'object_count',
    'availability_zone',
    'container',
    'fail_reason',
    'volume_id',
    'snapshot_id',
    'data_timestamp',
  ]),
  rows: () => volumes.backups.values(),
  columnsOf: (row) => backupColumns(volumes, row),
});
