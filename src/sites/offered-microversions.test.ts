import { describe, expect, test } from 'vitest';
import { loadConfig } from '../config.js';
import { offeredMicroversions, type MicroversionLimits } from './offered-microversions.js';
import type { Site } from './site.js';

const having = (maxima: (string | undefined)[], limits: MicroversionLimits = {}) =>
  offeredMicroversions(
    () =>
      maxima.map(
        (max) =>
          ({
            capabilities: { microversions: max ? { compute: { min: '2.1', max } } : {} },
          }) as unknown as Site,
      ),
    limits,
  );

test.each([
  [['2.93'], '2.93'],
  [['2.93', '2.103', '2.9'], '2.103'],
  [['2.93', undefined], '2.93'],
  [['2.500'], '2.104'],
  [[undefined], '2.104'],
  [[], '2.104'],
])('over sites of %j tenants are offered up to %s', (maxima, max) => {
  expect(having(maxima).compute).toEqual({ min: '2.1', max });
});

test('a service that no site has told of is offered as far as it is known', () => {
  expect(having(['2.93']).volume).toEqual({ min: '3.0', max: '3.71' });
});

describe('a limit that the operator sets', () => {
  const limitOf = (text: string) => loadConfig({ CASCADE_MAX_MICROVERSIONS: text }).maxMicroversions;

  test.each([
    ['compute=2.93', ['2.104'], '2.93'],
    ['compute=2.93,volume=3.70', ['2.90'], '2.90'],
    [' compute = 2.100', ['2.104'], '2.100'],
    ['volume=3.70', ['2.104'], '2.104'],
    ['', ['2.104'], '2.104'],
  ])('of "%s" over sites of %j offers up to %s', (text, maxima, max) => {
    expect(having(maxima, limitOf(text)).compute).toEqual({ min: '2.1', max });
  });

  test.each([
    'compute',
    'compute=',
    'compute=new',
    'compute=1.9',
    'nova=2.93',
    'network=2.0',
    'compute=2.93;volume=3.70',
  ])('of "%s" is refused by name', (text) => {
    expect(() => limitOf(text)).toThrow(/CASCADE_MAX_MICROVERSIONS: .*SERVICE=MICROVERSION \(compute, volume\)/);
  });
});
