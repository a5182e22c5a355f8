/** Refusals word for word as Nova 26 gave them for the same bodies. */
import { expect, test } from 'vitest';
import { bodyCheck, pythonRepr, queryCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { boolean, nonNegativeInteger, singleParam } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { checkAction, checkCreate, checkUpdate } from './hosts/aggregate-schemas.js';

const wordsOf = (check: () => void): string => {
  try {
    check();
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

test.each([
  [{ aggregate: {} }, "Invalid input for field/attribute aggregate. Value: {}. 'name' is a required property"],
  [{ aggregate: { name: '' } }, "Invalid input for field/attribute name. Value: . '' is too short"],
  [
    { aggregate: { name: ' x' } },
    "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.",
  ],
  [
    { aggregate: { name: 'x', availability_zone: 'a:b' } },
    "Invalid input for field/attribute availability_zone. Value: a:b. 'a:b' is not valid under any of the given schemas",
  ],
  [
    { aggregate: { name: 'x', foo: null } },
    "Invalid input for field/attribute aggregate. Value: {'name': 'x', 'foo': None}. Additional properties are not allowed ('foo' was unexpected)",
  ],
  [{}, "'aggregate' is a required property"],
  [{ aggregate: { name: 'two words, Größe 日本', availability_zone: null } }, 'accepted'],
  [
    { aggregate: { name: 'line\nbreak' } },
    "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.",
  ],
  [{ aggregate: { name: 'x'.repeat(255) } }, 'accepted'],
])('create with %j', (body, words) => expect(wordsOf(() => checkCreate(body))).toBe(words));

test.each([
  [{ a: 5 }, "Invalid input for field/attribute a. Value: 5. 5 is not of type 'string', 'null'"],
  [
    { 'a/b': '5' },
    "Invalid input for field/attribute metadata. Value: {'a/b': '5'}. 'a/b' does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'",
  ],
  [{ 'a:b c': null }, 'accepted'],
])('metadata %j', (metadata, words) => {
  expect(wordsOf(() => checkAction.set_metadata({ set_metadata: { metadata } }))).toBe(words);
});

test('an update needs something to update', () => {
  const words =
    'Invalid input for field/attribute aggregate. Value: {}. {} is not valid under any of the given schemas';
  expect(wordsOf(() => checkUpdate({ aggregate: {} }))).toBe(words);
  expect(wordsOf(() => checkUpdate({ aggregate: { name: ' x ' } }))).toBe('accepted');
});

test('queries are lists of values', () => {
  const check = queryCheck({
    type: 'object',
    properties: { limit: singleParam(nonNegativeInteger), with_servers: singleParam(boolean) },
    additionalProperties: false,
  });
  const asked = (query: string) => wordsOf(() => check(new URLSearchParams(query)));
  expect(asked('limit=x')).toBe("Invalid input for query parameters limit. Value: x. 'x' does not match '^[0-9]*$'");
  expect(asked('limit=1&limit=2')).toBe(
    "Invalid input for query parameters limit. Value: ['1', '2']. ['1', '2'] is too long",
  );
  expect(asked('foo=x')).toBe("Additional properties are not allowed ('foo' was unexpected)");
  expect(asked('with_servers=maybe')).toMatch(
    /^Invalid input for query parameters with_servers\. Value: maybe\. 'maybe' is not one of \[True, 'True'/,
  );
  expect(asked('limit=10&with_servers=on')).toBe('accepted');
});

test('values as Python prints them', () => {
  expect(pythonRepr({ a: [1, 'x', null, true], "it's": 1.5 })).toBe(`{'a': [1, 'x', None, True], "it's": 1.5}`);
  const uuid = bodyCheck({ type: 'string', format: 'uuid' });
  expect(wordsOf(() => uuid('xx'))).toBe("'xx' is not a 'uuid'");
  expect(wordsOf(() => uuid('a4879c93-9ac3-4783-bca0-daaabb1da6f4'))).toBe('accepted');
});
