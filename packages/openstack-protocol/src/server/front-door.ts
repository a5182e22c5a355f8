/** Every OpenStack request enters here: protocol first, then who asks, then the route's own answer. */
import type { Readable } from 'node:stream';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { parseJsonObject, readAll } from './body.js';
import type { Caller } from '../caller.js';
import { faultResponse } from './fault-response.js';
import { Fault, type FaultContext } from '../faults.js';
import { noContent, type Headers, type OpenStackResponse } from '../message.js';
import type { Microversion } from '../microversion.js';
import { askedMicroversion, microversionAnswer, withoutMicroversion } from '../microversion-header.js';
import { publicUrl } from './public-url.js';
import { globalRequestId, newRequestId } from './request-id.js';
import { mayAct } from './persona.js';
import { refusalByPolicy } from './refusal-by-policy.js';
import { LastValues, type Asked, type Persona, type Route } from './route.js';
import { requireInRange, Router } from './router.js';
import type { Service, ServiceName } from '../service.js';
import { serviceOf, splitServicePath } from '../services.js';
import { requireReach, type TokenCheck } from './token-reach.js';
import type { VersionDocument } from './versions.js';

export interface FrontDoor extends TokenCheck {
  /** Route tables of the services. Identity has none: it is passed on whole. */
  readonly routes: Partial<Record<ServiceName, readonly Route[]>>;
  /** Whether the caller is `needs`. @default by the caller's roles */
  allows?(caller: Caller, needs: Persona): boolean;
  /** Answers every request for a service that is passed on whole. */
  identity(request: PassedRequest): Promise<OpenStackResponse>;
  readonly log: Logger;
  /** True for an error that says no more than that it may work later (the database is away). */
  isPassing?(error: unknown): boolean;
  /** Public URL where no proxy headers tell it. */
  readonly publicEndpoint?: string;
  /** Microversions of a cloud that is older or newer than this program. */
  readonly microversions?: Partial<Record<ServiceName, { readonly min: string; readonly max: string }>>;
  /** Minor versions, in the order in which they are listed, where they are no microversions. */
  readonly minorVersions?: Partial<Record<ServiceName, readonly string[]>>;
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
  const routers = new Map<ServiceName, Router>();
  for (const [name, routes] of Object.entries(door.routes)) {
    routers.set(name as ServiceName, new Router(routes, serviceOf(name as ServiceName).unrouted));
  }

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

/** Of a request, while it is answered: what its answer says it was is known even where it is refused. */
interface Told {
  microversion?: Microversion | undefined;
}

async function answer(
  door: FrontDoor,
  routers: ReadonlyMap<ServiceName, Router>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const headers = safeHeaders(request);
  const requestId = newRequestId();
  const [path = '/', rawQuery = ''] = splitOnce(request.raw.url ?? '/', '?');
  const target = serviceAsked(door, path);
  const told: Told = {};
  let response: OpenStackResponse;
  try {
    if (!target || hasDotSegment(path)) throw new Fault('not-found', 'The resource could not be found.');
    const passed = {
      method: request.method,
      pathAndQuery: target.rest + (rawQuery ? `?${rawQuery}` : ''),
      headers,
      publicUrl: publicUrl(headers, door.publicEndpoint),
      requestId,
      readBody: () => readAll(request.raw, door.maxBodyBytes),
    };
    response = target.service.isPassedOn
      ? await door.identity(passed)
      : await answerService(door, routers, target, passed, request.raw, told);
  } catch (error) {
    const accept = request.method === 'HEAD' ? 'text/html' : headers['accept'];
    response = faultOf(door, target?.service, error, { requestId, accept, microversion: told.microversion });
  }
  return send(reply, request, target?.service, response, told.microversion, requestId);
}

async function answerService(
  door: FrontDoor,
  routers: ReadonlyMap<ServiceName, Router>,
  { service, rest }: Target,
  { method, pathAndQuery, headers, publicUrl: root, requestId, readBody }: PassedRequest,
  stream: Readable,
  told: Told,
): Promise<OpenStackResponse> {
  const serviceUrl = `${root}/${service.name}`;
  const { microversions: range, name } = service;
  const minors = door.minorVersions?.[name];
  const versions = service.versionDocument?.({ rest, url: serviceUrl, range, minors });
  if (versions && !versions.needsToken) return showVersions(service, versions, method, headers, told);
  if (service.unrouted.refusesVersions && versionOf(service, rest) === undefined) {
    throw new Fault('not-found', 'The resource could not be found.', { page: true });
  }
  const caller = await door.authenticate(headers['x-auth-token']);
  await requireReach(door, caller, headers['x-service-token'], service, method, rest);
  if (versions) return showVersions(service, versions, method, headers, told);
  const found = match(routers, method, service, rest, headers, told);
  const { route, params, path, project, written, microversion, isLegacy } = found;
  requireProject(service, project, caller);
  requireInRange(route, microversion);
  const { allows = mayAct } = door;
  if (!allows(caller, route.needs)) throw await refusalByPolicy(service.policies, route, readBody);
  const [, rawQuery = ''] = splitOnce(pathAndQuery, '?');
  const response = await route.run({
    service,
    method,
    path,
    written,
    params,
    rawQuery,
    query: service.takesLastValue ? new LastValues(rawQuery) : new URLSearchParams(rawQuery),
    headers,
    microversion,
    requestId: globalRequestId(headers['x-openstack-request-id']) ?? requestId,
    serviceUrl,
    publicUrl: root,
    caller,
    stream,
    readBody,
    readJson: async () => parseJsonObject(await readBody(), headers['content-type']),
  } satisfies Asked);
  return isLegacy ? withoutMicroversion(service.microversions, response) : response;
}

function showVersions(
  service: Service,
  { response, microversioned, getOnly }: VersionDocument,
  method: string,
  headers: Headers,
  told: Told,
): OpenStackResponse {
  const { microversions, unrouted } = service;
  const requireMethod = (): void => {
    if (getOnly && method !== 'GET') throw unrouted.noMethod(method, ['GET'], '');
  };
  if (!microversions?.isReadFirst) requireMethod();
  if (microversioned) told.microversion = askedMicroversion(microversions, headers);
  requireMethod();
  return response;
}

type Target = NonNullable<ReturnType<typeof splitServicePath>>;

function serviceAsked({ microversions = {} }: FrontDoor, path: string): Target | undefined {
  const target = splitServicePath(path);
  const own = target && microversions[target.service.name];
  const { microversions: known } = target?.service ?? {};
  return own && known ? { ...target, service: { ...target.service, microversions: { ...known, ...own } } } : target;
}

// No service knows these; an HTTP client would resolve them on the way to a site, and ask for something else there.
const hasDotSegment = (path: string): boolean =>
  path.split('/').some((step) => /^\.{1,2}$/.test(step.replace(/%2e/gi, '.')));

/** The prefix of a version that the service has. */
const versionOf = ({ version, legacyVersions = [] }: Service, rest: string): string | undefined =>
  [version, ...legacyVersions].find((known) => rest === known || rest.startsWith(`${known}/`));

/** The route, and the microversion it is asked in. */
function match(
  routers: ReadonlyMap<ServiceName, Router>,
  method: string,
  service: Service,
  rest: string,
  headers: Headers,
  told: Told,
) {
  const router = routers.get(service.name);
  const version = versionOf(service, rest);
  if (!router || version === undefined) throw service.unrouted.noPath();
  // The API as it was before microversions ignores the header and sends none.
  const isLegacy = version !== service.version;
  const readHeader = (): Microversion | undefined => {
    const asked = askedMicroversion(service.microversions, isLegacy ? {} : headers);
    if (!isLegacy) told.microversion = asked;
    return asked;
  };
  const early = service.microversions?.isReadFirst ? { microversion: readHeader() } : undefined;
  let path = rest.slice(version.length) || '/';
  const project = service.projectInPath ? /^\/([0-9a-f-]+)(?=\/|$)/.exec(path)?.[1] : undefined;
  if (project !== undefined) path = path.slice(project.length + 1) || '/';
  const before = version + (project === undefined ? '' : `/${project}`);
  const after = service.suffix && path.endsWith(service.suffix) ? service.suffix : '';
  if (after) path = path.slice(0, -after.length);
  const found = router.find(method, path);
  return {
    ...found,
    path,
    project,
    written: { before, after },
    isLegacy,
    ...(early ?? { microversion: readHeader() }),
  };
}

function requireProject({ projectInPath }: Service, project: string | undefined, { projectId }: Caller): void {
  if (!projectInPath || project === undefined || project === projectId) return;
  throw new Fault('bad-request', projectInPath.mismatch(project, projectId ?? ''));
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

function faultOf(door: FrontDoor, service: Service | undefined, error: unknown, told: FaultContext): OpenStackResponse {
  // Keystone's form where no service was asked.
  const form = service ?? serviceOf('identity');
  const { requestId } = told;
  if (error instanceof Fault) {
    const { reason } = error.details;
    if (reason !== undefined) door.log.warn({ event: 'request.refused', requestId, reason }, error.message);
    return faultResponse(form, error, told);
  }
  door.log.error({ event: 'request.failed', requestId, err: error }, 'request failed');
  if (door.isPassing?.(error)) {
    return faultResponse(form, new Fault('unavailable', unavailable, { headers: { 'retry-after': '10' } }), told);
  }
  const words = 'An unexpected error prevented the server from fulfilling your request.';
  return faultResponse(form, new Fault('internal', words), told);
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
  if (service) reply.headers(microversionAnswer(service.microversions, microversion));
  for (const [name, value] of Object.entries(response.headers)) if (!hopByHop.has(name)) reply.header(name, value);
  // A site's own id wins: clients compare it with what the site wrote down (instance actions, tasks, messages).
  if (!response.headers['x-openstack-request-id']) reply.header('x-openstack-request-id', requestId);
  const second = service?.requestIdHeader;
  if (second && !response.headers[second]) reply.header(second, requestId);
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
