/** Errors are typed values inside; here, once, each service's way to write them. */
import type { Headers, OpenStackResponse } from './message.js';
import { atLeast, type Microversion } from './microversion.js';
import type { ServiceName } from './service.js';

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
  | 'range-not-satisfiable'
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
  'range-not-satisfiable': {
    status: 416,
    nova: 'computeFault',
    title: 'Request Range Not Satisfiable',
    neutron: 'HTTPRequestRangeNotSatisfiable',
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
  /** More fields of the errors of Placement and Keystone. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** webob's second sentence, on its pages. */
  readonly detail?: string;
  /** From what stands in front of a service's own code (its router): webob's page in place of the service's own form. */
  readonly page?: boolean;
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

/** webob's explanation of 401, with which Glance sends away who has no token; the others leave that to keystonemiddleware. */
const glanceUnauthorized =
  'This server could not verify that you are authorized to access the document you requested. Either you supplied the ' +
  'wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.';

/** Of the request that is refused. */
export interface FaultContext {
  readonly requestId: string;
  /** Its header, which decides the form of webob's pages. */
  readonly accept?: string | undefined;
  readonly microversion?: Microversion | undefined;
}

/** A fault in the words and the form of one service. */
export function faultResponse(service: ServiceName, fault: Fault, context: FaultContext): OpenStackResponse {
  const shown =
    service === 'image' && fault.kind === 'unauthorized'
      ? new Fault(fault.kind, glanceUnauthorized, fault.details)
      : fault;
  const isPage = service === 'image' || shown.details.page === true;
  const [type, text] = isPage
    ? webobPage(shown, context.accept ?? '')
    : ['application/json', JSON.stringify(faultBody(service, shown, context))];
  return { status: shown.status, headers: { 'content-type': type, ...shown.details.headers }, body: Buffer.from(text) };
}

function faultBody(service: ServiceName, fault: Fault, { requestId, microversion }: FaultContext): unknown {
  const { status, nova, title, neutron } = faults[fault.kind];
  const message = fault.message;
  // Who has no token gets no further than keystonemiddleware, which stands in front of every service.
  if (fault.kind === 'unauthorized') return { error: { code: status, title, message, ...fault.details.fields } };
  switch (service) {
    case 'compute':
    case 'volume': {
      const retryAfter = fault.details.headers?.['retry-after'];
      return { [nova]: { code: status, message, ...(retryAfter && status === 413 ? { retryAfter } : {}) } };
    }
    case 'network':
      return { NeutronError: { type: fault.details.type ?? neutron, message, detail: '' } };
    case 'image':
      return webobJson(fault);
    case 'placement': {
      const code = atLeast(microversion, '1.23') ? { code: 'placement.undefined_code' } : {};
      const error = { status, title, detail: placementDetail(fault), ...code, request_id: requestId };
      return { errors: [{ ...error, ...fault.details.fields }] };
    }
    case 'identity':
      return { error: { code: status, title, message } };
  }
}

/** Placement's errors are webob's pages without their tags. */
const placementExplanations: Partial<Record<FaultKind, string>> = {
  'bad-request': 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  forbidden: 'Access was denied to this resource.',
  'not-found': 'The resource could not be found.',
  conflict: 'There was a conflict when trying to complete your request.',
};

function placementDetail({ kind, message }: Fault): string {
  const explanation = placementExplanations[kind];
  return explanation === undefined || message.startsWith(explanation) ? message : `${explanation}\n\n ${message}  `;
}

const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' };

/** @see webob/exc.py WSGIHTTPException.generate_response: HTML or JSON as is asked for, and text for who asks for neither */
function webobPage(fault: Fault, accept: string): [type: string, text: string] {
  const { status, title } = faults[fault.kind];
  const [html, json] = [qualityOf('text/html', accept), qualityOf('application/json', accept)];
  if (json > html) return ['application/json', JSON.stringify(webobJson(fault))];
  const tail = webobTail(fault);
  if (html === 0) {
    const plain = `${fault.message}${tail}`.replace(/\n/g, ' ').replace(/<br \/>/g, '\n');
    return ['text/plain; charset=UTF-8', `${status} ${title}\n\n${plain}`];
  }
  const body = `${fault.message.replace(/[&<>"']/g, (sign) => escaped[sign] ?? sign)}${tail}`;
  const head = `<html>\n <head>\n  <title>${status} ${title}</title>\n </head>\n`;
  return ['text/html; charset=UTF-8', `${head} <body>\n  <h1>${status} ${title}</h1>\n  ${body}\n </body>\n</html>`];
}

/** How much a type is wanted, from 0 to 1. @see RFC 9110 12.5.1 */
function qualityOf(type: string, accept: string): number {
  let [best, bestSpecificity] = [0, -1];
  for (const entry of accept.split(',')) {
    const [range = '', ...parameters] = entry.split(';').map((word) => word.trim().toLowerCase());
    const specificity = ['*/*', `${type.split('/')[0]}/*`, type].indexOf(range);
    if (specificity <= bestSpecificity) continue;
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    [best, bestSpecificity] = [q === undefined ? 1 : Number(q) || 0, specificity];
  }
  return best;
}

function webobJson(fault: Fault): unknown {
  const { status, title } = faults[fault.kind];
  return { message: `${fault.message}${webobTail(fault)}`, code: `${status} ${title}`, title };
}

/** What stands behind the explanation in webob's template. @see webob/exc.py body_template_obj of each class */
function webobTail({ kind, details }: Fault): string {
  if (kind === 'method-not-allowed') return ' <br /><br />\n';
  if (kind === 'unsupported-media') return '\n<br /><br />\n';
  return `<br /><br />\n${details.detail ?? ''}\n\n`;
}
