/**
 * Asks the same of nova-api and of a cascade that hold the same servers, and prints how they compare, in Markdown.
 *
 *   bench/peers/nova/install.sh && bench/peers/nova/peer.sh up && bench/peers/nova/peer.sh fill 100000
 *   CASCADE_DATA_DIR=… npx tsx bench/fill-inventory.ts --servers 1000000
 *   CASCADE_DATA_DIR=… npx tsx bench/compare.ts [--servers 1000000] [--repeats 5] [--seconds 6] [--times 100]
 *     [--only EXPRESSION] [--pages 100] [--raw FILE] [--port 8760] [--peer URL] [--peer-dir DIRECTORY]
 *
 * Never are both asked at once: of each request, in each of the repeats, first nova alone, then the cascade alone, one
 * connection, one request at a time, until `--seconds` have passed or it was asked `--times` times. One answer before
 * warms up and shows whether both know the same servers. CPU time is that of all processes taking part, with what else
 * they do meanwhile (the cascade goes on reading its sites). One server by its id is not among the requests: the cascade asks
 * its site for it, see real-cloud.ts.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startFilledCascade } from './filled-cascade.js';
import { assertRunning, cpuSeconds, memoryUse } from './measure/processes.js';
import { figure, head, median, quantile, ratio, row } from './measure/samples.js';
import { serverAt } from './population.js';
import { filters, lists, page, sampleOf, type BenchRequest, type Sample } from './requests.js';
import { cascadeSide, novaSide, type Side } from './sides.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8760' },
    peer: { type: 'string', default: 'http://127.0.0.1:20774/v2.1' },
    'peer-dir': { type: 'string', default: '/var/tmp/cascade-peer-nova' },
    servers: { type: 'string', default: '1000000' },
    repeats: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    times: { type: 'string', default: '100' },
    pages: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    raw: { type: 'string' },
  },
});

interface Measured {
  /** Milliseconds of each answer. */
  readonly ms: number[];
  cpuSeconds: number;
}
interface Compared {
  readonly request: string;
  readonly nova: Measured;
  readonly cascade: Measured;
  /** How many servers each answered, and how many of them both. */
  readonly servers: readonly [nova: number, cascade: number, both: number];
}

const idsOf = (body: Buffer): Set<string> => {
  const { servers, server } = JSON.parse(body.toString()) as { servers?: { id: string }[]; server?: { id: string } };
  return new Set((servers ?? (server ? [server] : [])).map(({ id }) => id));
};

/** Asks one side alone for a while. */
async function ask(side: Side, asked: BenchRequest, sample: Sample, into: Measured): Promise<void> {
  const cpu = cpuSeconds(side.pids);
  const end = performance.now() + Number(values.seconds) * 1000;
  for (let times = 0; times < Number(values.times) && (times === 0 || performance.now() < end); times += 1) {
    into.ms.push((await side.ask(asked, sample)).ms);
  }
  into.cpuSeconds += cpuSeconds(side.pids) - cpu;
}

async function compare(asked: BenchRequest, sample: Sample, nova: Side, cascade: Side): Promise<Compared> {
  const theirs = idsOf((await nova.ask(asked, sample)).body);
  const ours = idsOf((await cascade.ask(asked, sample)).body);
  const both = [...ours].filter((id) => theirs.has(id)).length;
  const measured = { nova: { ms: [], cpuSeconds: 0 }, cascade: { ms: [], cpuSeconds: 0 } };
  for (let repeat = 0; repeat < Number(values.repeats); repeat += 1) {
    await ask(nova, asked, sample, measured.nova);
    await ask(cascade, asked, sample, measured.cascade);
  }
  return { request: asked.name, ...measured, servers: [theirs.size, ours.size, both] };
}

interface Walk {
  /** Milliseconds of each page. */
  readonly ms: number[];
  /** Servers that were shown on more than one page. */
  twice: number;
}

/** Pages of all tenants' servers, each from where the one before ended. */
async function walk(side: Side, sample: Sample, pages: number): Promise<Walk> {
  const walked: Walk = { ms: [], twice: 0 };
  const seen = new Set<string>();
  for (let marker: string | undefined; walked.ms.length < pages;) {
    const { body, ms } = await side.ask(page(marker), sample);
    const ids = [...idsOf(body)];
    if (ids.length === 0) break;
    walked.ms.push(ms);
    walked.twice += ids.filter((id) => seen.has(id)).length;
    for (const id of ids) seen.add(id);
    marker = ids.at(-1);
  }
  return walked;
}

const perRequest = ({ ms, cpuSeconds: cpu }: Measured): number => cpu / ms.length;
const spread = ({ ms }: Measured): string[] => [0.5, 0.95, 0.99].map((share) => figure(quantile(ms, share)));

function line({ request, nova, cascade, servers }: Compared): string {
  const [theirs, ours, both] = servers;
  return row(
    request,
    ...spread(nova),
    ...spread(cascade),
    ratio(median(cascade.ms), median(nova.ms)),
    figure(perRequest(nova)),
    figure(perRequest(cascade)),
    ratio(perRequest(cascade), perRequest(nova)),
    `${nova.ms.length} / ${cascade.ms.length}`,
    theirs === ours && ours === both ? String(ours) : `nova ${theirs}, cascade ${ours}, both ${both}`,
  );
}

function walkLine({ ms, twice }: Walk, side: Side): string {
  const [first, last] = [median(ms.slice(0, 5)), median(ms.slice(-5))];
  return row(side.name, ms.length, figure(first), figure(last), figure(last / first), twice);
}

const middle = Math.floor(Number(values.servers) / 2) + 7;
const sample = sampleOf(middle);
const { project } = serverAt(middle);
const nova = novaSide(values.peer, values['peer-dir'], project);
assertRunning(nova.pids);
const filled = await startFilledCascade(Number(values.port));
const cascade = cascadeSide(filled, project);

const latency = ['p50 ms', 'p95', 'p99'];
const said = (name: string, words: string[]): string[] => words.map((word) => `${name} ${word}`);
process.stdout.write(
  head(
    'request',
    ...said('nova', latency),
    ...said('cascade', latency),
    'ratio of p50',
    'nova CPU s a request',
    'cascade CPU s a request',
    'ratio of CPU',
    'times asked',
    'servers answered',
  ),
);
const all: Compared[] = [];
const only = new RegExp(values.only);
for (const asked of [...lists, ...filters].filter(({ name }) => only.test(name))) {
  try {
    const compared = await compare(asked, sample, nova, cascade);
    all.push(compared);
    process.stdout.write(line(compared));
  } catch (error) {
    // The others can still be compared.
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

const walks: Record<string, Walk> = {};
if (Number(values.pages) > 0) {
  process.stdout.write(
    `\n${head('walk by marker', 'pages', 'first five, median ms', 'last five', 'last / first', 'ids twice')}`,
  );
  for (const side of [nova, cascade]) {
    const walked = (walks[side.name] = await walk(side, sample, Number(values.pages)));
    process.stdout.write(walkLine(walked, side));
  }
}

process.stdout.write(`\n${head('memory', 'largest process RSS MB', 'all together MB (PSS)')}`);
const memory = [nova, cascade].map((side) => ({ side: side.name, ...memoryUse(side.pids) }));
for (const { side, largestMb, totalMb } of memory) process.stdout.write(row(side, figure(largestMb), figure(totalMb)));
if (values.raw) await writeFile(values.raw, JSON.stringify({ options: values, requests: all, walks, memory }));
await Promise.all([nova.close(), cascade.close()]);
await filled.close();
