/** `docs/versions.md` says what the tables of microversions say, and these leave none out. `UPDATE_DOCS=1` writes the tables. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import type { Step } from '@cascade/openstack-protocol/microversion-steps.js';
import { services } from '@cascade/openstack-protocol/services.js';

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

const tableOf = (steps: readonly Step[]): string =>
  ['| since | what changed | in an older zone |', '|---|---|---|']
    .concat(steps.map((step) => `| ${step.since} | ${step.change} | ${becomesOf(step)} |`))
    .join('\n');

test('the document has the tables as they are', async () => {
  const text = readFileSync(file, 'utf8');
  const filled = tables.reduce(
    (document, { name, steps }) =>
      document.replace(
        new RegExp(`(<!-- ${name} -->\n)[^#]*`),
        (_all, head: string) => `${head}\n${tableOf(steps)}\n\n`,
      ),
    text,
  );
  const formatted = await format(filled, { ...(await resolveConfig(file)), parser: 'markdown' });
  if (process.env['UPDATE_DOCS']) writeFileSync(file, formatted);
  else expect(text).toBe(formatted);
});
