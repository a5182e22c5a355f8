/**
 * What a real cloud refuses, a simulated one of its release refuses, in the same words. Where it is known to answer otherwise
 * is in `refusals-to-mend.json`, which may only become shorter: a deviation that is new fails, and so does one that is gone
 * and still listed.
 */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openSimulatedClouds } from '@cascade/simulated-openstack/open-clouds.js';
import { logIn } from './log-in.js';
import { refuse, type Refusal } from './refused.js';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** `words`, or the status there and here. */
function deviation(real: Refusal, other: Refusal | undefined): string | undefined {
  if (!other) return 'not asked';
  if (other.status !== real.status) return `${real.status}, not ${other.status}`;
  return JSON.stringify(other.says) === JSON.stringify(real.says) ? undefined : 'words';
}

test.each(['zed', '2026.2'] as const)(
  '%s',
  async (release) => {
    const recorded = read(`${release}-refusals.jsonl`)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Refusal);
    const log = pino({ level: 'silent' });
    const opened = await openSimulatedClouds({ names: ['cloud'], servers: 10, release, log });
    try {
      const { url, admin } = opened.clouds[0]!;
      const account = { username: admin!.username, password: admin!.password, projectName: admin!.projectName };
      const cloud = await logIn({ authUrl: `${url}/identity`, region: 'cloud', ...account }, 5);
      const answers = await refuse(cloud, new Set(recorded.map(({ what }) => what)));
      const byName = new Map(answers.map((answer) => [answer.what, answer]));
      const found = recorded.flatMap((real) => {
        const how = deviation(real, byName.get(real.what));
        return how === undefined ? [] : [[real.what, how] as const];
      });
      expect(Object.fromEntries(found)).toEqual(
        (JSON.parse(read('refusals-to-mend.json')) as Record<string, unknown>)[release],
      );
    } finally {
      await opened.close();
    }
  },
  120_000,
);
