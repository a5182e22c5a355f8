/** What services say their answers are, each with its own habits. They were seen in real ones. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { splitServicePath } from '@cascade/openstack-protocol/services.js';

const errorType = 'application/json; charset=UTF-8';
/** Of answers with nothing in them. */
const emptyTypes: Partial<Record<ServiceName, string>> = {
  compute: 'application/json',
  volume: 'text/html; charset=UTF-8',
};

export function addAnswerHeaders(server: FastifyInstance): void {
  server.addHook('onSend', async ({ raw }, reply, payload) => {
    const service = splitServicePath((raw.url ?? '/').split('?')[0]!)?.service.name;
    const isEmpty = Buffer.isBuffer(payload) && payload.length === 0;
    if (service && isEmpty) sayEmpty(service, reply);
    if (service === 'compute' && reply.statusCode >= 400 && isNovas(payload)) reply.header('content-type', errorType);
    // Cinder inherited this one from Nova.
    if (service === 'volume') reply.header('x-compute-request-id', reply.getHeader('x-openstack-request-id'));
    return payload;
  });
}

/** Neither keystonemiddleware's nor the router's, which stand in front of it. */
const isNovas = (payload: unknown): boolean =>
  Buffer.isBuffer(payload) && /^\{"(?!error"|message")/.test(payload.toString());

function sayEmpty(service: ServiceName, reply: FastifyReply): void {
  const type = emptyTypes[service];
  // What Fastify says of bytes that nobody named.
  if (type && reply.getHeader('content-type') === 'application/octet-stream') reply.header('content-type', type);
}
