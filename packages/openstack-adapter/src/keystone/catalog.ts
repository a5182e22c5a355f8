/** The catalog of one cloud: its own endpoints, in its own region. */
import { createHash } from 'node:crypto';
import type { CatalogEntry } from '@cascade/openstack-protocol/client/catalog.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';

/** What each service of a cloud speaks. */
export type Microversions = Partial<Record<ServiceName, { readonly min: string; readonly max: string }>>;

/** What a cloud needs to be to have a catalog. */
export interface CatalogOwner {
  readonly region: string;
  /** Without Placement's it has no Placement. */
  readonly release: { readonly microversions: Microversions };
}

interface Endpoint {
  readonly id: string;
  readonly interface: string;
  readonly region: string;
  readonly region_id: string;
  readonly url: string;
}

export interface CatalogService extends CatalogEntry {
  readonly id: string;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

const entries: readonly (readonly [type: string, name: string, path: (project: string) => string])[] = [
  ['identity', 'keystone', () => '/identity'],
  ['compute', 'nova', () => '/compute/v2.1'],
  ['volumev3', 'cinderv3', (project) => `/volume/v3/${project}`],
  ['block-storage', 'cinder', (project) => `/volume/v3/${project}`],
  ['network', 'neutron', () => '/network'],
  ['image', 'glance', () => '/image'],
  ['placement', 'placement', () => '/placement'],
];

/** Before Newton there was no Placement.
 * @param projectId of the token; without one the entries that need it are left out, as Keystone does */
export function catalogOf(
  { region, release }: CatalogOwner,
  publicUrl: string,
  projectId: string | undefined,
): CatalogService[] {
  return entries
    .filter(([type]) => projectId !== undefined || !/volume|block/.test(type))
    .filter(([type]) => type !== 'placement' || release.microversions.placement)
    .map(([type, name, path]) => ({
      id: idOf(region, type),
      type,
      name,
      endpoints: ['public', 'internal', 'admin'].map((face) => ({
        id: idOf(region, type, face),
        interface: face,
        region,
        region_id: region,
        url: publicUrl + path(projectId ?? ''),
      })),
    }));
}

const idOf = (...parts: readonly string[]): string => createHash('md5').update(parts.join('/')).digest('hex');
