/** Catalogs, read as keystoneauth reads them. */
import type { ServiceName } from '../service.js';
import { serviceOf } from '../services.js';

export interface CatalogEntry {
  readonly type: string;
  readonly name?: string;
  readonly endpoints: readonly { interface: string; region_id?: string; region?: string; url: string }[];
}

/** All of a region's URLs of one service: the one to use first, then those that answers may name in links. */
export function endpointUrls(
  catalog: readonly CatalogEntry[],
  service: ServiceName,
  region: string,
  preferred: string,
): string[] {
  for (const type of serviceOf(service).types) {
    const found = catalog
      .filter((entry) => entry.type === type)
      .flatMap((entry) => entry.endpoints)
      .filter((endpoint) => (endpoint.region_id ?? endpoint.region) === region);
    const urls = found
      .sort((a, b) => Number(b.interface === preferred) - Number(a.interface === preferred))
      .map((endpoint) => endpoint.url);
    if (urls.length > 0) return [...new Set(urls)];
  }
  return [];
}

export const regionsOf = (catalog: readonly CatalogEntry[]): string[] => [
  ...new Set(catalog.flatMap((entry) => entry.endpoints.map((e) => e.region_id ?? e.region ?? ''))),
];

/** An endpoint without version and project: `http://h:8776/v3/abc` and `http://h/volume/v3` lose what follows the root. */
export const serviceRoot = (url: string): string =>
  url.replace(/\/+$/, '').replace(/\/v\d+(\.\d+)?(\/(AUTH_)?[\w%()$-]+)?$/, '');
