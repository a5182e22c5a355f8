/** Errors are typed values inside; here, once, each service's way to write them. */
import type { Headers, OpenStackResponse } from './message.js';
import { serviceOf, type ServiceName } from './service.js';

export type FaultKind =
  | 'bad-request'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'conflict'
  | 'gone'
  | 'precondition-failed'
  | 'too-large'
  | 'unsupported-media'
  | 'internal'
  | 'not-implemented'
  | 'bad-gateway'
  | 'unavailable';

const faults = {
  'bad-request': { status: 400, nova: 'badRequest', title: 'Bad Request', neutron: 'BadRequest' },
  unauthorized: { status: 401, nova: 'unauthorized', title: 'Unauthorized', neutron: 'NotAuthenticated' },
  forbidden: { status: 403, nova: 'forbidden', title: 'Forbidden', neutron: 'PolicyNotAuthorized' },
  'not-found': { status: 404, nova: 'itemNotFound', title: 'Not Found', neutron: 'HTTPNotFound' },
  'method-not-allowed': {
    status: 405,
    nova: 'badMethod',
    title: 'Method Not Allowed',
    neutron: 'HTTPMethodNotAllowed',
  },
  'not-acceptable': { status: 406, nova: 'computeFault', title: 'Not Acceptable', neutron: 'HTTPNotAcceptable' },
  conflict: { status: 409, nova: 'conflictingRequest', title: 'Conflict', neutron: 'Conflict' },
  gone: { status: 410, nova: 'computeFault', title: 'Gone', neutron: 'HTTPGone' },
  'precondition-failed': {
    status: 412,
    nova: 'computeFault',
    title: 'Precondition Failed',
    neutron: 'HTTPPreconditionFailed',
  },
  'too-large': {
    status: 413,
    nova: 'overLimit',
    title: 'Request Entity Too Large',
    neutron: 'HTTPRequestEntityTooLarge',
  },
  'unsupported-media': {
    status: 415,
    nova: 'badMediaType',
    title: 'Unsupported Media Type',
    neutron: 'HTTPUnsupportedMediaType',
  },
  internal: { status: 500, nova: 'computeFault', title: 'Internal Server Error', neutron: 'HTTPInternalServerError' },
  'not-implemented': { status: 501, nova: 'notImplemented', title: 'Not Implemented', neutron: 'HTTPNotImplemented' },
  'bad-gateway': { status: 502, nova: 'computeFault', title: 'Bad Gateway', neutron: 'HTTPBadGateway' },
  unavailable: { status: 503, nova: 'serviceUnavailable', title: 'Service Unavailable', neutron: 'ServiceUnavailable' },
} as const satisfies Record<FaultKind, { status: number; nova: string; title: string; neutron: string }>;

interface FaultDetails {
  /** Extra response headers (`Allow`, `Retry-After`). */
  readonly headers?: Headers;
  /** Neutron's exception class, which Heat and the SDK turn into their own classes. */
  readonly type?: string;
  /** For the operator's log; may name hosts, so no answer holds it. */
  readonly reason?: string;
}

/** An error that has an OpenStack answer. */
export class Fault extends Error {
  constructor(
    readonly kind: FaultKind,
    message: string,
    readonly details: FaultDetails = {},
  ) {
    super(message);
    this.name = 'Fault';
  }

  get status(): number {
    return faults[this.kind].status;
  }
}

/** A fault in the words and the form of one service. `accept` is the request's, which decides Glance's form. */
export function faultResponse(service: ServiceName, fault: Fault, requestId: string, accept = ''): OpenStackResponse {
  const { status, title } = faults[fault.kind];
  const page = service === 'image' && !accept.includes('application/json');
  const headers: Headers = {
    'content-type': page ? 'text/html; charset=UTF-8' : 'application/json',
    ...fault.details.headers,
  };
  const text = page ? htmlPage(status, title, fault.message) : JSON.stringify(faultBody(service, fault, requestId));
  return { status, headers, body: Buffer.from(text) };
}

function faultBody(service: ServiceName, fault: Fault, requestId: string): unknown {
  const { status, nova, title, neutron } = faults[fault.kind];
  const message = fault.message;
  switch (service) {
    case 'compute':
    case 'volume': {
      const retryAfter = fault.details.headers?.['retry-after'];
      return { [nova]: { code: status, message, ...(retryAfter && status === 413 ? { retryAfter } : {}) } };
    }
    case 'network':
      return { NeutronError: { type: fault.details.type ?? neutron, message, detail: '' } };
    case 'image':
      return { message, code: `${status} ${title}`, title };
    case 'placement': {
      const { min, max } = serviceOf(service).microversions!;
      const range = status === 406 ? { min_version: min, max_version: max } : {};
      return { errors: [{ status, title, detail: message, request_id: requestId, ...range }] };
    }
    case 'identity':
      return { error: { code: status, title, message } };
  }
}

const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

// Glance answers with webob's page unless JSON alone is accepted.
const htmlPage = (status: number, title: string, message: string): string =>
  `<html>\n <head>\n  <title>${status} ${title}</title>\n </head>\n <body>\n  <h1>${status} ${title}</h1>\n  ` +
  `${message.replace(/[&<>]/g, (sign) => escaped[sign] ?? sign)}<br /><br />\n\n\n </body>\n</html>`;
