/**
 * A site is upgraded behind a running cascade, as operators who skip releases do it: stopped, its databases migrated, started.
 * Meanwhile servers are made in the other zone, and every list is read again and again: nothing is missing, nothing is there
 * twice. Afterwards what the site can do now is noticed, and clients of before go on.
 *
 *   lab/openstack/upgrade.sh     starts the lab and the cascade that this needs
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, check, conclude, eventually } from './checks.js';
import { CloudClient, closeClients } from './cloud-client.js';
import { authUrl, lab, root, rootsOf, rootsOfCascade, siteNames, type Roots } from './lab.js';

const [base = 'http://127.0.0.1:8700', release = '2026.2'] = process.argv.slice(2);
const [staying, upgraded] = siteNames;
const tag = `upgrade-${randomBytes(3).toString('hex')}`;

type Service = keyof Roots;
type Row = { id: string; name: string | null; status?: string; [field: string]: unknown };

/** Kinds that are in one zone each, in the order in which they can be deleted: what creates one, and where it is listed. */
const kinds = {
  server: { service: 'compute', path: '/servers', list: '/servers/detail?all_tenants=1&limit=1000' },
  volume: { service: 'volume', path: '/volumes', list: '/volumes/detail?all_tenants=1' },
  port: { service: 'network', path: '/ports', list: '/ports' },
  subnet: { service: 'network', path: '/subnets', list: '/subnets' },
  network: { service: 'network', path: '/networks', list: '/networks' },
  security_group: { service: 'network', path: '/security-groups', list: '/security-groups' },
  image: { service: 'image', path: '/images', list: '/images?limit=1000' },
} as const satisfies Record<string, { service: Service; path: string; list: string }>;
type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];

/** One OpenStack endpoint, the cascade's or a site's. */
class Cloud {
  private readonly client: CloudClient<Service>;
  constructor(auth: string, roots: Roots) {
    this.client = new CloudClient(auth, roots);
  }

  /** @param microversion of Nova: a client of 2019 unless another is named */
  ask<T>(service: Service, method: string, path: string, body?: unknown, microversion = '2.79') {
    const version = service === 'compute' ? `compute ${microversion}` : '';
    return this.client.call<T>(method, this.client.roots[service] + path, body, version);
  }

  /** Those of this test. A server of a zone that is down has no name from 2.69 on, as in Nova: it is none of them. */
  async list(kind: Kind): Promise<Row[]> {
    return (await this.listAll(kind)).filter(({ name }) => name?.startsWith(tag));
  }

  async listAll(kind: Kind): Promise<Row[]> {
    const { service, list } = kinds[kind];
    const { status, body } = await this.ask<Record<string, Row[]>>(service, 'GET', list);
    assert(status === 200, `list of ${kind}: ${status} ${JSON.stringify(body)}`);
    return Object.values(body).find(Array.isArray) ?? [];
  }

  async make(kind: Kind, wanted: object, microversion?: string): Promise<Row> {
    const { service, path } = kinds[kind];
    const sent = kind === 'image' ? wanted : { [kind]: wanted };
    const { status, body } = await this.ask<Record<string, Row>>(service, 'POST', path, sent, microversion);
    assert(status < 300, `${kind} ${JSON.stringify(wanted)}: ${status} ${JSON.stringify(body)}`);
    return kind === 'image' ? (body as unknown as Row) : body[kind]!;
  }
}

const cascade = new Cloud(`${base}/identity/v3`, rootsOfCascade(base));
const sites = lab.sites.map((site) => new Cloud(authUrl, rootsOf(site)));

interface ShownSite {
  site: {
    health: Record<string, { status: string }>;
    capabilities: { microversions: Record<string, { max: string }>; networkExtensions: string[] };
  };
}
const operator = new CloudClient(`${base}/identity/v3`, {});
const siteShown = async (): Promise<ShownSite['site']> =>
  (await operator.call<ShownSite>('GET', `${base}/cascade/v1/sites/${upgraded}`)).body.site;

const one: Record<string, string> = {};
const serverIn = (zone: string, more: object = {}): object => ({
  name: `${tag}-${zone}`,
  flavorRef: one['flavor'],
  imageRef: one[`image ${zone}`],
  networks: 'none',
  availability_zone: zone,
  ...more,
});

