/** Looks at a cloud before it becomes a site, and says in plain words what is missing. */
import { regionsOf } from '@cascade/openstack-protocol/client/catalog.js';
import {
  discoverExtensions,
  discoverMicroversions,
  type VersionRange,
} from '@cascade/openstack-protocol/client/discovery.js';
import { NoAnswer, type HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { KeystoneSession, LoginRefused, type Session } from '@cascade/openstack-protocol/client/keystone-session.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { ServiceName, TrialList } from '@cascade/openstack-protocol/service.js';
import { serviceOf, services } from '@cascade/openstack-protocol/services.js';
import { atLeast, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import { endpointsIn, listExtensions, needed, versioned, type SiteAddress } from './endpoints.js';
import type { SiteCapabilities } from './site.js';

export interface Discovery {
  readonly capabilities: SiteCapabilities;
  /** Sentences about what works less well than it could; empty for a site that lacks nothing. */
  readonly warnings: readonly string[];
}

const deadlineMs = 20_000;

/**
 * @param tenantToken one that the cascade itself has accepted
 * @throws Fault 400 with one sentence per thing that keeps the cloud from being a site
 */
export async function discoverSite(http: HttpClient, address: SiteAddress, tenantToken?: string): Promise<Discovery> {
  const session = await login(http, address);
  const endpoints = endpointsIn(session.catalog, address);
  const missing = needed.filter((service) => !endpoints[service]);
  if (missing.length > 0) throw noSuchRegion(session, address, missing);

  const warnings: string[] = [];
  for (const { name, warnsIfMissing } of services) {
    if (warnsIfMissing !== undefined && !endpoints[name]) warnings.push(warnsIfMissing);
  }
  const microversions: Partial<Record<ServiceName, VersionRange>> = {};
  for (const service of versioned) {
    const root = endpoints[service]?.[0];
    if (!root) continue;
    const range = await reach(service, root, () => discoverMicroversions(http, root, deadlineMs));
    if (range) microversions[service] = range;
    const floor = serviceOf(service).microversions?.recommended;
    if (floor && !(range && atLeast(parseMicroversion(range.max), floor))) {
      warnings.push(
        `The ${service} service speaks ${range?.max ?? 'no microversions'}; ${floor} or later is recommended.`,
      );
    }
  }
  const trials = trialsAt(endpoints);
  for (const trial of trials) await checkRights(http, session, trial);
  if (tenantToken && !(await isTrusted(http, tenantToken, trials))) warnings.push(noTrust);
  const extensions = await listExtensions(endpoints, (service, url) =>
    reach(service, endpoints[service]?.[0] ?? '', () => discoverExtensions(http, url, session.token, deadlineMs)),
  );
  const networkExtensions = extensions ?? [];
  return { capabilities: { endpoints, microversions, networkExtensions }, warnings };
}

async function login(http: HttpClient, { authUrl, credential }: SiteAddress): Promise<Session> {
  try {
    return await new KeystoneSession(http, authUrl, credential, deadlineMs).get();
  } catch (error) {
    if (error instanceof LoginRefused) {
      throw new Fault(
        'bad-request',
        `Keystone at ${authUrl} refused the credential (${error.status}): ${error.message}`,
      );
    }
    if (error instanceof NoAnswer) throw new Fault('bad-request', unreachable(`Keystone at ${authUrl}`, error));
    throw error;
  }
}

function unreachable(what: string, error: NoAnswer): string {
  const certificate = /CERT|SIGNATURE|SIGNED/.test(error.message);
  const hint = certificate
    ? ' Its certificate is not trusted: add its CA to NODE_EXTRA_CA_CERTS, or add the site with --insecure.'
    : '';
  return `${what} does not answer: ${error.message}.${hint}`;
}

function noSuchRegion(session: Session, address: SiteAddress, missing: readonly string[]): Fault {
  const regions = regionsOf(session.catalog);
  if (!regions.includes(address.region)) {
    return new Fault(
      'bad-request',
      `The catalog has no region ${address.region}; it has: ${regions.join(', ') || 'none'}.`,
    );
  }
  return new Fault('bad-request', `Region ${address.region} has no endpoint for: ${missing.join(', ')}.`);
}

async function reach<T>(service: ServiceName, root: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NoAnswer)
      throw new Fault('bad-request', unreachable(`The ${service} service at ${root}`, error));
    throw error;
  }
}

interface Trial {
  readonly service: ServiceName;
  readonly root: string;
  readonly list: TrialList;
  readonly url: string;
}

/** The lists by which a cloud shows what a token may. */
const trialsAt = (endpoints: SiteCapabilities['endpoints']): Trial[] =>
  services.flatMap(({ name: service, version, trialList: list }) => {
    const root = endpoints[service]?.[0];
    return root !== undefined && list ? [{ service, root, list, url: root + version + list.path }] : [];
  });

/** The feeds read every project's resources, so the credential must be allowed to. */
async function checkRights(http: HttpClient, session: Session, trial: Trial): Promise<void> {
  const { service, list, url } = trial;
  const status = await ask(http, session.token, trial, `${url}?${list.everyProject}&limit=1`);
  if (status === 403) {
    const roles = session.roles.join(', ') || 'none';
    const words = `The credential may not list the ${list.of} of all projects (roles: ${roles}). It needs the admin role.`;
    throw new Fault('bad-request', words);
  }
  if (status >= 400) throw new Fault('bad-request', `The ${service} service answered ${status} to a list.`);
}

const noTrust =
  "This cloud does not accept the cascade's tokens: what it has is listed, but tenants can do nothing there. " +
  'It must use the same Keystone.';

/** Tenants reach a site in their own name. */
async function isTrusted(http: HttpClient, token: string, trials: readonly Trial[]): Promise<boolean> {
  for (const trial of trials) if ((await ask(http, token, trial, `${trial.url}?limit=1`)) === 401) return false;
  return true;
}

async function ask(http: HttpClient, token: string, { service, root }: Trial, url: string): Promise<number> {
  const headers = { accept: 'application/json', 'x-auth-token': token };
  return (await reach(service, root, () => http.send({ method: 'GET', url, headers, deadlineMs }))).status;
}
