/**
 * Reads with all that a list could be asked, of the cascade and of the site that has everything the tenant has: the status,
 * the words of a refusal, the ids of a list and their order must be the same.
 *
 *   npx tsx test/openstack/same-answers/run.ts http://127.0.0.1:8700 [--only EXPRESSION] [--every N]
 *
 * EXPRESSION chooses among lines like `volume GET /volumes/detail`; of the questions each Nth is asked.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { atLeast, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import { computeRoutes } from '../../../src/compute/routes.js';
import { imageRoutes } from '../../../src/image/routes.js';
import { networkRoutes } from '../../../src/network/routes.js';
import { placementRoutes } from '../../../src/resource-providers/routes.js';
import type { World } from '../../../src/routing/world.js';
import { volumeRoutes } from '../../../src/volume/routes.js';
import { assert, check, conclude } from '../checks.js';
import { closeClients, CloudClient, type Reply } from '../cloud-client.js';
import { lab, rootsOf, rootsOfCascade } from '../lab.js';
import { hideOtherExternalNetworks } from './external-networks.js';
import { nowhere, questionsOf } from './questions.js';
import { makeTenant, serviceNames, type Cloud, type ServiceName, type Tenant } from './tenant.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, every: { type: 'string', default: '1' } },
});
const base = positionals[0] ?? 'http://127.0.0.1:8700';
const only = new RegExp(values.only);
const every = Number(values.every);

const roots = { identity: `${base}/identity/v3`, ...rootsOfCascade(base) };
/** Of the site, where everything is. */
const there: Record<ServiceName, string> = rootsOf(lab.sites[0]!);
/** The tables of routes need no more than the names of kinds. */
const world = { kinds: { get: (name: string) => ({ name }) } } as unknown as World;
const routes: Record<ServiceName, readonly Route[]> = {
  compute: computeRoutes(world),
  volume: volumeRoutes(world),
  network: networkRoutes(world),
  image: imageRoutes(world),
  placement: placementRoutes(world),
};
const versions: Record<ServiceName, readonly string[]> = {
  compute: ['2.1', '2.60', '2.93'],
  volume: ['3.0', '3.31', '3.70'],
  network: [''],
  image: [''],
  placement: ['1.10', '1.39'],
};

/** What differs for a reason. */
const exceptions: readonly [RegExp, why: string][] = [
  [/^volume GET \/\S+\?availability_zone=nova /i, 'the zone is the site here, not the zone within it'],
  [/^(compute|volume) GET \/os-availability-zone\S* /, 'the sites are the zones'],
  [/^network GET \/availability_zones\S* /, 'the sites are the zones, whose agents nobody can ask for'],
  [/^volume GET \/messages\S* /, "Cinder's list has those of every project, and here of every site"],
  [/^volume GET \/os-volume-transfer\S*\?(limit|marker|offset)=/, 'pages, where Cinder took these for filters'],
  [
    /^network GET \/(default-security-group-rules|security-groups-default-statefulness|fwaas)\S* .*the site: 404/,
    'of a newer zone',
  ],
  // neutron:neutron/db/l3_fip_pools_db.py, get_floatingip_pools: by whether a network is external, not by whose it is
  [/^network GET \/floatingip_pools\S* /, 'also those of the other sites, which Neutron hides from nobody'],
  [/^image GET \/(images\/[^/]+\/locations|cache\b)\S* .*the site: 404/, 'of a newer zone'],
  [/^network GET \/rbac-policies\?metadata=/, 'a word of SQLAlchemy, not of Neutron'],
  [/ 403 .*Policy doesn't allow/, 'refused by a rule of the route, whose name is its own'],
];

const admin: Cloud = new CloudClient(roots.identity, roots);
const limit = pLimit(4);
const differences: string[] = [];
let asked = 0;

/** Where an image's bytes are within the site is shown to nobody. */
const ownOfSite = new Set(['locations', 'direct_url']);

type Listed = Record<string, unknown>;
const shownOf = (body: unknown): [string, unknown][] =>
  Object.entries((body ?? {}) as object).filter(([key]) => !ownOfSite.has(key));
const rowsOf = (body: unknown): Listed[] | undefined =>
  shownOf(body)
    .map(([, value]) => value)
    .find((value): value is Listed[] => Array.isArray(value));

/** Nova lists a set, whose order is each process's own. */
const sorted = (words: string): string =>
  words.replace(
    /is not one of \[([^\]]*)\]/,
    (_all, list: string) => `is not one of ${list.split(', ').sort().join()}`,
  );

