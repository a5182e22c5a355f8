/** Looks again at a cloud that is a site. What it does not tell at the moment stays as it was known. */
import {
  discoverExtensions,
  discoverMicroversions,
  type VersionRange,
} from '@cascade/openstack-protocol/client/discovery.js';
import { NoAnswer, type HttpClient } from '@cascade/openstack-protocol/client/http.js';
import type { KeystoneSession } from '@cascade/openstack-protocol/client/keystone-session.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { endpointsIn, listExtensions, needed, versioned, type SiteAddress } from './endpoints.js';
import type { SiteCapabilities } from './site.js';

const deadlineMs = 20_000;

/** A service that the catalog has lacked for so long is no more. Catalogs are edited by hand: delete, then create. */
const absentMs = 3_600_000;

/** Since when the catalog lacks services that the site had, by a clock in milliseconds. */
export class Absences {
  private readonly since = new Map<ServiceName, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** What the catalog lists, and what it has not lacked for long. What every site needs is never given up. */
  keep(known: SiteCapabilities['endpoints'], listed: SiteCapabilities['endpoints']): SiteCapabilities['endpoints'] {
    const kept = { ...listed };
    for (const service of Object.keys(known) as ServiceName[]) {
      if (listed[service]) this.since.delete(service);
      else if (needed.includes(service) || !this.isLong(service)) kept[service] = known[service]!;
    }
    return kept;
  }

  private isLong(service: ServiceName): boolean {
    const since = this.since.get(service) ?? this.now();
    this.since.set(service, since);
    return this.now() - since >= absentMs;
  }
}

/** @throws NoAnswer, LoginRefused where Keystone tells nothing */
export async function rediscover(
  http: HttpClient,
  session: KeystoneSession,
  at: Pick<SiteAddress, 'region' | 'interface'>,
  known: SiteCapabilities,
  absences: Absences,
): Promise<SiteCapabilities> {
  const endpoints = absences.keep(known.endpoints, endpointsIn(await session.readCatalog(), at));
  const { token } = await session.get();
  const microversions: Partial<Record<ServiceName, VersionRange>> = {};
  const readRange = async (service: ServiceName): Promise<void> => {
    const root = endpoints[service]?.[0];
    if (root === undefined) return;
    const range = await told(discoverMicroversions(http, root, deadlineMs));
    const last = range ?? known.microversions[service];
    if (last) microversions[service] = last;
  };
  const [extensions] = await Promise.all([
    listExtensions(endpoints, (_service, url) => told(discoverExtensions(http, url, token, deadlineMs))),
    ...versioned.map(readRange),
  ]);
  return { endpoints, microversions, networkExtensions: extensions ?? known.networkExtensions };
}

/** Silence tells nothing, and so does a balancer's error page. */
const told = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  });
