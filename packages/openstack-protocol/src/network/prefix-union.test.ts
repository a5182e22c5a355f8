import { expect, test } from 'vitest';
import { unionOf } from './prefix-union.js';

test.each([
  [[], []],
  [['10.0.0.1'], ['10.0.0.1/32']],
  [['10.0.0.2', '10.0.0.3'], ['10.0.0.2/31']],
  // Neighbours that are no halves of one prefix would bring others with them.
  [
    ['10.0.0.1', '10.0.0.2'],
    ['10.0.0.1/32', '10.0.0.2/32'],
  ],
  [['10.0.0.0/25', '10.0.0.128/25', '10.0.0.7', '10.0.1.0/24'], ['10.0.0.0/23']],
  [['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/0']],
  [
    ['fd00::1', '10.0.0.1', 'fd00::'],
    ['10.0.0.1/32', 'fd00::/127'],
  ],
  [['10.0.0.9/8', 'nonsense'], ['10.0.0.0/8']],
])('%j is %j', (given, united) => {
  expect(unionOf(given)).toEqual(united);
});

test('a whole range of single addresses is one prefix, and one less is not', () => {
  const all = Array.from({ length: 256 }, (_, at) => `192.0.2.${at}`);
  expect(unionOf(all)).toEqual(['192.0.2.0/24']);
  expect(unionOf(all.filter((one) => one !== '192.0.2.77'))).toHaveLength(8);
});
