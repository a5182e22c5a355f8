/** `POST /networks` and its sisters: one resource, or many at once. */
import { isObject } from '../openstack/body.js';
import { isOk } from '../openstack/message.js';
import type { Answer, Asked } from '../openstack/route.js';
import { namedIn, type Reference } from '../resources/references.js';
import { createIn } from '../routing/create.js';
import { ownerOf } from '../routing/owner.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Collection } from './collection.js';
import { learnGrants } from './grants.js';
import { itemsOf, readItems } from './items.js';
import { hostSite, requireHost } from './port-host.js';
import { below } from './references.js';
import { takeHint } from './zones.js';

const hinted = new Set(['network', 'router']);

export function create(world: World, collection: Collection): Answer {
  const { kind, key, keys, fields } = collection;
  const references = below(key, keys, fields);
  return async (given) => {
    const { asked, body, items } = await readItems(given, collection);
    if (kind === 'port') {
      const site = hostSite(world, items);
      if (site) await requireHost(site);
    }
    if (isObject(body)) await findReferences(world, asked, body, references);
    const answer = createIn(world, kind, {
      references,
      takeZone: (creating) => {
        if (hinted.has(kind)) return takeHint(itemsOf(creating, collection));
        return kind === 'port' ? hostSite(world, itemsOf(creating, collection))?.name : undefined;
      },
      projectOf: (creating) => (asked.caller.isAdmin ? projectNamed(itemsOf(creating, collection)) : undefined),
      shown: async (_asked, response, { site }) => {
        if (isOk(response)) await learnGrants(world, collection, items, site);
        return response;
      },
    });
    return answer(asked);
  };
}

function projectNamed(items: readonly Record<string, unknown>[]): string | undefined {
  const named = items[0]?.['project_id'] ?? items[0]?.['tenant_id'];
  return typeof named === 'string' && named !== '' ? named : undefined;
}

/**
 * Looks for what the inventory does not know yet: made in a site a moment ago, or of a kind that no feed follows. Whatever
 * a site knows is in the inventory afterwards and pins the request.
 */
async function findReferences(
  world: World,
  asked: Asked,
  body: Record<string, unknown>,
  references: readonly Reference[],
): Promise<void> {
  const zonal = namedIn(body, references).filter(({ kind }) => !world.shadows.isGlobal(kind));
  await Promise.all(zonal.map(({ kind, id }) => ownerOf(world, asked, kindNamed(world, kind), id)));
}
