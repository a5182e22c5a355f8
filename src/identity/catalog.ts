/** The one catalog tenants see: the cascade's own endpoints, in one region, and those of services beside it. */
import { createHash } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { serviceTypes } from '@cascade/openstack-protocol/services.js';

interface Endpoint {
  id: string;
  interface: 'public' | 'internal' | 'admin';
  region: string;
  region_id: string;
  url: string;
}

export interface CatalogService {
  id: string;
  type: string;
  name: string;
  endpoints: Endpoint[];
}

/** Type, name and path of each entry. Cinder's stands twice: older clients look for `volumev3` alone. */
const entries: readonly (readonly [type: string, name: string, path: (project: string) => string])[] = [
  ['identity', 'keystone', () => '/identity'],
  ['compute', 'nova', () => '/compute/v2.1'],
  ['volumev3', 'cinderv3', (project) => `/volume/v3/${project}`],
  ['block-storage', 'cinder', (project) => `/volume/v3/${project}`],
  ['network', 'neutron', () => '/network'],
  ['image', 'glance', () => '/image'],
  ['placement', 'placement', () => '/placement'],
];

/** @param projectId of the token; without one the entries that need it are left out, as Keystone does */
export function cascadeCatalog(publicUrl: string, region: string, projectId?: string): CatalogService[] {
  return entries
    .filter(([type]) => projectId !== undefined || !/volume|block/.test(type))
    .map(([type, name, path]) => ({
      id: stableId(type),
      type,
      name,
      endpoints: (['public', 'internal', 'admin'] as const).map((face) => ({
        id: stableId(`${type}/${face}`),
        interface: face,
        region,
        region_id: region,
        url: publicUrl + path(projectId ?? ''),
      })),
    }));
}

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

const stableId = (text: string): string => createHash('md5').update(`cascade/${text}`).digest('hex');

const ownIds: ReadonlySet<string> = new Set(
  cascadeCatalog('', '', '').flatMap(({ id, endpoints }) => [id, ...endpoints.map((endpoint) => endpoint.id)]),
);
