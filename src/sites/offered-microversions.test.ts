import { expect, test } from 'vitest';
import { offeredMicroversions } from './offered-microversions.js';
import type { Site } from './site.js';

const having = (...maxima: (string | undefined)[]) =>
  offeredMicroversions(() =>
    maxima.map(
      (max) =>
        ({
          capabilities: { microversions: max ? { compute: { min: '2.1', max } } : {} },
        }) as unknown as Site,
    ),
  );

test.each([
  [['2.93'], '2.93'],
  [['2.93', '2.103', '2.9'], '2.103'],
  [['2.93', undefined], '2.93'],
  [['2.500'], '2.104'],
  [[undefined], '2.104'],
  [[], '2.104'],
])('over sites of %j tenants are offered up to %s', (maxima, max) => {
  expect(having(...maxima).compute).toEqual({ min: '2.1', max });
});

test('a service that no site has told of is offered as far as it is known', () => {
  expect(having('2.93').volume).toEqual({ min: '3.0', max: '3.71' });
});
