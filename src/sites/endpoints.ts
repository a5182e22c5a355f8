/** Where a site's services are. */
import { endpointUrls, serviceRoot, type CatalogEntry } from '@cascade/openstack-protocol/client/catalog.js';
import type { Credential } from '@cascade/openstack-protocol/client/keystone-session.js';
import type { Service, ServiceName } from '@cascade/openstack-protocol/service.js';
import { services } from '@cascade/openstack-protocol/services.js';
import type { SiteCapabilities } from './site.js';

const named = (which: (service: Service) => boolean): readonly ServiceName[] =>
  services.filter((service) => service.atSites !== undefined && which(service)).map(({ name }) => name);

/** What sites are asked for, each as far as it has it. */
export const atSites = named(() => true);

/** Without these a cloud is no site. */
export const needed = named((service) => service.atSites === 'needed');

/** Services whose root document tells the microversions they speak. */
export const versioned = named(({ microversions }) => microversions !== undefined);

const extended = services.filter(({ extensions }) => extensions !== undefined);

/**
 * Aliases of the extensions that a cloud's services list; undefined where one that has such a list does not show it.
 * @throws NoAnswer
 */
export async function listExtensions(
  endpoints: SiteCapabilities['endpoints'],
  list: (service: ServiceName, url: string) => Promise<readonly string[] | undefined>,
): Promise<readonly string[] | undefined> {
  const lists = await Promise.all(
    extended.map(async ({ name, version, extensions }) => {
      const root = endpoints[name]?.[0];
      return root === undefined ? undefined : list(name, root + version + extensions);
    }),
  );
  return lists.some((one) => one === undefined) ? undefined : lists.flatMap((one) => one ?? []);
}

/** What a catalog has of a region, without version and project. */
export function endpointsIn(
  catalog: readonly CatalogEntry[],
  at: Pick<SiteAddress, 'region' | 'interface'>,
): SiteCapabilities['endpoints'] {
  const endpoints: Partial<Record<ServiceName, readonly string[]>> = {};
  for (const service of atSites) {
    const urls = endpointUrls(catalog, service, at.region, at.interface).map(serviceRoot);
    if (urls.length > 0) endpoints[service] = [...new Set(urls)];
  }
  return endpoints;
}

export interface SiteAddress {
  readonly authUrl: string;
  readonly region: string;
  /** Which row of the catalog to use. Sites hidden from tenants are reached by `internal`. */
  readonly interface: 'public' | 'internal' | 'admin';
  readonly credential: Credential;
}
