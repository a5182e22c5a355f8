/** `GET /servers/{id}` and what else answers with one server. */
import { bodyOf, isOk, json, withBody, type OpenStackResponse } from '../../openstack/message.js';
import type { Asked } from '../../openstack/route.js';
import { bodyOfRow, type Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
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

/** Server groups in a server's body are the cascade's, not the site's. */
export function withGlobalGroups(world: World) {
  return async (_asked: Asked, response: OpenStackResponse, site: Site): Promise<OpenStackResponse> => {
    const body = isOk(response) ? (bodyOf(response) as { server?: Body } | undefined) : undefined;
    const groups = body?.server?.['server_groups'];
    if (!body?.server || !Array.isArray(groups) || groups.length === 0) return response;
    const ids = await Promise.all(
      groups.map(async (id: string) => (await world.globals.globalIdOf('server_group', site.id, id)) ?? id),
    );
    return withBody(response, { server: { ...body.server, server_groups: ids } });
  };
}
