/** Errors are typed values inside; `fault-response.ts` writes them. */
import type { Headers } from './message.js';
import type { Microversion } from './microversion.js';

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

const faults: Readonly<Record<FaultKind, { status: number; title: string }>> = {
  'bad-request': { status: 400, title: 'Bad Request' },
  unauthorized: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  'not-found': { status: 404, title: 'Not Found' },
  'method-not-allowed': { status: 405, title: 'Method Not Allowed' },
  'not-acceptable': { status: 406, title: 'Not Acceptable' },
  conflict: { status: 409, title: 'Conflict' },
  gone: { status: 410, title: 'Gone' },
  'precondition-failed': { status: 412, title: 'Precondition Failed' },
  'too-large': { status: 413, title: 'Request Entity Too Large' },
  'unsupported-media': { status: 415, title: 'Unsupported Media Type' },
  'range-not-satisfiable': { status: 416, title: 'Request Range Not Satisfiable' },
  internal: { status: 500, title: 'Internal Server Error' },
  'not-implemented': { status: 501, title: 'Not Implemented' },
  'bad-gateway': { status: 502, title: 'Bad Gateway' },
  unavailable: { status: 503, title: 'Service Unavailable' },
};

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

  get title(): string {
    return faults[this.kind].title;
  }
}

/** Of the request that is refused. */
export interface FaultContext {
  readonly requestId: string;
  /** Its header, which decides the form of webob's pages. */
  readonly accept?: string | undefined;
  readonly microversion?: Microversion | undefined;
}
