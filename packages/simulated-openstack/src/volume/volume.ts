/** What a simulated Cinder keeps. Times in milliseconds since the epoch, in whole seconds as MySQL keeps them; sizes in GiB. */

export type Words = Readonly<Record<string, string>>;

export interface VolumeAttachment {
  readonly id: string;
  readonly serverId: string | null;
  readonly device: string | null;
  readonly host: string | null;
  readonly status: 'reserved' | 'attaching' | 'attached' | 'detached';
  readonly mode: 'rw' | 'ro';
  readonly attachedAt: number | null;
}

interface Kept {
  readonly id: string;
  projectId: string;
  userId: string;
  name: string | null;
  description: string | null;
  status: string;
  size: number;
  metadata: Words;
  readonly createdAt: number;
  /** Null until something changes. */
  updatedAt: number | null;
}

export interface Volume extends Kept {
  typeId: string;
  readonly zone: string;
  readonly snapshotId: string | null;
  readonly sourceId: string | null;
  bootable: boolean;
  multiattach: boolean;
  readonly: boolean | null;
  /** Of the image it was made from. */
  imageMetadata: Words;
  attachments: readonly VolumeAttachment[];
  migrationStatus: string | null;
  groupId: string | null;
}

export interface Snapshot extends Kept {
  readonly volumeId: string;
  /** Of the snapshot of a group that it is a part of. */
  readonly groupSnapshotId: string | null;
  progress: string;
}

export interface Backup extends Kept {
  readonly volumeId: string;
  readonly snapshotId: string | null;
  readonly parentId: string | null;
  readonly container: string;
  objectCount: number;
  failReason: string | null;
  readonly dataTimestamp: number;
}

export interface VolumeType {
  readonly id: string;
  name: string;
  description: string | null;
  isPublic: boolean;
  extraSpecs: Words;
  qosId: string | null;
  access: readonly string[];
  encryption: Readonly<Record<string, unknown>> | null;
}

export interface QosSpecs {
  readonly id: string;
  readonly name: string;
  consumer: string;
  specs: Words;
}

export interface Transfer {
  readonly id: string;
  readonly name: string | null;
  readonly volumeId: string;
  readonly authKey: string;
  readonly noSnapshots: boolean;
  readonly sourceProjectId: string;
  readonly createdAt: number;
}

export interface GroupType {
  readonly id: string;
  name: string;
  description: string | null;
  isPublic: boolean;
  specs: Words;
}

type KeptGroup = Omit<Kept, 'size' | 'metadata'>;

export interface Group extends KeptGroup {
  readonly typeId: string;
  readonly volumeTypeIds: readonly string[];
  /** What it was made from. */
  readonly snapshotId: string | null;
  readonly sourceId: string | null;
}

export interface GroupSnapshot extends KeptGroup {
  readonly groupId: string;
  readonly typeId: string;
}
