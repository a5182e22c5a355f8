/**
 * How far the cascade's lists lag behind its sites while servers change there, and what keeping up costs the cascade.
 *
 *   cascade simulate --sites 100 --servers 10000 with churn, a cascade that has read them all, OS_* of its administrator
 *   (SITE_* of the sites', where they differ), then
 *   npx tsx bench/steady-state.ts [--minutes 10] [--at-once 4] [--stay 30] [--cascade-pid PID,PID] [--clouds-pid PID]
 *     [--sites-file FILE] [--raw FILE]
 *
 * A few sites at a time are watched for `--stay` seconds each: each second the site itself is asked what has changed, and
 * each half second the cascade is asked what has changed in that zone. What lies between the time of a change, which is the
 * site's own `updated`, and the first answer of the cascade that shows it, is the staleness. Sites stamp with whole
 * seconds, cut off, so up to one second of it is not the cascade's: the figures are upper bounds. A change that was not
 * shown within a minute counts as a minute, and is named.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { sitesOf, theCascade } from './cloud.js';
import { cpuSeconds, memoryUse } from './measure/processes.js';
import { figure, head, quantile, row } from './measure/samples.js';
import { timeoutMs, Watch, type Change } from './measure/watch.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'at-once': { type: 'string', default: '4' },
    stay: { type: 'string', default: '30' },
    'cascade-pid': { type: 'string', default: '' },
    'clouds-pid': { type: 'string' },
    'sites-file': { type: 'string' },
    raw: { type: 'string' },
  },
});
const pids = values['cascade-pid'].split(',').filter(Boolean).map(Number);
const stayMs = Number(values.stay) * 1000;
const end = performance.now() + Number(values.minutes) * 60_000;

const cascade = theCascade(8);
const sites = await sitesOf(cascade, values['sites-file']);
const cpu = cpuSeconds(pids);
const start = performance.now();
const changes: Change[] = [];
let turn = 0;
const lane = async (): Promise<void> => {
  while (performance.now() < end)
    changes.push(...(await new Watch(cascade, sites[turn++ % sites.length]!, stayMs).run()));
};
await Promise.all(Array.from({ length: Math.min(Number(values['at-once']), sites.length) }, lane));
const seconds = (performance.now() - start) / 1000;
const cpuUsed = cpuSeconds(pids) - cpu;

const never = changes.filter(({ staleness }) => staleness === undefined);
for (const { id, site, at } of never)
  process.stderr.write(`${id} of ${site}, changed at ${new Date(at).toISOString()}: never shown\n`);
const ms = changes.map(({ staleness }) => staleness ?? timeoutMs);
process.stdout.write(head('steady state', 'value'));
process.stdout.write(row('sites', sites.length));
process.stdout.write(row('site visits', turn));
process.stdout.write(row('changes', changes.length));
for (const share of [0.5, 0.95, 0.99]) {
  process.stdout.write(row(`staleness p${share * 100} s`, figure(quantile(ms, share) / 1000)));
}
process.stdout.write(row('longest s', figure(quantile(ms, 1) / 1000)));
process.stdout.write(row('not shown within a minute', never.length));
if (pids.length > 0) {
  const { largestMb, totalMb } = memoryUse(pids);
  process.stdout.write(row('CPU of the cascade, % of one core', figure((cpuUsed / seconds) * 100)));
  process.stdout.write(row('largest process RSS MB', figure(largestMb)));
  process.stdout.write(row('all together MB (PSS)', figure(totalMb)));
}
if (values['clouds-pid']) {
  const { totalMb } = memoryUse([Number(values['clouds-pid'])]);
  process.stdout.write(row('simulated clouds MB (PSS)', figure(totalMb)));
}
if (values.raw) await writeFile(values.raw, JSON.stringify(changes));
await Promise.all([cascade, ...sites].map((cloud) => cloud.close()));
