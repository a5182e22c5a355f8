/** Lists, and what each may be asked for. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { noSuch } from '@cascade/openstack-adapter/volume/refusals.js';
import { backupColumns, groupColumns, qosColumns, snapshotColumns, transferColumns, volumeColumns } from './columns.js';
import type { Listed, Paged } from './list.js';
import type { Backup, Group, GroupSnapshot, QosSpecs, Snapshot, Transfer, Volume } from './volume.js';
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

const sorted = ['id', 'created_at', 'updated_at'];

export const pagedGroups: Paged<Group> = {
  columns: new Set([
    ...sorted,
    'project_id',
    'user_id',
    'name',
    'description',
    'status',
    'group_type_id',
    'group_snapshot_id',
    'source_group_id',
  ]),
  columnsOf: groupColumns,
  noMarker: (id) => noSuch('Group', id),
};

export const pagedGroupSnapshots: Paged<GroupSnapshot> = {
  columns: new Set([...sorted, 'project_id', 'user_id', 'name', 'description', 'status', 'group_type_id', 'group_id']),
  columnsOf: groupColumns,
  noMarker: (id) => noSuch('GroupSnapshot', id),
};

export const pagedTransfers: Paged<Transfer> = {
  columns: new Set([...sorted, 'volume_id', 'display_name', 'source_project_id', 'no_snapshots']),
  columnsOf: transferColumns,
  noMarker: (id) => noSuch('Transfer', id),
};

/** Their names and consumers are the values of one table. */
export const pagedQosSpecs: Paged<QosSpecs> = {
  columns: new Set([...sorted, 'key', 'value']),
  columnsOf: qosColumns,
  noMarker: (id) => new Fault('not-found', `No such QoS spec ${id}.`),
};
