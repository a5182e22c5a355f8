/** Kinds without a feed: the sites are asked when somebody asks, and who removes one must say that it is gone. */
import { isOk } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Route } from '@cascade/openstack-protocol/server/route.js';
import { passOne } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { mergeSites } from './merge-lists.js';

/** First microversion of a path. */
export type Range = { since?: string };

/**
 * List, detailed list and one of a kind.
 * @param word Cinder's for one in its messages
 */
export function reads(
  world: World,
  kind: string,
  word: string,
  collection: string,
  param: string,
  range: Range = {},
): Route[] {
  const list = mergeSites(world, kind, word);
  return [
    route(`GET ${collection}`, 'reader', list, range),
    route(`GET ${collection}/detail`, 'reader', list, range),
    route(`GET ${collection}/{${param}}`, 'reader', passOne(world, kind, param), range),
  ];
}

/** Without a feed nobody else would tell that it is gone. */
export function remove(world: World, kind: string, param: string): Answer {
  const pass = passOne(world, kind, param);
  return async (asked) => {
    const response = await pass(asked);
    const id = asked.params[param] ?? '';
    const row = isOk(response) ? await world.inventory.find(kind, id) : undefined;
    if (row) await world.inventory.forget(kind, world.sites.require(row.site_id), [id], new Date());
    return response;
  };
}
