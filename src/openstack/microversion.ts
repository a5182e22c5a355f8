/**
 * Microversions: which one a request asks for, and what an answer says about it.
 * @see https://specs.openstack.org/openstack/api-wg/guidelines/microversion_specification.html
 */
import type { Headers } from './message.js';
import type { Service } from './service.js';
import { Fault } from './faults.js';

export interface Microversion {
  readonly major: number;
  readonly minor: number;
}

export function parseMicroversion(text: string): Microversion | undefined {
  const found = /^(\d+)\.(\d+)$/.exec(text.trim());
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
}

export const formatMicroversion = (version: Microversion): string => `${version.major}.${version.minor}`;

/** True where `version` is `floor` or newer: `atLeast(asked.microversion, '2.47')`. */
export function atLeast(version: Microversion | undefined, floor: string): boolean {
  const wanted = parseMicroversion(floor);
  if (!version || !wanted) return false;
  return version.major > wanted.major || (version.major === wanted.major && version.minor >= wanted.minor);
}

/** The older of two versions in text form. */
export function older(a: string, b: string): string {
  return atLeast(parseMicroversion(a), b) ? b : a;
}

/**
 * The version a request asks for; the minimum where it asks for none.
 * @throws Fault 400 where the header does not parse, 406 outside the range, with Nova's and Cinder's words.
 */
export function askedMicroversion(service: Service, headers: Headers): Microversion | undefined {
  const range = service.microversions;
  if (!range) return undefined;
  const text = askedText(range.header, headers);
  if (text === undefined) return parseMicroversion(range.min);
  if (text === 'latest') return parseMicroversion(range.max);
  const version = parseMicroversion(text);
  if (!version) {
    throw new Fault(
      'bad-request',
      `API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  }
  if (!atLeast(version, range.min) || !atLeast(parseMicroversion(range.max), text)) {
    throw new Fault(
      'not-acceptable',
      `Version ${text} is not supported by the API. Minimum is ${range.min} and maximum is ${range.max}.`,
    );
  }
  return version;
}

function askedText(word: string, headers: Headers): string | undefined {
  // Several services may share one header, separated by commas: "compute 2.90,volume 3.60".
  for (const part of (headers['openstack-api-version'] ?? '').split(',')) {
    const [type, version] = part.trim().split(/\s+/);
    if (type === word && version) return version;
  }
  // The older header, which only Nova has; the newer one wins where both are sent.
  return word === 'compute' ? headers['x-openstack-nova-api-version'] : undefined;
}

/** Headers that tell a site which version we speak with it. */
export function microversionHeaders(service: Service, version: string | undefined): Headers {
  const range = service.microversions;
  if (!range || version === undefined) return {};
  const headers: Headers = { 'openstack-api-version': `${range.header} ${version}` };
  if (range.header === 'compute') headers['x-openstack-nova-api-version'] = version;
  return headers;
}

/** What every answer of a service with microversions carries, errors too. */
export function microversionAnswer(service: Service, version: Microversion | undefined): Headers {
  if (!service.microversions || !version) return {};
  const headers = microversionHeaders(service, formatMicroversion(version));
  headers['vary'] =
    service.name === 'compute' ? 'OpenStack-API-Version, X-OpenStack-Nova-API-Version' : 'OpenStack-API-Version';
  return headers;
}
