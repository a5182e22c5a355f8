/** What the backend has, managed by Cinder or not: volumes and snapshots by the names of LVM. */
import type { Snapshot, Volume } from './volume.js';

/** What was left behind on the backend when Cinder let go of it. */
export interface Unmanaged {
  readonly name: string;
  /** GiB. */
  readonly size: number;
  /** Of a snapshot: the volume it is of, by its name on the backend. */
  readonly of: string | null;
}

/** What there is on it. */
interface Backend {
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly unmanaged: ReadonlyMap<string, Unmanaged>;
}

/** One of either kind, as `manageable_volumes` and `manageable_snapshots` tell of it. */
export interface BackendObject {
  readonly name: string;
  readonly size: number;
  readonly cinderId: string | null;
  /** Null where Cinder may take it. */
  readonly whyNot: string | null;
  readonly of: string | null;
}

export const volumeName = (id: string): string => `volume-${id}`;
export const snapshotName = (id: string): string => `_snapshot-${id}`;

/** @see openstack/cinder:cinder/volume/drivers/lvm.py _get_manageable_resource_info */
export function volumesOnBackend({ volumes, unmanaged }: Backend): BackendObject[] {
  const managed = [...volumes.values()].map(({ id, size }: Volume) => ({
    name: volumeName(id),
    size,
    cinderId: id,
    whyNot: 'already managed',
    of: null,
  }));
  return [...managed, ...free(unmanaged, false)];
}

export function snapshotsOnBackend({ snapshots, unmanaged }: Backend): BackendObject[] {
  const managed = [...snapshots.values()].map(({ id, size, volumeId }: Snapshot) => ({
    name: snapshotName(id),
    size,
    cinderId: id,
    whyNot: 'already managed',
    of: volumeName(volumeId),
  }));
  return [...managed, ...free(unmanaged, true)];
}

const free = (unmanaged: ReadonlyMap<string, Unmanaged>, areSnapshots: boolean): BackendObject[] =>
  [...unmanaged.values()]
    .filter(({ of }) => (of !== null) === areSnapshots)
    .map(({ name, size, of }) => ({ name, size, cinderId: null, whyNot: null, of }));
