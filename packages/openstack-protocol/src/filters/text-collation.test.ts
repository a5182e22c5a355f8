import { expect, test } from 'vitest';
import { collated, compareTexts, idAsKept, isSameText, numberInText } from './text-collation.js';

// What MariaDB 10.11 says of columns in utf8mb3_general_ci.
test.each([
  ['ACTIVE', 'active', true],
  ['web', 'web  ', true],
  ['web', ' web', false],
  ['web', 'web\t', false],
  ['', '  ', true],
  ['Pört', 'PORT', true],
  ['straße', 'STRASE', true],
  ['straße', 'strasse', false],
  ['Ελλάδα', 'ΕΛΛΑΔΑ', true],
  ['ø', 'o', false],
  ['æ', 'Æ', true],
  ['й', 'и', false],
  ['ё', 'Е', true],
  ['ı', 'i', true],
])('%s and %s', (a, b, isSame) => {
  expect(isSameText(a, b)).toBe(isSame);
});

test('order is that of capitals, so that the underscore stands behind letters', () => {
  const names = ['a_b', 'ab', 'A-b', 'AC', 'äb', 'Z'];
  expect(names.sort(compareTexts)).toEqual(['A-b', 'ab', 'äb', 'AC', 'a_b', 'Z']);
});

test('an id is found in any spelling that its column takes for the same', () => {
  expect(idAsKept('ADFD3997-541É-4F73 ')).toBe('adfd3997-541e-4f73');
  expect(collated('adfd')).toBe('ADFD');
});

test.each([
  ['4', 4],
  [' 4abc', 4],
  ['+4', 4],
  ['4.0', 4],
  ['4.5', 4.5],
  ['4e0', 4],
  ['0x4', 0],
  ['-1', -1],
  ['abc', 0],
  ['', 0],
])('the number in %s', (text, number) => {
  expect(numberInText(text)).toBe(number);
});
