/** What servers are filtered by, in SQL. */
import {
  asksForDeleted,
  changesAsked,
  databaseExpression,
  deletionAsked,
  invalidField,
  momentExpression,
  serverFilters,
  statusesAsked,
  type ServerFilter,
} from '@cascade/openstack-protocol/compute/server-filters.js';
import { booleanWord, strictBoolean } from '@cascade/openstack-protocol/filters/boolean-word.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept, isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import { jsonb } from '../../database/storable.js';
import { tagCondition } from '../../resources/tag-condition.js';
import { idIsIn, textIs } from '../../resources/text-conditions.js';
import { distinctMeasures, type NamedFlavors } from './named-flavors.js';
import { factText } from './server-facts.js';
import { condition, patternCondition, type Condition } from '../../resources/list-query.js';

/** What Nova leaves to its database as a regular expression, and where it is kept. */
const regexps: Record<string, string> = {
  name: 'r.name',
  hostname: `coalesce(${factText('other_hostname')}, r.name)`,
  created_at: `to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')`,
  auto_disk_config: `case ${factText('auto_disk_config')} when 'AUTO' then '1' else '0' end`,
  launched_at: `replace(${factText('launched_at')}, 'T', ' ')`,
  terminated_at: `replace(${factText('terminated_at')}, 'T', ' ')`,
  ...Object.fromEntries(
    [
      'access_ip_v4',
      'access_ip_v6',
      'description',
      'kernel_id',
      'key_name',
      'launch_index',
      'power_state',
      'progress',
      'ramdisk_id',
      'reservation_id',
      'root_device_name',
    ].map((name) => [name, factText(name)]),
  ),
};
const moments = new Set(['created_at', 'launched_at', 'terminated_at']);
const addresses: Record<string, string> = { ip: factText('ip4'), ip6: factText('ip6') };
// To tenants a site is a zone, and to Nova one host.
const places = new Set(['availability_zone', 'host', 'node']);
// Of what its site has forgotten without a word nobody is told.
const toldOf = `r.deleted_at is null or r.facts->>'status' in ('DELETED', 'SOFT_DELETED')`;

/** What servers are asked for by name, with its ids here. */
export interface Named {
  readonly flavors: NamedFlavors;
  readonly sites: readonly NamedSite[];
}

interface NamedSite {
  readonly id: number;
  readonly name: string;
}

/** @throws Fault 400 for what Nova's schema refuses and for a value that does not parse, 403 */
export function serverConditions(
  asked: Asked,
  named: Named,
  inOneProject = false,
): { where: Condition[]; withDeleted: boolean } {
  const filters = serverFilters(asked);
  const { since, before } = changesAsked(filters);
  const where: Condition[] = [];
  for (const [name, value] of filters) where.push(...conditionsOf(asked, name, value, named, inOneProject));
  if (since) where.push(condition('r.updated_at >= ?', since));
  if (before) where.push(condition('r.updated_at <= ?', before));
  const deletion = deletionAsked(asked, filters);
  if (deletion === 'deleted') where.push(condition('r.deleted_at is not null'));
  const withDeleted = deletion !== 'living';
  if (withDeleted) where.push(condition(toldOf));
  return { where, withDeleted };
}

