/** What `sort_key` and `sort_dir` of `GET /servers` come to. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py VALID_SORT_KEYS */
import { Fault } from './faults.js';
import { atLeast } from './microversion.js';
import type { Asked } from './route.js';

export interface AskedSortKey {
  /** As the API names it: `display_name`. */
  readonly key: string;
  readonly direction: 'asc' | 'desc';
}

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
  const keys = asked.query.getAll('sort_key');
  // An ignored key takes the direction in its place with it.
  const kept = (_: string, at: number): boolean => !isIgnored(asked, keys[at] ?? '');
  const wanted = keys.filter(kept);
  for (const key of wanted) requireKey(asked, key, isKey);
  const ways = asked.query.getAll('sort_dir').map(directionOf).filter(kept);
  if (wanted.length === 0) wanted.push('created_at');
  return wanted.map((key, at) => ({ key, direction: ways[at] ?? ways[0] ?? 'desc' }));
}

const isIgnored = (asked: Asked, key: string): boolean =>
  key === 'locked' ? !atLeast(asked.microversion, '2.73') : ignored.has(key) && !atLeast(asked.microversion, '2.75');

function requireKey(asked: Asked, key: string, isKey: (key: string) => boolean): void {
  if (!isKey(key)) throw new Fault('bad-request', `Invalid input for query parameters sort_key. Value: ${key}`);
  if (operators.has(key) && !asked.caller.isAdmin)
    throw new Fault('forbidden', `Only administrators can sort servers by ${key}`);
}

function directionOf(text: string): 'asc' | 'desc' {
  if (text === 'asc' || text === 'desc') return text;
  throw new Fault('bad-request', `Invalid input received: Unknown sort direction, must be 'desc' or 'asc'`);
}
