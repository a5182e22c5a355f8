/** What servers are filtered by, in SQL. */
import { jsonb } from '../../database/storable.js';
import { booleanWord } from '../../openstack/boolean-word.js';
import { Fault } from '../../openstack/faults.js';
import { atLeast } from '../../openstack/microversion.js';
import type { Asked } from '../../openstack/route.js';
import { condition, patternCondition, type Condition } from '../../resources/query.js';
import { factText } from './server-facts.js';
import { asksForDeleted, asksForGone, serverFilters, statusesAsked, truthOf } from './server-filters.js';
import type { FlavorIds } from './server-view.js';

/** What Nova leaves to its database as a regular expression, and where it is kept. */
const regexps: Record<string, string> = {
  name: 'r.name',
  hostname: `coalesce(${factText('other_hostname')}, r.name)`,
  created_at: `to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')`,
  launched_at: `replace(${factText('launched_at')}, 'T', ' ')`,
  terminated_at: `replace(${factText('terminated_at')}, 'T', ' ')`,
  ...Object.fromEntries(
    ['access_ip_v4', 'access_ip_v6', 'description', 'kernel_id', 'key_name', 'launch_index', 'power_state', 'progress', 'ramdisk_id', 'reservation_id',
    'root_device_name'].map((name) => [name, factText(name)]),
  ),
}; // prettier-ignore
const moments = new Set(['created_at', 'launched_at', 'terminated_at']);
const addresses: Record<string, string> = { ip: factText('ip4'), ip6: factText('ip6') };
// To tenants a site is a zone, and to Nova one host.
const places = new Set(['availability_zone', 'host', 'node']);
const tagFilters = new Set(['tags', 'tags-any', 'not-tags', 'not-tags-any']);
const changes = new Set(['changes-since', 'changes-before']);
// Of what its site has forgotten without a word nobody is told.
const toldOf = `r.deleted_at is null or r.facts->>'status' in ('DELETED', 'SOFT_DELETED')`;

/** @throws Fault 400 for what Nova's schema refuses and for a value that does not parse, 403 */
export function serverConditions(
  asked: Asked,
  flavorNames: FlavorIds,
  inOneProject = false,
): { where: Condition[]; withDeleted: boolean } {
  const filters = serverFilters(asked);
  const [since, before] = [...changes].map((name) => filters.has(name) && momentIn(name, filters.get(name)!));
  if (since && before && before < since)
    throw new Fault('bad-request', 'The value of changes-since must be less than or equal to changes-before.');
  const where: Condition[] = [];
  for (const [name, value] of filters) where.push(...conditionsOf(asked, name, value, flavorNames, inOneProject));
  const gone = asksForGone(asked);
  if (gone) where.push(condition('r.deleted_at is not null'));
  const withDeleted = gone ?? (filters.has('changes-since') || filters.has('changes-before'));
  if (withDeleted) where.push(condition(toldOf));
  return { where, withDeleted };
}

function conditionsOf(
  asked: Asked,
  name: string,
  value: string,
  flavorNames: FlavorIds,
  inOneProject: boolean,
): Condition[] {
  const text = inOneProject ? unindexed : indexed;
  const column = regexps[name];
  if (column) return [matchCondition(text(column), moments.has(name) ? momentText(value) : value)];
  const address = addresses[name];
  // A part of an address, as Neutron looks for it in Nova's name. @see openstack/nova:nova/compute/api.py _ip_filter_using_neutron
  if (name === 'ip' && !inOneProject) return [dottedCondition(addresses['ip']!, value)];
  if (address) return [condition(`${text(address)} ilike ?`, `%${literally(value)}%`)];
  if (places.has(name)) return [placeCondition(name, value)];
  if (tagFilters.has(name)) return [tagCondition(name, value.split(','))];
  if (changes.has(name)) return [changeCondition(name, value)];
  if (name === 'uuid') return [condition('r.id = ?', value)];
  if (name === 'status') return asksForDeleted(asked) ? [] : [statusCondition(asked)];
  if (name === 'flavor') return [flavorCondition(value, flavorNames, inOneProject)];
  if (name === 'image' && value) return [equalCondition(factText(name), value, inOneProject)];
  // Booleans come in many spellings; the facts hold true or nothing, and Nova's word for a config drive is 'True'.
  if (name === 'locked') return [factCondition(name, truthOf(value) ? 'true' : '')];
  if (name === 'config_drive') return [factCondition(name, booleanWord(value) ? 'True' : '')];
  return [factCondition(name, value)];
}

// A project has few servers: its own index finds them at less cost than trigrams, which find those of all projects. How many
// a part of a text has among these the database only guesses.
const unindexed = (column: string): string => `(${column} || '')`;
const indexed = (column: string): string => column;

/**
 * Trigrams are of letters and digits: of 10.7.1 they would know three numbers, which half of all addresses have, and not
 * their order. So the index has a letter in place of the dot. What stands before the first dot, all private networks have:
 * where more is told, it is left to the comparison of what the index found.
 */
function dottedCondition(column: string, part: string): Condition {
  const dotted = `translate(${column}, '.', 'x') like ?`;
  const like = (text: string): string => `%${literally(text.replaceAll('x', '-')).replaceAll('.', 'x')}%`;
  const [, rest] = /^[^.]+(\.[^.]+\..+)$/.exec(part) ?? [];
  if (rest === undefined) return condition(dotted, like(part));
  return condition(`${dotted} and ${unindexed(column)} like ?`, like(rest), `%${literally(part)}%`);
}

