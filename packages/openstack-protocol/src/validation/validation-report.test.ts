import { expect, test } from 'vitest';
import { prettyPrinted } from './pretty-print.js';
import { bestReport, validationReport } from './validation-report.js';

const sentence = 'If true, image will not appear in default image list response.';

// As `pprint.pformat(value, width=72)` of Python 3.11 prints them.
test.each([
  [{}, '{}'],
  [[1, 'a', null, true], "[1, 'a', None, True]"],
  [
    { type: 'boolean', description: sentence },
    "{'description': 'If true, image will not appear in default image list '\n                'response.',\n 'type': 'boolean'}",
  ],
  ['x'.repeat(80), `'${'x'.repeat(80)}'`],
])('values as Python prints them: %#', (value, printed) => {
  expect(prettyPrinted(value, 72)).toBe(printed);
});

test('what does not match is shown with its schema and its place', () => {
  const report = validationReport({
    type: 'object',
    properties: { tags: { type: 'array', items: { type: 'string' } } },
  });
  expect(report({ tags: ['a'] })).toBeUndefined();
  expect(report({ tags: ['a', 5] })).toBe(
    "5 is not of type 'string'\n\nFailed validating 'type' in schema['properties']['tags']['items']:\n    {'type': 'string'}\n\nOn instance['tags'][1]:\n    5",
  );
});

test('what is wrong closest to the top is told first', () => {
  const report = bestReport({
    properties: { tags: { items: { type: 'string' } } },
    additionalProperties: { type: 'string' },
  });
  expect(report({ tags: [5], colour: 6 })).toMatch(/^6 is not of type 'string'/);
});
