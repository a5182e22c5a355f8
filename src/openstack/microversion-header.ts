/**
 * The microversion header: what a request asks for, what an answer says. Each service has a grammar of its own, and what
 * one takes another refuses; `test/calibration/microversion-headers.jsonl` holds what real ones answered.
 */
import { Fault } from './faults.js';
import type { Headers, OpenStackResponse } from './message.js';
import { atLeast, formatMicroversion, parseMicroversion, type Microversion } from './microversion.js';
import type { Service, ServiceName } from './service.js';

type Range = NonNullable<Service['microversions']>;

interface Grammar {
  /**
   * The version as it is written, or undefined where the request asks for none.
   * @throws Fault 400 where the header has no form that the service reads
   */
  asked(headers: Headers, range: Range): string | undefined;
  /** @throws Fault 400 */
  parse(text: string): Microversion;
  /** The 406 for a version that the service does not have. */
  outside(text: string, range: Range, accept: string): Fault;
  /** Answers carry the version under the service's own header, too. */
  readonly legacyHeader?: string;
  readonly vary: string;
}

const standard = 'openstack-api-version';

/** @see openstack/microversion-parse:microversion_parse/__init__.py check_standard_header: the last entry of a service counts */
function lastEntry(headers: Headers, word: string): string | undefined {
  for (const entry of (headers[standard] ?? '').split(',').reverse()) {
    const [, service, version] = /^(\S+)\s+(\S.*)$/.exec(entry.trim()) ?? [];
    if (service?.toLowerCase() === word) return version;
  }
  return undefined;
}

/** Nova and Cinder share this form. @see openstack/nova:nova/api/openstack/api_version_request.py APIVersionRequest */
function strictVersion(text: string): Microversion {
  const found = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(text);
  if (found) return { major: Number(found[1]), minor: Number(found[2]) };
  throw new Fault(
    'bad-request',
    `API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`,
  );
}

const outsideRange = (text: string, { min, max }: Range, headers: Headers): Fault =>
  new Fault('not-acceptable', `Version ${text} is not supported by the API. Minimum is ${min} and maximum is ${max}.`, {
    headers,
  });

const novaLegacy = 'x-openstack-nova-api-version';

/** @see openstack/nova:nova/api/openstack/wsgi.py Request.set_api_version_request */
const nova: Grammar = {
  asked: (headers, { header }) => lastEntry(headers, header) ?? headers[novaLegacy]?.split(',').at(-1)?.trim(),
  parse: strictVersion,
  // A refusal says which version it refused.
  outside: (text, range) => outsideRange(text, range, versionHeaders(nova, range, text)),
  legacyHeader: novaLegacy,
  vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
};

// webob's words for 400.
const malformed = 'The server could not comply with the request since it is either malformed or otherwise incorrect.';

/**
 * Cinder looks for the letters of its service anywhere in an entry, so that `volumev3 3.27` is one; the first counts. A
 * header that names no volume service at all is refused, and so is an entry that is no pair, with which the real one fails (500).
 * @see openstack/cinder:cinder/api/openstack/wsgi.py Request.set_api_version_request
 */
const cinder: Grammar = {
  asked(headers, { header }) {
    const text = headers[standard];
    if (text === undefined) return undefined;
    const entry = text.split(',').find((candidate) => candidate.includes(header));
    const words = entry?.trim().split(/\s+/);
    if (words?.length !== 2) throw new Fault('bad-request', malformed);
    return words[1];
  },
  parse: strictVersion,
  // Versions that contain those of the endpoints it once had are not repeated: `_is_legacy_endpoint`.
  outside: (text, range) => outsideRange(text, range, /[12]\.0/.test(text) ? {} : versionHeaders(cinder, range, text)),
  vary: 'OpenStack-API-Version',
};

/** Python's repr() of a text without control characters. */
const pythonRepr = (text: string): string =>
  text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Python's int(): a sign, spaces around it and single underscores between digits are part of a number. */
function pythonInt(text: string): number {
  if (/^[+-]?\d+(_\d+)*$/.test(text.trim())) return Number(text.trim().replaceAll('_', ''));
  throw new SyntaxError(`invalid literal for int() with base 10: ${pythonRepr(text)}`);
}

/** @see openstack/microversion-parse:microversion_parse/__init__.py extract_version, and middleware.py */
const placement: Grammar = {
  asked: (headers, { header }) => lastEntry(headers, header),
  parse(text) {
    const [major = '', minor] = splitOnce(text);
    try {
      const first = pythonInt(major);
      if (minor !== undefined) return { major: first, minor: pythonInt(minor) };
      throw new SyntaxError("Version.__new__() missing 1 required positional argument: 'minor'");
    } catch (error) {
      const why = `invalid version string: ${text}; ${(error as Error).message}`;
      throw new Fault('bad-request', `${malformed}\n\n Invalid microversion: ${why}  `);
    }
  },
  outside: (text, { min, max }, accept) =>
    new Fault(
      'not-acceptable',
      `The resource could not be generated that was acceptable to your browser (content of type ${accept}. \n\n` +
        ` Invalid microversion: Unacceptable version header: ${text}`,
      { fields: { max_version: max, min_version: min } },
    ),
  vary: standard,
};

function splitOnce(text: string): [string, string | undefined] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}

const grammars: Partial<Record<ServiceName, Grammar>> = { compute: nova, volume: cinder, placement };

/**
 * The version a request asks for; the minimum where it asks for none.
 * @returns undefined for a service without microversions, which ignores the header
 * @throws Fault 400 where the header does not parse, 406 outside the range, as the service words it
 */
export function askedMicroversion({ name, microversions: range }: Service, headers: Headers): Microversion | undefined {
  const grammar = grammars[name];
  if (!range || !grammar) return undefined;
  const text = grammar.asked(headers, range);
  if (text === undefined) return parseMicroversion(range.min);
  if (text === 'latest') return parseMicroversion(range.max);
  const version = grammar.parse(text);
  if (!atLeast(version, range.min) || !atLeast(parseMicroversion(range.max), formatMicroversion(version))) {
    const { accept = '*/*' } = headers;
    throw grammar.outside(text, range, accept === '*/*' ? 'application/json' : accept);
  }
  return version;
}

/** Headers that tell a site which version we speak with it. */
export function microversionHeaders({ name, microversions: range }: Service, version: string | undefined): Headers {
  const grammar = grammars[name];
  if (!range || !grammar || version === undefined) return {};
  const { vary: _vary, ...headers } = versionHeaders(grammar, range, version);
  return headers;
}

/** What an answer carries whose request asked for a version, or for none; errors carry it, too. */
export function microversionAnswer(
  { name, microversions: range }: Service,
  version: Microversion | undefined,
): Headers {
  const grammar = grammars[name];
  return range && grammar && version ? versionHeaders(grammar, range, formatMicroversion(version)) : {};
}

function versionHeaders({ legacyHeader, vary }: Grammar, { header }: Range, version: string): Headers {
  return { [standard]: `${header} ${version}`, ...(legacyHeader ? { [legacyHeader]: version } : {}), vary };
}

/** What a site answered in a microversion, for a caller whose API has none. */
export function withoutMicroversion(response: OpenStackResponse): OpenStackResponse {
  const { [standard]: _version, [novaLegacy]: _legacy, vary: _vary, ...headers } = response.headers;
  return { ...response, headers };
}
