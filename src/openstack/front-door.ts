/** Every OpenStack request enters here: protocol first, then who asks, then the route's own answer. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { mayReach } from './access-rules.js';
import { parseJsonObject, readAll } from './body.js';
import type { Caller } from './caller.js';
import { Fault, faultResponse } from './faults.js';
import { noContent, type Headers, type OpenStackResponse } from './message.js';
import { askedMicroversion, microversionAnswer, type Microversion } from './microversion.js';
import { publicUrl } from './public-url.js';
import { globalRequestId, newRequestId } from './request-id.js';
import type { Asked, Persona, Route } from './route.js';
import { Router } from './router.js';
import { splitServicePath, type Service, type ServiceName } from './service.js';
import { versionDocument } from './versions.js';

export interface FrontDoor {
  /** Route tables of the services. Identity has none: it is passed on whole. */
  readonly routes: Partial<Record<ServiceName, readonly Route[]>>;
  /** @throws Fault 401 for a token nobody vouches for */
  authenticate(token: string | undefined): Promise<Caller>;
  /** @throws Fault 403 where the caller is not `needs` */
  authorize(caller: Caller, needs: Persona, route: Route): void;
  /** Answers everything below `/identity`. */
  identity(request: PassedRequest): Promise<OpenStackResponse>;
  readonly log: Logger;
  /** True for an error that says no more than that it may work later (the database is away). */
  isPassing?(error: unknown): boolean;
  /** Public URL where no proxy headers tell it. */
  readonly publicEndpoint?: string;
  /** Microversions of a cloud that is older or newer than this program. */
  readonly microversions?: Partial<Record<ServiceName, { readonly min: string; readonly max: string }>>;
  /** Largest JSON body in bytes; images are streams and not bound by it. Nova's default is 114,688. */
  readonly maxBodyBytes: number;
}

/** A request for a service that is passed on whole. */
export interface PassedRequest {
  readonly method: string;
  /** Below the service's root, with its query. */
  readonly pathAndQuery: string;
  readonly headers: Headers;
  readonly publicUrl: string;
  readonly requestId: string;
  readBody(): Promise<Buffer>;
}

export function openFrontDoor(door: FrontDoor): FastifyInstance {
  const server = Fastify({
    bodyLimit: Number.MAX_SAFE_INTEGER,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: false },
  });
  const routers = new Map<string, Router>();
  for (const [name, routes] of Object.entries(door.routes)) routers.set(name, new Router(routes, name === 'network'));

  // Bodies are handed over as streams: who needs one whole reads it, within its own limit.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  server.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/*',
    handler: (request, reply) => answer(door, routers, request, reply),
  });
  return server;
}

async function answer(
  door: FrontDoor,
  routers: ReadonlyMap<string, Router>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const headers = safeHeaders(request);
  const requestId = newRequestId();
  const [path = '/', rawQuery = ''] = splitOnce(request.raw.url ?? '/', '?');
  const target = serviceAsked(door, path);
  let microversion: Microversion | undefined;
  let response: OpenStackResponse;
  try {
    if (!target) throw new Fault('not-found', 'The resource could not be found.');
    const root = publicUrl(headers, door.publicEndpoint);
    const readBody = () => readAll(request.raw, door.maxBodyBytes);
    if (target.service.name === 'identity') {
      const pathAndQuery = target.rest + (rawQuery ? `?${rawQuery}` : '');
      response = await door.identity({
        method: request.method,
        pathAndQuery,
        headers,
        publicUrl: root,
        requestId,
        readBody,
      });
    } else {
      const { service, rest } = target;
      const serviceUrl = `${root}/${service.name}`;
      const versions = ['GET', 'HEAD'].includes(request.method) && versionDocument(service, rest, serviceUrl);
      if (versions) response = versions;
      else {
        const caller = await door.authenticate(headers['x-auth-token']);
        if (!mayReach(caller.accessRules, service, request.method, rest)) {
          throw new Fault('unauthorized', 'The request you have made requires authentication.');
        }
        microversion = askedMicroversion(service, headers);
        const { route, params, path: below } = match(routers, request.method, service, rest, caller, microversion);
        door.authorize(caller, route.needs, route);
        response = await route.run({
          service, method: request.method, path: below, params, rawQuery,
          query: new URLSearchParams(rawQuery), headers, microversion,
          requestId: globalRequestId(headers['x-openstack-request-id']) ?? requestId,
          serviceUrl, publicUrl: root, caller, stream: request.raw, readBody,
          readJson: async () => parseJsonObject(await readBody(), headers['content-type']),
        } satisfies Asked); // prettier-ignore
      }
    }
  } catch (error) {
    response = faultOf(door, target?.service, error, requestId, headers);
  }
  return send(reply, request, target?.service, response, microversion, requestId);
}

