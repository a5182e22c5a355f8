/** `/servers/{id}/os-instance-actions`. @see openstack/nova:nova/api/openstack/compute/instance_actions.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { limitOf, nextLink } from '@cascade/openstack-adapter/paging.js';
import { isoMicros } from '../../clock.js';
import type { Cloud } from '../cloud.js';
import type { Server } from '../servers/server.js';
import type { Entry } from './journal.js';

const view = (asked: Asked, server: Server, entry: Entry): Record<string, unknown> => ({
  action: entry.action,
  instance_uuid: server.id,
  request_id: entry.requestId,
  user_id: entry.userId,
  project_id: entry.projectId,
  start_time: isoMicros(entry.at),
  message: null,
  ...(atLeast(asked.microversion, '2.58') ? { updated_at: isoMicros(entry.at) } : {}),
});

const events: Record<string, string> = {
  create: 'compute__do_build_and_run_instance',
  delete: 'compute_terminate_instance',
};

function eventOf(asked: Asked, server: Server, { action, at }: Entry): Record<string, unknown> {
  return {
    event: events[action] ?? `compute_${action.replace(/^os-/, '')}_instance`,
    start_time: isoMicros(at),
    finish_time: isoMicros(at),
    result: 'Success',
    ...(asked.caller.isAdmin ? { traceback: null } : {}),
    ...(asked.caller.isAdmin && atLeast(asked.microversion, '2.62') ? { host: server.host } : {}),
    ...(atLeast(asked.microversion, '2.62') ? { hostId: '' } : {}),
    ...(atLeast(asked.microversion, '2.84') ? { details: null } : {}),
  };
}

/** From 2.21 on the actions of a deleted server too. */
function subject(cloud: Cloud, asked: Asked): Server {
  const { id = '' } = asked.params;
  const server = atLeast(asked.microversion, '2.21') ? cloud.servers.find(id) : cloud.servers.living(id);
  if (server && (asked.caller.isAdmin || server.projectId === asked.caller.projectId)) return server;
  throw new Fault('not-found', `Instance ${id} could not be found.`);
}

export const journalRoutes = (cloud: Cloud): Route[] => [
  route('GET /servers/{id}/os-instance-actions', 'reader', async (asked) => {
    const server = subject(cloud, asked);
    const all = cloud.journal.of(server);
    if (!atLeast(asked.microversion, '2.58')) {
      return json(200, { instanceActions: all.map((entry) => view(asked, server, entry)) });
    }
    const limit = limitOf(asked, 1000);
    const marker = asked.query.get('marker');
    const from = marker === null ? 0 : all.findIndex(({ requestId }) => requestId === marker) + 1;
    if (marker !== null && from === 0) throw new Fault('bad-request', 'Marker None could not be found.');
    const page = all.slice(from, from + limit);
    const more = from + page.length < all.length && page.length > 0;
    const links = more ? { links: [{ rel: 'next', href: nextLink(asked, page.at(-1)!.requestId) }] } : {};
    return json(200, { instanceActions: page.map((entry) => view(asked, server, entry)), ...links });
  }),
  route('GET /servers/{id}/os-instance-actions/{request_id}', 'reader', async (asked) => {
    const server = subject(cloud, asked);
    const { request_id: requestId = '' } = asked.params;
    const entry = cloud.journal.of(server).find((one) => one.requestId === requestId);
    if (!entry) throw new Fault('not-found', `Action ${requestId} not found`);
    const shows = asked.caller.isAdmin || atLeast(asked.microversion, '2.51');
    return json(200, {
      instanceAction: { ...view(asked, server, entry), ...(shows ? { events: [eventOf(asked, server, entry)] } : {}) },
    });
  }),
];
