/** Placement. */
import { placementPolicies } from '../policies/placement.js';
import { Fault, type FaultContext, type FaultKind } from '../faults.js';
import { json } from '../message.js';
import { atLeast } from '../microversion.js';
import { lastEntry, malformed, standard, type Grammar } from '../microversion-header.js';
import type { Service, VersionsAsked } from '../service.js';
import { methodNotAllowed, nothing } from '../server/unrouted.js';
import { document, self } from '../server/versions.js';

/** Python's repr() of a text without control characters. */
const pythonRepr = (text: string): string =>
  text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Python's int(): a sign, spaces around it and single underscores between digits are part of a number. */
function pythonInt(text: string): number {
  if (/^[+-]?\d+(_\d+)*$/.test(text.trim())) return Number(text.trim().replaceAll('_', ''));
  throw new SyntaxError(`invalid literal for int() with base 10: ${pythonRepr(text)}`);
}

/** @see openstack/microversion-parse:microversion_parse/__init__.py extract_version, and middleware.py */
const grammar: Grammar = {
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

/** Placement's errors are webob's pages without their tags. */
const explanations: Partial<Record<FaultKind, string>> = {
  'bad-request': 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  forbidden: 'Access was denied to this resource.',
  'not-found': 'The resource could not be found.',
  conflict: 'There was a conflict when trying to complete your request.',
};

function detailOf({ kind, message }: Fault): string {
  const explanation = explanations[kind];
  return explanation === undefined || message.startsWith(explanation) ? message : `${explanation}\n\n ${message}  `;
}

function faultBody(fault: Fault, { requestId, microversion }: FaultContext): unknown {
  const { status, title, details } = fault;
  const code = atLeast(microversion, '1.23') ? { code: 'placement.undefined_code' } : {};
  const error = { status, title, detail: detailOf(fault), ...code, request_id: requestId };
  return { errors: [{ ...error, ...details.fields }] };
}

const v1 = (range: VersionsAsked['range']) => ({
  id: 'v1.0',
  min_version: range?.min,
  max_version: range?.max,
  status: 'CURRENT',
  links: self(''),
});

export const placement: Service = {
  name: 'placement',
  takesLastValue: true,
  types: ['placement'],
  project: 'placement',
  catalog: [{ type: 'placement', name: 'placement', path: '' }],
  version: '',
  microversions: { header: 'placement', min: '1.0', max: '1.39', grammar, isReadFirst: true },
  versionDocument: ({ rest, range }) =>
    /[^/]/.test(rest)
      ? undefined
      : document(json(200, { versions: [v1(range)] }), { microversioned: true, getOnly: true }),
  policies: {
    names: placementPolicies,
    disallowed: (rule) => new Fault('forbidden', `Policy does not allow ${rule} to be performed.`),
  },
  unrouted: {
    noPath: () => new Fault('not-found', `${nothing}\n\n   `),
    noMethod: (method, has) =>
      methodNotAllowed(method, has, ' \n\n The method specified is not allowed for this resource.'),
  },
  faultBody,
  atSites: 'optional',
  effects: [],
};
