/** Cinder's quotas: by project, by resource, and by volume type. @see openstack/cinder:cinder/quota.py */
import { overQuota } from '@cascade/openstack-adapter/volume/refusals.js';
import { rowsIn, valueAt, type Parts } from '../state/part.js';

export const plainLimits = {
  volumes: 1000,
  per_volume_gigabytes: -1,
  snapshots: 1000,
  gigabytes: 100_000,
  backups: 1000,
  backup_gigabytes: 100_000,
  groups: 10,
} as const;

export type Limited = keyof typeof plainLimits;
export type Limits = Readonly<Record<string, number>>;

/** What of one resource is wanted more. */
export type Wanted = Readonly<Record<string, number>>;

/** Each volume type has limits of its own, which are endless until somebody sets them. */
export const ofType = (name: string): string[] =>
  ['volumes', 'gigabytes', 'snapshots'].map((what) => `${what}_${name}`);

export class Quotas {
  private readonly own = new Map<string, Limits>();
  private usual: Limits = plainLimits;

  /** @param typeNames of all volume types there are */
  of(projectId: string, typeNames: readonly string[]): Record<string, number> {
    return { ...this.defaults(typeNames), ...this.own.get(projectId) };
  }

  defaults(typeNames: readonly string[]): Record<string, number> {
    const { groups, ...rest } = this.usual;
    const typed = Object.fromEntries(typeNames.flatMap(ofType).map((name) => [name, -1]));
    return { ...typed, ...rest, groups: groups ?? 10 };
  }

  set(projectId: string, limits: Limits): void {
    this.own.set(projectId, { ...this.own.get(projectId), ...limits });
  }

  setDefaults(limits: Limits): void {
    this.usual = { ...this.usual, ...limits };
  }

  forget(projectId: string): void {
    this.own.delete(projectId);
  }

  parts(): Parts {
    return {
      'volume quota': rowsIn(this.own),
      'volume defaults': valueAt(
        () => this.usual,
        (limits) => (this.usual = limits),
      ),
    };
  }

  /** @throws Fault 413 where `wanted` on top of what is used would be too much */
  requireRoom(limits: Limits, used: Wanted, wanted: Wanted): void {
    for (const [name, more] of Object.entries(wanted)) {
      const limit = limits[name] ?? -1;
      const now = used[name] ?? 0;
      if (limit < 0 || now + more <= limit) continue;
      throw overQuota(wordsFor(name, limit, now, more));
    }
  }
}

function wordsFor(name: string, limit: number, used: number, more: number): string {
  if (name.startsWith('backup_gigabytes')) {
    return `BackupLimitExceeded: Requested backup exceeds allowed Backup gigabytes quota. Requested ${more}G, quota is ${limit}G and ${used}G has been consumed.`;
  }
  if (name.startsWith('gigabytes')) {
    return `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed ${name} quota. Requested ${more}G, quota is ${limit}G and ${used}G has been consumed.`;
  }
  if (name.startsWith('snapshots')) {
    return `SnapshotLimitExceeded: Maximum number of snapshots allowed (${limit}) exceeded`;
  }
  if (name === 'backups') return `BackupLimitExceeded: Maximum number of backups allowed (${limit}) exceeded`;
  return `VolumeLimitExceeded: Maximum number of volumes allowed (${limit}) exceeded for quota '${name}'.`;
}
