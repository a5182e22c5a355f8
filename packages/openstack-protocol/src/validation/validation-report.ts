/** What jsonschema prints of data that does not match. @see python-jsonschema/jsonschema:jsonschema/exceptions.py ValidationError.__str__ */
import type { ErrorObject, SchemaObject } from 'ajv';
import { bestErrorOf, firstErrorOf, pointerSteps, wordsOf } from '../compute/nova-schema.js';
import { prettyPrinted } from './pretty-print.js';

const printedWidth = 72;

type Report = (data: unknown) => string | undefined;

/** Of the first error that a validator finds. Undefined for data that match. */
export const validationReport = (schema: SchemaObject): Report => reportOf(schema, firstErrorOf(schema));
/** Of the error that is least deep in the data, as `jsonschema.validate` chooses it. */
export const bestReport = (schema: SchemaObject): Report => reportOf(schema, bestErrorOf(schema));

function reportOf(schema: SchemaObject, errorIn: (data: unknown) => ErrorObject | undefined): Report {
  return (data) => {
    const error = errorIn(data);
    if (!error) return undefined;
    const where = `schema${indexed(schema, pointerSteps(error.schemaPath).slice(0, -1))}`;
    const what = `instance${indexed(data, pointerSteps(error.instancePath))}`;
    const print = (value: unknown): string => prettyPrinted(value, printedWidth).replaceAll('\n', '\n    ');
    const parts = [
      wordsOf(error),
      `Failed validating '${error.keyword}' in ${where}:\n    ${print(error.parentSchema)}`,
      `On ${what}:\n    ${print(error.data)}`,
    ];
    return parts.join('\n\n');
  };
}

/** `['properties']['tags'][0]` */
function indexed(from: unknown, steps: readonly string[]): string {
  let node = from;
  return steps
    .map((step) => {
      const index = Array.isArray(node) ? `[${step}]` : `['${step}']`;
      node = (node as Record<string, unknown> | undefined)?.[step];
      return index;
    })
    .join('');
}