/** What must be the same: an answer without what each place says in its own way. */
function essence({ status, body }: Reply<unknown>): string {
  if (status >= 400) {
    const words = typeof body === 'string' ? body : JSON.stringify(body);
    return `${status} ${sorted(words)
      .replace(/req-[0-9a-f-]{36}/g, 'req-…')
      .replace(/https?:\/\/[^"/ ]+/g, '')}`;
  }
  const keys = shownOf(body).map(([key]) => key);
  const ids = rowsOf(body)?.map((row) => String(row['id'] ?? row['name'] ?? Object.keys(row).join()));
  return `${status} ${keys.sort().join()} ${ids?.join() ?? ''}`;
}

interface Question {
  readonly service: ServiceName;
  readonly client: Cloud;
  readonly path: string;
  readonly version: string;
}

/** The site's answer; what differs is asked once more, since both go on living. */
async function compare({ service, client, path, version }: Question, isSecond = false): Promise<Reply<unknown>> {
  const header = version && `${service} ${version}`;
  const ask = (root: string) => client.call<unknown>('GET', root + path, undefined, header);
  const [here, site] = await Promise.all([ask(roots[service]), ask(there[service])]);
  asked += isSecond ? 0 : 1;
  const line = `${service} GET ${path} ${version}: ${essence(here).slice(0, 300)}; the site: ${essence(site).slice(0, 300)}`;
  // What makes the site fail has no right answer.
  const isRight = site.status >= 500 || essence(here) === essence(site);
  if (isRight || exceptions.some(([expression]) => expression.test(line))) return site;
  if (!isSecond) {
    await delay(8_000);
    return compare({ service, client, path, version }, true);
  }
  console.log(line);
  differences.push(line);
  return site;
}

const hasRoute = ({ since, until }: Route, version: string): boolean =>
  version === '' ||
  ((!since || atLeast(parseMicroversion(version), since)) && (!until || atLeast(parseMicroversion(until), version)));

async function askAll(service: ServiceName, route: Route, { client, known }: Tenant): Promise<void> {
  const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(known[name] ?? nowhere));
  for (const version of versions[service].filter((one) => hasRoute(route, one))) {
    const plain = await compare({ service, client, path, version });
    if (plain.status >= 300) continue;
    const questions = questionsOf(rowsOf(plain.body)).filter((_question, at) => at % every === 0);
    await Promise.all(
      questions.map((question) => limit(() => compare({ service, client, path: `${path}?${question}`, version }))),
    );
  }
}

let tenant: Tenant | undefined;
let showNetworks = async (): Promise<void> => undefined;
async function main(): Promise<void> {
  const made = await makeTenant(base, admin);
  tenant = made;
  showNetworks = await hideOtherExternalNetworks(made.client);
  for (const service of serviceNames) {
    const reads = new Map(
      routes[service]
        .filter(({ method, path }) => method === 'GET' && !/\/(file|stage)$/.test(path))
        .filter(({ path }) => only.test(`${service} GET ${path}`))
        .map((route) => [route.path, route]),
    );
    if (reads.size === 0) continue;
    await check(`the same answers of ${service}`, async () => {
      const [before, known] = [asked, differences.length];
      for (const route of reads.values()) await askAll(service, route, made);
      const found = differences.length - known;
      const numbers = `${reads.size} paths, ${asked - before} questions, ${found} differences`;
      console.log(`${service}: ${numbers}`);
      assert(found === 0, numbers);
    });
  }
}

async function tidy(): Promise<void> {
  await showNetworks();
  await tenant?.remove();
  await closeClients();
}

await conclude('the same answers', main, tidy);
