/** In which order `GET /servers` may be asked for. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py VALID_SORT_KEYS */
import { Fault } from '../../openstack/faults.js';
import { atLeast } from '../../openstack/microversion.js';
import type { Asked } from '../../openstack/route.js';
import type { SortKey } from '../../resources/query.js';
import { rarelyAsked } from './server-facts.js';

const inBody = (field: string): string => `body.${field}`;

const sortable: Record<string, string> = {
  ...Object.fromEntries(Object.entries(rarelyAsked).map(([key, field]) => [key, inBody(field)])),
  ...Object.fromEntries(
    ['config_drive', 'created_at', 'key_name', 'locked', 'task_state', 'updated_at', 'user_id', 'vm_state'].map((key) => [key, key]),
  ),
  availability_zone: inBody('OS-EXT-AZ:availability_zone'),
  display_description: 'description',
  display_name: 'name',
  host: inBody('OS-EXT-SRV-ATTR:host'),
  hostname: inBody('OS-EXT-SRV-ATTR:hostname'),
  image_ref: 'image',
  instance_type_id: 'flavor_name',
  node: inBody('OS-EXT-SRV-ATTR:host'),
  project_id: inBody('tenant_id'),
  uuid: 'id',
}; // prettier-ignore
const operators = new Set(['host', 'node']);

/** Columns of Nova's that were sorted by before keys had a schema: ignored since then, and refused from 2.75 on. */
const ignored = new Set([
  'architecture', 'cell_name', 'cleaned', 'default_ephemeral_device', 'default_swap_device', 'deleted', 'deleted_at', 'disable_terminate',
  'ephemeral_gb', 'ephemeral_key_uuid', 'id', 'key_data', 'launched_on', 'memory_mb', 'os_type', 'reservation_id', 'root_gb', 'shutdown_terminate',
  'user_data', 'vcpus', 'vm_mode',
]); // prettier-ignore
const isIgnored = (asked: Asked, key: string): boolean =>
  key === 'locked' ? !atLeast(asked.microversion, '2.73') : ignored.has(key) && !atLeast(asked.microversion, '2.75');

/**
 * @throws Fault 400 for a key that servers are not sorted by, 403 for one that is an administrator's
 * @see openstack/nova:nova/api/openstack/common.py get_sort_params, nova/compute/instance_list.py InstanceSortContext
 */
export function serverSort(asked: Asked): SortKey[] {
  const keys = asked.query.getAll('sort_key');
  const directions = asked.query.getAll('sort_dir').map(directionOf);
  // An ignored key takes the direction in its place with it.
  const ignoredAt = new Set(keys.flatMap((key, at) => (isIgnored(asked, key) ? at : [])));
  const kept = (_: string, at: number): boolean => !ignoredAt.has(at);
  const [wanted, ways] = [keys.filter(kept), directions.filter(kept)];
  if (wanted.length === 0) wanted.push('created_at');
  const usual = ways[0] ?? 'desc';
  const sort = wanted.map((key, at): SortKey => ({ by: keptAs(asked, key), direction: ways[at] ?? usual }));
  const askedBy = new Set(sort.map((key) => key.by));
  // No two servers are equal: Nova's own order ends as it begins, as our indexes do, any other with the smaller id.
  const end: SortKey = { by: 'id', direction: sort[0]?.by === 'created_at' ? usual : 'asc' };
  return askedBy.has('id') ? sort : [...sort, end];
}

function keptAs(asked: Asked, key: string): string {
  const by = Object.hasOwn(sortable, key) && !ignored.has(key) ? sortable[key] : undefined;
  if (!by) throw new Fault('bad-request', `Invalid input for query parameters sort_key. Value: ${key}`);
  if (operators.has(key) && !asked.caller.isAdmin)
    throw new Fault('forbidden', `Only administrators can sort servers by ${key}`);
  return by;
}

function directionOf(text: string): 'asc' | 'desc' {
  if (text === 'asc' || text === 'desc') return text;
  throw new Fault('bad-request', `Invalid input received: Unknown sort direction, must be 'desc' or 'asc'`);
}
