/**
 * What it costs to write the cascade's ids in place of a site's: the same responses through the site's gateway without any
 * translation, and with 0, 100 and 100,000 aliases at the site.
 *
 *   npx tsx bench/id-translation.ts [--rounds 200] [--response feed] [--aliases 0]
 *
 * The site is an HTTP server in a process of its own with the responses ready; what is measured is a request through the
 * gateway until its JSON is parsed, as everybody behind the gateway does: how long it takes, and this process's CPU time. PostgreSQL is started for it. Of
 * 100 aliases 20 are the images of all servers, so that each row has two of them; of 100,000, so many are servers that each row
 * has three more. The sides take turns, each begins as often as each other.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { testDatabase } from '../src/database/testing.js';
import { AliasTable } from '../src/sites/alias-table.js';
import { SiteGateway } from '../src/sites/gateway.js';
import { knownIds, sameIds, SiteAliases, type IdTranslation } from '../src/sites/site-aliases.js';
import type { SiteConnection } from '../src/sites/transport.js';
import { figure, head, median, quantile, row } from './measure/samples.js';
import { imageCount, imageId, serverId } from './population.js';
import { serverBody } from './server-body.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    response: { type: 'string', default: '' },
    aliases: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const warmUp = 3;

const rows = (count: number): string =>
  JSON.stringify({ servers: Array.from({ length: count }, (_, n) => serverBody(n)) });
const responses: Record<string, { body: string; path: string; share: number }> = {
  'GET one': { body: JSON.stringify({ server: serverBody(0) }), path: `/servers/${serverId(0)}`, share: 4 },
  'list of 1,000': { body: rows(1_000), path: '/list', share: 1 },
  'feed page of 10,000': { body: rows(10_000), path: '/feed', share: 0.2 },
};

/** The site: its first request of each path tells it what to answer from then on. */
const site = spawn(process.execPath, [
  '-e',
  `const told = new Map();
   const server = require('node:http').createServer((asked, answer) => {
     const bytes = [];
     asked.on('data', (chunk) => bytes.push(chunk)).on('end', () => {
       if (asked.method === 'PUT') told.set(asked.url, Buffer.concat(bytes));
       const body = told.get(asked.url) ?? told.get('/servers/any');
       answer.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
     });
   }).listen(0, '127.0.0.1', () => console.log(server.address().port));`,
]);
const port = Number(await new Promise<Buffer>((resolve) => site.stdout.once('data', resolve)));
const http = new HttpClient({ connections: 4, verifyTls: true });
const connection = {
  send: ({ method, path }, _principal, _known, deadlineMs) =>
    http.send({ method, url: `http://127.0.0.1:${port}${path}`, headers: {}, deadlineMs }),
} as Partial<SiteConnection> as SiteConnection;

const { database, close } = await testDatabase({ poolSize: 20 });
const table = new AliasTable(database);

async function siteWith(aliases: (readonly [string, string])[]): Promise<IdTranslation> {
  const { id } = await database.one<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     values ($1, 'enabled', '', '', '', true, '', '{}') returning id`,
    [randomUUID()],
  );
  if (aliases.length > 0) {
    await database.run(
      `insert into alias (site_id, id, site_resource_id, version)
       select $1, id, own, number from unnest($2::text[], $3::text[]) with ordinality as a (id, own, number)`,
      [id, aliases.map(([ours]) => ours), aliases.map(([, theirs]) => theirs)],
    );
    await database.run(`insert into alias_version (site_id, version) values ($1, $2)`, [id, aliases.length]);
    await database.run(`analyze alias`);
  }
  return new SiteAliases(table, id, knownIds());
}

const elsewhere = (count: number) => Array.from({ length: count }, () => [randomUUID(), randomUUID()] as const);
const images = Array.from({ length: imageCount }, (_, image) => [randomUUID(), imageId(image)] as const);
const servers = Array.from({ length: 10_000 }, (_, n) => [randomUUID(), serverId(n)] as const);
const sides: Record<string, IdTranslation> = {
  'no translation': sameIds,
  '0 aliases': await siteWith([]),
  '100 aliases': await siteWith([...images, ...elsewhere(100 - images.length)]),
  '100,000 aliases, none of them in it': await siteWith(elsewhere(100_000)),
  '100,000 aliases, five in each row': await siteWith([...images, ...servers, ...elsewhere(90_000 - images.length)]),
};
const isWanted = ([name]: [string, unknown]): boolean =>
  values.aliases === undefined || name.startsWith('no ') || name.startsWith(`${values.aliases} `);
const gateways = Object.entries(sides)
  .filter(isWanted)
  .map(([name, ids]) => {
    const capabilities = { endpoints: { compute: [''] }, microversions: {}, networkExtensions: [] };
    const record = { id: 1, name: 's', state: 'enabled' as const, capabilities };
    const limits = { concurrency: 4, perSecond: 0 };
    return { name, gateway: new SiteGateway(record, connection, { readMs: 60_000, writeMs: 60_000 }, limits, ids) };
  });

interface Sample {
  readonly ms: number;
  readonly cpuMs: number;
}

async function timed(gateway: SiteGateway, path: string): Promise<Sample> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const { body } = await gateway.request({ service: 'compute', method: 'GET', path });
  JSON.parse(String(body));
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000 };
}

const columns = ['p50 ms', 'p95 ms', 'ratio of p50', 'CPU ms, p50', 'ratio of CPU'];

process.stdout.write(head('response', 'MB', 'aliases at the site', ...columns));
for (const [what, { body, path, share }] of Object.entries(responses)) {
  if (!what.includes(values.response)) continue;
  for (const url of [path, ...(path.startsWith('/servers') ? ['/servers/any'] : [])]) {
    await fetch(`http://127.0.0.1:${port}${url}`, { method: 'PUT', body }).then((response) => response.arrayBuffer());
  }
  const samples = gateways.map((): Sample[] => []);
  const times = Math.ceil(rounds * share);
  for (let round = 0; round < times + warmUp; round += 1) {
    for (let turn = 0; turn < gateways.length; turn += 1) {
      const at = (turn + round) % gateways.length;
      const sample = await timed(gateways[at]!.gateway, path);
      if (round >= warmUp) samples[at]!.push(sample);
    }
  }
  const [times0, cpu0] = [samples[0]!.map(({ ms }) => ms), samples[0]!.map(({ cpuMs }) => cpuMs)];
  for (const [at, { name }] of gateways.entries()) {
    const [taken, cpu] = [samples[at]!.map(({ ms }) => ms), samples[at]!.map(({ cpuMs }) => cpuMs)];
    const figures = [figure(median(taken)), figure(quantile(taken, 0.95)), (median(taken) / median(times0)).toFixed(3)];
    const ofCpu = [figure(median(cpu)), (median(cpu) / median(cpu0)).toFixed(3)];
    process.stdout.write(row(what, figure(body.length / 1e6), name, ...figures, ...ofCpu));
  }
}
await http.close();
site.kill();
await close();
