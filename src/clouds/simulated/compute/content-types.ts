/** What Nova says its answers are: JSON, even where there is nothing in them. */
import type { FastifyInstance } from 'fastify';

export function addContentTypes(server: FastifyInstance): void {
  server.addHook('onSend', async ({ raw }, reply, payload) => {
    if (!(raw.url ?? '').startsWith('/compute/')) return payload;
    const isEmpty = Buffer.isBuffer(payload) && payload.length === 0;
    if (isEmpty && reply.getHeader('content-type') === 'application/octet-stream') {
      reply.header('content-type', 'application/json');
    }
    if (reply.statusCode >= 400) reply.header('content-type', 'application/json; charset=UTF-8');
    return payload;
  });
}
