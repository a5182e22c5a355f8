/** What `GET /servers` can be asked for. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py query_params_v21 */
import { booleanWord } from '../openstack/boolean-word.js';
import { Fault } from '../openstack/faults.js';
import { atLeast } from '../openstack/microversion.js';
import type { Asked } from '../openstack/route.js';
import { condition, type Condition, type SortKey } from '../resources/query.js';
import type { FlavorIds } from './server-view.js';

const regexps = new Set(['name', 'hostname', 'instance_name']);
const lists: Record<string, string> = { ip: 'ip4', ip6: 'ip6' };
const exact = new Set([
  'access_ip_v4', 'access_ip_v6', 'auto_disk_config', 'availability_zone', 'config_drive', 'description', 'host',
  'image', 'kernel_id', 'key_name', 'launch_index', 'locked', 'power_state', 'progress', 'ramdisk_id', 'reservation_id',
  'root_device_name', 'task_state', 'user_id', 'vm_state',
]); // prettier-ignore
const tagFilters = new Set(['tags', 'tags-any', 'not-tags', 'not-tags-any']);
const renamed: Record<string, string> = { node: 'host', uuid: 'id' };

/** What tenants may filter by; the rest is an administrator's, ignored for others as Nova does. */
const tenantFilters = new Set([
  'reservation_id',
  'name',
  'status',
  'image',
  'flavor',
  'ip',
  'changes-since',
  'all_tenants',
]);
const tenantSince: Record<string, string> = {
  ip6: '2.5', tags: '2.26', 'tags-any': '2.26', 'not-tags': '2.26', 'not-tags-any': '2.26', 'changes-before': '2.66',
  locked: '2.73', availability_zone: '2.83', config_drive: '2.83', key_name: '2.83', created_at: '2.83', launched_at: '2.83',
  terminated_at: '2.83', power_state: '2.83', task_state: '2.83', vm_state: '2.83', progress: '2.83', user_id: '2.83',
}; // prettier-ignore

const paging = new Set([
  'limit',
  'marker',
  'sort_key',
  'sort_dir',
  'project_id',
  'tenant_id',
  'all_tenants',
  'deleted',
  'soft_deleted',
]);
const times = new Set(['created_at', 'launched_at', 'terminated_at', 'updated_at', 'changes-since', 'changes-before']);

/** @throws Fault 400 for a value that does not parse, and from 2.75 on for a parameter nobody knows */
export function serverConditions(asked: Asked, flavorNames: FlavorIds): { where: Condition[]; withDeleted: boolean } {
  const where: Condition[] = [];
  let withDeleted = asked.caller.isAdmin && isTrue(asked.query.get('deleted'));
  if (withDeleted) where.push(condition('r.deleted_at is not null'));
  for (const [name, value] of asked.query) {
    if (paging.has(name)) continue;
    if (!isKnown(name)) {
      if (atLeast(asked.microversion, '2.75')) {
        throw new Fault(
          'bad-request',
          `Invalid input for query parameters: Additional properties are not allowed ('${name}' was unexpected)`,
        );
      }
      continue;
    }
    if (!asked.caller.isAdmin && !openToTenants(asked, name)) continue;
    if (name === 'changes-since') withDeleted = true;
    where.push(...conditionsOf(asked, name, value, flavorNames));
  }
  return { where, withDeleted };
}

const isKnown = (name: string): boolean =>
  regexps.has(name) || exact.has(name) || tagFilters.has(name) || times.has(name) ||
  name in lists || name in renamed || name === 'status' || name === 'flavor' || name === 'metadata'; // prettier-ignore

function openToTenants(asked: Asked, name: string): boolean {
  const since = tenantSince[name];
  return tenantFilters.has(name) || (since !== undefined && atLeast(asked.microversion, since));
}

const isTrue = (value: string | null): boolean => booleanWord(value ?? '') === true;

