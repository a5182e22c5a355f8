/** What can be done to a server: from which states, by which task, into which state. */
import type { Cloud, Ending } from '../cloud.js';
import type { Task } from '../../durations.js';
import { requireState } from './asked-server.js';
import type { Server, VmState } from './server.js';

export interface Transition {
  /** As Nova names it when it refuses: "Cannot 'pause' instance …". */
  readonly word: string;
  readonly from: readonly VmState[];
  /** Tasks that may be under way; none otherwise. */
  readonly during?: readonly string[];
  readonly task: string;
  readonly to: VmState;
  readonly takes: Task;
}

const row = (word: string, from: VmState[], task: string, to: VmState, takes: Task): Transition => ({
  word,
  from,
  task,
  to,
  takes,
});

/** @see openstack/nova:nova/compute/api.py, the check_instance_state of each method */
export const transitions = {
  stop: row('stop', ['active', 'error'], 'powering-off', 'stopped', 'server stop'),
  start: row('start', ['stopped'], 'powering-on', 'active', 'server start'),
  pause: row('pause', ['active'], 'pausing', 'paused', 'server pause'),
  unpause: row('unpause', ['paused'], 'unpausing', 'active', 'server pause'),
  suspend: row('suspend', ['active'], 'suspending', 'suspended', 'server pause'),
  resume: row('resume', ['suspended'], 'resuming', 'active', 'server pause'),
  rescue: row('rescue', ['active', 'stopped', 'error'], 'rescuing', 'rescued', 'server rebuild'),
  unrescue: row('unrescue', ['rescued'], 'unrescuing', 'active', 'server start'),
  rebuild: row('rebuild', ['active', 'stopped', 'error'], 'rebuilding', 'active', 'server rebuild'),
  resize: row('resize', ['active', 'stopped'], 'resize_migrating', 'resized', 'server resize'),
  migrate: row('migrate', ['active', 'stopped'], 'resize_migrating', 'resized', 'server resize'),
  confirmResize: row('confirmResize', ['resized'], '', 'active', 'server confirm'),
  revertResize: row('revertResize', ['resized'], 'resize_reverting', 'active', 'server resize'),
  shelve: row('shelve', ['active', 'stopped', 'paused', 'suspended'], 'shelving', 'shelved_offloaded', 'server shelve'),
  shelveOffload: row('shelveOffload', ['shelved'], 'shelving_offloading', 'shelved_offloaded', 'server stop'),
  unshelve: row('unshelve', ['shelved', 'shelved_offloaded'], 'spawning', 'active', 'server build'),
  changePassword: row('changePassword', ['active'], 'updating_password', 'active', 'server stop'),
  softReboot: row('reboot', ['active'], 'rebooting', 'active', 'server reboot'),
  hardReboot: {
    ...row(
      'reboot',
      ['active', 'stopped', 'paused', 'suspended', 'error'],
      'rebooting_hard',
      'active',
      'server reboot',
    ),
    during: ['rebooting', 'reboot_pending', 'rebooting_hard', 'resuming', 'unpausing', 'pausing', 'suspending'],
  },
  liveMigrate: row('os-migrateLive', ['active', 'paused'], 'migrating', 'active', 'server migrate'),
  evacuate: row('evacuate', ['active', 'stopped', 'error'], 'rebuilding', 'active', 'server rebuild'),
} as const satisfies Record<string, Transition>;

interface Changes {
  /** What else is different as soon as it begins. */
  readonly atOnce?: Partial<Server>;
  /** What else is different when it is done. */
  readonly atEnd?: Partial<Server>;
  /** Status of the server's migration then. */
  readonly migration?: string;
}

/** Starts a transition; it ends by itself after its time, unless the server is deleted or its state is reset before. */
export function begin(cloud: Cloud, server: Server, transition: Transition, changes: Changes = {}): Server {
  requireState(server, transition.word, transition.from, transition.during);
  const task = transition.task || null;
  const after = cloud.servers.change(server.id, { ...changes.atOnce, taskState: task }) ?? server;
  const atEnd = { vmState: transition.to, ...changes.atEnd };
  cloud.after(transition.takes, 'end transition', { id: server.id, task, atEnd, migration: changes.migration });
  return after;
}

export function endTransition(cloud: Cloud, { id, task, atEnd, migration }: Ending): void {
  if (cloud.servers.living(id)?.taskState !== task) return;
  cloud.servers.change(id, { taskState: null, ...atEnd });
  if (migration !== undefined) cloud.migrations.settle(id, migration);
}
