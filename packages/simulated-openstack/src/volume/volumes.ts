/** One cloud's Cinder: what it keeps, and what its Nova asks of it. */
import { randomUUID } from 'node:crypto';
import { invalidVolume, noSuch, noSuchType } from '@cascade/openstack-adapter/volume/refusals.js';
import type { Attachment, CloudFacts, NewVolume, NovaVolume, NovaVolumes } from '../service-interfaces.js';
import type { After, Clock } from '../clock.js';
import type { Images } from '../image/images.js';
import type { Unmanaged } from './backend-objects.js';
import { noiseUuid, numberOf } from '../noise.js';
import { rowsIn, type Parts } from '../state/part.js';
import { volumeTasks, type VolumeTasks } from './scheduled-tasks.js';
import { Messages } from './messages.js';
import { ofType, Quotas, type Limits, type Wanted } from './quotas.js';
import { imageMetadataOf } from './image-metadata.js';
import type {
  Backup,
  Group,
  GroupSnapshot,
  GroupType,
  QosSpecs,
  Snapshot,
  Transfer,
  Volume,
  VolumeAttachment,
  VolumeType,
} from './volume.js';

const type = (id: string, name: string, description: string | null): VolumeType => ({
  id,
  name,
  description,
  isPublic: true,
  extraSpecs: {},
  qosId: null,
  access: [],
  encryption: null,
});

export class Volumes implements NovaVolumes {
  readonly clock: Clock;
  readonly after: After<VolumeTasks>;
  readonly zone: string;
  readonly volumes = new Map<string, Volume>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly backups = new Map<string, Backup>();
  readonly types = new Map<string, VolumeType>();
  readonly qosSpecs = new Map<string, QosSpecs>();
  readonly transfers = new Map<string, Transfer>();
  readonly groupTypes = new Map<string, GroupType>();
  readonly groups = new Map<string, Group>();
  readonly groupSnapshots = new Map<string, GroupSnapshot>();
  readonly quotas = new Quotas();
  /** Of its one backend. */
  readonly serviceId: string;
  readonly defaultTypeId: string;
  /** By project. */
  readonly defaultTypes = new Map<string, string>();
  /** What the backend has besides, by its name there. */
  readonly unmanaged = new Map<string, Unmanaged>();
  readonly messages: Messages;
  readonly disabledServices = new Map<string, string | null>();
  readonly frozenHosts = new Map<string, true>();
  /** By binary, host and the name of a logger. */
  readonly logLevels = new Map<string, string>();

  constructor(
    { clock, seed, name }: CloudFacts,
    readonly images: Images,
  ) {
    this.clock = clock;
    this.messages = new Messages(clock);
    this.after = clock.register(volumeTasks(this));
    this.zone = name;
    const idOf = (at: number): string => noiseUuid(seed, numberOf(name), numberOf('volume'), at);
    this.serviceId = idOf(0);
    this.defaultTypeId = idOf(1);
    this.types.set(this.defaultTypeId, type(this.defaultTypeId, '__DEFAULT__', 'Default Volume Type'));
  }

  parts(): Parts {
    return {
      volume: rowsIn(this.volumes),
      snapshot: rowsIn(this.snapshots),
      backup: rowsIn(this.backups),
      'volume type': rowsIn(this.types),
      'qos specs': rowsIn(this.qosSpecs),
      transfer: rowsIn(this.transfers),
      'group type': rowsIn(this.groupTypes),
      group: rowsIn(this.groups),
      'group snapshot': rowsIn(this.groupSnapshots),
      'disabled volume service': rowsIn(this.disabledServices),
      'frozen volume host': rowsIn(this.frozenHosts),
      'volume log level': rowsIn(this.logLevels),
      'default volume type': rowsIn(this.defaultTypes),
      'unmanaged volume': rowsIn(this.unmanaged),
      ...this.messages.parts(),
      ...this.quotas.parts(),
    };
  }

  /** `site@backend#pool`, where all volumes are. */
  get host(): string {
    return `${this.zone}@lvm#lvm`;
  }

  /** Milliseconds, in whole seconds. */
  now(): number {
    return Math.floor(this.clock.now() / 1000) * 1000;
  }

  change<T extends { updatedAt: number | null }>(row: T, changes: Partial<T>): void {
    Object.assign(row, changes, { updatedAt: this.now() });
  }

  /** Makes a volume; it is `creating` now and something else when that is done. @throws Fault 413 */
  add(fields: Partial<Volume> & Pick<Volume, 'projectId' | 'userId' | 'size'>, after = 'available'): Volume {
    const typeId = fields.typeId ?? this.defaultTypeOf(fields.projectId);
    this.requireRoom(fields.projectId, this.wantedOf({ size: fields.size, typeId }));
    const volume: Volume = {
      id: randomUUID(),
      name: null,
      description: null,
      status: 'creating',
      metadata: {},
      zone: this.zone,
      snapshotId: null,
      sourceId: null,
      bootable: false,
      multiattach: false,
      readonly: null,
      imageMetadata: {},
      attachments: [],
      migrationStatus: null,
      groupId: null,
      createdAt: this.now(),
      updatedAt: null,
      ...fields,
      typeId,
    };
    this.volumes.set(volume.id, volume);
    this.after('volume create', 'finish volume', { id: volume.id, status: after });
    return volume;
  }

