/** `GET /availability_zones`, and the zone that a new network or router is asked to be in. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import { allZones } from '../routing/zones.js';
import type { World } from '../routing/world.js';
import { badQuery, invalidInput } from './faults.js';
import { fieldsOf } from './pages.js';
import { pagingNames, type FilterDialect } from './filters.js';
import { dialectOf } from './list.js';

/** Each zone once for networks and once for routers. */
export function listZones(world: World): Answer {
  return async ({ query }) => {
    const isWanted = wantedIn(query, dialectOf(world));
    const answering = new Set(world.sites.answering('network').map((site) => site.id));
    const rows = (await allZones(world)).flatMap(({ name, siteIds }) => {
      const state = siteIds.some((id) => answering.has(id)) ? 'available' : 'unavailable';
      return [
        { state, name, resource: 'network' },
        { state, name, resource: 'router' },
      ];
    });
    const fields = fieldsOf(query);
    const shown = rows.filter(isWanted).map((row) => {
      return fields.length === 0
        ? row
        : Object.fromEntries(Object.entries(row).filter(([key]) => fields.includes(key)));
    });
    return json(200, { availability_zones: shown });
  };
}

type Row = Readonly<Record<'name' | 'resource' | 'state', string>>;

/** Names are compared by the database, states by Neutron itself. */
const isSame: Readonly<Record<keyof Row, (one: string, other: string) => boolean>> = {
  name: isSameText,
  resource: isSameText,
  state: (one, other) => one === other,
};

/**
 * Zones are what agents say, so that any other filter would be one of agents, which are the sites' own.
 * @throws Fault 400 for any other, as Neutron does for what agents do not have
 * @see openstack/neutron:neutron/db/agents_db.py _list_availability_zones, neutron/objects/base.py validate_filters
 */
function wantedIn(query: URLSearchParams, { validated, emptyStrings }: FilterDialect): (row: Row) => boolean {
  const asked = [...new Set(query.keys())]
    .filter((name) => !pagingNames.has(name))
    .map((name) => ({ name, values: query.getAll(name).filter((value) => value !== '' || emptyStrings) }));
  const unknown = asked.filter(({ name, values }) => !Object.hasOwn(isSame, name) && (validated || values.length > 0));
  const [first] = unknown;
  if (first && validated)
    throw badQuery(`[${unknown.map(({ name }) => `'${name}'`).join(', ')}] is invalid attribute for filtering`);
  if (first) throw invalidInput(`'${first.name}' is not supported for filtering`);
  const wanted = asked.filter(({ values }) => values.length > 0) as { name: keyof Row; values: string[] }[];
  return (row) => wanted.every(({ name, values }) => values.some((value) => isSame[name](value, row[name])));
}

/**
 * The zone in `availability_zone_hints`. It is ours and taken out: sites do not know it.
 * @throws Fault 400 for several zones, since a network is in one; later they are a network over both
 */
export function takeHint(items: readonly Record<string, unknown>[]): string | undefined {
  const zones = new Set<string>();
  for (const item of items) {
    const hints = item['availability_zone_hints'];
    if (!Array.isArray(hints) || !hints.every((hint) => typeof hint === 'string')) continue; // the site refuses it
    hints.forEach((hint: string) => zones.add(hint));
    delete item['availability_zone_hints'];
  }
  if (zones.size > 1) {
    const words = `availability_zone_hints: ${[...zones].join(', ')}: one request is for one availability zone.`;
    throw new Fault('bad-request', words, { type: 'InvalidInput' });
  }
  return [...zones][0];
}
