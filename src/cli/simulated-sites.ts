/** The clouds of a cascade that has no others: simulated, in this process, under the cascade's own identity. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { usualDurations } from '@cascade/simulated-openstack/durations.js';
import { openSimulatedClouds } from '@cascade/simulated-openstack/open-clouds.js';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { freePortFrom } from '@cascade/openstack-protocol/server/listening.js';
import { urlOf, type Config } from '../config.js';
import type { Opened } from '../opened.js';
import type { Kind } from '../resources/kind.js';
import type { World } from '../routing/world.js';
import { ignoreSilence, type Site } from '../sites/site.js';
import { CloudClient } from './cloud-client.js';
import { inDefault, loginFrom } from './login.js';

/** Three places; each is a zone, a region and a site. */
const places = ['amsterdam', 'nairobi', 'osaka'] as const;

/** Where they keep what became of them. */
export const stateDirOf = ({ dataDir }: Config): string => join(dataDir, 'simulated');

/** Account in whose name the cascade reads these sites. */
const reader = { name: 'cascade', projectName: 'service' };

const ownUrl = /^http:\/\/127\.0\.0\.1:(\d+)\/identity$/;

/** How many ports after the cascade's own are tried before the system chooses one. */
const portsTried = 100;

/** A simulated cloud that is a site of this cascade. */
export interface SimulatedSite {
  readonly name: string;
  /** `http://127.0.0.1:8701` */
  readonly url: string;
}

/**
 * Opens the simulated clouds that are sites already; where there is no site at all, three of them become the first ones.
 * A cloud keeps its port, which the site's URL names, unless another program has taken it meanwhile.
 * @param opened gets the clouds, to be closed
 * @returns none where an operator's own clouds have taken their place
 */
export async function openSimulatedSites(
  config: Config,
  world: World,
  opened: Opened,
  signal: AbortSignal,
): Promise<SimulatedSite[]> {
  const sites = world.sites.views();
  if (sites.length === 0) return firstSites(config, world, opened, signal);
  const simulated = sites.filter(
    ({ name, auth_url: url }) => places.includes(name as (typeof places)[number]) && ownUrl.test(url),
  );
  const found: SimulatedSite[] = [];
  for (const { name, auth_url: authUrl } of simulated) {
    signal.throwIfAborted();
    const url = await open(config, world, { name, port: Number(ownUrl.exec(authUrl)?.[1]), opened });
    if (authUrlOf(url) !== authUrl) await world.sites.move(name, authUrlOf(url));
    found.push({ name, url });
  }
  return found;
}

const authUrlOf = (url: string): string => `${url}/identity`;

async function firstSites(config: Config, world: World, opened: Opened, signal: AbortSignal): Promise<SimulatedSite[]> {
  const password = await readersPassword(config);
  const found: SimulatedSite[] = [];
  for (const [at, name] of places.entries()) {
    signal.throwIfAborted();
    const url = await open(config, world, { name, port: config.port + 1 + at, opened });
    const credential = inDefault(reader.name, password, reader.projectName);
    await world.sites.add({
      name,
      authUrl: authUrlOf(url),
      region: name,
      interface: 'public',
      verifyTls: true,
      credential,
    });
    found.push({ name, url });
  }
  await readEverything(world);
  return found;
}

/** Attempts at a first read of a busy machine, a second apart; what is still unread then the feeds will read. */
const firstReadAttempts = 5;

/** What is to be tried works at once: until an image has been read at a site, no server can be made there from it. */
async function readEverything({ sites, kinds, reader }: World): Promise<void> {
  const followed = [...kinds.values()].filter(({ feed }) => feed);
  const read = async (site: Site, kind: Kind): Promise<void> => {
    for (let attempt = 1; attempt <= firstReadAttempts; attempt += 1) {
      const found = await reader.readNow(kind, site).catch(ignoreSilence);
      if (found) return;
      await delay(1_000);
    }
  };
  await Promise.all(sites.all().flatMap((site) => followed.map((kind) => read(site, kind))));
}

interface Place {
  readonly name: string;
  /** The one it should have; the next free one is taken where another program has it. */
  readonly port: number;
  readonly opened: Opened;
}

/** @returns its URL */
async function open(config: Config, { log }: World, { name, port, opened }: Place): Promise<string> {
  const clouds = await openSimulatedClouds({
    names: [name],
    basePort: await freePortFrom('127.0.0.1', port, portsTried),
    profile: { latencies: {}, durations: usualDurations },
    keystone: { shared: `${urlOf(config)}/identity` },
    stateDir: stateDirOf(config),
    log: log.child({ cloud: name }),
  });
  opened.add(clouds, (it) => it.close());
  return clouds.clouds[0]!.url;
}

/** Makes the account, or gives it a new password: nobody but the sites' sealed credentials knows the old one. */
async function readersPassword(config: Config): Promise<string> {
  const http = new HttpClient({ connections: 1, verifyTls: true });
  try {
    const { credential } = await loginFrom({ ...process.env, OS_AUTH_URL: undefined });
    const cloud = new CloudClient(http, urlOf(config), credential);
    const password = randomBytes(18).toString('base64url');
    const named = <T>(path: string) => cloud.get<Record<string, T[]>>('identity', path);
    const { users } = await named<{ id: string }>(`/users?name=${reader.name}&domain_id=default`);
    const { projects } = await named<{ id: string }>(`/projects?name=${reader.projectName}&domain_id=default`);
    const { roles } = await named<{ id: string }>('/roles?name=admin');
    const user = { name: reader.name, password, domain_id: 'default' };
    const known = users?.[0];
    const { user: kept } = known
      ? await cloud.patch<{ user: { id: string } }>('identity', `/users/${known.id}`, { user: { password } })
      : await cloud.post<{ user: { id: string } }>('identity', '/users', { user });
    await cloud.put('identity', `/projects/${projects?.[0]?.id}/users/${kept.id}/roles/${roles?.[0]?.id}`);
    return password;
  } finally {
    await http.close();
  }
}
