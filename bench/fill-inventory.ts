/**
 * Fills a cascade's database with servers, as if their sites had been read: bodies of a real Nova's shape and size go
 * through the same door as a feed's pages, so this also measures how fast the inventory takes a first read.
 *
 *   DATABASE_URL=postgres://… (or CASCADE_DATA_DIR=…) npx tsx bench/fill-inventory.ts [--servers 1000000]
 *       [--site-url http://127.0.0.1:9999]   root below which the sites answer, one path each; default: nobody answers
 *
 * Sites, flavors and feeds are made too. What is there already is compared and not written again.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { computeKinds } from '../src/compute/kinds.js';
import { loadConfig } from '../src/config.js';
import { openDatabase, type Database } from '../src/database/database.js';
import { Inventory } from '../src/resources/inventory.js';
import { linkBodyBack } from '../src/resources/linking.js';
import { loadSecretKey, secretsWith } from '../src/sites/secrets.js';
import type { Site, SiteCapabilities } from '../src/sites/site.js';
import { flavorCount, flavorId, flavorName, projectCount, siteCount, siteName } from './population.js';
import { flavorBody, serverBody } from './server-body.js';

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '1000000' },
    'site-url': { type: 'string', default: 'http://127.0.0.1:9' },
  },
});
const wanted = Number(values.servers);
const siteUrl = values['site-url'];
const pageSize = 1_000;

const config = loadConfig(process.env);
const database = await openDatabase({ dataDir: config.dataDir, url: config.databaseUrl, poolSize: 4 });
const secrets = secretsWith(await loadSecretKey(config.secretKey, join(config.dataDir, 'secret.key')));

const sites = await makeSites(database);
await makeFlavors(database);
const from = performance.now();
const rows = await fill(sites);
const seconds = (performance.now() - from) / 1_000;
await database.run('vacuum analyze resource');
process.stdout.write(
  `${rows} servers stored in ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} a second, ${pageSize} a page\n`,
);
await database.close();

/** Pages of one site each, two at a time; a page has the thousands `k` of that site, over many projects. */
async function fill(at: readonly Pick<Site, 'id' | 'name'>[]): Promise<number> {
  const [server] = computeKinds;
  const inventory = new Inventory(database);
  const twoAtOnce = pLimit(2);
  const askedAt = new Date();
  let stored = 0;
  const pages = Array.from({ length: Math.ceil(wanted / pageSize) }, (_, k) =>
    twoAtOnce(async () => {
      const site = at[k % siteCount] as Site;
      const numbers = Array.from(
        { length: Math.min(pageSize, wanted - k * projectCount) },
        (_, p) => k * projectCount + p,
      );
      const bodies = numbers.map((n) => linkBodyBack(serverBody(n), site));
      const rows = await inventory.store(server!, site, bodies, askedAt);
      stored += rows;
      if (k % 100 === 99) process.stderr.write(`${stored}\n`);
    }),
  );
  await Promise.all(pages);
  return stored;
}

async function makeSites(into: Database): Promise<Pick<Site, 'id' | 'name'>[]> {
  const names = Array.from({ length: siteCount }, (_, site) => siteName(site));
  for (const name of names) {
    const root = `${siteUrl}/${name}`;
    const credential = {
      kind: 'password',
      username: 'cascade',
      password: 'bench',
      projectName: 'admin',
      userDomain: 'default',
      projectDomain: 'default',
    };
    const capabilities: SiteCapabilities = {
      endpoints: { compute: [`${root}/compute`] },
      microversions: { compute: { min: '2.1', max: '2.93' } },
      networkExtensions: [],
    };
    await into.run(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       values ($1, 'enabled', $2, $1, 'public', true, $3, $4)
       on conflict (name) do update set auth_url = excluded.auth_url, capabilities = excluded.capabilities,
          credential = excluded.credential`,
      [name, siteUrl, secrets.seal(JSON.stringify(credential), name), capabilities],
    );
  }
  const made = await into.many<Pick<Site, 'id' | 'name'>>(
    'select id, name from site where name = any($1) order by name',
    [names],
  );
  // As after a complete read: nothing is to be read anew but what changed.
  await into.run(
    `insert into feed (site_id, kind, cursor, full_read_at) select unnest($1::int[]), 'server', now(), now()
     on conflict (site_id, kind) do update set cursor = now(), full_read_at = now()`,
    [made.map(({ id }) => id)],
  );
  return made;
}

async function makeFlavors(into: Database): Promise<void> {
  for (let flavor = 0; flavor < flavorCount; flavor += 1) {
    await into.run(
      `insert into global_resource (kind, id, owner_id, body) values ('flavor', $1, null, $2) on conflict do nothing`,
      [flavorId(flavor), JSON.stringify({ ...flavorBody(flavor), id: flavorId(flavor), name: flavorName(flavor) })],
    );
  }
}
