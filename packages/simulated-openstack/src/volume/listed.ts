/** Lists, and what each may be asked for. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import {
  listedBackups as cinderBackups,
  listedSnapshots as cinderSnapshots,
  listedVolumes as cinderVolumes,
} from '@cascade/openstack-protocol/volume/cinder-lists.js';
import { noSuch } from '@cascade/openstack-adapter/volume/refusals.js';
import { backupColumns, groupColumns, qosColumns, snapshotColumns, transferColumns, volumeColumns } from './columns.js';
import type { Listed, Paged } from './list.js';
import type { Backup, Group, GroupSnapshot, QosSpecs, Snapshot, Transfer, Volume } from './volume.js';
import type { Volumes } from './volumes.js';

export const listedVolumes = (volumes: Volumes): Listed<Volume> => ({
  ...cinderVolumes,
  keys: 'volumes',
  rows: () => volumes.volumes.values(),
  columnsOf: (row) => volumeColumns(volumes, row),
});

export const listedSnapshots = (volumes: Volumes): Listed<Snapshot> => ({
  ...cinderSnapshots,
  keys: 'snapshots',
  rows: () => volumes.snapshots.values(),
  columnsOf: (row) => snapshotColumns(volumes, row),
});

export const listedBackups = (volumes: Volumes): Listed<Backup> => ({
  ...cinderBackups,
  keys: 'backups',
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
