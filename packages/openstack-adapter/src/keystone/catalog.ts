/** What a cloud's Keystone lists as its catalog. */
import { catalogOf, type CatalogService } from '@cascade/openstack-protocol/identity/catalog.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { services } from '@cascade/openstack-protocol/services.js';

/** What each service of a cloud speaks. */
export type Microversions = Partial<Record<ServiceName, { readonly min: string; readonly max: string }>>;

/** What a cloud needs to be to have a catalog. */
export interface CatalogOwner {
  readonly region: string;
  /** Without Placement's it has no Placement. */
  readonly release: { readonly microversions: Microversions };
}

/** Before Newton there was no Placement.
 * @param projectId of the token; without one the entries that need it are left out, as Keystone does */
export function catalogOfCloud(
  { region, release }: CatalogOwner,
  publicUrl: string,
  projectId: string | undefined,
): CatalogService[] {
  const had = services.filter(({ name }) => name !== 'placement' || release.microversions.placement);
  return catalogOf({ services: had, region, idsOf: region, publicUrl, projectId });
}
