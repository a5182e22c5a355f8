import { expect, test } from 'vitest';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Site } from '../sites/site.js';
import { answersOrRefusal } from './fan-out.js';

const responses = (...statuses: number[]) =>
  statuses.map((status, at) => ({ site: { name: `site${at}` } as Site, response: json(status, {}) }));

test.each([
  [[200, 200], 2, undefined, 'all say something'],
  [[404, 200], 1, undefined, 'a site without the extension has nothing to add'],
  [[200, 503], 1, undefined, 'a broken site is like a silent one'],
  [[200, 400], 1, 400, 'what is wrong with the question must be responses'],
  [[403, 404], 0, 403, ''],
  [[404, 404], 0, 404, 'nobody has it'],
  [[500, 404], 0, 500, ''],
])('%j: %i answers, refusal %s %s', (statuses, count, refusal, _why) => {
  const sorted = answersOrRefusal(responses(...statuses));
  expect([sorted.answers.length, sorted.refusal?.status]).toEqual([count, refusal]);
});