/** Servers name their flavor; those of sites that are older than 2.47 carry its id. */
function flavorCondition(id: string, flavors: FlavorIds, inOneProject: boolean): Condition {
  const names = [...flavors.byName].flatMap(([name, known]) => (known === id ? name : []));
  const [byName, byId] = [factText('flavor_name'), factText('flavor')];
  if (flavors.inBodies) return condition(`${byId} = ? or ${byName} = any(?)`, id, names);
  const [name] = names;
  return names.length === 1 ? equalCondition(byName, name!, inOneProject) : condition(`${byName} = any(?)`, names);
}

/**
 * Names and ids are long, and many servers have the same: over all projects an index holds their hashes. What it finds is
 * compared again, in a form that the planner takes for no rarer.
 */
const equalCondition = (column: string, value: string, inOneProject: boolean): Condition =>
  inOneProject
    ? condition(`${column} = ?`, value)
    : condition(
        `hashtextextended(${column}, 0) = hashtextextended(?, 0) and coalesce(${column} = ?, false)`,
        value,
        value,
      );

/** Facts that are empty or 0 are not kept: whoever asks for such a value asks for their absence. */
const factCondition = (name: string, value: string): Condition =>
  value === '0' || value === ''
    ? condition(`coalesce(${factText(name)}, ?) = ?`, value, value)
    : condition(`${factText(name)} = ?`, value);

/** The zone of a server is its site's name, whatever happens to it; its host is so too, once it has one. */
function placeCondition(name: string, value: string): Condition {
  const atSite = 'r.site_id = (select s.id from site s where s.name = ?)';
  return condition(name === 'availability_zone' ? atSite : `${atSite} and ${factText('no_host')} is null`, value);
}

/**
 * Nova leaves regular expressions to its database, MySQL: without regard to case, and with | as a letter like any other.
 * Most are plain text, which trigrams find, or names that begin with it, which stand together in an index. A true pattern is tried on the names of
 * the list in its order, until the page is full: what trigrams leave of it may be nearly all there is.
 * @see openstack/nova:nova/db/main/api.py _regex_instance_filter, _safe_regex_mysql
 */
function matchCondition(column: string, pattern: string): Condition {
  const [, start, plain, end] = /^(\^?)([^.*+?^${}()[\]\\]*)(\$?)$/.exec(pattern) ?? [];
  if (plain === undefined) return patternCondition(`${unindexed(column)} ~* ?`, pattern.replaceAll('|', '\\|'));
  if (start && column === regexps['name'])
    return condition(`lower(${column}) like lower(?::text)`, `${literally(plain)}${end ? '' : '%'}`);
  return condition(`${column} ilike ?`, `${start ? '' : '%'}${literally(plain)}${end ? '' : '%'}`);
}

const literally = (text: string): string => text.replace(/[%_\\]/g, '\\$&');

/** A moment as MySQL spells it, with which the expression is compared. */
const momentText = (value: string): string => value.replace(/(?<=\d)T(?=\d)/, ' ').replace(/(?<=\d)Z$/, '');

const statuses = new Set([
  'ACTIVE', 'BUILD', 'DELETED', 'ERROR', 'HARD_REBOOT', 'MIGRATING', 'PASSWORD', 'PAUSED', 'REBOOT', 'REBUILD', 'RESCUE',
  'RESIZE', 'REVERT_RESIZE', 'SHELVED', 'SHELVED_OFFLOADED', 'SHUTOFF', 'SOFT_DELETED', 'SUSPENDED', 'UNKNOWN', 'VERIFY_RESIZE',
]); // prettier-ignore

function statusCondition(asked: Asked): Condition {
  const wanted = statusesAsked(asked);
  if (atLeast(asked.microversion, '2.38') && !wanted.some((status) => statuses.has(status))) {
    throw new Fault('bad-request', 'Invalid status value');
  }
  // One value, unlike many, finds its servers in the order of the list.
  return wanted.length === 1
    ? condition(`r.facts->>'status' = ?`, wanted[0])
    : condition(`r.facts->>'status' = any(?)`, wanted);
}

// jsonb's own operator for this is spelled with a question mark, which is our mark for a value.
const all = `coalesce(r.facts->'tags', '[]') @> ?::jsonb`;
const anyTag = `exists (select 1 from jsonb_array_elements_text(r.facts->'tags') t where t = any(?))`;

function tagCondition(name: string, tags: string[]): Condition {
  switch (name) {
    case 'tags':
      return condition(all, jsonb(tags));
    case 'tags-any':
      return condition(anyTag, tags);
    case 'not-tags':
      return condition(`not ${all}`, jsonb(tags));
    default:
      return condition(`not ${anyTag}`, tags);
  }
}

// What Nova reads: ISO 8601, a date alone too, UTC where no offset is given. A plus sign may have become a space on the way.
const isoTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]?\d\d:?\d\d)?)?$/;

function momentIn(name: string, value: string): Date {
  const [, day, clock = '00:00', offset = 'Z'] = isoTime.exec(value) ?? [];
  const time = new Date(`${day}T${clock}${/^\d/.test(offset) ? `+${offset}` : offset}`);
  if (!Number.isNaN(time.getTime())) return time;
  throw new Fault(
    'bad-request',
    `Invalid input for query parameters ${name}. Value: ${value}. '${value}' is not a 'date-time'`,
  );
}

const changeCondition = (name: string, value: string): Condition =>
  condition(`r.updated_at ${name === 'changes-since' ? '>=' : '<='} ?`, momentIn(name, value));