  /** `deleting` now, gone when that is done. */
  drop(volume: Volume): void {
    this.change(volume, { status: 'deleting' });
    this.after('volume delete', 'delete volume', { id: volume.id });
  }

  /** What a volume counts for. */
  wantedOf({ size, typeId }: { size: number; typeId: string }): Wanted {
    const [volumes = '', gigabytes = ''] = ofType(this.types.get(typeId)?.name ?? '');
    return { volumes: 1, gigabytes: size, [volumes]: 1, [gigabytes]: size };
  }

  defaultTypeOf(projectId: string): string {
    return this.defaultTypes.get(projectId) ?? this.defaultTypeId;
  }

  limitsOf(projectId: string): Record<string, number> {
    return this.quotas.of(projectId, this.typeNames());
  }

  typeNames(): string[] {
    return [...this.types.values()].map(({ name }) => name);
  }

  /** @throws Fault 413 */
  requireRoom(projectId: string, wanted: Wanted, limits: Limits = this.limitsOf(projectId)): void {
    this.quotas.requireRoom(limits, this.usedBy(projectId), wanted);
  }

  usedBy(projectId: string): Record<string, number> {
    const used: Record<string, number> = {};
    const count = (what: string, typeName: string, much: number): void => {
      used[what] = (used[what] ?? 0) + much;
      used[`${what}_${typeName}`] = (used[`${what}_${typeName}`] ?? 0) + much;
    };
    const own = <T extends { projectId: string }>(rows: Iterable<T>): T[] =>
      [...rows].filter((row) => row.projectId === projectId);
    for (const { size, typeId } of own(this.volumes.values())) {
      const name = this.types.get(typeId)?.name ?? '';
      count('volumes', name, 1);
      count('gigabytes', name, size);
    }
    for (const { size, volumeId } of own(this.snapshots.values())) {
      const name = this.types.get(this.volumes.get(volumeId)?.typeId ?? '')?.name ?? '';
      count('snapshots', name, 1);
      count('gigabytes', name, size);
    }
    for (const { size } of own(this.backups.values())) {
      used['backups'] = (used['backups'] ?? 0) + 1;
      used['backup_gigabytes'] = (used['backup_gigabytes'] ?? 0) + size;
    }
    return used;
  }

  find(id: string): NovaVolume | undefined {
    const volume = this.volumes.get(id);
    if (!volume) return undefined;
    const { projectId, name, status, size, bootable, multiattach } = volume;
    return { id, projectId, name: name ?? '', status, size, bootable, multiattach };
  }

  reserve(id: string): void {
    const volume = this.volumes.get(id);
    if (!volume) throw noSuch('Volume', id);
    const isReady = volume.status === 'available' || (volume.multiattach && volume.status === 'in-use');
    if (!isReady)
      throw invalidVolume(
        `Volume ${id} status must be available or downloading to reserve, but the current status is ${volume.status}.`,
      );
    if (volume.status === 'available') this.change(volume, { status: 'reserved' });
  }

  attach(id: string, { serverId, device, attachmentId }: Attachment): void {
    const volume = this.volumes.get(id);
    if (!volume) return;
    const others = volume.attachments.filter((one) => one.id !== attachmentId && one.serverId !== serverId);
    const attached: VolumeAttachment = {
      id: attachmentId,
      serverId,
      device,
      host: `${this.zone}-compute-01`,
      status: 'attached',
      mode: 'rw',
      attachedAt: this.now(),
    };
    this.change(volume, { status: 'in-use', attachments: [...others, attached] });
  }

  detach(id: string, serverId: string): void {
    const volume = this.volumes.get(id);
    if (!volume) return;
    const left = volume.attachments.filter((one) => one.serverId !== serverId);
    const wasHeld = ['in-use', 'reserved', 'attaching', 'detaching'].includes(volume.status);
    if (!wasHeld) return;
    this.change(volume, { attachments: left, status: left.length > 0 ? 'in-use' : 'available' });
  }

  createFor({ projectId, userId, name, size, imageId, snapshotId, volumeType }: NewVolume): NovaVolume {
    const image = imageId === undefined ? undefined : this.images.row(imageId);
    const snapshot = snapshotId === undefined ? undefined : this.snapshots.get(snapshotId);
    if (snapshotId !== undefined && !snapshot) throw noSuch('Snapshot', snapshotId);
    const wanted = volumeType === undefined ? this.defaultTypeOf(projectId) : this.typeNamed(volumeType).id;
    const source = snapshot && this.volumes.get(snapshot.volumeId);
    const volume = this.add({
      projectId,
      userId,
      name,
      size,
      typeId: wanted,
      snapshotId: snapshotId ?? null,
      bootable: image !== undefined || (source?.bootable ?? false),
      imageMetadata: image ? imageMetadataOf(image) : (source?.imageMetadata ?? {}),
    });
    return this.find(volume.id)!;
  }

  remove(id: string): void {
    const volume = this.volumes.get(id);
    if (volume) this.drop(volume);
  }

  /** By id or name. @throws Fault 404 */
  typeNamed(idOrName: string): VolumeType {
    const found = this.types.get(idOrName) ?? [...this.types.values()].find(({ name }) => name === idOrName);
    if (found) return found;
    throw noSuchType('Volume type', idOrName);
  }
}