function conditionsOf(asked: Asked, name: string, value: string, flavorNames: FlavorIds): Condition[] {
  if (name in renamed) return [condition(renamed[name] === 'id' ? 'r.id = ?' : `r.facts->>'host' = ?`, value)];
  if (regexps.has(name)) return [condition(`r.facts->>'${name}' ~ ?`, regexp(name, value))];
  if (name in lists) {
    const listed = `exists (select 1 from jsonb_array_elements_text(r.facts->'${lists[name]}') a where a ~ ?)`;
    return [condition(listed, regexp(name, value))];
  }
  if (tagFilters.has(name)) return [tagCondition(name, value.split(','))];
  if (times.has(name)) return [timeCondition(name, value)];
  if (name === 'status') return [statusCondition(asked)];
  if (name === 'flavor') {
    const names = [...flavorNames].filter(([, id]) => id === value).map(([flavor]) => flavor);
    return [condition(`r.facts->>'flavor' = ? or r.facts->>'flavor_name' = any(?)`, value, names)];
  }
  if (name === 'metadata') return [condition(`r.facts->'metadata' @> ?::jsonb`, value.replace(/'/g, '"'))];
  if (name === 'image') return [condition(`r.facts @> ?::jsonb`, JSON.stringify({ image: value }))];
  // Booleans come in many spellings; the facts hold true and false.
  if (name === 'locked') return [condition(`(r.facts->>'locked')::boolean = ?`, isTrue(value))];
  if (name === 'config_drive')
    return [condition(`coalesce(r.facts->>'config_drive', '') = ?`, isTrue(value) ? 'True' : '')];
  return [condition(`r.facts->>'${name}' = ?`, value)];
}

/** Nova matches names by the database's regular expressions. @throws Fault 400 */
function regexp(name: string, value: string): string {
  try {
    // PostgreSQL's syntax is close to JavaScript's; what neither knows is refused here, before the database is asked.
    new RegExp(value);
  } catch {
    throw new Fault('bad-request', `Invalid filter value for ${name}: ${value}`);
  }
  return value;
}

const statuses = new Set([
  'ACTIVE', 'BUILD', 'DELETED', 'ERROR', 'HARD_REBOOT', 'MIGRATING', 'PASSWORD', 'PAUSED', 'REBOOT', 'REBUILD', 'RESCUE',
  'RESIZE', 'REVERT_RESIZE', 'SHELVED', 'SHELVED_OFFLOADED', 'SHUTOFF', 'SOFT_DELETED', 'SUSPENDED', 'UNKNOWN', 'VERIFY_RESIZE',
]); // prettier-ignore

function statusCondition(asked: Asked): Condition {
  const wanted = asked.query.getAll('status').map((status) => status.toUpperCase());
  if (atLeast(asked.microversion, '2.38') && !wanted.some((status) => statuses.has(status))) {
    throw new Fault('bad-request', 'Invalid status value');
  }
  return condition(`r.facts->>'status' = any(?)`, wanted);
}

// jsonb's own operator for this is spelled with a question mark, which is our mark for a value.
const anyTag = `exists (select 1 from jsonb_array_elements_text(r.facts->'tags') t where t = any(?))`;

function tagCondition(name: string, tags: string[]): Condition {
  const all = JSON.stringify(tags);
  switch (name) {
    case 'tags':
      return condition(`r.facts->'tags' @> ?::jsonb`, all);
    case 'tags-any':
      return condition(anyTag, tags);
    case 'not-tags':
      return condition(`not r.facts->'tags' @> ?::jsonb`, all);
    default:
      return condition(`not ${anyTag}`, tags);
  }
}

// What Nova reads: ISO 8601, a date alone too, UTC where no offset is given. A plus sign may have become a space on the way.
const isoTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]?\d\d:?\d\d)?)?$/;

function timeCondition(name: string, value: string): Condition {
  const [, day, clock = '00:00', offset = 'Z'] = isoTime.exec(value) ?? [];
  const time = new Date(`${day}T${clock}${/^\d/.test(offset) ? `+${offset}` : offset}`);
  if (Number.isNaN(time.getTime()))
    throw new Fault('bad-request', `Invalid input for query parameters ${name}. Value: ${value}`);
  if (name === 'changes-since') return condition('r.updated_at >= ?', time);
  if (name === 'changes-before') return condition('r.updated_at <= ?', time);
  if (name === 'created_at' || name === 'updated_at') return condition(`r.${name} >= ?`, time);
  return condition(`(r.facts->>'${name}')::timestamp >= ?`, time);
}

const sortable: Record<string, string> = {
  display_name: 'name', display_description: 'description', uuid: 'id', id: 'id', instance_type_id: 'flavor_name', image_ref: 'image', created_at: 'created_at',
  updated_at: 'updated_at', project_id: 'project_id', host: 'host', node: 'host', locked: 'locked', access_ip_v4: 'access_ip_v4',
  access_ip_v6: 'access_ip_v6', auto_disk_config: 'auto_disk_config', availability_zone: 'availability_zone',
  config_drive: 'config_drive', hostname: 'hostname', kernel_id: 'kernel_id', key_name: 'key_name', launch_index: 'launch_index',
  launched_at: 'launched_at', power_state: 'power_state', progress: 'progress', ramdisk_id: 'ramdisk_id',
  root_device_name: 'root_device_name', task_state: 'task_state', terminated_at: 'terminated_at', user_id: 'user_id', vm_state: 'vm_state',
}; // prettier-ignore

/** @throws Fault 400 for a key that servers are not sorted by */
export function serverSort(asked: Asked): SortKey[] {
  const directions = asked.query.getAll('sort_dir');
  const keys = asked.query.getAll('sort_key').map((key, at): SortKey => {
    const by = sortable[key];
    if (!by) throw new Fault('bad-request', `Invalid input for query parameters sort_key. Value: ${key}`);
    const direction = directions[at] ?? directions[0] ?? 'desc';
    if (direction !== 'asc' && direction !== 'desc')
      throw new Fault('bad-request', `Invalid sort direction: ${direction}`);
    return { by, direction };
  });
  const askedBy = new Set(keys.map((key) => key.by));
  // Nova's own order, and an id at the end so that no two servers are equal.
  const last = [
    { by: 'created_at', direction: 'desc' },
    { by: 'id', direction: 'desc' },
  ] as const;
  return [...keys, ...last.filter((key) => !askedBy.has(key.by))];
}
