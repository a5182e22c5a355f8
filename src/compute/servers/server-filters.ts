/** What `GET /servers` can be asked for, and by whom. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py query_params_v21 */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';

interface Filter {
  /** Microversion from which the schema has it: an unknown word before, for administrators too. @default 2.1 */
  readonly since?: string;
  /** Microversion from which it is a tenant's, too; ignored for tenants before, as Nova does. */
  readonly tenants?: string;
  /** True where the schema takes any words. Of all else it wants to know that it is a regular expression. */
  readonly isFree?: true;
}

const isFree = true;
const tenants = '2.1';
const tag: Filter = { since: '2.26', tenants: '2.26' };

const filters: Readonly<Record<string, Filter>> = {
  access_ip_v4: {},
  access_ip_v6: {},
  auto_disk_config: {},
  availability_zone: { tenants: '2.83' },
  'changes-before': { since: '2.66', tenants: '2.66', isFree },
  'changes-since': { tenants, isFree },
  config_drive: { tenants: '2.83' },
  created_at: { tenants: '2.83' },
  description: {},
  flavor: { tenants },
  host: { isFree },
  hostname: { tenants: '2.90' },
  image: { tenants, isFree },
  ip: { tenants },
  ip6: { tenants: '2.5' },
  kernel_id: {},
  key_name: { tenants: '2.83' },
  launch_index: { isFree },
  launched_at: { tenants: '2.83' },
  locked: { since: '2.73', tenants: '2.73', isFree },
  name: { tenants },
  node: {},
  'not-tags': tag,
  'not-tags-any': tag,
  power_state: { tenants: '2.83' },
  progress: { tenants: '2.83' },
  ramdisk_id: {},
  reservation_id: { tenants },
  root_device_name: {},
  status: { tenants, isFree },
  tags: tag,
  'tags-any': tag,
  task_state: { tenants: '2.83', isFree },
  terminated_at: { tenants: '2.83' },
  user_id: { tenants: '2.83', isFree },
  uuid: { isFree },
  vm_state: { tenants: '2.83', isFree },
};
/** Other words for a filter, which are an administrator's. */
const aliases: Readonly<Record<string, string>> = {
  display_name: 'name',
  display_description: 'description',
  image_ref: 'image',
};
/** Tables that Nova's own is joined with, and what no site tells of a server: nobody can ask for them. */
const refused = new Set([
  'block_device_mapping',
  'info_cache',
  'locked_by',
  'metadata',
  'pci_devices',
  'security_groups',
  'services',
  'system_metadata',
]);
/** Which page of whose servers, in which order: no filters. */
const others = new Set([
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

/**
 * What the list is filtered by, under each filter's own name; of a word that is there twice, the last value.
 * @throws Fault 400 for what the schema refuses: from 2.75 on also a word that it does not know
 */
export function serverFilters(asked: Asked): Map<string, string> {
  const wanted = new Map<string, string>();
  for (const [word, value] of asked.query) {
    const name = Object.hasOwn(aliases, word) ? aliases[word]! : word;
    if (others.has(name)) continue;
    if (refused.has(name) || name.startsWith('_')) {
      if (asked.caller.isAdmin) throw new Fault('bad-request', `Invalid filter field: ${name}.`);
      continue;
    }
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (!filter || !atLeast(asked.microversion, filter.since ?? '2.1')) {
      if (!atLeast(asked.microversion, '2.75')) continue;
      throw new Fault('bad-request', `'${word}' does not match any of the regexes: '^_'`);
    }
    if (!filter.isFree) requireExpression(word, value);
    const isOpen = word === name && filter.tenants !== undefined && atLeast(asked.microversion, filter.tenants);
    if (isOpen || asked.caller.isAdmin) wanted.set(name, value);
  }
  return wanted;
}

function requireExpression(word: string, value: string): void {
  try {
    // PostgreSQL's syntax is close to JavaScript's. What neither knows is refused here; the rest, by the database.
    if (value !== '' && new RegExp(value)) return;
  } catch {
    // refused below
  }
  const words = `Invalid input for query parameters ${word}. Value: ${value}. '${value}' is not a 'regex'`;
  throw new Fault('bad-request', words);
}

/** True where only what is gone is asked for, false where only what is there; undefined where nothing is said. @throws Fault 403 */
export function asksForGone(asked: Asked): boolean | undefined {
  if (asksForDeleted(asked)) {
    if (asked.caller.isAdmin) return true;
    throw new Fault('forbidden', 'Only administrators may list deleted instances');
  }
  const deleted = asked.caller.isAdmin ? asked.query.get('deleted') : null;
  return deleted === null ? undefined : booleanWord(deleted) === true;
}

export const asksForDeleted = (asked: Asked): boolean => {
  const [first, ...more] = new Set(statusesAsked(asked));
  return first === 'DELETED' && more.length === 0;
};

export const statusesAsked = (asked: Asked): string[] =>
  asked.query.getAll('status').map((status) => status.toUpperCase());
