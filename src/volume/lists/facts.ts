/** What lists filter and sort by, under the names that Cinder's database gives its columns. */
import type { Body } from '../../resources/kind.js';

const named = (body: Body): Body => ({
  display_name: body['name'] ?? null,
  display_description: body['description'] ?? null,
  status: body['status'],
  user_id: body['user_id'],
  changed_at: body['updated_at'] ?? null,
});

export const volumeFacts = (body: Body): Body => ({
  ...named(body),
  project_id: body['os-vol-tenant-attr:tenant_id'],
  size: body['size'],
  availability_zone: body['availability_zone'],
  host: body['os-vol-host-attr:host'],
  cluster_name: body['cluster_name'],
  snapshot_id: body['snapshot_id'],
  source_volid: body['source_volid'],
  volume_type_id: body['volume_type_id'],
  encryption_key_id: body['encryption_key_id'],
  consistencygroup_id: body['consistencygroup_id'],
  group_id: body['group_id'],
  provider_id: body['provider_id'],
  service_uuid: body['service_uuid'],
  migration_status: body['migration_status'],
  replication_status: body['replication_status'],
  attach_status: ((body['attachments'] ?? []) as unknown[]).length > 0 ? 'attached' : 'detached',
  bootable: body['bootable'] === 'true',
  multiattach: body['multiattach'],
  shared_targets: body['shared_targets'],
  use_quota: body['consumes_quota'],
  _name_id: body['os-vol-mig-status-attr:name_id'],
  metadata: body['metadata'] ?? {},
  glance_metadata: body['volume_image_metadata'] ?? {},
});

export const snapshotFacts = (body: Body): Body => ({
  ...named(body),
  project_id: body['os-extended-snapshot-attributes:project_id'],
  progress: body['os-extended-snapshot-attributes:progress'],
  volume_id: body['volume_id'],
  volume_size: body['size'],
  group_snapshot_id: body['group_snapshot_id'],
  use_quota: body['consumes_quota'],
  metadata: body['metadata'] ?? {},
});

export const backupFacts = (body: Body): Body => ({
  ...named(body),
  project_id: body['os-backup-project-attr:project_id'],
  size: body['size'],
  object_count: body['object_count'],
  availability_zone: body['availability_zone'],
  container: body['container'],
  fail_reason: body['fail_reason'],
  volume_id: body['volume_id'],
  snapshot_id: body['snapshot_id'],
  data_timestamp: body['data_timestamp'],
  encryption_key_id: body['encryption_key_id'],
});
