/** Reading flavors: from the cascade's own rows, at the asked microversion. */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { checkFlavorQuery } from '@cascade/openstack-protocol/compute/nova-queries.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { GlobalRow } from '../../resources/global.js';
import type { Body } from '../../resources/kind.js';
import { patternCondition } from '../../resources/list-query.js';
import { withPatternTimeout } from '../../resources/pattern-timeout.js';
import { nextLink, pageLimit } from '../../routing/paging.js';
import type { World } from '../../routing/world.js';
import type { Flavor } from './flavor-kind.js';

/** `GET /flavors` and `/flavors/detail`. @see openstack/nova:nova/api/openstack/compute/flavors.py */
export function listFlavors(world: World, detailed: boolean): Answer {
  return async (asked) => {
    checkFlavorQuery(asked);
    const named = await namedLike(world, asked);
    const rows = (await world.globals.list('flavor')).filter(
      (row) => listed(asked, row.body as Flavor) && (named?.has(row.id) ?? true),
    );
    const sorted = sortFlavors(
      asked,
      rows.filter((row) => bigEnough(asked, row.body)),
    );
    const marker = asked.query.get('marker');
    const from = marker === null ? 0 : sorted.findIndex((row) => isSameText(row.id, marker)) + 1;
    if (marker !== null && from === 0) throw new Fault('bad-request', `marker [${marker}] not found`);
    const limit = pageLimit(asked);
    const page = sorted.slice(from, from + limit);
    const more = page.length === limit && limit > 0 ? nextLink(asked, page.at(-1)!.id) : undefined;
    return json(200, {
      flavors: page.map((row) => (detailed ? flavorBody(asked, row) : briefFlavor(asked, row))),
      ...(more ? { flavors_links: [{ rel: 'next', href: more }] } : {}),
    });
  };
}

/** Ids of the flavors whose names match a pattern (2.102); undefined where none is asked for. @throws Fault 400 */
async function namedLike(world: World, asked: Asked): Promise<ReadonlySet<string> | undefined> {
  const pattern = atLeast(asked.microversion, '2.102') ? asked.query.get('name') : null;
  if (pattern === null) return undefined;
  const matches = patternCondition(`body->>'name' ~* ?`, pattern.replaceAll('|', '\\|'));
  const rows = await withPatternTimeout(world.database, [matches], (on) =>
    on.many<{ id: string }>(
      `select id from global_resource where kind = 'flavor' and ${matches.sql.replace('?', '$1')}`,
      matches.values,
    ),
  );
  return new Set(rows.map(({ id }) => id));
}

export function showFlavor(world: World): Answer {
  return async (asked) => json(200, { flavor: flavorBody(asked, await visibleFlavor(world, asked)) });
}

export function showExtraSpecs(world: World): Answer {
  return async (asked) => {
    const { extra_specs: specs } = (await visibleFlavor(world, asked)).body as Flavor;
    const key = asked.params['flavor_extra_spec_key'];
    if (key === undefined) return json(200, { extra_specs: specs });
    if (!Object.hasOwn(specs, key)) {
      throw new Fault('not-found', `Flavor ${asked.params['flavor_id']} has no extra specs with key ${key}.`);
    }
    return json(200, { [key]: specs[key] });
  };
}

export function showFlavorAccess(world: World): Answer {
  return async (asked) => {
    const { id, body } = await visibleFlavor(world, asked);
    if (body['os-flavor-access:is_public'])
      throw new Fault('not-found', 'Access list not available for public flavors.');
    return json(200, { flavor_access: (body as Flavor).access.map((tenant_id) => ({ flavor_id: id, tenant_id })) });
  };
}

async function visibleFlavor(world: World, asked: Asked): Promise<GlobalRow> {
  const id = asked.params['flavor_id'] ?? '';
  const row = await world.globals.find('flavor', id);
  if (!row || !(asked.caller.isAdmin || usable(asked, row.body as Flavor))) {
    throw new Fault('not-found', `Flavor ${id} could not be found.`);
  }
  return row;
}

