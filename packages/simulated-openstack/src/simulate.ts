/** The command: many simulated clouds, served from this process on loopback. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { requireMemory } from './memory.js';
import { openSimulatedClouds, type OpenedCloud, type OpenedClouds } from './open-clouds.js';
import { profileNamed } from './profile.js';
import type { SimulatedProject } from './projects.js';
import type { ReleaseName } from './releases.js';

export interface SimulateOptions {
  readonly sites: number;
  readonly servers: number;
  readonly projects: number;
  readonly projectsFile?: string;
  readonly basePort: number;
  readonly profile: string;
  readonly release: ReleaseName;
  readonly seed: number;
  /** Percent of the servers a minute. */
  readonly churn: number;
  readonly keystone?: string;
  /** Where they remember what became of them. */
  readonly state?: string;
  readonly out?: string;
}

/** Clouds that are named one by one; of more than that only the first and the last are. */
const mostNamed = 20;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * Opens the clouds and says where they are.
 * @param signal ends the opening
 * @throws Error in words for whoever called the command
 */
export async function simulate(options: SimulateOptions, signal: AbortSignal): Promise<OpenedClouds> {
  const churnPerMinute = options.churn / 100;
  requireMemory({ sites: options.sites, servers: options.servers, churnPerMinute });
  const profile = await profileNamed(options.profile);
  const projects = options.projectsFile ? await projectsIn(options.projectsFile) : options.projects;
  const key = randomBytes(18).toString('base64url');
  if (options.basePort + options.sites > 65_536) {
    throw new Error(`--base-port ${options.basePort} leaves no ports for ${options.sites} clouds: choose a lower one`);
  }
  const start = Date.now();
  const clouds = await openSimulatedClouds({
    names: zoneNames(options.sites),
    servers: options.servers,
    projects,
    seed: options.seed,
    release: options.release,
    basePort: options.basePort,
    ...(profile ? { profile } : {}),
    churnPerMinute,
    ...(options.keystone ? { keystone: { shared: options.keystone } } : {}),
    ...(options.state ? { stateDir: options.state } : {}),
    key,
    signal,
    log: pino({ level: 'warn' }),
  });
  try {
    if (options.out) await writeOut(options.out, clouds, key);
  } catch (error) {
    await clouds.close();
    throw error;
  }
  announce(clouds, options, Date.now() - start, key);
  return clouds;
}

/** `zone-001` … as wide as the last one's number. */
const zoneNames = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `zone-${String(at + 1).padStart(Math.max(2, String(count).length), '0')}`);

/** One project a line: its id, and its name where there is one. */
async function projectsIn(path: string): Promise<SimulatedProject[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, at) => {
    const [id = '', name = id] = line.trim().split(/\s+/);
    if (!/^[0-9a-f-]{32,36}$/.test(id)) throw new Error(`${path}:${at + 1}: ${id} is no project id`);
    return { id, name };
  });
}

interface SiteToAdd {
  readonly name: string;
  readonly auth_url: string;
  readonly region: string;
  readonly auth?: { readonly username: string; readonly password: string; readonly project_name: string };
}

/** What `POST /cascade/v1/sites` takes. With a shared Keystone its administrator's credential is to be added. */
const siteOf = ({ cloud, url, admin }: OpenedCloud): SiteToAdd => ({
  name: cloud.name,
  auth_url: `${url}/identity`,
  region: cloud.region,
  ...(admin ? { auth: { username: admin.username, password: admin.password, project_name: admin.projectName } } : {}),
});

/** Passwords are in it: for its owner alone. */
async function writeOut(path: string, { clouds }: OpenedClouds, key: string): Promise<void> {
  const text = JSON.stringify({ simulation_key: key, sites: clouds.map(siteOf) }, null, 2);
  await writeFile(path, `${text}\n`, { mode: 0o600 });
}

function announce({ clouds }: OpenedClouds, options: SimulateOptions, tookMs: number, key: string): void {
  const named = clouds.length <= mostNamed ? clouds : [clouds[0]!, clouds.at(-1)!];
  for (const { cloud, url } of named) say(`${cloud.name}  ${url}/identity/v3`);
  const servers = (options.sites * options.servers).toLocaleString('en');
  const clock = `${(tookMs / 1000).toFixed(1)} s`;
  say(`${clouds.length} clouds with ${servers} servers are ready after ${clock}.`);
  say(`Faults: curl -X PUT -H 'x-simulation-key: ${key}' -d '{"kind": "silent"}' ${clouds[0]!.url}/simulation/faults`);
  if (options.out) say(`Accounts, and what to add as sites: ${options.out}`);
  else if (!options.keystone) {
    const { admin } = clouds[0]!;
    say(`Administrator of ${clouds[0]!.cloud.name}: ${admin!.username}, ${admin!.password}. Others: --out FILE.`);
  }
}
