/** `docs/versions.md` says what the tables of microversions say, and these leave none out. `UPDATE_DOCS=1` writes the tables. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import type { Step } from '@cascade/openstack-protocol/microversion-steps.js';
import { services } from '@cascade/openstack-protocol/services.js';
import { probes } from './openstack/microversions/probes.js';

const file = new URL('../docs/versions.md', import.meta.url);
const tables = services.flatMap(({ name, steps, microversions }) =>
  steps && microversions ? [{ name, steps, microversions }] : [],
);
const minor = (version: string): number => Number(version.split('.')[1]);

/** The last before the first row: of Mitaka, where sites begin. */
const before: Record<string, number> = { compute: 25, volume: 0 };

test.each(tables)('$name: each microversion since Mitaka has its row, in order', ({ name, steps, microversions }) => {
  const minors = steps.map(({ since }) => minor(since));
  const all = Array.from({ length: minor(microversions.max) - before[name]! }, (_, at) => before[name]! + 1 + at);
  expect([...new Set(minors)]).toEqual(all);
  expect(minors).toEqual([...minors].sort((a, b) => a - b));
});

const becomesOf = (step: Step): string => {
  if (step.decision === 'refused') return `refused: ${step.needs.map(({ what }) => what).join('; ')}`;
  return `${step.decision}: ${step.decision === 'lifted' ? step.how : step.why}`;
};

/** A row that is asked of two real clouds, which `npm run test:openstack` does; the others, of simulated ones alone. */
const isProbed = (service: string, { since, change }: Step): boolean =>
  probes.some((one) => one.service === service && one.since === since && one.change === change);

const tableOf = (service: string, steps: readonly Step[]): string =>
  ['| since | what changed | in an older zone | held against |', '|---|---|---|---|']
    .concat(
      steps.map((step) => {
        const against = isProbed(service, step) ? 'real clouds' : 'simulated clouds';
        return `| ${step.since} | ${step.change} | ${becomesOf(step)} | ${against} |`;
      }),
    )
    .join('\n');

/** The last microversions of the older release in the lab of real clouds. */
const ofZed: Record<string, number> = { compute: 93, volume: 70 };

test.each(tables)('$name: each row that is newer than Zed is asked of real clouds', ({ name, steps }) => {
  const newer = steps.filter(({ since }) => minor(since) > ofZed[name]!);
  expect(newer.filter((step) => !isProbed(name, step))).toEqual([]);
  expect(probes.filter(({ service }) => service === name)).toHaveLength(newer.length);
});

test('the document has the tables as they are', async () => {
  const text = readFileSync(file, 'utf8');
  const filled = tables.reduce(
    (document, { name, steps }) =>
      document.replace(
        new RegExp(`(<!-- ${name} -->\n)[^#]*`),
        (_all, head: string) => `${head}\n${tableOf(name, steps)}\n\n`,
      ),
    text,
  );
  const formatted = await format(filled, { ...(await resolveConfig(file)), parser: 'markdown' });
  if (process.env['UPDATE_DOCS']) writeFileSync(file, formatted);
  else expect(text).toBe(formatted);
});
