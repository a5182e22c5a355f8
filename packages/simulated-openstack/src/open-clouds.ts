/** Many simulated clouds in one process. */
import { join } from 'node:path';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import type { Logger } from 'pino';
import { newAdmin, OwnKeystone, type AdminAccount } from '@cascade/openstack-adapter/keystone/own-keystone.js';
import { SharedKeystone } from '@cascade/openstack-adapter/keystone/shared-keystone.js';
import { startChurn } from './churn.js';
import { SimulatedCloud } from './cloud.js';
import { noDurations } from './durations.js';
import { numberOf, sequence } from './noise.js';
import { latencyOf, type Profile } from './profile.js';
import { simulatedProjects, type SimulatedProject } from './projects.js';
import type { ReleaseName } from './releases.js';
import { keepCloud } from './state/keep-cloud.js';
import { serveCloud, type ServedCloud } from './serve-cloud.js';

export interface OpenOptions {
  /** Of the clouds, which are their zones and regions too. */
  readonly names: readonly string[];
  /** Each cloud begins with so many. @default 0 */
  readonly servers?: number;
  /** Who has them: how many projects, or which. @default 100 */
  readonly projects?: number | readonly SimulatedProject[];
  /** @default 1 */
  readonly seed?: number;
  /** @default 'zed' */
  readonly release?: ReleaseName;
  /** Of the first cloud; the others follow. @default any free ones */
  readonly basePort?: number;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** How long they take. @default no time at all */
  readonly profile?: Profile;
  /** Share of the servers that something happens to in a minute. @default 0 */
  readonly churnPerMinute?: number;
  /** The URL of a Keystone they share, or the account that is administrator of each. @default an account of its own for each */
  readonly keystone?: { readonly shared: string } | { readonly admin: AdminAccount };
  /** Where the clouds remember what became of them, a directory each. @default nowhere: they begin anew each time */
  readonly stateDir?: string | undefined;
  /** Guards the faults of all of them; without one they are switched in the same process only. */
  readonly key?: string;
  /** Ends the opening: those that are open by then are closed. */
  readonly signal?: AbortSignal;
  readonly log: Logger;
}

export interface OpenedCloud extends ServedCloud {
  /** Absent where the Keystone is a shared one. */
  readonly admin?: AdminAccount;
}

export interface OpenedClouds {
  readonly clouds: readonly OpenedCloud[];
  close(): Promise<void>;
}

export async function openSimulatedClouds(options: OpenOptions): Promise<OpenedClouds> {
  const { seed = 1, projects = 100, keystone } = options;
  const http = new HttpClient({ connections: 64, verifyTls: true });
  const shared =
    keystone && 'shared' in keystone ? new SharedKeystone(http, withoutVersion(keystone.shared)) : undefined;
  const owners = typeof projects === 'number' ? simulatedProjects(projects, seed) : projects;
  const clouds: OpenedCloud[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(clouds.map((cloud) => cloud.close()));
    await http.close();
  };
  try {
    for (const [at, name] of options.names.entries()) {
      options.signal?.throwIfAborted();
      clouds.push(await open(options, { at, name, owners, shared }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { clouds, close };
}

const withoutVersion = (url: string): string => url.replace(/\/+$/, '').replace(/\/v3$/, '');

interface Place {
  readonly at: number;
  readonly name: string;
  readonly owners: readonly SimulatedProject[];
  readonly shared: SharedKeystone | undefined;
}

async function open(options: OpenOptions, { at, name, owners, shared }: Place): Promise<OpenedCloud> {
  const { seed = 1, release, servers, profile, churnPerMinute = 0, keystone, stateDir, key, log } = options;
  const cloud = new SimulatedCloud({
    name,
    seed,
    release,
    servers,
    projectIds: owners.map(({ id }) => id),
    durations: profile?.durations ?? noDurations,
  });
  const admin = keystone && 'admin' in keystone ? keystone.admin : newAdmin();
  const own = shared ? undefined : new OwnKeystone(cloud, admin, owners);
  const kept =
    stateDir === undefined
      ? undefined
      : await keepCloud(cloud, { directory: join(stateDir, name), keystone: own, log });
  const serve = serveCloud(cloud, {
    keystone: shared?.in(cloud) ?? own!,
    kept,
    port: options.basePort === undefined ? 0 : options.basePort + at,
    host: options.host,
    latency: profile && latencyOf(profile, sequence(seed ^ numberOf(`latency ${name}`))),
    key,
    log,
  });
  const served = await serve.catch(async (error: unknown) => {
    cloud.close();
    await kept?.close();
    throw error;
  });
  if (churnPerMinute > 0) startChurn(cloud, { perMinute: churnPerMinute });
  return own ? { ...served, admin: own.admin } : served;
}
