/** What Cinder's bodies name. @see ../../docs/architecture.md, linking */
import { refs, type Reference } from '../resources/references.js';

const hints = ['OS-SCH-HNT:scheduler_hints', 'volume.scheduler_hints'];

export const volumeReferences: readonly Reference[] = [
  ...refs('image', 'volume.imageRef', 'volume.image_id'),
  ...refs('volume', 'volume.source_volid'),
  ...refs('snapshot', 'volume.snapshot_id'),
  ...refs('backup', 'volume.backup_id'),
  ...refs('volume_group', 'volume.group_id'),
  ...refs('consistencygroup', 'volume.consistencygroup_id'),
  ...refs('volume_type', 'volume.volume_type'),
  // A volume in another site is on another host than all of this one's, so `different_host` pins nothing.
  ...hints.flatMap((hint) => [
    ...refs('volume', `${hint}.same_host`, `${hint}.same_host[]`),
    ...refs('server', `${hint}.local_to_instance`),
  ]),
];

export const volumeActionReferences: readonly Reference[] = [
  ...refs('volume_type', 'os-retype.new_type'),
  ...refs('image', 'os-reimage.image_id'),
  ...refs('snapshot', 'revert.snapshot_id'),
  ...refs('server', 'os-attach.instance_uuid'),
  ...refs('volume', 'os-migrate_volume_completion.new_volume'),
];

export const snapshotReferences: readonly Reference[] = refs('volume', 'snapshot.volume_id');

export const backupReferences: readonly Reference[] = [
  ...refs('volume', 'backup.volume_id'),
  ...refs('snapshot', 'backup.snapshot_id'),
];

export const restoreReferences: readonly Reference[] = refs('volume', 'restore.volume_id');

export const transferReferences: readonly Reference[] = refs('volume', 'transfer.volume_id');

export const attachmentReferences: readonly Reference[] = [
  ...refs('volume', 'attachment.volume_uuid'),
  ...refs('server', 'attachment.instance_uuid'),
];

export const groupReferences: readonly Reference[] = [
  ...refs('volume_group_type', 'group.group_type'),
  ...refs('volume_type', 'group.volume_types[]'),
];

export const groupFromSourceReferences: readonly Reference[] = [
  ...refs('group_snapshot', 'create-from-src.group_snapshot_id'),
  ...refs('volume_group', 'create-from-src.source_group_id'),
];

export const groupSnapshotReferences: readonly Reference[] = refs('volume_group', 'group_snapshot.group_id');

export const consistencyGroupFromSourceReferences: readonly Reference[] = [
  ...refs('cgsnapshot', 'consistencygroup-from-src.cgsnapshot_id'),
  ...refs('consistencygroup', 'consistencygroup-from-src.source_cgid'),
];

export const cgsnapshotReferences: readonly Reference[] = refs('consistencygroup', 'cgsnapshot.consistencygroup_id');
