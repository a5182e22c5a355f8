/** Request bodies against their schema, refused in the words of Keystone's validator. */
import { Ajv, type ErrorObject, type SchemaObject } from 'ajv';
import type { Fault } from '@cascade/openstack-protocol/faults.js';
import { invalid } from '../refusals.js';

const ajv = new Ajv({ strict: false, verbose: true });

export const name = (maxLength = 255) => ({ type: 'string', minLength: 1, maxLength, pattern: '\\S' });
export const idString = { type: 'string', minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9-]+$' };
export const nullableId = { type: ['string', 'null'], minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9-]+$' };
export const text = { type: ['string', 'null'] };
export const boolean = { type: 'boolean' };
export const url = { type: 'string', minLength: 1, maxLength: 225, pattern: '^[a-zA-Z0-9+.-]+:.+' };

export const tags = {
  type: 'array',
  items: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[^,/]*$' },
  maxItems: 80,
  uniqueItems: true,
};
/** Of domains, projects and roles. */
export const options = {
  type: 'object',
  properties: { immutable: { type: ['boolean', 'null'] } },
  additionalProperties: false,
};

/** A check of one JSON value. @throws Fault 400 */
export function bodyCheck(schema: SchemaObject): (body: unknown) => void {
  const validate = ajv.compile(schema);
  return (body) => {
    if (!validate(body)) throw refusal(validate.errors?.at(-1));
  };
}

/** @see openstack/keystone:keystone/common/validation/validators.py SchemaValidator.validate */
function refusal(error: ErrorObject | undefined): Fault {
  const words = error ? wordsOf(error) : 'is not valid';
  const path = error?.instancePath.split('/').slice(1) ?? [];
  return invalid(path.length === 0 ? words : `Invalid input for field '${path.join('/')}': ${words}`);
}

function wordsOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const data = typeof error.data === 'string' ? `'${error.data}'` : JSON.stringify(error.data);
  switch (error.keyword) {
    case 'required':
      return `'${String(params['missingProperty'])}' is a required property`;
    case 'additionalProperties':
      return `Additional properties are not allowed ('${String(params['additionalProperty'])}' was unexpected)`;
    case 'minLength':
      return `${data} is too short`;
    case 'maxLength':
      return `${data} is too long`;
    case 'minProperties':
      return `${data} does not have enough properties`;
    case 'pattern':
      return `${data} does not match '${String(error.schema)}'`;
    case 'enum':
      return `${data} is not one of ${JSON.stringify(error.schema)}`;
    case 'type':
      return `${data} is not of type '${[error.schema].flat().join("', '")}'`;
    default:
      return `${data} ${error.message ?? 'is not valid'}`;
  }
}
