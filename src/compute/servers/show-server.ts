/** `GET /servers/{id}` and what else answers with one server. */
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { bodyOfRow, type Row } from '../../resources/inventory.js';
import type { World } from '../../routing/world.js';
import { flavorsShown } from './list-servers.js';
import { detailedServer, showsUnknown, unknownServerShown } from './server-view.js';

/** What is shown of a server whose site is silent. */
export function lastSeenServer(world: World) {
  return async (asked: Asked, row: Row): Promise<OpenStackResponse> => {
    const body = bodyOfRow(row);
    if (showsUnknown(asked)) return json(200, { server: unknownServerShown(asked, body) });
    return json(200, { server: detailedServer(asked, body, await flavorsShown(world, asked)) });
  };
}
