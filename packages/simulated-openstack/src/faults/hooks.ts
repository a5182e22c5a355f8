/** Faults at the border of a cloud: in front of what it answers, and behind it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import { faultResponse } from '@cascade/openstack-protocol/server/fault-response.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { newRequestId } from '@cascade/openstack-protocol/server/request-id.js';
import type { Service } from '@cascade/openstack-protocol/service.js';
import { splitServicePath } from '@cascade/openstack-protocol/services.js';
import type { Clock } from '../clock.js';
import type { Faults } from './faults.js';
import type { FaultSpec } from './fault-spec.js';
import { listKey, looksLikeList, StaleLists } from './stale-lists.js';

/** Where the faults themselves are switched: never at fault. */
export const adminPrefix = '/simulation';

export function addFaultHooks(server: FastifyInstance, faults: Faults, clock: Clock): void {
  const stale = new StaleLists();
  faults.watch(() => faults.find('stale') ?? stale.clear());
  server.addHook('onRequest', async (request, reply) => {
    if (!isExempt(request)) await before(faults, request, reply);
  });
  server.addHook('onSend', async (request, reply, payload) => {
    if (clock.skewMs !== 0) reply.header('date', new Date(clock.now()).toUTCString());
    return isExempt(request) ? payload : after(faults, stale, request, reply, payload);
  });
}

const isExempt = ({ raw }: FastifyRequest): boolean => (raw.url ?? '').startsWith(adminPrefix);

const targetOf = ({ raw }: FastifyRequest) => splitServicePath((raw.url ?? '/').split('?')[0]!);
const serviceOf = (request: FastifyRequest): Service | undefined => targetOf(request)?.service;

function isVersionDocument(request: FastifyRequest): boolean {
  const { service, rest = '' } = targetOf(request) ?? {};
  return service?.versionDocument?.({ rest, url: '', range: service.microversions }) !== undefined;
}

/** A document with another range for each version of the API that has microversions. */
function claiming(document: Buffer, { min, max }: Pick<FaultSpec, 'min' | 'max'>): Buffer {
  const claim = (key: string, value: unknown): unknown => {
    if (typeof value !== 'string' || value === '') return value;
    return { min_version: min, version: max, max_version: max }[key] ?? value;
  };
  const body: unknown = tryJson(document);
  return body === undefined ? document : Buffer.from(JSON.stringify(body, claim));
}

async function before(faults: Faults, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const service = serviceOf(request);
  const { method } = request;
  if (faults.hitting('silent', service?.name, method)) {
    reply.hijack();
    request.raw.resume();
    return;
  }
  const slow = faults.hitting('slow', service?.name, method);
  if (slow) await delay(slow.delay_ms);
  const refusal = refusalOf(faults, request, service);
  if (refusal && service) {
    request.raw.resume();
    const { status, headers, body } = faultResponse(service, refusal, {
      requestId: newRequestId(),
      accept: request.headers.accept,
    });
    return void reply.code(status).headers(headers).send(body);
  }
  if (faults.hitting('repeated-page', service?.name, method)) request.raw.url = withoutMarker(request.raw.url ?? '/');
}

function refusalOf(
  faults: Faults,
  { headers, method }: FastifyRequest,
  service: Service | undefined,
): Fault | undefined {
  const errors = faults.hitting('errors', service?.name, method);
  if (errors)
    return new Fault(kinds[errors.status], 'The server is currently unavailable. Please try again at a later time.');
  if (faults.hitting('unauthorized', service?.name, method)) {
    return new Fault('unauthorized', 'The request you have made requires authentication.');
  }
  const asked = headers['openstack-api-version'] ?? headers['x-openstack-nova-api-version'];
  const wrong = asked && service?.microversions && faults.hitting('wrong-microversion', service.name, method);
  if (wrong && wrong.how === '406') {
    return new Fault('not-acceptable', `Version ${String(asked).split(' ').at(-1)} is not supported by the API.`);
  }
  return undefined;
}

const kinds = { 500: 'internal', 502: 'bad-gateway', 503: 'unavailable' } as const;

function withoutMarker(url: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const params = new URLSearchParams(query);
  params.delete('marker');
  return `${path}?${params.toString()}`;
}

function after(
  faults: Faults,
  stale: StaleLists,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): unknown {
  const service = serviceOf(request);
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD' && faults.hitting('answer-lost', service?.name, method)) {
    request.raw.socket.destroy();
    return payload;
  }
  const wrong = faults.hitting('wrong-microversion', service?.name, method);
  if (wrong?.how === 'header' && service?.microversions) {
    const { header, min } = service.microversions;
    reply.header('openstack-api-version', `${header} ${min}`);
    if (header === 'compute') reply.header('x-openstack-nova-api-version', min);
  }
  if (!Buffer.isBuffer(payload) || payload.length === 0) return payload;
  const lie = faults.hitting('wrong-versions', service?.name, method);
  let body = lie && isVersionDocument(request) ? claiming(payload, lie) : payload;
  const lag =
    method === 'GET' && reply.statusCode === 200 && looksLikeList(body)
      ? faults.hitting('stale', service?.name, method)
      : undefined;
  if (lag) {
    const { 'x-auth-token': token, 'openstack-api-version': microversion = '' } = request.headers;
    body = stale.show(
      listKey(request.raw.url ?? '', String(token), String(microversion)),
      body,
      lag.lag_seconds * 1000,
    );
  }
  if (faults.hitting('truncated', service?.name, method)) body = body.subarray(0, Math.ceil(body.length / 2));
  if (body.length !== payload.length) reply.header('content-length', body.length);
  return body;
}
