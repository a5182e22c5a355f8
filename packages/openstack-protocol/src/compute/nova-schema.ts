/** Request schemas, and their refusals in Nova's words: what jsonschema says of a body is what clients show to people. */
import { Ajv, type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv';
import { isIP } from 'node:net';
import { Fault } from '../faults.js';

const options = { strict: false, verbose: true, unicodeRegExp: false };
const ajv = new Ajv(options);
/** For what is wrong: names everything that is, and takes longer. */
const thorough = new Ajv({ ...options, allErrors: true });

interface Format {
  /** False for a value that is none. */
  check(value: unknown): boolean;
  /** What is said of it, in place of jsonschema's words. */
  readonly words?: (value: unknown) => string;
}

const formats = new Map<string, Format>();
for (const one of [ajv, thorough]) {
  one.removeKeyword('format');
  one.addKeyword({
    keyword: 'format',
    schemaType: 'string',
    // What is no format of ours is let pass, as jsonschema does; ajv's own schema of schemas names some.
    compile: (name: string) => (value: unknown) => formats.get(name)?.check(value) ?? true,
  });
}

/** Formats of texts; those of other services check as Nova's do. */
export function addFormat(
  format: string,
  check: RegExp | ((text: string) => boolean),
  words?: (text: string) => string,
): void {
  const isGood = typeof check === 'function' ? check : (text: string) => check.test(text);
  addValueFormat(
    format,
    (value) => typeof value !== 'string' || isGood(value),
    words && ((value) => words(String(value))),
  );
}

export const isFormat = (name: string): boolean => formats.has(name);

/** Formats of values that are no texts, too. */
export const addValueFormat = (format: string, check: Format['check'], words?: Format['words']): unknown =>
  formats.set(format, { check, ...(words ? { words } : {}) });

// Nova's names: characters that can be printed, of the basic plane; `space` stands for every Unicode space separator.
const noSpace = String.raw`[^\p{C}\p{Z}\u{10000}-\u{10FFFF}]`;
const withSpace = String.raw`[^\p{C}\p{Zl}\p{Zp}\u{10000}-\u{10FFFF}]`;
const name = new RegExp(`^(${noSpace}(${withSpace}*${noSpace})?)?$`, 'u');
const nameWithSpaces = new RegExp(`^${withSpace}*${noSpace}${withSpace}*$`, 'u');
export const looksLikeUuid = (text: string): boolean => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text);

const alphanumeric = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const mustBe = (what: string) => () => `An invalid 'name' value was provided. The name must be: ${what}`;
const oneOf = (signs: string) => mustBe(`Only expected characters: [${signs} ${alphanumeric}]`);

addFormat('name', name, mustBe('printable characters. Can not start or end with whitespace.'));
addFormat(
  'name_with_leading_trailing_spaces',
  nameWithSpaces,
  mustBe('printable characters with at least one non space character'),
);
addFormat('keypair_name_20', /^[-\w ]+$/, oneOf('_-'));
addFormat('keypair_name_292', /^[-\w @.]+$/, oneOf('@._-'));
addFormat('az_name', (text: string) => name.test(text) && !text.includes(':'));
addFormat('az_name_with_leading_trailing_spaces', (text: string) => nameWithSpaces.test(text) && !text.includes(':'));
addFormat('uuid', looksLikeUuid);
addFormat('ipv4', (text: string) => isIP(text) === 4);
addFormat('ipv6', (text: string) => isIP(text) === 6);
addFormat(
  'base64',
  (text: string) => /^[A-Za-z0-9+/]*={0,2}$/.test(text.replace(/\s/g, '')) && text.replace(/\s/g, '').length % 4 === 0,
);
addFormat('regex', (text: string) => text !== '' && isRegularExpression(text));
// As the Python module iso8601 reads it.
addFormat(
  'date-time',
  /^\d{4}(-?\d{1,2}(-?\d{1,2}([ T]\d\d(:?\d\d)?(:?\d{1,2}([.,]\d+)?)?(Z|[-+]\d\d:?(\d\d)?)?)?)?)?$/,
);

function isRegularExpression(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}

// Numbers may come as text.
for (const bound of ['minimum', 'maximum'] as const) {
  const validate = (limit: number, value: unknown): boolean => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) return true;
    return bound === 'minimum' ? number >= limit : number <= limit;
  };
  for (const one of [ajv, thorough]) {
    one.removeKeyword(bound);
    one.addKeyword({ keyword: bound, schemaType: 'number', validate });
  }
}

/** Checks of a JSON body. @throws Fault 400 */
export function bodyCheck(schema: SchemaObject): (body: unknown) => void {
  const firstError = firstErrorOf(schema);
  return (body) => {
    const error = firstError(body);
    if (error) throw refusal(error, 'field/attribute', (path) => path.at(-1));
  };
}

/** Checks of a query; in the schema every parameter is a list of its values. @throws Fault 400 */
export function queryCheck(schema: SchemaObject): (query: URLSearchParams) => void {
  const firstError = firstErrorOf(schema);
  return (query) => {
    const values = Object.fromEntries([...new Set(query.keys())].map((key) => [key, query.getAll(key)]));
    const error = firstError(values);
    if (error) throw refusal(error, 'query parameters', (path) => path[0]);
  };
}

