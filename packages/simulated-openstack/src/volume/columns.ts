/** What lists filter and sort by, under the names that Cinder's database gives its columns. */
import type { Backup, Group, GroupSnapshot, QosSpecs, Snapshot, Transfer, Volume } from './volume.js';
import type { Volumes } from './volumes.js';

/** Times in milliseconds; dictionaries as they are. */
export type Columns = Readonly<Record<string, unknown>>;

const common = (row: Volume | Snapshot | Backup): Columns => ({
  id: row.id,
  project_id: row.projectId,
  user_id: row.userId,
  display_name: row.name,
  display_description: row.description,
  status: row.status,
  created_at: row.createdAt,
  updated_at: row.updatedAt,
  metadata: row.metadata,
});

export const volumeColumns = (volumes: Volumes, row: Volume): Columns => ({
  ...common(row),
  size: row.size,
  availability_zone: row.zone,
  host: volumes.host,
  snapshot_id: row.snapshotId,
  source_volid: row.sourceId,
  volume_type_id: row.typeId,
  bootable: row.bootable,
  multiattach: row.multiattach,
  attach_status: row.attachments.some(({ status }) => status === 'attached') ? 'attached' : 'detached',
  migration_status: row.migrationStatus,
  group_id: row.groupId,
  consistencygroup_id: null,
  replication_status: null,
  service_uuid: volumes.serviceId,
  shared_targets: false,
  use_quota: true,
  glance_metadata: row.imageMetadata,
});

export const snapshotColumns = (volumes: Volumes, row: Snapshot): Columns => ({
  ...common(row),
  volume_id: row.volumeId,
  volume_size: row.size,
  progress: row.progress,
  availability_zone: volumes.zone,
  host: volumes.host,
  group_snapshot_id: null,
  use_quota: true,
});

export const backupColumns = (volumes: Volumes, row: Backup): Columns => ({
  ...common(row),
  size: row.size,
  object_count: row.objectCount,
  availability_zone: volumes.zone,
  container: row.container,
  fail_reason: row.failReason,
  volume_id: row.volumeId,
  snapshot_id: row.snapshotId,
  data_timestamp: row.dataTimestamp,
});

/** Of groups and of their snapshots. */
export const groupColumns = (row: Group | GroupSnapshot): Columns => ({
  id: row.id,
  project_id: row.projectId,
  user_id: row.userId,
  name: row.name,
  description: row.description,
  status: row.status,
  group_type_id: row.typeId,
  created_at: row.createdAt,
  updated_at: row.updatedAt,
  group_snapshot_id: 'snapshotId' in row ? row.snapshotId : null,
  source_group_id: 'sourceId' in row ? row.sourceId : null,
  group_id: 'groupId' in row ? row.groupId : null,
});

export const transferColumns = (row: Transfer): Columns => ({
  id: row.id,
  volume_id: row.volumeId,
  display_name: row.name,
  source_project_id: row.sourceProjectId,
  no_snapshots: row.noSnapshots,
  created_at: row.createdAt,
});

export const qosColumns = ({ id, name, consumer }: QosSpecs): Columns => ({ id, value: consumer, key: name });
