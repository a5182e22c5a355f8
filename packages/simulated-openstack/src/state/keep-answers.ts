/** Answers wait until what they tell is on the disk. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { faultResponse } from '@cascade/openstack-protocol/server/fault-response.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { newRequestId } from '@cascade/openstack-protocol/server/request-id.js';
import { serviceOf, splitServicePath } from '@cascade/openstack-protocol/services.js';
import type { Keeper } from './keeper.js';

/** What only reads, but for Cinder's calls that are spelled GET and write all the same. */
const onlyReads = ({ method, url }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && !/\/qos-specs\/[^/]+\/(dis)?associate(_all)?(\?|$)/.test(url);

/** On a full disk who writes is refused, and who reads is told what is: it is kept as soon as there is room. */
export function keepAnswers(server: FastifyInstance, keeper: Keeper): void {
  server.addHook('onSend', async (request, reply, payload) => {
    const reads = onlyReads(request);
    try {
      await keeper.settle(!reads);
      return payload;
    } catch {
      if (reads) return payload;
      const service = splitServicePath(request.url.split('?')[0]!)?.service ?? serviceOf('identity');
      const fault = new Fault('internal', 'The request could not be stored: the disk is full or broken.');
      const { status, headers, body } = faultResponse(service, fault, {
        requestId: newRequestId(),
        accept: request.headers.accept,
      });
      for (const name of ['location', 'content-length']) reply.removeHeader(name);
      reply.code(status).headers(headers);
      return body;
    }
  });
}
