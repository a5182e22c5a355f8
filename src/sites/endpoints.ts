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
