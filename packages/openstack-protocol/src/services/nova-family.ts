/** What Cinder has of Nova, from which it was split. */
import { Fault, type FaultKind } from '../faults.js';
import type { Headers } from '../message.js';
import type { Microversion } from '../microversion.js';
import type { VersionRange } from '../microversion-header.js';
import { nothing, type Unrouted } from '../server/unrouted.js';

/** Method and path are one to the router of Nova and Cinder, in front of everything else they have. */
export const oneWithPath: Unrouted = {
  noPath: () => new Fault('not-found', nothing, { page: true }),
  noMethod: () => new Fault('not-found', nothing, { page: true }),
};

/** The key around an error, where it is not the one of a status without a name. */
const names: Partial<Record<FaultKind, string>> = {
  'bad-request': 'badRequest',
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  'not-found': 'itemNotFound',
  'method-not-allowed': 'badMethod',
  conflict: 'conflictingRequest',
  'too-large': 'overLimit',
  'unsupported-media': 'badMediaType',
  'not-implemented': 'notImplemented',
  unavailable: 'serviceUnavailable',
};

export function namedFault(fault: Fault): unknown {
  const { kind, status, message, details } = fault;
  const retryAfter = status === 413 ? details.headers?.['retry-after'] : undefined;
  return { [names[kind] ?? 'computeFault']: { code: status, message, ...(retryAfter ? { retryAfter } : {}) } };
}

/** Nova and Cinder share this form. @see openstack/nova:nova/api/openstack/api_version_request.py APIVersionRequest */
export function strictVersion(text: string): Microversion {
  const found = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(text);
  if (found) return { major: Number(found[1]), minor: Number(found[2]) };
  throw new Fault(
    'bad-request',
    `API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`,
  );
}

export const outsideRange = (text: string, { min, max }: VersionRange, headers: Headers): Fault =>
  new Fault('not-acceptable', `Version ${text} is not supported by the API. Minimum is ${min} and maximum is ${max}.`, {
    headers,
  });