async function isActive(id: string): Promise<boolean> {
  const { body } = await cascade.ask<{ server: Row }>('compute', 'GET', `/servers/${id}`);
  assert(body.server.status !== 'ERROR', `server ${id} is in ERROR`);
  return body.server.status === 'ACTIVE';
}

/** In each zone one of each kind, and servers. */
async function populate(): Promise<void> {
  const flavor = { name: tag, ram: 64, vcpus: 1, disk: 1 };
  const made = await cascade.ask<{ flavor: Row }>('compute', 'POST', '/flavors', { flavor });
  one['flavor'] = made.body.flavor.id;
  for (const zone of siteNames) {
    const network = await cascade.make('network', { name: tag, availability_zone_hints: [zone] });
    await cascade.make('subnet', { name: tag, network_id: network.id, ip_version: 4, cidr: '10.77.0.0/24' });
    const port = await cascade.make('port', { name: tag, network_id: network.id });
    await cascade.make('volume', { name: `${tag}-${zone}`, size: 1, availability_zone: zone });
    const site = sites[siteNames.indexOf(zone)]!;
    const image = await site.make('image', { name: `${tag}-${zone}`, disk_format: 'raw', container_format: 'bare' });
    await site.ask('image', 'PUT', `/images/${image.id}/file`, Buffer.alloc(4096));
    one[`image ${zone}`] = image.id;
    await eventually(`the image of ${zone} is known`, 30, async () =>
      (await cascade.list('image')).some(({ id, status }) => id === image.id && status === 'active'),
    );
    const withPort = serverIn(zone, { networks: [{ port: port.id }] });
    for (const wanted of [withPort, serverIn(zone), serverIn(zone)]) {
      const { id } = await cascade.make('server', wanted);
      await eventually(`the server in ${zone} is ACTIVE`, 120, () => isActive(id));
    }
  }
  await cascade.make('security_group', { name: tag });
}

/** The ids of each kind that must be in every list from now on. */
async function idsOf(cloud: Cloud): Promise<Record<Kind, string[]>> {
  const entries = await Promise.all(
    kindNames.map(async (kind) => [kind, (await cloud.list(kind)).map(({ id }) => id).sort()] as const),
  );
  return Object.fromEntries(entries) as Record<Kind, string[]>;
}

/** Why a list is wrong, if it is. */
function wrong(kind: Kind, listed: readonly string[], wanted: ReadonlySet<string>): string[] {
  const seen = new Set(listed);
  const missing = [...wanted].filter((id) => !seen.has(id));
  return [
    ...(seen.size < listed.length ? [`a ${kind} is listed twice`] : []),
    ...missing.map((id) => `${kind} ${id} is missing`),
  ];
}

interface Watch {
  rounds: number;
  made: number;
  /** What was answered to what was asked of the zone that is away. */
  away: Set<string>;
  faults: string[];
}

/** Until `done`: servers are made in the zone that stays, at microversions old and new, and all lists are read. */
async function watch(known: Record<Kind, Set<string>>, done: () => boolean): Promise<Watch> {
  const seen: Watch = { rounds: 0, made: 0, away: new Set(), faults: [] };
  while (!done()) {
    seen.rounds += 1;
    try {
      const { id } = await cascade.make('server', serverIn(staying), seen.rounds % 2 ? '2.79' : '2.93');
      seen.made += 1;
      known.server.add(id);
      const asked = await cascade.ask('compute', 'POST', '/servers', { server: serverIn(upgraded) });
      seen.away.add(`${asked.status}`);
      if (asked.status === 202) known.server.add((asked.body as { server: Row }).server.id);
      for (const kind of kindNames) {
        const listed = (await cascade.listAll(kind)).map((row) => row.id);
        seen.faults.push(...wrong(kind, listed, known[kind]).map((fault) => `round ${seen.rounds}: ${fault}`));
      }
    } catch (error) {
      seen.faults.push(`round ${seen.rounds}: ${(error as Error).message}`);
    }
    await delay(500);
  }
  return seen;
}

function upgrade(): Promise<number | null> {
  const number = String(siteNames.indexOf(upgraded) + 1);
  const lab = spawn(join(root, 'lab/openstack/lab.sh'), ['upgrade', number, release], {
    stdio: ['ignore', 'ignore', 2],
  });
  return new Promise((resolve) => lab.once('exit', resolve));
}

