/** `POST /servers`: which zone, how much room, and which site's words answer. */
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { createIn } from '../../routing/create.js';
import type { World } from '../../routing/world.js';
import { addServerPlaceholders } from '../placeholders/add-server-placeholders.js';
import { serverReferences } from '../references.js';
import { roomFor } from './server-room.js';
import { takeServerZone } from './server-zone.js';

export function createServer(world: World): Answer {
  const create = createIn(world, 'server', {
    references: serverReferences,
    takeZone: takeServerZone(world),
    need: (body, references) => roomFor(world, body, references),
    defer: addServerPlaceholders(world),
    shown: withGroupsAsNamed,
  });
  return async (asked) => {
    const raw = await asked.readBody();
    return create({ ...asked, readBody: () => Promise.resolve(raw) });
  };
}

/**
 * A security group that was named by its name is asked for by its id. Nova answers with what it was asked for.
 * @see openstack/nova:nova/api/openstack/compute/views/servers.py _add_security_grps
 */
async function withGroupsAsNamed(asked: Asked, response: OpenStackResponse): Promise<OpenStackResponse> {
  const wanted = (tryJson(await asked.readBody()) as Named | undefined)?.server?.security_groups;
  const body = isOk(response) ? (bodyOf(response) as Named | undefined) : undefined;
  if (!body?.server?.security_groups || !wanted) return response;
  return withBody(response, { ...body, server: { ...body.server, security_groups: wanted } });
}

interface Named {
  readonly server?: { readonly security_groups?: unknown };
}
