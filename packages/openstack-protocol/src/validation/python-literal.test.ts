import { expect, test } from 'vitest';
import { pythonLiteral } from './python-literal.js';

test.each([
  [`{'a': 'b', "c": 'd'}`, { a: 'b', c: 'd' }],
  [`{'it': 'it\\'s'}`, { it: "it's" }],
  ['{}', {}],
  [`['x', 'y',]`, ['x', 'y']],
  [`('x', None, True)`, ['x', null, true]],
  [`'quoted'`, 'quoted'],
  ['10', '10'],
  [' -1.5 ', '-1.5'],
  ['None', null],
  [`{'deep': {'er': ['1']}}`, { deep: { er: ['1'] } }],
])('%s is a literal', (text, value) => expect(pythonLiteral(text)).toEqual(value));

test.each([
  'available',
  '',
  '{',
  `{'a'}`,
  `{'a': }`,
  `['a' 'b']`,
  `'open`,
  'None of them',
  '1-2',
  '[1,,2]',
  ')',
  '__import__("os")',
])('%s stands for itself', (text) => expect(pythonLiteral(text)).toBeUndefined());