const usable = (asked: Asked, flavor: Flavor): boolean =>
  flavor['os-flavor-access:is_public'] === true || flavor.access.includes(asked.caller.projectId ?? '');

function listed(asked: Asked, flavor: Flavor): boolean {
  const wanted = asked.caller.isAdmin ? asked.query.get('is_public') : null;
  if (wanted === null) return usable(asked, flavor);
  if (/^none$/i.test(wanted)) return true;
  const open = booleanWord(wanted);
  if (open === undefined) throw new Fault('bad-request', `Invalid is_public filter [${wanted}]`);
  return open ? usable(asked, flavor) : flavor['os-flavor-access:is_public'] !== true;
}

function bigEnough(asked: Asked, flavor: Body): boolean {
  for (const [name, field] of [
    ['minRam', 'ram'],
    ['minDisk', 'disk'],
  ] as const) {
    const least = asked.query.get(name);
    if (least === null) continue;
    if (!/^\d+$/.test(least)) throw new Fault('bad-request', `Invalid ${name} filter [${least}]`);
    if (Number(flavor[field]) < Number(least)) return false;
  }
  return true;
}

/** Nova's `id` is the number of the row, so what was made first comes first; so it does among equals. */
const sortable: Record<string, string> = {
  flavorid: 'id',
  id: 'created_at',
  name: 'name',
  memory_mb: 'ram',
  vcpus: 'vcpus',
  root_gb: 'disk',
  ephemeral_gb: 'OS-FLV-EXT-DATA:ephemeral',
  swap: 'swap',
  rxtx_factor: 'rxtx_factor',
  is_public: 'os-flavor-access:is_public',
  disabled: 'OS-FLV-DISABLED:disabled',
  created_at: 'created_at',
  updated_at: 'updated_at',
  description: 'description',
  vcpu_weight: 'vcpus',
};

function sortFlavors(asked: Asked, rows: GlobalRow[]): GlobalRow[] {
  const key = sortable[asked.query.get('sort_key') ?? 'flavorid'];
  if (!key)
    throw new Fault(
      'bad-request',
      `Invalid input for query parameters sort_key. Value: ${asked.query.get('sort_key')}`,
    );
  const sign = asked.query.get('sort_dir') === 'desc' ? -1 : 1;
  const made = (row: GlobalRow): number => row.created_at.getTime();
  const order = (row: GlobalRow): string =>
    key === 'created_at' ? row.created_at.toISOString() : String(row.body[key] ?? '');
  return [...rows].sort(
    (a, b) =>
      sign * (order(a).localeCompare(order(b), 'en', { numeric: key !== 'id' }) || made(a) - made(b)) ||
      (a.id < b.id ? -1 : 1),
  );
}

const links = (asked: Asked, id: string) => [
  { rel: 'self', href: `${asked.serviceUrl}/v2.1/flavors/${encodeURIComponent(id)}` },
  { rel: 'bookmark', href: `${asked.serviceUrl}/flavors/${encodeURIComponent(id)}` },
];

function briefFlavor(asked: Asked, row: GlobalRow): Body {
  const description = atLeast(asked.microversion, '2.55') ? { description: row.body['description'] ?? null } : {};
  return { id: row.id, name: row.body['name'], ...description, links: links(asked, row.id) };
}

function flavorBody(asked: Asked, row: GlobalRow): Body {
  const { access: _access, description, extra_specs: specs, swap, ...flavor } = row.body;
  const { rxtx_factor: _factor, 'OS-FLV-DISABLED:disabled': _disabled, ...newer } = flavor;
  return {
    ...(atLeast(asked.microversion, '2.102') ? newer : flavor),
    // Nova wrote an empty string for no swap until 2.75.
    swap: swap || (atLeast(asked.microversion, '2.75') ? 0 : ''),
    ...(atLeast(asked.microversion, '2.55') ? { description: description ?? null } : {}),
    ...(atLeast(asked.microversion, '2.61') ? { extra_specs: specs } : {}),
    links: links(asked, row.id),
  };
}
