/** A simulated Zed answers as a real Zed was heard to answer: status, headers and the shape of each body. */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSimulatedClouds, type OpenedClouds } from '../../src/clouds/simulated/open-clouds.js';
import { converse, type Answer } from './conversation.js';
import { logIn } from './log-in.js';
import { differences } from './shape.js';
import { steps } from './steps.js';

const recorded = readFileSync(new URL('zed.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Answer);

let clouds: OpenedClouds;
let answers: Answer[];

beforeAll(async () => {
  clouds = await openSimulatedClouds({ names: ['zed'], servers: 10, log: pino({ level: 'silent' }) });
  const [{ url, admin }] = clouds.clouds as [OpenedClouds['clouds'][0]];
  const account = { username: admin!.username, password: admin!.password, projectName: admin!.projectName };
  const cloud = await logIn({ authUrl: `${url}/identity`, region: 'zed', ...account }, 5);
  answers = await converse(cloud, steps);
});
afterAll(() => clouds.close());

test.each(recorded.map((real) => [real.what, real] as const))('%s', (what, real) => {
  const other = answers.find((answer) => answer.what === what)!;
  expect([other.status, other.headers]).toEqual([real.status, real.headers]);
  expect(differences(real.body, other.body)).toEqual([]);
});
