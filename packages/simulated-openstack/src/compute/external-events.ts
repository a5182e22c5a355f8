/** What other services tell Nova about its servers. @see openstack/nova:nova/api/openstack/compute/server_external_events.py */
import { externalEvents, type ExternalEvent } from '@cascade/openstack-protocol/compute/external-events.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from './cloud.js';

export const externalEventRoutes = (cloud: Cloud): Route[] => [
  route('POST /os-server-external-events', 'service', async (asked) => {
    const told = externalEvents(await asked.readJson(), asked.microversion);
    const events = told.map((event) => ({ status: 'completed', ...event, code: codeOf(cloud, event) }));
    const codes = events.map(({ code }) => code);
    if (codes.every((code) => code === 404))
      return json(404, { itemNotFound: { code: 404, message: 'No instances found for any event' } });
    const isMixed = codes.some((code) => code !== 200);
    const shown = events.map((event) => (event.code === 200 ? event : { ...event, status: 'failed' }));
    return json(isMixed ? 207 : 200, { events: shown });
  }),
];

/** 404 for a server that is not there, 422 for one without a host to tell. */
function codeOf(cloud: Cloud, { server_uuid: id }: ExternalEvent): number {
  const server = cloud.servers.living(id);
  if (!server) return 404;
  return server.host === null ? 422 : 200;
}
