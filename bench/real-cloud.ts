/**
 * GET one server and list 1,000 servers: straight to a site's Nova, and through the cascade, interleaved in one run.
 *
 *   OS_* of the cascade's administrator, then
 *   npx tsx bench/real-cloud.ts --site site1 [--servers 1000] [--rounds 100] [--pause 0]
 *       [--sites FILE]   of `cascade simulate --out`, where the sites are simulated and have accounts of their own
 *
 * Makes what is missing of the servers in the site itself (no network, so that Nova alone is measured) and leaves them. The
 * site needs an image and a flavor. `--pause` is in milliseconds, after each request. Prints a table for bench/RESULTS.md:
 * p50, p95 in milliseconds, and the ratio of the medians.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { siteNamed, sitesOf, theCascade, type Cloud, type ListedServer } from './cloud.js';
import { head, median, quantile, row } from './measure/samples.js';

const { values } = parseArgs({
  options: {
    site: { type: 'string', default: 'site1' },
    servers: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '100' },
    pause: { type: 'string', default: '0' },
    sites: { type: 'string' },
  },
});
const [wanted, rounds, pauseMs] = [values.servers, values.rounds, values.pause].map(Number) as [number, number, number];
const microversion = '2.46';
const mine = 'name=%5Ebench-';

const cascade = theCascade();
const sites = await sitesOf(cascade, values.sites);
const site = siteNamed(sites, values.site);

const compute = async <T>(cloud: Cloud, method: string, path: string, body?: unknown): Promise<T> => {
  const answer = await cloud.ask<T>(method, 'compute', path, { body, microversion });
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const count = async (cloud: Cloud): Promise<number> =>
  (await compute<{ servers: ListedServer[] }>(cloud, 'GET', `/servers?${mine}&limit=1000`)).servers.length;

async function fill(): Promise<void> {
  const have = await count(site);
  if (have < wanted) await build(have);
  while ((await count(cascade)) < wanted) await delay(1_000);
}

async function build(already: number): Promise<void> {
  const { images } = (await site.ask<{ images: { id: string }[] }>('GET', 'image', '/images?status=active')).body;
  const { flavors } = await compute<{ flavors: { id: string }[] }>(site, 'GET', '/flavors');
  const [image] = images;
  const [flavor] = flavors;
  if (!image || !flavor) throw new Error('the site needs an image and a flavor');
  const quota = { quota_set: { instances: -1, cores: -1, ram: -1 } };
  await compute(site, 'PUT', `/os-quota-sets/${await site.projectId()}`, quota);
  for (let have = already; have < wanted;) {
    const step = Math.min(50, wanted - have);
    const server = {
      name: 'bench-',
      imageRef: image.id,
      flavorRef: flavor.id,
      networks: 'none',
      min_count: step,
      max_count: step,
    };
    await compute(site, 'POST', '/servers', { server });
    for (;;) {
      const building = `/servers?${mine}&limit=1000&status=BUILD`;
      if ((await compute<{ servers: ListedServer[] }>(site, 'GET', building)).servers.length === 0) break;
      await delay(2_000);
    }
    have = await count(site);
    process.stderr.write(`${have} servers\n`);
  }
}

async function measure(name: string, path: string, times: number): Promise<void> {
  const taken = new Map<Cloud, number[]>([site, cascade].map((cloud) => [cloud, []]));
  for (let round = 0; round < times + 2; round += 1) {
    for (const cloud of round % 2 ? [site, cascade] : [cascade, site]) {
      const start = performance.now();
      await compute(cloud, 'GET', path);
      if (round >= 2) taken.get(cloud)!.push(performance.now() - start); // the first two rounds warm up
      await delay(pauseMs);
    }
  }
  const [there, here] = [taken.get(site)!, taken.get(cascade)!];
  const cells = [there, here].flatMap((ms) => [median(ms), quantile(ms, 0.95)]).map((ms) => ms.toFixed(1));
  process.stdout.write(row(name, ...cells, (median(here) / median(there)).toFixed(3)));
}

await fill();
const listed = await compute<{ servers: ListedServer[] }>(site, 'GET', `/servers?${mine}&limit=1`);
await delay(65_000); // until the cascade counts the project as settled
process.stdout.write(head('request', 'Nova p50', 'Nova p95', 'cascade p50', 'cascade p95', 'ratio of p50'));
await measure('GET one server', `/servers/${listed.servers[0]!.id}`, rounds);
await measure(`list ${wanted}, brief`, `/servers?${mine}&limit=1000`, Math.ceil(rounds / 10));
await measure(`list ${wanted}, detailed`, `/servers/detail?${mine}&limit=1000`, Math.ceil(rounds / 10));
await Promise.all([cascade, ...sites].map((cloud) => cloud.close()));
