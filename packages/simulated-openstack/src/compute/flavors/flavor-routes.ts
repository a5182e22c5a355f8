/** Nova's calls about flavors. @see openstack/nova:nova/api/openstack/compute/flavors.py */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { checkFlavorQuery } from '@cascade/openstack-protocol/compute/nova-queries.js';
import { pageOf } from '@cascade/openstack-adapter/paging.js';
import type { Cloud } from '../cloud.js';
import { flavorAsked } from './asked-flavor.js';
import { flavorAccessRoutes } from './flavor-access.js';
import { extraSpecRoutes } from './flavor-extra-specs.js';
import { checkDescription, flavorBody, flavorFrom } from './flavor-body.js';
import type { Flavor, Flavors } from './flavors.js';

export function flavorRoutes(cloud: Cloud): Route[] {
  const { flavors } = cloud;
  return [
    route('GET /flavors', 'reader', listFlavors(flavors, false)),
    route('GET /flavors/detail', 'reader', listFlavors(flavors, true)),
    route('GET /flavors/{id}', 'reader', async (asked) =>
      json(200, { flavor: flavorBody(asked, flavorAsked(flavors, asked)) }),
    ),
    route('POST /flavors', 'admin', async (asked) => {
      const flavor = flavorFrom(asked, await asked.readJson());
      flavors.add(flavor);
      return json(200, { flavor: flavorBody(asked, flavor) });
    }),
    route('PUT /flavors/{id}', 'admin', changeDescription(flavors), { since: '2.55' }),
    route('DELETE /flavors/{id}', 'admin', async (asked) => {
      flavors.remove(asked.params['id'] ?? '');
      return noContent(202);
    }),
    ...extraSpecRoutes(flavors),
    ...flavorAccessRoutes(flavors),
  ];
}

function changeDescription(flavors: Flavors): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    checkDescription(body);
    const { description } = body['flavor'] as { description: string | null };
    return json(200, { flavor: flavorBody(asked, flavors.change(asked.params['id'] ?? '', { description })) });
  };
}

function listFlavors(flavors: Flavors, detailed: boolean): Answer {
  return async (asked) => {
    checkFlavorQuery(asked);
    const isShown = visibility(flavors, asked);
    const [ram, disk] = [leastOf(asked, 'minRam'), leastOf(asked, 'minDisk')];
    const named = new RegExp(asked.query.get('name') ?? '', 'i');
    const rows = flavors
      .all()
      .filter((flavor) => isShown(flavor) && flavor.ram >= ram && flavor.disk >= disk && named.test(flavor.name));
    const { page, next } = pageOf(asked, sorted(asked, rows), 1000);
    const shown = page.map((flavor) => {
      const whole = flavorBody(asked, flavor);
      const { id, name, links, description } = whole;
      return detailed ? whole : { id, name, links, ...('description' in whole ? { description } : {}) };
    });
    return json(200, { flavors: shown, ...(next ? { flavors_links: [{ rel: 'next', href: next }] } : {}) });
  };
}

/** Administrators may ask for private ones (`is_public=false`) or for all (`none`); others see what they may use. */
function visibility(flavors: Flavors, asked: Asked): (flavor: Flavor) => boolean {
  const wanted = asked.query.get('is_public');
  if (!asked.caller.isAdmin) return (flavor) => flavors.mayUse(asked, flavor);
  if (wanted !== null && /^none$/i.test(wanted)) return () => true;
  const isPublic = wanted === null ? true : booleanWord(wanted);
  if (isPublic === undefined) throw new Fault('bad-request', `Invalid is_public filter [${wanted}]`);
  if (!isPublic) return (flavor) => !flavor.isPublic;
  return (flavor) => flavor.isPublic || flavor.access.includes(asked.caller.projectId ?? '');
}

/** @throws Fault 400 */
function leastOf(asked: Asked, name: string): number {
  const text = asked.query.get(name);
  if (text !== null && !/^\d+$/.test(text)) throw new Fault('bad-request', `Invalid ${name} filter [${text}]`);
  return Number(text ?? 0);
}

const sortable: Record<string, (flavor: Flavor) => string | number> = {
  flavorid: ({ id }) => id,
  id: ({ id }) => id,
  name: ({ name }) => name,
  memory_mb: ({ ram }) => ram,
  vcpus: ({ vcpus }) => vcpus,
  root_gb: ({ disk }) => disk,
  swap: ({ swap }) => swap,
  is_public: ({ isPublic }) => Number(isPublic),
};

function sorted(asked: Asked, rows: readonly Flavor[]): Flavor[] {
  const key = asked.query.get('sort_key') ?? 'flavorid';
  const value = sortable[key];
  if (!value) throw new Fault('bad-request', `Invalid input for query parameters sort_key. Value: ${key}`);
  const sign = asked.query.get('sort_dir') === 'desc' ? -1 : 1;
  return rows.toSorted((a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : 0));
}
