/** Volumes, snapshots and backups as Cinder shows them at a microversion, to a tenant or to an administrator. */
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { projectUrl } from '@cascade/openstack-protocol/volume/cinder-paging.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { isoMicros } from '../clock.js';
import type { Backup, Snapshot, Volume } from './volume.js';
import type { Volumes } from './volumes.js';

type Body = Record<string, unknown>;

export function linksOf(asked: Asked, collection: string, id: string) {
  const self = `${projectUrl(asked)}/${collection}/${id}`;
  return [
    { rel: 'self', href: self },
    { rel: 'bookmark', href: self.replace(`${asked.serviceUrl}/v3`, asked.serviceUrl) },
  ];
}

export const timeOf = (ms: number | null): string | null => (ms === null ? null : isoMicros(ms));

const isAttached = ({ status }: { status: string }): boolean => status === 'attached';

/** @see openstack/cinder:cinder/api/v3/views/volumes.py, cinder/api/openstack/rest_api_version_history.rst */
export function volumeBody(volumes: Volumes, asked: Asked, volume: Volume): Body {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  const { isAdmin } = asked.caller;
  const type = volumes.types.get(volume.typeId);
  return {
    id: volume.id,
    status: volume.status,
    size: volume.size,
    availability_zone: volume.zone,
    created_at: timeOf(volume.createdAt),
    updated_at: timeOf(volume.updatedAt),
    name: volume.name,
    description: volume.description,
    volume_type: type?.name ?? null,
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceId,
    metadata:
      volume.readonly === null ? volume.metadata : { ...volume.metadata, readonly: volume.readonly ? 'True' : 'False' },
    links: linksOf(asked, 'volumes', volume.id),
    user_id: volume.userId,
    bootable: String(volume.bootable),
    encrypted: type?.encryption != null,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: volume.multiattach,
    attachments: volume.attachments.filter(isAttached).map((one) => ({
      id: volume.id,
      attachment_id: one.id,
      volume_id: volume.id,
      server_id: one.serverId,
      host_name: isAdmin ? one.host : null,
      device: one.device,
      attached_at: timeOf(one.attachedAt),
    })),
    ...(isAdmin ? { migration_status: volume.migrationStatus } : {}),
    ...(since('3.13') ? { group_id: volume.groupId } : {}),
    ...(since('3.21') && isAdmin ? { provider_id: null } : {}),
    ...(since('3.48') ? { shared_targets: false, service_uuid: volumes.serviceId } : {}),
    ...(since('3.61') && isAdmin ? { cluster_name: null } : {}),
    ...(since('3.63') ? { volume_type_id: volume.typeId } : {}),
    ...(since('3.65') ? { consumes_quota: true } : {}),
  };
}

/** With what Cinder's extensions add where a volume is shown or listed, and not where it is made or changed. */
export const volumeShown = (volumes: Volumes, asked: Asked, volume: Volume): Body => ({
  ...volumeBody(volumes, asked, volume),
  'os-vol-tenant-attr:tenant_id': volume.projectId,
  ...(asked.caller.isAdmin
    ? {
        'os-vol-mig-status-attr:migstat': volume.migrationStatus,
        'os-vol-mig-status-attr:name_id': null,
        'os-vol-host-attr:host': volume.status === 'creating' ? null : volumes.host,
      }
    : {}),
  ...(Object.keys(volume.imageMetadata).length > 0 ? { volume_image_metadata: volume.imageMetadata } : {}),
});

export const volumeBrief = (asked: Asked, { id, name }: Volume): Body => ({
  id,
  name,
  links: linksOf(asked, 'volumes', id),
});

export const snapshotBrief = (asked: Asked, snapshot: Snapshot): Body => {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  return {
    id: snapshot.id,
    created_at: timeOf(snapshot.createdAt),
    updated_at: timeOf(snapshot.updatedAt),
    name: snapshot.name,
    description: snapshot.description,
    volume_id: snapshot.volumeId,
    status: snapshot.status,
    size: snapshot.size,
    metadata: snapshot.metadata,
    ...(since('3.14') ? { group_snapshot_id: snapshot.groupSnapshotId } : {}),
    ...(since('3.41') ? { user_id: snapshot.userId } : {}),
    ...(since('3.65') ? { consumes_quota: true } : {}),
  };
};

export const snapshotBody = (asked: Asked, snapshot: Snapshot): Body => ({
  ...snapshotBrief(asked, snapshot),
  'os-extended-snapshot-attributes:project_id': snapshot.projectId,
  'os-extended-snapshot-attributes:progress': snapshot.progress,
});

export const backupBrief = (asked: Asked, { id, name }: Backup): Body => ({
  id,
  name,
  links: linksOf(asked, 'backups', id),
});

export function backupBody(volumes: Volumes, asked: Asked, backup: Backup): Body {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  const { isAdmin } = asked.caller;
  const dependents = [...volumes.backups.values()].some(({ parentId }) => parentId === backup.id);
  return {
    id: backup.id,
    status: backup.status,
    size: backup.size,
    object_count: backup.objectCount,
    availability_zone: volumes.zone,
    container: backup.container,
    created_at: timeOf(backup.createdAt),
    updated_at: timeOf(backup.updatedAt),
    name: backup.name,
    description: backup.description,
    fail_reason: backup.failReason,
    volume_id: backup.volumeId,
    links: linksOf(asked, 'backups', backup.id),
    is_incremental: backup.parentId !== null,
    has_dependent_backups: dependents,
    snapshot_id: backup.snapshotId,
    data_timestamp: timeOf(backup.dataTimestamp),
    ...(since('3.43') ? { metadata: backup.metadata } : {}),
    ...(since('3.18') && isAdmin ? { 'os-backup-project-attr:project_id': backup.projectId } : {}),
    ...(since('3.56') && isAdmin ? { user_id: backup.userId } : {}),
  };
}
