/** Pieces of request schemas. @see openstack/nova:nova/api/validation/parameter_types.py */

export const boolean = {
  type: ['boolean', 'string'],
  enum: [
    true,
    'True',
    'TRUE',
    'true',
    '1',
    'ON',
    'On',
    'on',
    'YES',
    'Yes',
    'yes',
    false,
    'False',
    'FALSE',
    'false',
    '0',
    'OFF',
    'Off',
    'off',
    'NO',
    'No',
    'no',
  ],
};

export const isTrue = (value: unknown): boolean => value === true || /^(true|1|on|yes)$/i.test(String(value));

export const fqdn = { type: 'string', minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' };
export const name = { type: 'string', minLength: 1, maxLength: 255, format: 'name' };
export const nameWithSpaces = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  format: 'name_with_leading_trailing_spaces',
};
export const azName = { type: 'string', minLength: 1, maxLength: 255, format: 'az_name' };
export const uuid = { type: 'string', format: 'uuid' };
export const nonNegativeInteger = { type: ['integer', 'string'], pattern: '^[0-9]*$', minLength: 1 };

/** A query parameter that may be given several times, or once. */
export const multiParams = (items: object) => ({ type: 'array', items });
export const singleParam = (items: object) => ({ type: 'array', items, maxItems: 1 });

export const metadataWithNull = {
  type: 'object',
  patternProperties: { '^[a-zA-Z0-9-_:. ]{1,255}$': { type: ['string', 'null'], maxLength: 255 } },
  additionalProperties: false,
};