type FindError = (data: unknown) => ErrorObject | undefined;

/**
 * What jsonschema finds first: it goes through a schema in the order in which it is written.
 * @see python-jsonschema/jsonschema:jsonschema/validators.py iter_errors
 */
export function firstErrorOf(schema: SchemaObject): FindError {
  const errorsIn = errorsOf(schema);
  return (data) => errorsIn(data)[0];
}

/** What is wrong closest to the top. @see python-jsonschema/jsonschema:jsonschema/exceptions.py best_match */
export function bestErrorOf(schema: SchemaObject): FindError {
  const errorsIn = errorsOf(schema);
  const depth = ({ instancePath }: ErrorObject): number => pointerSteps(instancePath).length;
  return (data) => errorsIn(data).sort((a, b) => depth(a) - depth(b))[0];
}

/** All that is wrong, in jsonschema's order. */
function errorsOf(schema: SchemaObject): (data: unknown) => ErrorObject[] {
  const validate = ajv.compile(schema);
  let listing: ValidateFunction | undefined;
  return (data) => {
    if (validate(data)) return [];
    listing ??= thorough.compile(schema);
    listing(data);
    const ranked = (listing.errors ?? []).map((error) => ({ error, rank: rankOf(schema, error.schemaPath) }));
    return ranked.sort((a, b) => compareRanks(a.rank, b.rank)).map(({ error }) => error);
  };
}

/** Of each step into the schema, which of its siblings it is: `#/properties/name/type`. */
function rankOf(schema: SchemaObject, schemaPath: string): number[] {
  let node: unknown = schema;
  return pointerSteps(schemaPath).map((key) => {
    if (typeof node !== 'object' || node === null) return 0;
    const rank = Object.keys(node).indexOf(key);
    node = (node as Record<string, unknown>)[key];
    return rank;
  });
}

/** Of a JSON pointer: `/server/name`, or the fragment of a URI. */
export const pointerSteps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) =>
      (pointer.startsWith('#') ? decodeURIComponent(step) : step).replaceAll('~1', '/').replaceAll('~0', '~'),
    );

/** What is about a whole (`anyOf`) comes before what is about its parts. */
function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((rank, index) => rank !== b[index]);
  return at < 0 ? a.length - b.length : a[at]! - (b[at] ?? -1);
}

/** @see openstack/nova:nova/api/validation/validators.py _SchemaValidator.validate */
function refusal(error: ErrorObject, what: string, pick: (path: string[]) => string | undefined): Fault {
  const own = error.keyword === 'format' ? formats.get(error.schema as string)?.words : undefined;
  if (own) return new Fault('bad-request', own(error.data));
  const words = wordsOf(error);
  const path = pointerSteps(error.instancePath);
  if (path.length === 0) return new Fault('bad-request', words);
  const value = typeof error.data === 'string' ? error.data : pythonRepr(error.data);
  return new Fault('bad-request', `Invalid input for ${what} ${pick(path)}. Value: ${value}. ${words}`);
}

/** The message of an error. */
export function wordsOf(error: ErrorObject): string {
  const data = pythonRepr(error.data);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return `${pythonRepr(params['missingProperty'])} is a required property`;
    case 'additionalProperties': {
      const extra = pythonRepr(params['additionalProperty']);
      const patterns = Object.keys(
        (error.parentSchema as { patternProperties?: object }).patternProperties ?? {},
      ).sort();
      if (patterns.length > 0)
        return `${extra} does not match any of the regexes: ${patterns.map(pythonRepr).join(', ')}`;
      return `Additional properties are not allowed (${extra} was unexpected)`;
    }
    case 'minLength':
    case 'minItems':
      return `${data} is too short`;
    case 'maxLength':
    case 'maxItems':
      return `${data} is too long`;
    case 'pattern':
      return `${data} does not match ${pythonRepr(error.schema)}`;
    case 'minimum':
      return `${String(error.data)} is less than the minimum of ${String(error.schema)}`;
    case 'maximum':
      return `${String(error.data)} is greater than the maximum of ${String(error.schema)}`;
    case 'exclusiveMinimum':
      return `${String(error.data)} is less than or equal to the minimum of ${String(error.schema)}`;
    case 'uniqueItems':
      return `${data} has non-unique elements`;
    case 'minProperties':
      return `${data} does not have enough properties`;
    case 'maxProperties':
      return `${data} has too many properties`;
    case 'enum':
      return `${data} is not one of ${pythonRepr(error.schema)}`;
    case 'type':
      return `${data} is not of type ${[error.schema].flat().map(pythonRepr).join(', ')}`;
    case 'format':
      return `${data} is not a ${pythonRepr(String(error.schema).split(' ').at(-1))}`; // `cinder name`
    default:
      return `${data} is not valid under any of the given schemas`;
  }
}

/** A character that cannot be printed. */
function escaped(character: string): string {
  const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  if (known !== undefined) return known;
  const hex = character.codePointAt(0)!.toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** A JSON value as Python prints it. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') {
    const text = value.replaceAll('\\', '\\\\').replace(/(?! )[\p{C}\p{Z}]/gu, escaped);
    return text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;
  }
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${pythonRepr(key)}: ${pythonRepr(inner)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}