function conditionsOf(
  asked: Asked,
  name: ServerFilter,
  value: string,
  { flavors, sites }: Named,
  inOneProject: boolean,
): Condition[] {
  const text = inOneProject ? unindexed : indexed;
  const column = regexps[name];
  if (column) return [matchCondition(text(column), moments.has(name) ? momentExpression(value) : value)];
  const address = addresses[name];
  // A part of an address, as Neutron looks for it in Nova's name. @see openstack/nova:nova/compute/api.py _ip_filter_using_neutron
  if (name === 'ip' && !inOneProject) return [dottedCondition(addresses['ip']!, value)];
  if (address) return [condition(`${text(address)} ilike ?`, `%${literally(value)}%`)];
  if (places.has(name)) return [placeCondition(name, value, sites)];
  const tagged = tagCondition(name, [value]);
  if (tagged) return [tagged];
  if (name === 'changes-since' || name === 'changes-before') return [];
  // No site tells who has locked a server.
  if (name === 'locked_by') throw invalidField(name);
  if (name === 'uuid') return [idIsIn('r.id', [value])];
  if (name === 'status') return asksForDeleted(asked) ? [] : [statusCondition(asked)];
  if (name === 'flavor') return [flavorCondition(value, flavors, inOneProject)];
  if (name === 'image' && value) return [equalCondition(factText(name), idAsKept(value), inOneProject)];
  // Booleans come in many spellings; the facts hold true or nothing.
  if (name === 'locked') return [condition(`coalesce(${factText(name)}, 'false') = ?`, String(strictBoolean(value)))];
  // Nova looks for the word of a boolean in a column that holds 'True' or nothing.
  if (name === 'config_drive') return [condition(`${factText(name)} = ?`, booleanWord(value) ? 'True' : 'False')];
  // A server that boots from a volume has an empty image; of all else nothing is empty that could be asked for.
  return name === 'image' ? [condition(`${factText(name)} is null`)] : [textIs(factText(name), value)];
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
function flavorCondition(id: string, flavors: NamedFlavors, inOneProject: boolean): Condition {
  const [byName, byId] = [factText('flavor_name'), factText('flavor')];
  const known = flavors.living(id);
  // Nova finds no server by a flavor that is not there, or no longer.
  if (!known) return flavors.inBodies ? condition(`collated(${byId}) = collated(?)`, id) : condition('false');
  const { name, flavor, before } = known;
  if (before.length === 0)
    return flavors.inBodies
      ? condition(`collated(${byId}) = collated(?) or ${byName} = ?`, id, name)
      : equalCondition(byName, name, inOneProject);
  // Others had the name before: a server is of this one where it was made since, or has measures that none of them had.
  const since = new Date(Math.max(...before.map(({ deletedAt }) => deletedAt?.getTime() ?? 0)));
  const own = distinctMeasures(flavor, before);
  const isIts = `${byName} = ? and (r.created_at > ?${own ? ` or (r.body::jsonb->'flavor') @> ?::jsonb` : ''})`;
  const values = [name, since, ...(own ? [jsonb(own)] : [])];
  return flavors.inBodies
    ? condition(`collated(${byId}) = collated(?) or ${isIts}`, id, ...values)
    : condition(isIts, ...values);
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

/** The zone of a server is its site's name, whatever happens to it; its host is so too, once it has one. */
function placeCondition(name: string, value: string, sites: readonly NamedSite[]): Condition {
  const atSite = name === 'host' ? at(sites.filter((site) => isSameText(site.name, value))) : atPlace(value, sites);
  const hasHost = `${factText('no_host')} is null`;
  return name === 'availability_zone' ? atSite : { ...atSite, sql: `(${atSite.sql}) and ${hasHost}` };
}

/** Zones and nodes are expressions to Nova. */
function atPlace(value: string, sites: readonly NamedSite[]): Condition {
  const [, start, plain, end] = /^(\^?)([^.*+?^${}()[\]\\]*)(\$?)$/.exec(value) ?? [];
  if (plain === undefined) {
    return patternCondition(`r.site_id in (select s.id from site s where s.name ~* ?)`, databaseExpression(value));
  }
  const part = plain.toLowerCase();
  const isMeant = (name: string): boolean =>
    (start ? name.startsWith(part) : name.includes(part)) &&
    (!end || name.endsWith(part)) &&
    (!start || !end || name === part);
  return at(sites.filter((site) => isMeant(site.name.toLowerCase())));
}

// Of one site, unlike of many, servers are found in the order of the list.
function at(sites: readonly NamedSite[]): Condition {
  const [first, ...others] = sites.map(({ id }) => id);
  return others.length === 0
    ? condition('r.site_id = ?', first ?? 0)
    : condition('r.site_id = any(?)', [first, ...others]);
}

/**
 * Most are plain text, which trigrams find, or names that begin with it, which stand together in an index. A true pattern is tried on the names of
 * the list in its order, until the page is full: what trigrams leave of it may be nearly all there is.
 */
function matchCondition(column: string, pattern: string): Condition {
  const [, start, plain, end] = /^(\^?)([^.*+?^${}()[\]\\]*)(\$?)$/.exec(pattern) ?? [];
  if (plain === undefined) return patternCondition(`${unindexed(column)} ~* ?`, databaseExpression(pattern));
  if (start && column === regexps['name'])
    return condition(`lower(${column}) like lower(?::text)`, `${literally(plain)}${end ? '' : '%'}`);
  return condition(`${column} ilike ?`, `${start ? '' : '%'}${literally(plain)}${end ? '' : '%'}`);
}

const literally = (text: string): string => text.replace(/[%_\\]/g, '\\$&');

function statusCondition(asked: Asked): Condition {
  const wanted = statusesAsked(asked);
  // One value, unlike many, finds its servers in the order of the list.
  return wanted.length === 1
    ? condition(`r.facts->>'status' = ?`, wanted[0])
    : condition(`r.facts->>'status' = any(?)`, wanted);
}
