/**
 * The microversion header: what a request asks for, what an answer says. Each service has a grammar of its own, and what
 * one takes another refuses; `test/calibration/microversion-headers.jsonl` holds what real ones answered.
 */
import type { Fault } from './faults.js';
import type { Headers, OpenStackResponse } from './message.js';
import { atLeast, formatMicroversion, parseMicroversion, type Microversion } from './microversion.js';

export interface VersionRange {
  /** The header's word for the service. */
  readonly header: string;
  readonly min: string;
  readonly max: string;
}

/** A service's microversions, as far as this program can honour them. */
export interface Microversions extends VersionRange {
  readonly grammar: Grammar;
  /** True where the header is read before the method and the path are looked at (Placement). */
  readonly isReadFirst?: true;
  /** The oldest maximum of a site with which feeds and zones work as they should. */
  readonly recommended?: string;
}

export interface Grammar {
  /**
   * The version as it is written, or undefined where the request asks for none.
   * @throws Fault 400 where the header has no form that the service reads
   */
  asked(headers: Headers, range: VersionRange): string | undefined;
  /** @throws Fault 400 */
  parse(text: string): Microversion;
  /** The 406 for a version that the service does not have. */
  outside(text: string, range: VersionRange, accept: string): Fault;
  /** Answers carry the version under the service's own header, too. */
  readonly legacyHeader?: string;
  readonly vary: string;
}

export const standard = 'openstack-api-version';

// webob's words for 400.
export const malformed =
  'The server could not comply with the request since it is either malformed or otherwise incorrect.';

/** @see openstack/microversion-parse:microversion_parse/__init__.py check_standard_header: the last entry of a service counts */
export function lastEntry(headers: Headers, word: string): string | undefined {
  for (const entry of (headers[standard] ?? '').split(',').reverse()) {
    const [, service, version] = /^(\S+)\s+(\S.*)$/.exec(entry.trim()) ?? [];
    if (service?.toLowerCase() === word) return version;
  }
  return undefined;
}

/**
 * The version a request asks for; the minimum where it asks for none.
 * @param known undefined for a service without microversions, which ignores the header
 * @throws Fault 400 where the header does not parse, 406 outside the range, as the service words it
 */
export function askedMicroversion(known: Microversions | undefined, headers: Headers): Microversion | undefined {
  if (!known) return undefined;
  const { grammar, min, max } = known;
  const text = grammar.asked(headers, known);
  if (text === undefined) return parseMicroversion(min);
  if (text === 'latest') return parseMicroversion(max);
  const version = grammar.parse(text);
  if (!atLeast(version, min) || !atLeast(parseMicroversion(max), formatMicroversion(version))) {
    const { accept = '*/*' } = headers;
    throw grammar.outside(text, known, accept === '*/*' ? 'application/json' : accept);
  }
  return version;
}

/** Headers that tell a site which version we speak with it. */
export function microversionHeaders(known: Microversions | undefined, version: string | undefined): Headers {
  if (!known || version === undefined) return {};
  const { vary: _vary, ...headers } = versionHeaders(known.grammar, known, version);
  return headers;
}

/** What an answer carries whose request asked for a version, or for none; errors carry it, too. */
export const microversionAnswer = (known: Microversions | undefined, version: Microversion | undefined): Headers =>
  known && version ? versionHeaders(known.grammar, known, formatMicroversion(version)) : {};

export function versionHeaders({ legacyHeader, vary }: Grammar, { header }: VersionRange, version: string): Headers {
  return { [standard]: `${header} ${version}`, ...(legacyHeader ? { [legacyHeader]: version } : {}), vary };
}

/** The last microversion of a site that refuses the one it was asked in; undefined where it says nothing of the kind. */
export function lastTold({ status, body }: OpenStackResponse): string | undefined {
  if (status !== 406 || !Buffer.isBuffer(body)) return undefined;
  return /maximum is (\d+\.\d+)|"max_version": ?"(\d+\.\d+)"/.exec(body.toString())?.slice(1).find(Boolean);
}

/** What a site answered in a microversion, for a caller whose API has none. */
export function withoutMicroversion(known: Microversions | undefined, response: OpenStackResponse): OpenStackResponse {
  const {
    [standard]: _version,
    [known?.grammar.legacyHeader ?? '']: _legacy,
    vary: _vary,
    ...headers
  } = response.headers;
  return { ...response, headers };
}
