/** What a Cinder does later. A row that became something else meanwhile is left as it is. */
import type { Backup, Group, GroupSnapshot, Snapshot, Volume } from './volume.js';

interface One {
  readonly id: string;
}

/** `before` is the status it had, and has again. */
interface Busy extends One {
  readonly before: string;
}

interface Kept {
  status: string;
  updatedAt: number | null;
}

/** What the tasks are about. */
interface Volumes {
  readonly volumes: Map<string, Volume>;
  readonly snapshots: Map<string, Snapshot>;
  readonly backups: Map<string, Backup>;
  readonly groups: Map<string, Group>;
  readonly groupSnapshots: Map<string, GroupSnapshot>;
  change<T extends { updatedAt: number | null }>(row: T, changes: Partial<T>): void;
}

export type VolumeTasks = ReturnType<typeof volumeTasks>;

export function volumeTasks(volumes: Volumes) {
  /** Changes one of a kind that is still what it was when its task began. */
  const from = <T extends Kept>(
    rows: ReadonlyMap<string, T>,
    { id }: One,
    status: string,
    changes: Partial<T>,
  ): void => {
    const row = rows.get(id);
    if (row?.status === status) volumes.change(row, changes);
  };
  const remove = (rows: Map<string, Kept>, { id }: One): void => {
    if (rows.get(id)?.status === 'deleting') rows.delete(id);
  };
  return {
    'finish volume'(about: One & { status: string }): void {
      from(volumes.volumes, about, 'creating', { status: about.status });
    },
    'delete volume': (about: One): void => remove(volumes.volumes, about),
    'extend volume'(about: Busy & { size: number }): void {
      from(volumes.volumes, about, 'extending', { status: about.before, size: about.size });
    },
    'retype volume'(about: Busy & { typeId: string }): void {
      from(volumes.volumes, about, 'retyping', { status: about.before, typeId: about.typeId });
    },
    'revert volume': (about: One): void => from(volumes.volumes, about, 'reverting', { status: 'available' }),
    'finish upload': (about: Busy): void => from(volumes.volumes, about, 'uploading', { status: about.before }),

    'finish snapshot'(about: One & { status: string }): void {
      const progress = about.status === 'available' ? '100%' : '0%';
      from(volumes.snapshots, about, 'creating', { status: about.status, progress });
    },
    'delete snapshot': (about: One): void => remove(volumes.snapshots, about),

    'finish backup'(about: Busy & { volumeId: string }): void {
      from(volumes.volumes, { id: about.volumeId }, 'backing-up', { status: about.before });
      from(volumes.backups, about, 'creating', { status: 'available', objectCount: 22 });
    },
    'finish restore'(about: One & { volumeId: string }): void {
      from(volumes.volumes, { id: about.volumeId }, 'restoring-backup', { status: 'available' });
      from(volumes.backups, about, 'restoring', { status: 'available' });
    },
    'finish import': (about: One): void => from(volumes.backups, about, 'creating', { status: 'available' }),
    'delete backup': (about: One): void => remove(volumes.backups, about),

    'finish group': (about: One): void => from(volumes.groups, about, 'creating', { status: 'available' }),
    'delete group': (about: One): void => remove(volumes.groups, about),
    'finish group snapshot': (about: One): void =>
      from(volumes.groupSnapshots, about, 'creating', { status: 'available' }),
  };
}
