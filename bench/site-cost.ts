/**
 * What a cascade's reading costs a real site: CPU time of the site's own API processes, with the cascade and without.
 *
 *   lab/openstack/lab.sh up 2, a cascade over the lab, one server built at site 1, then
 *   bench/clone-servers.sh 1 SERVER_ID 9999
 *   npx tsx bench/site-cost.ts --cascade-pid PID[,PID] [--site 1] [--minutes 5] [--churn 1] [--lab /var/tmp/cascade-lab]
 *
 * Two equal windows. In the first the cascade's serving processes are frozen (SIGSTOP), in the second they run; between
 * them it has a minute to catch up. The difference is the cascade's doing. In both, `--churn` percent of the cloned servers
 * a minute are marked as changed in Nova's database, as a site's own life would. Keystone and MariaDB serve both sites.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { assertRunning, cpuSeconds } from './measure/processes.js';
import { figure, head, row } from './measure/samples.js';

const { values } = parseArgs({
  options: {
    'cascade-pid': { type: 'string', default: '' },
    site: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '5' },
    churn: { type: 'string', default: '1' },
    lab: { type: 'string', default: '/var/tmp/cascade-lab' },
  },
});
const cascadePids = values['cascade-pid'].split(',').filter(Boolean).map(Number);
if (cascadePids.length === 0) throw new Error('--cascade-pid: which processes are the cascade?');
const windowMs = Number(values.minutes) * 60_000;
const catchUpMs = 60_000;
const churnEveryMs = 6_000;

interface Daemon {
  readonly name: string;
  readonly pid: number;
  /** Where it writes a line for each request. */
  readonly log: string;
}

const site = `site${values.site}`;
const daemonOf = (name: string, log: string): Daemon => ({
  name,
  pid: Number.parseInt(readFileSync(join(values.lab, 'run', `${name}.pid`), 'utf8'), 10),
  log: join(values.lab, log),
});
const daemons = [
  ...['nova-api', 'neutron-server', 'glance-api', 'cinder-api', 'placement'].map((name) =>
    daemonOf(`${site}.${name}`, `${site}/log/${name}.log`),
  ),
  daemonOf('keystone', 'keystone0/log'),
  daemonOf('mariadb', 'infra/mariadb/log'),
];

const sql = (statement: string): string =>
  execFileSync(
    'mariadb',
    ['--no-defaults', '-N', '-S', join(values.lab, 'infra/mariadb/sock'), '-u', 'root', `c${values.site}_nova`],
    { input: statement, encoding: 'utf8' },
  ).trim();

const servers = Number(sql('select count(*) from instances where deleted = 0'));
/** The clones alone: their rows are nobody else's. */
const clones = "deleted = 0 and uuid like 'be9c4000-%'";
const perChurn = Math.round(
  (Number(sql(`select count(*) from instances where ${clones}`)) * Number(values.churn) * churnEveryMs) / 100 / 60_000,
);

async function churnFor(ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end;) {
    const next = delay(Math.min(churnEveryMs, end - performance.now()));
    if (perChurn > 0) {
      sql(`update instances set updated_at = utc_timestamp(), power_state = if(power_state = 1, 4, 1)
            where ${clones} order by rand() limit ${perChurn}`);
    }
    await next;
  }
}

interface Reading {
  readonly cpu: number;
  readonly requests: number;
}
const requestsIn = (log: string): number => readFileSync(log, 'utf8').split('HTTP/1.').length - 1;
const readings = (): Reading[] =>
  daemons.map(({ pid, log }) => ({ cpu: cpuSeconds([pid]), requests: requestsIn(log) }));

/** What each daemon used in one window: percent of one core, and requests a minute. */
async function measure(): Promise<Reading[]> {
  const before = readings();
  const start = performance.now();
  await churnFor(windowMs);
  const seconds = (performance.now() - start) / 1000;
  return readings().map(({ cpu, requests }, at) => ({
    cpu: ((cpu - before[at]!.cpu) / seconds) * 100,
    requests: ((requests - before[at]!.requests) / seconds) * 60,
  }));
}

const tell = (signal: 'SIGSTOP' | 'SIGCONT'): void => cascadePids.forEach((pid) => process.kill(pid, signal));

async function measureFrozen(): Promise<Reading[]> {
  process.once('SIGINT', () => {
    tell('SIGCONT');
    process.exit(130);
  });
  tell('SIGSTOP');
  try {
    return await measure();
  } finally {
    tell('SIGCONT');
  }
}

assertRunning([...cascadePids, ...daemons.map(({ pid }) => pid)]);
process.stderr.write(`${servers} servers at ${site}, ${perChurn} change each ${churnEveryMs / 1000} s\n`);
const without = await measureFrozen();
await churnFor(catchUpMs);
const withIt = await measure();

process.stdout.write(
  head(
    `${servers} servers at ${site}: CPU, % of one core`,
    'without',
    'with the cascade',
    'its doing',
    'for 10,000 servers',
    'requests a minute without',
    'with',
  ),
);
daemons.forEach(({ name }, at) => {
  const [idle, busy] = [without[at]!, withIt[at]!];
  const doing = busy.cpu - idle.cpu;
  process.stdout.write(
    row(name, ...[idle.cpu, busy.cpu, doing, (doing / servers) * 10_000, idle.requests, busy.requests].map(figure)),
  );
});
