/**
 * What it costs to write the cascade's ids in place of a site's: the same responses through the site's gateway without any
 * translation, and with 0, 100 and 100,000 aliases at the site.
 *
 *   npx tsx bench/id-translation.ts [--rounds 200] [--database postgres://…]
 *
 * The site is an HTTP server in a thread of its own with the responses ready; what is measured is a request through the
 * gateway until its JSON is parsed, as everybody behind the gateway does. PostgreSQL is started for it where none is named. Of
 * 100 aliases 20 are the images of all servers, so that each row has two of them; of 100,000, so many are servers that each row
 * has three more. The sides take turns, each begins as often as each other.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { testDatabase } from '../src/database/testing.js';
import { HttpClient } from '../src/openstack/client/http.js';
import { AliasTable } from '../src/sites/alias-table.js';
import { SiteGateway } from '../src/sites/gateway.js';
import { knownIds, sameIds, SiteAliases, type IdTranslation } from '../src/sites/site-aliases.js';
import type { SiteConnection } from '../src/sites/transport.js';
import { figure, head, median, quantile, row } from './measure/samples.js';
import { imageCount, imageId, serverId } from './population.js';
import { serverBody } from './server-body.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);

const rows = (count: number): string =>
  JSON.stringify({ servers: Array.from({ length: count }, (_, n) => serverBody(n)) });
const responses: Record<string, { body: string; path: string; share: number }> = {
  'GET one': { body: JSON.stringify({ server: serverBody(0) }), path: `/servers/${serverId(0)}`, share: 4 },
  'list of 1,000': { body: rows(1_000), path: '/list', share: 1 },
  'feed page of 10,000': { body: rows(10_000), path: '/feed', share: 0.2 },
};

/** The site. */
const site = new Worker(
  `const { parentPort, workerData } = require('node:worker_threads');
   const server = require('node:http').createServer((asked, answer) => {
     const body = workerData.get(asked.url) ?? workerData.get('*');
     answer.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
   }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
  {
    eval: true,
    workerData: new Map(
      Object.values(responses).flatMap(({ body, path }) =>
        [path, ...(path.startsWith('/servers') ? ['*'] : [])].map((key) => [key, Buffer.from(body)]),
      ),
    ),
  },
);
const port = await new Promise<number>((resolve) => site.once('message', resolve));
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
const gateways = Object.entries(sides).map(([name, ids]) => {
  const capabilities = { endpoints: { compute: [''] }, microversions: {}, networkExtensions: [] };
  const record = { id: 1, name: 's', state: 'enabled' as const, capabilities };
  const limits = { concurrency: 4, perSecond: 0 };
  return { name, gateway: new SiteGateway(record, connection, { readMs: 60_000, writeMs: 60_000 }, limits, ids) };
});

async function timed(gateway: SiteGateway, path: string): Promise<number> {
  const start = performance.now();
  const { body } = await gateway.request({ service: 'compute', method: 'GET', path });
  JSON.parse(String(body));
  return performance.now() - start;
}

process.stdout.write(head('response', 'MB', 'aliases at the site', 'p50 ms', 'p95 ms', 'ratio of p50'));
for (const [what, { body, path, share }] of Object.entries(responses)) {
  const samples = gateways.map((): number[] => []);
  const times = Math.ceil(rounds * share);
  for (let round = -3; round < times; round += 1) {
    for (let turn = 0; turn < gateways.length; turn += 1) {
      const at = (turn + round + gateways.length) % gateways.length;
      const ms = await timed(gateways[at]!.gateway, path);
      if (round >= 0) samples[at]!.push(ms);
    }
  }
  const without = median(samples[0]!);
  for (const [at, { name }] of gateways.entries()) {
    const ratio = (median(samples[at]!) / without).toFixed(3);
    process.stdout.write(
      row(
        what,
        figure(body.length / 1e6),
        name,
        figure(median(samples[at]!)),
        figure(quantile(samples[at]!, 0.95)),
        ratio,
      ),
    );
  }
}
await http.close();
await site.terminate();
await close();
