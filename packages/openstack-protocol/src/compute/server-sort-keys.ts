/** What `sort_key` and `sort_dir` of `GET /servers` come to. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py VALID_SORT_KEYS */
import { Fault } from '../faults.js';
import { atLeast, type Microversion } from '../microversion.js';
import { pythonRepr } from './nova-schema.js';
import type { Asked } from '../server/route.js';

export interface AskedSortKey {
  /** As the API names it: `display_name`. */
  readonly key: string;
  readonly direction: 'asc' | 'desc';
}

const keys = [
  'access_ip_v4',
  'access_ip_v6',
  'auto_disk_config',
  'availability_zone',
  'config_drive',
  'created_at',
  'display_description',
  'display_name',
  'host',
  'hostname',
  'image_ref',
  'instance_type_id',
  'kernel_id',
  'key_name',
  'launch_index',
  'launched_at',
  'locked_by',
  'node',
  'power_state',
  'progress',
  'project_id',
  'ramdisk_id',
  'root_device_name',
  'task_state',
  'terminated_at',
  'updated_at',
  'user_id',
  'uuid',
  'vm_state',
];

/** Columns of Nova's that were sorted by before keys had a schema: ignored since then, and refused from 2.75 on. */
const ignored = new Set([
  'architecture',
  'cell_name',
  'cleaned',
  'default_ephemeral_device',
  'default_swap_device',
  'deleted',
  'deleted_at',
  'disable_terminate',
  'ephemeral_gb',
  'ephemeral_key_uuid',
  'id',
  'key_data',
  'launched_on',
  'memory_mb',
  'os_type',
  'reservation_id',
  'root_gb',
  'shutdown_terminate',
  'user_data',
  'vcpus',
  'vm_mode',
]);
const operators = new Set(['host', 'node']);

/**
 * At least one key; without any, Nova's own.
 * @param isKey whether servers can be sorted by a key
 * @throws Fault 400 for a key or a direction that is none, 403 for a key that is an administrator's
 * @see openstack/nova:nova/api/openstack/common.py get_sort_params
 */
export function serverSortKeys(asked: Asked, isKey: (key: string) => boolean): AskedSortKey[] {
  const given = asked.query.getAll('sort_key');
  // An ignored key takes the direction in its place with it.
  const kept = (_: string, at: number): boolean => !isIgnored(asked, given[at] ?? '');
  const wanted = given.filter(kept);
  for (const key of wanted) requireKey(asked, key, isKey);
  const ways = asked.query.getAll('sort_dir').map(directionOf).filter(kept);
  if (wanted.length === 0) wanted.push('created_at');
  return wanted.map((key, at) => ({ key, direction: ways[at] ?? ways[0] ?? 'desc' }));
}

const isIgnored = (asked: Asked, key: string): boolean =>
  key === 'locked' ? !atLeast(asked.microversion, '2.73') : ignored.has(key) && !atLeast(asked.microversion, '2.75');

function requireKey(asked: Asked, key: string, isKey: (key: string) => boolean): void {
  if (!isKey(key)) throw notOneOf(key, keysAt(asked.microversion), isKey);
  if (operators.has(key) && !asked.caller.isAdmin)
    throw new Fault('forbidden', `Only administrators can sort servers by ${key}`);
}

/** As the schema has them. */
const keysAt = (microversion: Microversion | undefined): string[] =>
  atLeast(microversion, '2.75') ? [...keys, 'locked'].sort() : [...keys, ...[...ignored, 'locked'].sort()];

/** What Nova sorts by and cannot be sorted by here is not among what the refusal names. */
function notOneOf(key: string, all: readonly string[], isKey: (key: string) => boolean): Fault {
  const shown = all.includes(key) ? all.filter(isKey) : all;
  const words = `Invalid input for query parameters sort_key. Value: ${key}. ${pythonRepr(key)} is not one of ${pythonRepr(shown)}`;
  return new Fault('bad-request', words);
}

function directionOf(text: string): 'asc' | 'desc' {
  if (text === 'asc' || text === 'desc') return text;
  throw new Fault('bad-request', `Invalid input received: Unknown sort direction, must be 'desc' or 'asc'`);
}
