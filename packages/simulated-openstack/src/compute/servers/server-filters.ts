/** What `GET /servers` can be asked for. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py query_params_v21 */
import { serverStatuses } from '@cascade/openstack-protocol/compute/server-statuses.js';
import { booleanWord, strictBoolean } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { parseIsoTime } from '@cascade/openstack-protocol/filters/filter-operators.js';
import { collated, isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Cloud } from '../cloud.js';
import { addressesOf } from './server-addresses.js';
import { powerStateOf, statusOf, type Server } from './server.js';

export type Test = (server: Server) => boolean;

interface Filter {
  readonly test: (value: string, cloud: Cloud, asked: Asked) => Test;
  /** 'admin', or the microversion from which tenants may use it; always where it is absent. Others' use is ignored. */
  readonly open?: string;
  /** Where the schema has it; before, it drops the word, whoever asks. @default 2.1 */
  readonly since?: string;
}

const exact = (value: (server: Server) => string | number | null, open?: string): Filter => ({
  test: (wanted) => (server) => {
    const had = value(server);
    return had !== null && isSameText(String(had), wanted);
  },
  ...(open ? { open } : {}),
});

const tags = (isWanted: (had: readonly string[], wanted: readonly string[]) => boolean): Filter => ({
  test: (value) => {
    const wanted = value.split(',').map(collated);
    return (server) => isWanted(server.tags.map(collated), wanted);
  },
  open: '2.26',
  since: '2.26',
});

const isOn = (value: string): boolean => booleanWord(value) ?? false;

const address = (version: 4 | 6): Filter => ({
  test: (value, cloud) => {
    const isWanted = pattern(version === 4 ? 'ip' : 'ip6', value);
    return (server) => addressesOf(cloud, server).some((one) => one.version === version && isWanted(one.address));
  },
  ...(version === 6 ? { open: '2.5' } : {}),
});

/** What Nova leaves to its database; what it has no value for is never found. */
const regexp = (name: string, value: (server: Server) => string | number | null, open?: string): Filter => ({
  test: (wanted) => {
    const isWanted = pattern(name, wanted);
    return (server) => {
      const had = value(server);
      return had !== null && isWanted(String(had));
    };
  },
  ...(open ? { open } : {}),
});

const moment = (name: string, value: (server: Server) => number | null): Filter =>
  regexp(name, (server) => spelled(value(server)), '2.83');

/** As MySQL has it. */
const spelled = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString().slice(0, 19).replace('T', ' ');

const filters: Readonly<Record<string, Filter>> = {
  name: regexp('name', (server) => server.name),
  hostname: regexp('hostname', (server) => server.hostname, '2.90'),
  ip: address(4),
  ip6: address(6),
  status: { test: (_value, _cloud, asked) => statusTest(asked) },
  flavor: exact((server) => server.flavorId),
  image: exact((server) => server.imageId),
  reservation_id: regexp('reservation_id', (server) => server.reservationId),
  uuid: exact((server) => server.id, 'admin'),
  host: exact((server) => server.host, 'admin'),
  node: regexp('node', (server) => server.host, 'admin'),
  user_id: exact((server) => server.userId, '2.83'),
  key_name: regexp('key_name', (server) => server.keyName, '2.83'),
  vm_state: exact((server) => server.vmState, '2.83'),
  task_state: exact((server) => server.taskState, '2.83'),
  power_state: regexp('power_state', powerStateOf, '2.83'),
  progress: regexp('progress', () => 0, '2.83'),
  created_at: moment('created_at', (server) => server.createdAt),
  launched_at: moment('launched_at', (server) => server.launchedAt),
  terminated_at: moment('terminated_at', (server) => server.deletedAt),
  description: regexp('description', (server) => server.description, 'admin'),
  launch_index: regexp('launch_index', (server) => server.launchIndex, 'admin'),
  access_ip_v4: regexp('access_ip_v4', (server) => server.accessIPv4, 'admin'),
  access_ip_v6: regexp('access_ip_v6', (server) => server.accessIPv6, 'admin'),
  availability_zone: { test: zoneTest, open: '2.83' },
  config_drive: { test: (value) => (server) => server.configDrive && isOn(value), open: '2.83' },
  locked: {
    test: (value) => {
      const wanted = strictBoolean(value);
      return (server) => server.locked === wanted;
    },
    open: '2.73',
    since: '2.73',
  },
  tags: tags((had, wanted) => wanted.every((tag) => had.includes(tag))),
  'tags-any': tags((had, wanted) => wanted.some((tag) => had.includes(tag))),
  'not-tags': tags((had, wanted) => !wanted.every((tag) => had.includes(tag))),
  'not-tags-any': tags((had, wanted) => !wanted.some((tag) => had.includes(tag))),
};

