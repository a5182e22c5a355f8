/** A simulated cloud answers as a real one of its release answered: status, headers and the shape of each body. */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSimulatedClouds, type OpenedClouds } from '@cascade/simulated-openstack/open-clouds.js';
import { converse, type Answer } from './conversation.js';
import { logIn } from './log-in.js';
import { differences } from './shape.js';
import { steps } from './steps.js';

const recorded = (release: string): Answer[] =>
  readFileSync(new URL(`${release}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Answer);

interface Deviation {
  readonly why: string;
  readonly headers?: 'differ';
  /** In the words of `differences`. */
  readonly body?: readonly string[];
}

/** Where the simulated cloud is known to answer otherwise. */
const deviations: Readonly<Record<string, Deviation>> = {
  images: {
    why: 'locations are shown where the operator wants it, and uploaders add properties',
    body: [
      'direct_url',
      'locations',
      ...['md5', 'object', 'sha256'].map((word) => `owner_specified.openstack.${word}`),
    ].map((name) => `images[].${name} is missing`),
  },
  'its port in 2026.2': {
    why: "an extension driver of ML2's shows it, which the recorded cloud has not loaded",
    body: ['ports[].numa_affinity_policy is too much'],
  },
};

/** An id more of a request does no harm. */
const withoutIds = ({ headers }: Answer): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.endsWith('-request-id')));

describe.each(['zed', '2026.2'] as const)('%s', (release) => {
  let clouds: OpenedClouds;
  let answers: Answer[];

  beforeAll(async () => {
    const log = pino({ level: 'silent' });
    clouds = await openSimulatedClouds({ names: ['cloud'], servers: 10, release, log });
    const [{ url, admin }] = clouds.clouds as [OpenedClouds['clouds'][0]];
    const account = { username: admin!.username, password: admin!.password, projectName: admin!.projectName };
    const cloud = await logIn({ authUrl: `${url}/identity`, region: 'cloud', ...account }, 5);
    answers = await converse(cloud, steps);
  });
  afterAll(() => clouds.close());

  test.each(recorded(release).map((real) => [real.what, real] as const))('%s', (what, real) => {
    const other = answers.find((answer) => answer.what === what)!;
    const { headers, body = [] } = deviations[`${what} in ${release}`] ?? deviations[what] ?? {};
    expect(other.status).toBe(real.status);
    if (headers !== 'differ') {
      expect(withoutIds(other)).toEqual(withoutIds(real));
      expect(Object.keys(other.headers)).toEqual(expect.arrayContaining(Object.keys(real.headers)));
    }
    expect(differences(real.body, other.body)).toEqual(body);
  });
});

test('a shape that differs is told', () => {
  const real = { server: { id: 'uuid', name: 'text', tags: ['text'], fault: 'null' } };
  expect(differences(real, { server: { id: 'uuid', tags: ['number'], colour: 'text', fault: {} } })).toEqual([
    'server.name is missing',
    'server.colour is too much',
    'server.tags[]: text is number',
  ]);
});
