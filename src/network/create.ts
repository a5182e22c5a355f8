/** `POST /networks` and its sisters: one resource, or many at once. */
import { isOk, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { createIn } from '../routing/create.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import type { Collection } from './collection.js';
import { createdIn, homeZoneOf, isConcerned, makesWay, refuseMarks } from './homed-items.js';
import { learnGrants } from './grants.js';
import { itemsOf, readItems } from './items.js';
import { asInNewerZones } from './new-groups/older-zones.js';
import { hostSite, requireHost } from './port-host.js';
import { QuotaRoom } from './quota-room.js';
import { below } from './references.js';
import { isOverQuota } from './security-groups/requests.js';
import { takeHint } from './zones.js';

const hinted = new Set(['network', 'router']);

export function create(world: World, collection: Collection): Answer {
  const { kind, key, keys, fields } = collection;
  const references = below(key, keys, fields);
  return async (given) => {
    const { asked, items } = await readItems(given, collection);
    if (kind === 'port') {
      const site = hostSite(world, items);
      if (site) await requireHost(site);
    }
    refuseMarks(kind, items);
    const homeZone = await homeZoneOf(world, kind, items);
    let home: Site | undefined;
    const hasRoom = async (site: Site, response: OpenStackResponse): Promise<boolean> => {
      const projectId = (asked.caller.isAdmin && projectNamed(items)) || asked.caller.projectId;
      if (!isConcerned(kind) || projectId === undefined || !isOverQuota(response)) return false;
      return new QuotaRoom(world.database).leave(site, { projectId, resource: kind, count: items.length });
    };
    const answer = createIn(world, kind, {
      references,
      takeZone: (creating) => {
        if (hinted.has(kind)) return takeHint(itemsOf(creating, collection));
        return kind === 'port' ? hostSite(world, itemsOf(creating, collection))?.name : homeZone;
      },
      projectOf: (creating) => (asked.caller.isAdmin ? projectNamed(itemsOf(creating, collection)) : undefined),
      shown: async (_asked, response, { site }) => {
        home = site;
        if (!isOk(response)) return response;
        await learnGrants(world, collection, items, site);
        const isGroup = kind === 'security_group';
        return isGroup ? asInNewerZones(world, asked, { response, site, collection, items }) : response;
      },
    });
    let response = await answer(asked);
    if (home && ((await makesWay(world, home, response)) || (await hasRoom(home, response))))
      response = await answer(asked);
    if (isOk(response)) await createdIn(world, kind, items);
    return response;
  };
}

function projectNamed(items: readonly Record<string, unknown>[]): string | undefined {
  const named = items[0]?.['project_id'] ?? items[0]?.['tenant_id'];
  return typeof named === 'string' && named !== '' ? named : undefined;
}
