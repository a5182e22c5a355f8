/** What other services tell Nova about its servers. @see openstack/nova:nova/api/openstack/compute/server_external_events.py */
import { json } from '../../../openstack/message.js';
import { bodyCheck } from '../../../openstack/nova-schema.js';
import { uuid } from '../../../openstack/parameter-types.js';
import { route, type Route } from '../../../openstack/route.js';
import type { Cloud } from '../cloud.js';

const names = [
  'network-changed', 'network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted', 'volume-extended',
  'power-update', 'accelerator-request-bound',
]; // prettier-ignore

const check = bodyCheck({
  type: 'object',
  properties: {
    events: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          server_uuid: uuid,
          name: { type: 'string', enum: names },
          status: { type: 'string', enum: ['failed', 'completed', 'in-progress'] },
          tag: { type: 'string', maxLength: 255 },
        },
        required: ['server_uuid', 'name'],
        additionalProperties: false,
      },
    },
  },
  required: ['events'],
  additionalProperties: false,
});

interface Event {
  readonly server_uuid: string;
  readonly status?: string;
}

export const externalEventRoutes = (cloud: Cloud): Route[] => [
  route('POST /os-server-external-events', 'service', async (asked) => {
    const body = await asked.readJson();
    check(body);
    const events = (body['events'] as Event[]).map((event) => ({ status: 'completed', ...event, code: codeOf(cloud, event) }));
    const codes = events.map(({ code }) => code);
    if (codes.every((code) => code === 404)) return json(404, { itemNotFound: { code: 404, message: 'No instances found for any event' } });
    const isMixed = codes.some((code) => code !== 200);
    const shown = events.map((event) => (event.code === 200 ? event : { ...event, status: 'failed' }));
    return json(isMixed ? 207 : 200, { events: shown });
  }),
]; // prettier-ignore

/** 404 for a server that is not there, 422 for one without a host to tell. */
function codeOf(cloud: Cloud, { server_uuid: id }: Event): number {
  const server = cloud.servers.living(id);
  if (!server) return 404;
  return server.host === null ? 422 : 200;
}
