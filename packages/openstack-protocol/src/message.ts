/** One OpenStack call, in either direction. A site is a function from the first shape to the second. */
import type { Readable } from 'node:stream';
import type { ServiceName } from './service-name.js';

export type Headers = Record<string, string>;

/** What clients may put around a path without a meaning, but for access rules. */
export interface PathAsWritten {
  readonly before: string;
  readonly after: string;
}

export interface OpenStackRequest {
  readonly service: ServiceName;
  readonly method: string;
  /** Below the service's version and project: `/servers/{id}/action`. */
  readonly path: string;
  /** Raw query string without `?`, so that repeated and odd keys travel unchanged. */
  readonly query?: string;
  /** Lower-case names. */
  readonly headers?: Headers;
  readonly body?: Buffer | Readable;
}

export interface OpenStackResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer | Readable;
}

const empty = Buffer.alloc(0);

export const json = (status: number, body: unknown, headers: Headers = {}): OpenStackResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
});

export const noContent = (status = 204): OpenStackResponse => ({ status, headers: {}, body: empty });

/** What webob calls an empty body where the service has said nothing of it: a tag in Nova, an attachment from 2.101 on. */
export const emptyPage = (status: number): OpenStackResponse => ({
  ...noContent(status),
  headers: { 'content-type': 'text/html; charset=UTF-8' },
});

/** The JSON a response carries, or undefined where it is no JSON (a stream, a console log, an empty 204). */
export function bodyOf(response: OpenStackResponse): unknown {
  if (!Buffer.isBuffer(response.body) || response.body.length === 0) return undefined;
  if (!(response.headers['content-type'] ?? '').includes('json')) return undefined;
  try {
    return JSON.parse(response.body.toString());
  } catch {
    return undefined;
  }
}

/** The same response with another JSON body. */
export const withBody = (response: OpenStackResponse, body: unknown): OpenStackResponse => {
  const { 'content-length': _length, ...headers } = response.headers;
  return { status: response.status, headers, body: Buffer.from(JSON.stringify(body)) };
};

export const isOk = (response: OpenStackResponse): boolean => response.status < 300;