function serviceAsked({ microversions = {} }: FrontDoor, path: string): ReturnType<typeof splitServicePath> {
  const target = splitServicePath(path);
  const own = target && microversions[target.service.name];
  const { microversions: known } = target?.service ?? {};
  return own && known ? { ...target, service: { ...target.service, microversions: { ...known, ...own } } } : target;
}

function match(
  routers: ReadonlyMap<string, Router>,
  method: string,
  service: Service,
  rest: string,
  caller: Caller,
  microversion: Microversion | undefined,
) {
  const router = routers.get(service.name);
  const versions = service.name === 'compute' ? ['/v2.1', '/v2'] : [service.version];
  const version = versions.find((known) => rest === known || rest.startsWith(`${known}/`));
  if (!router || version === undefined) throw new Fault('not-found', 'The resource could not be found.');
  let path = rest.slice(version.length) || '/';
  const project = service.projectInPath ? /^\/([0-9a-f-]+)(?=\/|$)/.exec(path)?.[1] : undefined;
  if (project !== undefined) {
    if (project !== caller.projectId) {
      // @see openstack/nova:nova/api/openstack/wsgi.py Resource._process_stack
      const words = `Malformed request URL: URL's project_id '${project}' doesn't match Context's project_id '${caller.projectId ?? ''}'`;
      throw new Fault('bad-request', words);
    }
    path = path.slice(project.length + 1) || '/';
  }
  if (service.suffix && path.endsWith(service.suffix)) path = path.slice(0, -service.suffix.length);
  return { ...router.find(method, path, microversion), path };
}

// Identity headers are what services trust between keystonemiddleware and the application. They are never a client's to send.
const identityHeader =
  /^x-(identity-status|(service-)?(user|project|domain|tenant|role)s?(-.*)?|service-(identity-status|roles|catalog)|is-admin-project|system-scope|token-info|auth-(key-manager|methods))$/;

function safeHeaders(request: FastifyRequest): Headers {
  const headers: Headers = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || identityHeader.test(name)) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

// webob's words for 503.
const unavailable = 'The server is currently unavailable. Please try again at a later time.';

function faultOf(door: FrontDoor, service: Service | undefined, error: unknown, requestId: string, headers: Headers) {
  if (error instanceof Fault) {
    const { reason } = error.details;
    if (reason !== undefined) door.log.warn({ event: 'request.refused', requestId, reason }, error.message);
    return faultResponse(service?.name ?? 'identity', error, requestId, headers['accept']);
  }
  door.log.error({ event: 'request.failed', requestId, err: error }, 'request failed');
  if (door.isPassing?.(error)) {
    const later = { headers: { 'retry-after': '10' } };
    return faultResponse(
      service?.name ?? 'identity',
      new Fault('unavailable', unavailable, later),
      requestId,
      headers['accept'],
    );
  }
  const words = 'An unexpected error prevented the server from fulfilling your request.';
  return faultResponse(service?.name ?? 'identity', new Fault('internal', words), requestId, headers['accept']);
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'proxy-authenticate',
]);

function send(
  reply: FastifyReply,
  request: FastifyRequest,
  service: Service | undefined,
  response: OpenStackResponse,
  microversion: Microversion | undefined,
  requestId: string,
): FastifyReply {
  reply.code(response.status);
  if (service) reply.headers(microversionAnswer(service, microversion));
  for (const [name, value] of Object.entries(response.headers)) if (!hopByHop.has(name)) reply.header(name, value);
  // A site's own id wins: clients compare it with what the site wrote down (instance actions, tasks, messages).
  if (!response.headers['x-openstack-request-id']) reply.header('x-openstack-request-id', requestId);
  if (service?.name === 'compute' && !response.headers['x-compute-request-id']) {
    reply.header('x-compute-request-id', requestId);
  }
  if (request.method === 'HEAD') {
    if (Buffer.isBuffer(response.body) && !response.headers['content-length']) {
      reply.header('content-length', response.body.length);
    }
    return reply.send(noContent().body);
  }
  return reply.send(response.body);
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
