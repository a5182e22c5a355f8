/**
 * What lists cost a cascade that holds many servers, where no site needs to be asked: lists and filters, silent sites, deep
 * pages while rows change, one server of a silent site, and what the database takes. Prints Markdown.
 *
 *   CASCADE_DATA_DIR=… npx tsx bench/fill-inventory.ts --servers 1000000
 *   CASCADE_DATA_DIR=… npx tsx bench/inventory.ts [--repeats 5] [--times 20] [--pages 100] [--only EXPRESSION]
 *
 * Starts the cascade as a process of its own, with sites in which nothing happens (quiet-sites.ts), and keystone.ts. The
 * embedded database belongs to this process; its CPU time is counted by itself.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/config.js';
import { openDatabase } from '../src/database/database.js';
import { loadSecretKey } from '../src/sites/secrets.js';
import { Client } from './measure/asking.js';
import { assertRunning, cpuSeconds, memoryUse } from './measure/processes.js';
import { figure, head, median, quantile, row } from './measure/samples.js';
import { serverAt, siteName } from './population.js';
import { QuietSites } from './quiet-sites.js';
import { filters, lists, one, page, pathOf, sampleOf, type BenchRequest } from './requests.js';
import { startWriting } from './writing.js';

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '5' },
    times: { type: 'string', default: '20' },
    pages: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '8740' },
  },
});
const [repeats, times, pages, port] = [values.repeats, values.times, values.pages, values.port].map(Number) as [
  number,
  number,
  number,
  number,
];
const only = new RegExp(values.only);
const root = new URL('..', import.meta.url).pathname;

const config = loadConfig(process.env);
const database = await openDatabase({ dataDir: config.dataDir, url: config.databaseUrl, poolSize: 4 });
const { servers } = await database.one<{ servers: number }>(
  `select count(*) as servers from resource where kind = 'server' and deleted_at is null`,
);
const sites = new QuietSites();
await sites.start();
await pointSitesAt(sites);

const children: number[] = [];
process.once('exit', () => endChildren());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
start(['bench/keystone.ts', String(port + 1)]);
const cascadePid = start(['src/main.ts', 'serve'], {
  DATABASE_URL: database.url,
  CASCADE_SECRET_KEY: (await loadSecretKey(config.secretKey, join(config.dataDir, 'secret.key'))).toString('base64'),
  CASCADE_KEYSTONE_URL: `http://127.0.0.1:${port + 1}`,
  CASCADE_LISTEN: `127.0.0.1:${port}`,
  CASCADE_FEED_SECONDS: '3600',
  CASCADE_LOG_LEVEL: 'error',
});
const cascade = `http://127.0.0.1:${port}`;
const client = new Client();
try {
  await ready();
  await run();
} finally {
  endChildren();
  await Promise.all([client.close(), sites.stop(), delay(1_500)]);
  await database.close();
}

async function run(): Promise<void> {
  const sample = sampleOf(sampleNumber());
  const memory = [memoryUse([cascadePid]).largestMb];
  title(`${servers} servers: lists and filters`);
  process.stdout.write(head('request', 'servers', 'KB', 'p50 ms', 'p95', 'p99', 'cascade CPU ms', 'database CPU ms'));
  for (const asked of [...lists, ...filters].filter(({ name }) => only.test(name))) await measure(asked, sample);
  memory.push(memoryUse([cascadePid]).largestMb);
  await silentSites(sample);
  await walk();
  memory.push(memoryUse([cascadePid]).largestMb);
  title('size and memory');
  await sizes();
  process.stdout.write(
    `\nRSS of the cascade in MB: at the start, after lists and filters, at the end: ${memory.map(figure).join(', ')}\n`,
  );
}

type Sample = ReturnType<typeof sampleOf>;

function title(words: string): void {
  process.stdout.write(`\n### ${words}\n\n`);
}

async function ask(asked: BenchRequest, sample: Sample): Promise<{ ms: number; body: Buffer }> {
  const token = asked.allTenants ? 'admin' : `member-${serverAt(sampleNumber()).project}`;
  const answer = await client.get(`${cascade}/compute/v2.1${pathOf(asked, sample)}`, {
    'x-auth-token': token,
    'openstack-api-version': `compute ${asked.microversion}`,
  });
  if (answer.status !== 200) throw new Error(`${asked.name}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
  return answer;
}

/** Measures one request and prints its line. */
async function measure(asked: BenchRequest, sample: Sample): Promise<void> {
  const { body } = await ask(asked, sample);
  const shown = (JSON.parse(body.toString()) as { servers?: unknown[] }).servers?.length ?? 1;
  const ms: number[] = [];
  const before = cpu();
  for (let n = 0; n < repeats * times; n += 1) ms.push((await ask(asked, sample)).ms);
  const after = cpu();
  const each = [0, 1].map((at) => figure(((after[at]! - before[at]!) * 1_000) / ms.length));
  const spread = [0.5, 0.95, 0.99].map((share) => figure(quantile(ms, share)));
  process.stdout.write(row(asked.name, shown, figure(body.length / 1_000), ...spread, ...each));
}