/** Known to the query, and no filter of their own. */
const others = new Set([
  'limit',
  'marker',
  'sort_key',
  'sort_dir',
  'all_tenants',
  'project_id',
  'tenant_id',
  'deleted',
  'soft_deleted',
  'changes-since',
  'changes-before',
  'auto_disk_config',
  'kernel_id',
  'ramdisk_id',
  'root_device_name',
  'locked_by',
]);
const aliases: Readonly<Record<string, string>> = {
  display_name: 'name',
  display_description: 'description',
  image_ref: 'image',
};
/** Tables that the servers' own is joined with. */
const joined = new Set([
  'block_device_mapping',
  'info_cache',
  'metadata',
  'pci_devices',
  'security_groups',
  'services',
  'system_metadata',
]);

/** What a server must pass to be listed. @throws Fault 400, 403 */
export function serverTests(cloud: Cloud, asked: Asked): Test[] {
  const tests: Test[] = [deletionTest(asked)];
  const [since, before] = [timeAsked(asked, 'changes-since'), timeAsked(asked, 'changes-before')];
  if (since !== undefined && before !== undefined && before < since)
    throw new Fault('bad-request', 'The value of changes-since must be less than or equal to changes-before.');
  if (before !== undefined) tests.push((server) => server.updatedAt <= before);
  // Of a word that is there twice the last one counts.
  for (const [word, value] of new Map(asked.query)) {
    const name = Object.hasOwn(aliases, word) ? aliases[word]! : word;
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    const isNever = joined.has(name) || name.startsWith('_');
    if (isNever && asked.caller.isAdmin) throw new Fault('bad-request', `Invalid filter field: ${name}.`);
    if (filter && (name === word || asked.caller.isAdmin) && isOpen(asked, filter))
      tests.push(filter.test(value, cloud, asked));
    else if (!filter && !isNever && !others.has(name) && atLeast(asked.microversion, '2.75')) {
      throw new Fault('bad-request', `'${word}' does not match any of the regexes: '^_'`);
    }
  }
  return tests;
}

const isOpen = (asked: Asked, { open, since = '2.1' }: Filter): boolean =>
  atLeast(asked.microversion, since) &&
  (open === undefined || asked.caller.isAdmin || (open !== 'admin' && atLeast(asked.microversion, open)));

function deletionTest(asked: Asked): Test {
  const statuses = new Set(asked.query.getAll('status').map((word) => word.toUpperCase()));
  const isGone: Test = (server) => server.deletedAt !== null;
  if (statuses.has('DELETED') && statuses.size === 1) {
    if (asked.caller.isAdmin) return isGone;
    throw new Fault('forbidden', 'Only administrators may list deleted instances');
  }
  const deleted = asked.caller.isAdmin ? asked.query.get('deleted') : null;
  if (deleted !== null) return isOn(deleted) ? isGone : (server) => !isGone(server);
  const tellsGone = ['changes-since', 'changes-before'].some((name) => timeAsked(asked, name) !== undefined);
  return tellsGone ? () => true : (server) => !isGone(server);
}

/** Several are alternatives. @throws Fault 400 from 2.38 on where none of them is a status */
function statusTest(asked: Asked): Test {
  const wanted = asked.query.getAll('status').map((word) => word.toUpperCase());
  if (atLeast(asked.microversion, '2.38') && !wanted.some((word) => serverStatuses.has(word))) {
    throw new Fault('bad-request', 'Invalid status value');
  }
  return (server) => wanted.includes(statusOf(server));
}

/** A time of the query, in milliseconds. @throws Fault 400 */
export function timeAsked(asked: Asked, name: string): number | undefined {
  const text = asked.query.getAll(name).at(-1);
  // The schema before 2.66 drops what it does not know.
  if (text === undefined || (name === 'changes-before' && !atLeast(asked.microversion, '2.66'))) return undefined;
  const time = parseIsoTime(text);
  if (time) return time.getTime();
  throw new Fault(
    'bad-request',
    `Invalid input for query parameters ${name}. Value: ${text}. '${text}' is not a 'date-time'`,
  );
}

function zoneTest(value: string, cloud: Cloud): Test {
  const isWanted = pattern('availability_zone', value);
  return (server) => server.host !== null && isWanted(cloud.zone);
}

/** Nova leaves these to its database, which looks for them anywhere and in any case. @throws Fault 400 */
function pattern(name: string, text: string): (value: string) => boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(text, 'i');
  } catch {
    throw new Fault('bad-request', `Invalid filter value for ${name}: ${text}`);
  }
  return (value) => expression.test(value);
}
