/** Lists of collections that no feed follows: the sites are asked, and pages have the links that Neutron gives. */
import { bodyOf, isOk, withBody } from '../openstack/message.js';
import type { Answer } from '../openstack/route.js';
import type { Body } from '../resources/kind.js';
import { mergeList } from '../routing/merge.js';
import type { World } from '../routing/world.js';
import type { Collection } from './collection.js';
import { listBody, pageOf } from './pages.js';

export function listMerged(world: World, { kind, keys }: Collection): Answer {
  const merge = mergeList(world, kind);
  return async (asked) => {
    const page = pageOf(asked.query);
    const response = await merge(asked);
    const rows = (bodyOf(response) as Body | undefined)?.[keys];
    if (!isOk(response) || !Array.isArray(rows) || page.limit === undefined) return response;
    const ids = rows.map((row: Body) => String(row['id'] ?? ''));
    return withBody(response, listBody(asked, keys, rows as Body[], ids, page));
  };
}
