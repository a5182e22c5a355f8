/** How much room each site's storage has and which volume types it offers, as its own Cinder tells. */
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import { freeGib, satisfies, type Pool, type Specs } from '@cascade/openstack-protocol/volume/storage-pools.js';
import type { Database } from '../database/database.js';
import { GlobalResources } from '../resources/global.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { Need } from '../placement/need.js';
import { SiteReadings, type ReadingSource } from '../placement/site-readings.js';
import { wantedType, type StorageRoom, type WantedType } from '../placement/storage-room.js';

/** What a site's Cinder said of its backends. */
export interface Storage {
  readonly pools: readonly Pool[];
  /** Extra specs of its volume types by their names: two sites may ask different things of their backends. */
  readonly types: Readonly<Record<string, Specs>>;
  /** Its own availability zones, which tenants never see. */
  readonly zones: readonly string[];
}

export class Storages implements StorageRoom {
  private readonly readings: SiteReadings<Storage>;
  private readonly globals: GlobalResources;

  constructor(
    database: Database,
    private readonly sites: SiteRegistry,
  ) {
    this.readings = new SiteReadings(database, sites, storageOfSite);
    this.globals = new GlobalResources(database);
  }

  /** What a project's volumes are of where they name no type; undefined where that is each site's own matter. */
  async defaultTypeOf(projectId: string | undefined): Promise<WantedType | undefined> {
    const row = projectId === undefined ? undefined : await this.globals.find('volume_default_type', projectId);
    const id = row?.body['volume_type_id'];
    return typeof id === 'string' ? wantedType((await this.globals.find('volume_type', id))?.body) : undefined;
  }

  /** A site's own zones; Cinder's usual one where it has not said. */
  zonesAt(site: Site): readonly string[] {
    return this.readings.of(site)?.zones ?? ['nova'];
  }

  refresh(minded: (site: Site) => boolean): Promise<void> {
    return this.readings.refresh(minded);
  }

  /**
   * What a new volume needs: a backend of its type, and room. Neither is binding: where no site has it, Cinder's own
   * scheduler is to say so, with a volume in error and a message that tells why.
   * @param gib 0 where the size is that of what it is made from
   */
  need(gib: number, type: WantedType | undefined): Need {
    const roomAt = (site: Site): number =>
      Math.max(-1, ...(this.poolsFor(site, type)?.map((pool) => freeGib(pool)) ?? [Infinity]));
    const isRoomy = (site: Site): boolean => roomAt(site) >= gib;
    const someIsRoomy = this.readings.answering().some(isRoomy);
    return {
      fits: (site) => (someIsRoomy ? isRoomy(site) : this.offers(site, type)),
      free: (site) => (this.readings.of(site) ? roomAt(site) : 0),
      isBinding: false,
      ...(type ? { lacking: (site) => this.lacking(site, type) } : {}),
    };
  }

  /** False where a site may not have this type, or has said that none of its backends is of it. */
  private offers(site: Site, type: WantedType | undefined): boolean {
    return this.poolsFor(site, type)?.length !== 0;
  }

  private async lacking(site: Site, type: WantedType): Promise<string | undefined> {
    const zones = zonesOf(type.specs);
    if (zones && !zones.includes(site.name)) {
      return `Volume type is only supported in these availability zones: ['${zones.join("', '")}']`;
    }
    if (this.offers(site, type)) return undefined;
    const others = this.sites.all().filter((one) => this.readings.of(one) && this.offers(one, type));
    if (others.length === 0) return undefined;
    // What was said a minute ago is good enough to choose by, not to refuse by.
    await this.readings.read(site).catch(() => undefined);
    if (this.offers(site, type)) return undefined;
    const there = others.map(({ name }) => name).join(', ');
    return `No storage in availability zone ${site.name} is of volume type ${type.name}; it is offered in ${there}.`;
  }

  private poolsFor(site: Site, type: WantedType | undefined): readonly Pool[] | undefined {
    const zones = zonesOf(type?.specs ?? {});
    if (zones && !zones.includes(site.name)) return [];
    const storage = this.readings.of(site);
    if (!storage || storage.pools.length === 0) return undefined;
    const specs = type ? (storage.types[type.name] ?? type.specs) : {};
    return storage.pools.filter((pool) => satisfies(pool, specs));
  }
}

/** The zones that a type is for; undefined for one that is for all. @see cinder's admin guide, availability zone types */
export function zonesOf(specs: Specs): string[] | undefined {
  const zones = specs['RESKEY:availability_zones']
    ?.split(',')
    .map((zone) => zone.trim())
    .filter(Boolean);
  return zones && zones.length > 0 ? zones : undefined;
}

const storageOfSite: ReadingSource<Storage> = {
  name: 'storage',
  service: 'volume',
  read: async (site) => {
    const ask = async (path: string, query: string) => {
      const answer = await site.request({ service: 'volume', method: 'GET', path, query, deadlineMs: 10_000 });
      return answer.status === 200 ? bodyOf(answer) : undefined;
    };
    const [pools, types, zones] = (await Promise.all([
      ask('/scheduler-stats/get_pools', 'detail=True'),
      ask('/types', 'is_public=None&limit=1000'),
      ask('/os-availability-zone', ''),
    ])) as [Pools?, Types?, Zones?];
    // A credential that may not see them leaves the choice to what else is known.
    if (!pools?.pools || !types?.volume_types || !zones?.availabilityZoneInfo) return undefined;
    return {
      pools: pools.pools.map(({ capabilities }) => capabilities),
      types: Object.fromEntries(types.volume_types.map(({ name, extra_specs: specs }) => [name, specs ?? {}])),
      zones: zones.availabilityZoneInfo.map(({ zoneName }) => zoneName),
    };
  },
};

interface Pools {
  readonly pools: { readonly capabilities: Pool }[];
}
interface Types {
  readonly volume_types: { readonly name: string; readonly extra_specs?: Specs }[];
}
interface Zones {
  readonly availabilityZoneInfo: { readonly zoneName: string }[];
}