/** @returns the ids that only one of both sides has */
async function differences(): Promise<string[]> {
  const [here, ...there] = await Promise.all([idsOf(cascade), ...sites.map(idsOf)]);
  return kindNames.flatMap((kind) => {
    const atSites = there.flatMap((ids) => ids[kind]);
    const count = (ids: readonly string[], id: string): number => ids.filter((one) => one === id).length;
    return [...new Set([...here![kind], ...atSites])]
      .filter((id) => count(here![kind], id) !== 1 || count(atSites, id) !== 1)
      .map((id) => `${kind} ${id}: ${count(here![kind], id)} here, ${count(atSites, id)} at the sites`);
  });
}

async function main(): Promise<void> {
  await populate();
  const before = (await siteShown()).capabilities;
  const ids = await idsOf(cascade);
  const known = Object.fromEntries(kindNames.map((kind) => [kind, new Set(ids[kind])])) as Record<Kind, Set<string>>;

  let code: number | null | undefined;
  const upgrading = upgrade().then((result) => (code = result));
  const seen = await watch(known, () => code !== undefined);
  await upgrading;
  await check(`${upgraded} is upgraded to ${release}`, async () => assert(code === 0, `lab.sh upgrade: ${code}`));
  await check(`lists were complete all the while, in ${seen.rounds} rounds`, async () =>
    assert(seen.faults.length === 0, [...new Set(seen.faults)].slice(0, 5).join('; ')),
  );
  await check(`${seen.made} servers were made in ${staying} meanwhile`, async () =>
    assert(seen.made === seen.rounds && seen.made > 5, `${seen.made} in ${seen.rounds} rounds`),
  );
  await check(`a create in ${upgraded} was taken or refused for now (${[...seen.away].join(', ')})`, async () =>
    assert(
      [...seen.away].every((status) => ['202', '503'].includes(status)),
      [...seen.away].join(),
    ),
  );
  await check('the site is reachable again, and what it can do now is noticed', async () => {
    await eventually('newer microversions and more extensions', 60, async () => {
      const { health, capabilities } = await siteShown();
      const newer = (service: string): boolean =>
        capabilities.microversions[service]?.max !== before.microversions[service]?.max;
      return (
        Object.values(health).every(({ status }) => status === 'reachable') &&
        newer('compute') &&
        newer('volume') &&
        capabilities.networkExtensions.length > before.networkExtensions.length
      );
    });
  });
  await check('tenants are offered the newer microversions', async () => {
    const { max } = (await siteShown()).capabilities.microversions['compute']!;
    const { body } = await cascade.ask<{ version: { version: string } }>('compute', 'GET', '/');
    assert(body.version.version === max, `${body.version.version}, not ${max}`);
  });
  await check('its servers are ACTIVE, and a server boots in it at microversions of before and of now', async () => {
    for (const id of ids.server) await eventually(`${id} is ACTIVE`, 60, () => isActive(id));
    for (const microversion of ['2.79', '2.100']) {
      const { id } = await cascade.make('server', serverIn(upgraded), microversion);
      await eventually('ACTIVE', 120, () => isActive(id));
    }
  });
  await check('cascade and sites hold the same, each once', async () => {
    await eventually('the same ids', 60, async () => (await differences()).length === 0).catch(() => undefined);
    const left = await differences();
    assert(left.length === 0, left.join('; '));
  });
  await check('what was made before the upgrade can be changed and deleted', tidy);
}

/** Each kind after what needs it. */
async function tidy(): Promise<void> {
  for (const kind of kindNames) {
    const { service, path } = kinds[kind];
    for (const { id } of await cascade.list(kind)) {
      const { status, body } = await cascade.ask(service, 'DELETE', `${path}/${id}`);
      assert(status < 300 || status === 404, `DELETE ${kind} ${id}: ${status} ${JSON.stringify(body)}`);
    }
    await eventually(`no ${kind} is left`, 600, async () => {
      const left = await Promise.all([cascade, ...sites].map((cloud) => cloud.list(kind)));
      return left.flat().length === 0;
    });
  }
  if (one['flavor']) await cascade.ask('compute', 'DELETE', `/flavors/${one['flavor']}`);
}

await conclude('upgrade', main, async () => {
  await tidy().catch((error: Error) => console.log(`left behind: ${error.message}`));
  await closeClients();
});
