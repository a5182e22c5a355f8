/** What `GET /servers` can be asked for, by whom, and how it is read. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py query_params_v21 */
import { booleanWord } from '../filters/boolean-word.js';
import { parseIsoTime } from '../filters/filter-operators.js';
import { Fault } from '../faults.js';
import { atLeast } from '../microversion.js';
import type { Asked } from '../server/route.js';
import { serverStatuses } from './server-statuses.js';

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

const filters = {
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
  locked_by: {},
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
} as const satisfies Readonly<Record<string, Filter>>;

export type ServerFilter = keyof typeof filters;

const isFilter = (name: string): name is ServerFilter => Object.hasOwn(filters, name);

/** Other words for a filter, which are an administrator's. */
const aliases: Readonly<Record<string, string>> = {
  display_name: 'name',
  display_description: 'description',
  image_ref: 'image',
};
/** Tables that Nova's own is joined with: nobody can ask for them. */
const joined = new Set([
  'block_device_mapping',
  'info_cache',
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
export function serverFilters(asked: Asked): Map<ServerFilter, string> {
  const wanted = new Map<ServerFilter, string>();
  for (const [word, value] of asked.query) {
    const name = Object.hasOwn(aliases, word) ? aliases[word]! : word;
    if (others.has(name)) continue;
    if (joined.has(name) || name.startsWith('_')) {
      if (asked.caller.isAdmin) throw invalidField(name);
      continue;
    }
    const filter: Filter | undefined = isFilter(name) ? filters[name] : undefined;
    if (!isFilter(name) || !atLeast(asked.microversion, filter?.since ?? '2.1')) {
      if (!atLeast(asked.microversion, '2.75')) continue;
      throw new Fault('bad-request', `'${word}' does not match any of the regexes: '^_'`);
    }
    if (!filter?.isFree) requireExpression(word, value);
    const isOpen = word === name && filter?.tenants !== undefined && atLeast(asked.microversion, filter.tenants);
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

export const invalidField = (name: string): Fault => new Fault('bad-request', `Invalid filter field: ${name}.`);

/** Which servers are listed by whether they are deleted. */
export type Deletion = 'deleted' | 'living' | 'both';

/** @throws Fault 403 */
export function deletionAsked(asked: Asked, filters: ReadonlyMap<ServerFilter, string>): Deletion {
  if (asksForDeleted(asked)) {
    if (asked.caller.isAdmin) return 'deleted';
    throw new Fault('forbidden', 'Only administrators may list deleted instances');
  }
  const deleted = asked.caller.isAdmin ? asked.query.get('deleted') : null;
  if (deleted !== null) return booleanWord(deleted) === true ? 'deleted' : 'living';
  return filters.has('changes-since') || filters.has('changes-before') ? 'both' : 'living';
}

/** True where the one status that is asked for stands for what is deleted. */
export const asksForDeleted = (asked: Asked): boolean => {
  const [first, ...more] = new Set(statusesIn(asked));
  return first === 'DELETED' && more.length === 0;
};

const statusesIn = (asked: Asked): string[] => asked.query.getAll('status').map((status) => status.toUpperCase());

/** Several are alternatives. @throws Fault 400 from 2.38 on where none of them is a status */
export function statusesAsked(asked: Asked): string[] {
  const wanted = statusesIn(asked);
  if (atLeast(asked.microversion, '2.38') && !wanted.some((status) => serverStatuses.has(status))) {
    throw new Fault('bad-request', 'Invalid status value');
  }
  return wanted;
}

/** The time of the changes that are asked for. @throws Fault 400 */
export function changesAsked(filters: ReadonlyMap<ServerFilter, string>): { since?: Date; before?: Date } {
  const [since, before] = (['changes-since', 'changes-before'] as const).map((name) =>
    momentIn(name, filters.get(name)),
  );
  if (since && before && before < since)
    throw new Fault('bad-request', 'The value of changes-since must be less than or equal to changes-before.');
  return { ...(since ? { since } : {}), ...(before ? { before } : {}) };
}

function momentIn(name: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const time = parseIsoTime(value);
  if (time) return time;
  throw new Fault(
    'bad-request',
    `Invalid input for query parameters ${name}. Value: ${value}. '${value}' is not a 'date-time'`,
  );
}

/**
 * The regular expression that Nova leaves to its database, MySQL: it is matched without regard to case, and | is a letter
 * like any other.
 * @see openstack/nova:nova/db/main/api.py _regex_instance_filter, _safe_regex_mysql
 */
export const databaseExpression = (text: string): string => text.replaceAll('|', '\\|');

/** A moment as MySQL spells it, with which the expression is compared. */
export const momentExpression = (text: string): string => text.replace(/(?<=\d)T(?=\d)/, ' ').replace(/(?<=\d)Z$/, '');
