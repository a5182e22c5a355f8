/** The storage of the sites, as what is placed by it needs it; the service that has it measures it. */
import type { Specs } from '@cascade/openstack-protocol/volume/storage-pools.js';
import type { Body } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import type { Need } from './need.js';

/** The type of a new volume, where it names one. */
export interface WantedType {
  readonly name: string;
  /** As the cascade holds them: for a site that has not been given the type yet. */
  readonly specs: Specs;
}

/** @param type a volume type as the cascade holds it */
export const wantedType = (type: Body | undefined): WantedType | undefined =>
  type && { name: String(type['name']), specs: (type['extra_specs'] ?? {}) as Specs };

export interface StorageRoom {
  /** What a new volume needs. @param gib 0 where the size is that of what it is made from */
  need(gib: number, type: WantedType | undefined): Need;
  /** What a project's volumes are of where they name no type; undefined where that is each site's own matter. */
  defaultTypeOf(projectId: string | undefined): Promise<WantedType | undefined>;
  /** A site's own availability zones. */
  zonesAt(site: Site): readonly string[];
  refresh(minded: (site: Site) => boolean): Promise<void>;
}
