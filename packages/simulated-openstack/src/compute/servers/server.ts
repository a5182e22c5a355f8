/** A simulated server, as the cloud itself knows it. Times in milliseconds since the epoch. */

export type VmState =
  | 'building'
  | 'active'
  | 'stopped'
  | 'paused'
  | 'suspended'
  | 'rescued'
  | 'resized'
  | 'shelved'
  | 'shelved_offloaded'
  | 'error'
  | 'deleted';

export interface Address {
  readonly network: string;
  readonly address: string;
  readonly version: 4 | 6;
  readonly mac: string;
  readonly type: 'fixed' | 'floating';
}

export interface AttachedVolume {
  readonly id: string;
  readonly attachmentId: string;
  readonly bdmId: string;
  readonly device: string;
  readonly deleteOnTermination: boolean;
  readonly tag: string | null;
}

/** A share of Manila that a server has. */
export interface Share {
  readonly id: string;
  readonly shareId: string;
  readonly tag: string;
}

export interface ServerFault {
  readonly code: number;
  readonly message: string;
  readonly created: number;
}

export interface Server {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly flavorId: string;
  /** '' for a server that boots from a volume. */
  readonly imageId: string;
  /** Null before it is scheduled and while it is shelved. */
  readonly host: string | null;
  readonly vmState: VmState;
  readonly taskState: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly launchedAt: number | null;
  readonly deletedAt: number | null;
  /** Of a server of the first population. The addresses of others are those of their ports. */
  readonly addresses: readonly Address[];
  readonly volumes: readonly AttachedVolume[];
  /** As asked for; what counts is what the ports have, once there are ports. */
  readonly securityGroups: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly keyName: string | null;
  readonly description: string | null;
  readonly locked: boolean;
  readonly lockedReason: string | null;
  readonly configDrive: boolean;
  readonly userData: string | null;
  readonly reservationId: string;
  /** The zone that was asked for, which it does not leave; absent where none was. */
  readonly pinnedZone?: string | null;
  readonly schedulerHints?: Readonly<Record<string, unknown>>;
  readonly shares?: readonly Share[];
  readonly launchIndex: number;
  readonly accessIPv4: string;
  readonly accessIPv6: string;
  readonly diskConfig: 'AUTO' | 'MANUAL';
  readonly hostname: string;
  readonly serverGroupId: string | null;
  readonly fault: ServerFault | null;
  /** What it was before a resize that is not confirmed. */
  readonly before: { readonly flavorId: string; readonly host: string | null; readonly vmState: VmState } | null;
}

type Row = readonly [pattern: RegExp, status: string];

const rebuilding: Row = [/^rebuild/, 'REBUILD'];
const resizing: Row = [/^resize_(prep|migrating|migrated|finish)$/, 'RESIZE'];
const migrating: Row = [/^migrating$/, 'MIGRATING'];

/** By task, before what the state alone says. @see openstack/nova:nova/api/openstack/common.py _STATE_MAP */
const byTask: Partial<Record<VmState, readonly Row[]>> = {
  active: [
    [/^reboot(ing|_pending|_started)$/, 'REBOOT'],
    [/^reboot(ing|_pending|_started)_hard$/, 'HARD_REBOOT'],
    [/^updating_password$/, 'PASSWORD'],
    rebuilding,
    migrating,
    resizing,
  ],
  stopped: [resizing, rebuilding],
  resized: [[/^resize_reverting$/, 'REVERT_RESIZE']],
  paused: [migrating],
  error: [rebuilding],
};

const byState: Record<VmState, string> = {
  building: 'BUILD',
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  paused: 'PAUSED',
  suspended: 'SUSPENDED',
  rescued: 'RESCUE',
  resized: 'VERIFY_RESIZE',
  shelved: 'SHELVED',
  shelved_offloaded: 'SHELVED_OFFLOADED',
  error: 'ERROR',
  deleted: 'DELETED',
};

export function statusOf({ vmState, taskState }: Pick<Server, 'vmState' | 'taskState'>): string {
  const row = taskState === null ? undefined : byTask[vmState]?.find(([pattern]) => pattern.test(taskState));
  return row?.[1] ?? byState[vmState];
}

/** @see openstack/nova:nova/compute/power_state.py */
export function powerStateOf({ vmState }: Pick<Server, 'vmState'>): number {
  if (vmState === 'active' || vmState === 'rescued' || vmState === 'resized') return 1;
  if (vmState === 'paused') return 3;
  return vmState === 'stopped' || vmState === 'suspended' || vmState === 'shelved_offloaded' ? 4 : 0;
}
