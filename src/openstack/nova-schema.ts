/** Request schemas, and their refusals in Nova's words: what jsonschema says of a body is what clients show to people. */
import { Ajv, type ErrorObject, type SchemaObject } from 'ajv';
import { isIP } from 'node:net';
import { Fault } from './faults.js';

const ajv = new Ajv({ strict: false, verbose: true, unicodeRegExp: false });

// Nova's names: characters that can be printed, of the basic plane; `space` stands for every Unicode space separator.
const noSpace = String.raw`[^\p{C}\p{Z}\u{10000}-\u{10FFFF}]`;
const withSpace = String.raw`[^\p{C}\p{Zl}\p{Zp}\u{10000}-\u{10FFFF}]`;
const name = new RegExp(`^(${noSpace}(${withSpace}*${noSpace})?)?$`, 'u');
const nameWithSpaces = new RegExp(`^${withSpace}*${noSpace}${withSpace}*$`, 'u');
export const looksLikeUuid = (text: string): boolean => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text);

ajv.addFormat('name', name);
ajv.addFormat('name_with_leading_trailing_spaces', nameWithSpaces);
ajv.addFormat('az_name', (text: string) => name.test(text) && !text.includes(':'));
ajv.addFormat(
  'az_name_with_leading_trailing_spaces',
  (text: string) => nameWithSpaces.test(text) && !text.includes(':'),
);
ajv.addFormat('keypair_name_20', /^[-\w ]+$/);
ajv.addFormat('keypair_name_292', /^[-\w @.]+$/);
ajv.addFormat('uuid', looksLikeUuid);
ajv.addFormat('ipv4', (text: string) => isIP(text) === 4);
ajv.addFormat('ipv6', (text: string) => isIP(text) === 6);
ajv.addFormat(
  'base64',
  (text: string) => /^[A-Za-z0-9+/]*={0,2}$/.test(text.replace(/\s/g, '')) && text.replace(/\s/g, '').length % 4 === 0,
);
ajv.addFormat('regex', (text: string) => text !== '' && isRegularExpression(text));
// As the Python module iso8601 reads it.
ajv.addFormat(
  'date-time',
  /^\d{4}(-?\d{1,2}(-?\d{1,2}([ T]\d\d(:?\d\d)?(:?\d{1,2}([.,]\d+)?)?(Z|[-+]\d\d:?(\d\d)?)?)?)?)?$/,
);

/** Formats of other services that check as Nova does. */
export const addFormat = (format: string, check: (text: string) => boolean): void => void ajv.addFormat(format, check);

function isRegularExpression(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}

// Numbers may come as text.
for (const bound of ['minimum', 'maximum'] as const) {
  ajv.removeKeyword(bound);
  ajv.addKeyword({
    keyword: bound,
    schemaType: 'number',
    validate: (limit: number, value: unknown) => {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || Number.isNaN(number)) return true;
      return bound === 'minimum' ? number >= limit : number <= limit;
    },
  });
}

const formatWords: Record<string, string> = {
  name: 'printable characters. Can not start or end with whitespace.',
  name_with_leading_trailing_spaces: 'printable characters with at least one non space character',
};

/** Checks of a JSON body. @throws Fault 400 */
export function bodyCheck(schema: SchemaObject): (body: unknown) => void {
  const validate = ajv.compile(schema);
  return (body) => {
    if (!validate(body)) throw refusal(validate.errors?.at(-1), 'field/attribute', (path) => path.at(-1));
  };
}

/** Checks of a query; in the schema every parameter is a list of its values. @throws Fault 400 */
export function queryCheck(schema: SchemaObject): (query: URLSearchParams) => void {
  const validate = ajv.compile(schema);
  return (query) => {
    const values = Object.fromEntries([...new Set(query.keys())].map((key) => [key, query.getAll(key)]));
    if (!validate(values)) throw refusal(validate.errors?.at(-1), 'query parameters', (path) => path[0]);
  };
}

/** @see openstack/nova:nova/api/validation/validators.py _SchemaValidator.validate */
function refusal(error: ErrorObject | undefined, what: string, pick: (path: string[]) => string | undefined): Fault {
  if (!error) return new Fault('bad-request', 'Malformed request body');
  const format = error.keyword === 'format' ? formatWords[error.schema as string] : undefined;
  if (format) return new Fault('bad-request', `An invalid 'name' value was provided. The name must be: ${format}`);
  const words = wordsOf(error);
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (path.length === 0) return new Fault('bad-request', words);
  const value = typeof error.data === 'string' ? error.data : pythonRepr(error.data);
  return new Fault('bad-request', `Invalid input for ${what} ${pick(path)}. Value: ${value}. ${words}`);
}

function wordsOf(error: ErrorObject): string {
  const data = pythonRepr(error.data);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return `${pythonRepr(params['missingProperty'])} is a required property`;
    case 'additionalProperties': {
      const extra = pythonRepr(params['additionalProperty']);
      const patterns = Object.keys((error.parentSchema as { patternProperties?: object }).patternProperties ?? {});
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

/** A JSON value as Python prints it. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${pythonRepr(key)}: ${pythonRepr(inner)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}
