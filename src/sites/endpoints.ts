/** Where a site's services are. */
import { endpointUrls, serviceRoot, type CatalogEntry } from '../openstack/client/catalog.js';
import type { Credential } from '../openstack/client/keystone-session.js';
import type { ServiceName } from '../openstack/service.js';
import type { SiteCapabilities } from './site.js';

/** Without these a cloud is no site. */
export const needed: readonly ServiceName[] = ['compute', 'network', 'image'];
const wanted: readonly ServiceName[] = [...needed, 'volume', 'placement'];

/** Services whose root document tells the microversions they speak. */
export const versioned: readonly ServiceName[] = ['compute', 'volume', 'placement'];

/** What a catalog has of a region, without version and project. */
export function endpointsIn(
  catalog: readonly CatalogEntry[],
  at: Pick<SiteAddress, 'region' | 'interface'>,
): SiteCapabilities['endpoints'] {
  const endpoints: Partial<Record<ServiceName, readonly string[]>> = {};
  for (const service of wanted) {
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
