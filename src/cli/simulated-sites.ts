/** The clouds of a cascade that has no others: simulated, in this process, under the cascade's own identity. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { usualDurations } from '../clouds/simulated/durations.js';
import { openSimulatedClouds, type OpenedClouds } from '../clouds/simulated/open-clouds.js';
import { urlOf, type Config } from '../config.js';
import { HttpClient } from '../openstack/client/http.js';
import type { World } from '../routing/world.js';
import { CloudClient } from './cloud-client.js';
import { CommandFailed } from './command-failed.js';
import { inDefault, loginFrom } from './login.js';

/** Three places; each is a zone, a region and a site. */
const places = ['amsterdam', 'nairobi', 'osaka'] as const;

/** Where they keep what became of them. */
export const stateDirOf = ({ dataDir }: Config): string => join(dataDir, 'simulated');

/** Account in whose name the cascade reads these sites. */
const reader = { name: 'cascade', projectName: 'service' };

const ownUrl = /^http:\/\/127\.0\.0\.1:(\d+)\/identity$/;

/**
 * Opens the simulated clouds that are sites already; where there is no site at all, three of them become the first ones.
 * @returns none where an operator's own clouds have taken their place
 */
export async function openSimulatedSites(config: Config, world: World): Promise<OpenedClouds[]> {
  const sites = world.sites.views();
  if (sites.length === 0) return firstSites(config, world);
  const opened = sites
    .filter(({ name, auth_url: url }) => places.includes(name as (typeof places)[number]) && ownUrl.test(url))
    .map(({ name, auth_url: url }) => open(config, world, name, Number(ownUrl.exec(url)?.[1])));
  return Promise.all(opened);
}

async function firstSites(config: Config, world: World): Promise<OpenedClouds[]> {
  const password = await readersPassword(config);
  const opened: OpenedClouds[] = [];
  for (const [at, name] of places.entries()) {
    const clouds = await open(config, world, name, config.port + 1 + at);
    opened.push(clouds);
    const authUrl = `${clouds.clouds[0]?.url ?? ''}/identity`;
    const credential = inDefault(reader.name, password, reader.projectName);
    await world.sites.add({ name, authUrl, region: name, interface: 'public', verifyTls: true, credential });
  }
  await readEverything(world);
  return opened;
}

/** What is to be tried works at once: until an image has been read at a site, no server can be made there from it. */
async function readEverything({ sites, kinds, reader }: World): Promise<void> {
  const followed = [...kinds.values()].filter(({ feed }) => feed);
  await Promise.all(sites.all().flatMap((site) => followed.map((kind) => reader.readNow(kind, site))));
}

/** @throws CommandFailed where the port is somebody else's */
async function open(config: Config, { log }: World, name: string, port: number): Promise<OpenedClouds> {
  try {
    return await openSimulatedClouds({
      names: [name],
      basePort: port,
      profile: { latencies: {}, durations: usualDurations },
      keystone: { shared: `${urlOf(config)}/identity` },
      stateDir: stateDirOf(config),
      log: log.child({ cloud: name }),
    });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    throw new CommandFailed(
      `port ${port} is in use: CASCADE_LISTEN chooses others, the three after it are the clouds'`,
    );
  }
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