function cpu(): [cascade: number, database: number] {
  return [cpuSeconds([cascadePid]), config.databaseUrl ? NaN : cpuSeconds([postmaster()])];
}

function postmaster(): number {
  return Number.parseInt(readFileSync(join(config.dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

/** In turns, so that whatever else the machine does falls on all numbers of silent sites alike. */
async function silentSites(sample: Sample): Promise<void> {
  title(`silent sites, of a hundred, in ${repeats} turns`);
  // Before 2.69 a silent site's servers are shown as they were last seen.
  const asked = [lists[0]!, lists[1]!, lists[4]!, lists[5]!].flatMap((request) => [
    request,
    { ...request, microversion: '2.93', name: `${request.name} (2.93)` },
  ]);
  const counts = [0, 1, 10, 50];
  const ms = new Map<string, number[]>();
  const timesOf = (request: BenchRequest, count: number): number[] => {
    const key = `${count} ${request.name}`;
    return ms.get(key) ?? ms.set(key, []).get(key)!;
  };
  for (let turn = 0; turn < repeats; turn += 1) {
    // No number of them always follows the same other.
    for (const count of counts.map((_, at) => counts[(at + turn) % counts.length]!)) {
      // Among them the site of the sample, so that it is silent wherever one is.
      const names = Array.from({ length: count }, (_, at) => siteName((serverAt(sampleNumber()).site + at) % 100));
      await silence(names);
      for (const request of [...asked, ...(count === 1 ? [one] : [])]) {
        for (let n = 0; n < times; n += 1) timesOf(request, count).push((await ask(request, sample)).ms);
      }
    }
  }
  await silence([]);
  const headings = counts.flatMap((count) => [`${count} silent: p50 ms`, ...(count ? ['to none'] : [])]);
  process.stdout.write(head('request', ...headings));
  for (const request of asked) {
    const none = median(timesOf(request, 0));
    const cells = counts.flatMap((count) => {
      const p50 = median(timesOf(request, count));
      return [figure(p50), ...(count ? [figure(p50 / none)] : [])];
    });
    process.stdout.write(row(request.name, ...cells));
  }
  const single = [0.5, 0.95, 0.99].map((share) => figure(quantile(timesOf(one, 1), share)));
  process.stdout.write(`\nGET one server of a silent site, ms: p50, p95, p99: ${single.join(', ')}\n`);
}

/** One in the middle is neither the newest nor the oldest. */
function sampleNumber(): number {
  return Math.floor(servers / 2) + 7;
}

/** Returns when the cascade has noticed. */
async function silence(names: readonly string[]): Promise<void> {
  sites.silence(names);
  for (;;) {
    const { body } = await client.get(`${cascade}/cascade/v1/sites`, { 'x-auth-token': 'admin' });
    const { sites: seen } = JSON.parse(body.toString()) as { sites: { health: Record<string, { status: string }> }[] };
    if (seen.filter(({ health }) => health['compute']?.status === 'unreachable').length === names.length) break;
    await delay(500);
  }
  await quiet();
}

/** Returns when the cascade has little to do. */
async function quiet(): Promise<void> {
  for (let busy = Infinity; busy > 0.1;) {
    const before = cpu()[0];
    await delay(3_000);
    busy = (cpu()[0] - before) / 3;
  }
}

/** All tenants' pages from the newest on, while rows change, come and go. */
async function walk(): Promise<void> {
  title(`${pages} pages of 1000 by marker, while 50 rows a second are written`);
  process.stdout.write(
    head('walk', 'pages', 'first ten, median ms', 'last ten', 'last / first', 'twice', 'missing', 'rows written'),
  );
  for (let nth = 1; nth <= repeats; nth += 1) {
    const wanted = await database.many<{ id: string }>(
      `select id from resource where kind = 'server' and deleted_at is null order by created_at desc, id desc limit $1`,
      [pages * 1_000],
    );
    const writing = startWriting(database, servers, 50);
    const ms: number[] = [];
    const seen: string[] = [];
    for (let marker: string | undefined; ms.length < pages;) {
      const answer = await ask(page(marker), sampleOf(sampleNumber()));
      const listed = (JSON.parse(answer.body.toString()) as { servers: { id: string }[] }).servers;
      ms.push(answer.ms);
      seen.push(...listed.map(({ id }) => id));
      marker = listed.at(-1)?.id;
      if (listed.length < 1_000) break;
    }
    const { written, gone } = await writing.stop();
    const [first, last] = [median(ms.slice(0, 10)), median(ms.slice(-10))];
    const known = new Set(seen);
    // What was made before the first page pushed as much beyond the last.
    const expected = wanted.slice(0, wanted.length - written);
    const missing = expected.filter(({ id }) => !known.has(id) && !gone.has(id)).length;
    process.stdout.write(
      row(
        nth,
        ms.length,
        figure(first),
        figure(last),
        figure(last / first),
        seen.length - known.size,
        missing,
        written,
      ),
    );
  }
}

async function sizes(): Promise<void> {
  const size = await database.one<Record<string, number>>(
    `select pg_table_size('resource') / $1 as table, pg_indexes_size('resource') / $1 as indexes,
            (select avg(octet_length(body))::int from resource tablesample system (1)) as text,
            (select avg(pg_column_size(body))::int from resource tablesample system (1)) as stored`,
    [servers],
  );
  const beside = size['table']! - size['stored']! + size['indexes']!;
  process.stdout.write(
    head('bytes a server', '') +
      row('body, as text', size['text']!) +
      row('body, as stored', size['stored']!) +
      row('the rest of the row', size['table']! - size['stored']!) +
      row('indexes', size['indexes']!) +
      row('beside the stored body', beside),
  );
}

async function pointSitesAt(quiet: QuietSites): Promise<void> {
  for (const { name } of await database.many<{ name: string }>('select name from site')) {
    await database.run(
      `update site set auth_url = $2, capabilities = jsonb_set(capabilities, '{endpoints,compute}', $3) where name = $1`,
      [name, quiet.rootOf(name), JSON.stringify([`${quiet.rootOf(name)}/compute`])],
    );
  }
  await database.run(`update feed set cursor = now(), full_read_at = now() where kind = 'server'`);
}

/** Starts a program of ours. @returns its process id */
function start(program: readonly string[], environment: Record<string, string> = {}): number {
  const child = spawn(process.execPath, ['--import', 'tsx', ...program], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child.pid!);
  return child.pid!;
}

function endChildren(): void {
  for (const pid of children.splice(0)) process.kill(pid, 'SIGTERM');
}

async function ready(): Promise<void> {
  for (;;) {
    assertRunning(children);
    const answer = await client
      .get(`${cascade}/compute/v2.1/servers?limit=1`, { 'x-auth-token': 'admin' })
      .catch(() => undefined);
    if (answer?.status === 200) break;
    await delay(300);
  }
  await silence([]);
  // After its start it takes the leases of the sites and reads each once; when that is over it has little to do.
  await delay(15_000);
  await quiet();
}
