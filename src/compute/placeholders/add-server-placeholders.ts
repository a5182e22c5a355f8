/**
 * `POST /servers` from an image that must be copied first: the tenant is answered at once, with servers in BUILD, and a job
 * goes on when the image is there. See docs/decisions/0020.
 */
import { randomBytes } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { isTrue } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Body } from '../../resources/kind.js';
import type { Deferred } from '../../routing/create.js';
import { addPlaceholders } from '../../routing/placeholders/add-placeholders.js';
import { newPlaceholderId } from '../../routing/placeholders/placeholder-rows.js';
import type { World } from '../../routing/world.js';
import { serverLinks } from '../servers/server-view.js';
import { serverPlaceholders } from './boot-job.js';
import { placeholderBody } from './placeholder-body.js';

// The site's Nova looks for the image when it has found nothing else wrong.
// @see openstack/nova:nova/api/openstack/compute/servers.py create, nova/exception.py ImageNotActive, InvalidBDMImage
const noImageYet = /can not find requested image|image .* (could not be found|is not active)|failed to get image/i;

export function addServerPlaceholders(world: World) {
  return async ({ asked, linked, site, awaited, refusal }: Deferred): Promise<OpenStackResponse | undefined> => {
    const wanted = linked['server'];
    if (!isObject(wanted) || !saysNoImage(refusal)) return undefined;
    const { projectId, userId } = asked.caller;
    const adminPass =
      typeof wanted['adminPass'] === 'string' ? wanted['adminPass'] : randomBytes(9).toString('base64url');
    const servers = singleServers(wanted).map((server) => ({
      id: newPlaceholderId(),
      wanted: { ...server, adminPass },
    }));
    const reservationId = `r-${randomBytes(4).toString('hex')}`;
    const whose = { tenant_id: projectId, user_id: userId, 'OS-EXT-SRV-ATTR:reservation_id': reservationId };
    const toMake = servers.map(async ({ id, wanted: one }) => ({
      shown: await placeholderBody(world, site, one, { id, ...whose }),
      body: { ...linked, server: one },
    }));
    await addPlaceholders(world, serverPlaceholders, asked, site, awaited, await Promise.all(toMake));
    // @see openstack/nova:nova/api/openstack/compute/servers.py create
    if (isTrue(wanted['return_reservation_id'] ?? false)) return json(202, { reservation_id: reservationId });
    return answer(asked, servers[0]!.id, wanted, adminPass);
  };
}

function saysNoImage(refusal: OpenStackResponse): boolean {
  const words = (bodyOf(refusal) as { badRequest?: { message?: string } } | undefined)?.badRequest?.message;
  return refusal.status === 400 && noImageYet.test(words ?? '');
}

/** A placeholder for each of several servers of one request, named as Nova names them. */
function singleServers({ min_count: least, max_count: most, return_reservation_id: _, ...server }: Body): Body[] {
  const count = Math.max(1, Number(most ?? least ?? 1) || 1);
  if (count === 1) return [server];
  return Array.from({ length: count }, (_one, at) => ({ ...server, name: `${String(server['name'])}-${at + 1}` }));
}

function answer(asked: Deferred['asked'], id: string, wanted: Body, adminPass: string): OpenStackResponse {
  const links = serverLinks(asked, id);
  const groups = Array.isArray(wanted['security_groups']) ? wanted['security_groups'] : [{ name: 'default' }];
  const diskConfig = wanted['OS-DCF:diskConfig'] ?? 'MANUAL';
  const server = { id, links, 'OS-DCF:diskConfig': diskConfig, security_groups: groups, adminPass };
  return json(202, { server }, { location: links[0]!.href });
}
