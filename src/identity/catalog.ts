/** The one catalog tenants see: the cascade's own endpoints, in one region, and those of services beside it. */
import { catalogOf, type CatalogService } from '@cascade/openstack-protocol/identity/catalog.js';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { services, serviceTypes } from '@cascade/openstack-protocol/services.js';

/** @param projectId of the token; without one the entries that need it are left out, as Keystone does */
export const cascadeCatalog = (publicUrl: string, region: string, projectId?: string): CatalogService[] =>
  catalogOf({ services, region, idsOf: 'cascade', publicUrl, projectId });

/**
 * What a shared Keystone's catalog has besides: services of types that the cascade has not, in regions that are no site's. A
 * service may stand in several regions, of which some are hidden.
 */
export function servicesBeside(catalog: readonly unknown[], isSiteRegion: (region: string) => boolean): unknown[] {
  const isHidden = (endpoint: unknown): boolean =>
    !isObject(endpoint) || [endpoint['region_id'], endpoint['region']].some((one) => isSiteRegion(String(one ?? '')));
  return catalog.flatMap((service) => {
    if (!isObject(service) || serviceTypes.has(String(service['type'])) || !Array.isArray(service['endpoints']))
      return [];
    const endpoints = service['endpoints'].filter((endpoint) => !isHidden(endpoint));
    // One that has none at all Keystone shows as well.
    return endpoints.length > 0 || service['endpoints'].length === 0 ? [{ ...service, endpoints }] : [];
  });
}

/** Ids of the cascade's own services and endpoints, which are the same in every cascade. */
export const isOwnId = (id: unknown): boolean => ownIds.has(String(id));

const ownIds: ReadonlySet<string> = new Set(
  cascadeCatalog('', '', '').flatMap(({ id, endpoints }) => [id, ...endpoints.map((endpoint) => endpoint.id)]),
);
