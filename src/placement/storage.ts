/** How much room each site's storage has and which volume types it offers; asked by one process, known to all. */
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import { freeGib, satisfies, type Pool, type Specs } from '@cascade/openstack-protocol/volume/storage-pools.js';
import type { Database } from '../database/database.js';
import { GlobalResources } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { Need } from './need.js';

/** What a site's Cinder said of its backends. */
export interface Storage {
  readonly pools: readonly Pool[];
  /** Extra specs of its volume types by their names: two sites may ask different things of their backends. */
  readonly types: Readonly<Record<string, Specs>>;
  /** Its own availability zones, which tenants never see. */
  readonly zones: readonly string[];
}

/** The type of a new volume, where it names one. */
export interface WantedType {
  readonly name: string;
  /** As the cascade holds them: for a site that has not been given the type yet. */
  readonly specs: Specs;
}

/** @param type a volume type as the cascade holds it */
export const wantedType = (type: Body | undefined): WantedType | undefined =>
  type && { name: String(type['name']), specs: (type['extra_specs'] ?? {}) as Specs };

export class Storages {
  private known = new Map<number, Storage>();
  private readonly globals: GlobalResources;

  constructor(
    private readonly database: Database,
    private readonly sites: SiteRegistry,
  ) {
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
    return this.known.get(site.id)?.zones ?? ['nova'];
  }

  /** Asks the answering sites among `minded`, and learns what others were told. A silent site keeps what it said last. */
  async refresh(minded: (site: Site) => boolean): Promise<void> {
    const asked = this.withStorage().filter(minded);
    await Promise.all(asked.map((site) => this.read(site).catch(() => undefined)));
    const rows = await this.database.many<{ site_id: number; storage: Storage }>(
      `select site_id, capacity->'storage' as storage from site_capacity where capacity ? 'storage'`,
    );
    this.known = new Map(rows.map((row) => [row.site_id, row.storage]));
  }

  async read(site: Site): Promise<void> {
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
    if (!pools?.pools || !types?.volume_types || !zones?.availabilityZoneInfo) return;
    const storage: Storage = {
      pools: pools.pools.map(({ capabilities }) => capabilities),
      types: Object.fromEntries(types.volume_types.map(({ name, extra_specs: specs }) => [name, specs ?? {}])),
      zones: zones.availabilityZoneInfo.map(({ zoneName }) => zoneName),
    };
    this.known.set(site.id, storage);
    await this.database.run(
      `insert into site_capacity as c (site_id, capacity, read_at) values ($1, $2, now())
       on conflict (site_id) do update set capacity = c.capacity || excluded.capacity`,
      [site.id, { storage }],
    );
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
    const someIsRoomy = this.withStorage().some(isRoomy);
    return {
      fits: (site) => (someIsRoomy ? isRoomy(site) : this.offers(site, type)),
      free: (site) => (this.known.has(site.id) ? roomAt(site) : 0),
      isBinding: false,
      ...(type ? { lacking: (site) => this.lacking(site, type) } : {}),
    };
  }

  private withStorage(): Site[] {
    return this.sites.answering('volume').filter((site) => site.capabilities.endpoints.volume);
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
    const others = this.sites.all().filter((one) => this.known.has(one.id) && this.offers(one, type));
    if (others.length === 0) return undefined;
    // What was said a minute ago is good enough to choose by, not to refuse by.
    await this.read(site).catch(() => undefined);
    if (this.offers(site, type)) return undefined;
    const there = others.map(({ name }) => name).join(', ');
    return `No storage in availability zone ${site.name} is of volume type ${type.name}; it is offered in ${there}.`;
  }

  private poolsFor(site: Site, type: WantedType | undefined): readonly Pool[] | undefined {
    const zones = zonesOf(type?.specs ?? {});
    if (zones && !zones.includes(site.name)) return [];
    const storage = this.known.get(site.id);
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

interface Pools {
  readonly pools: { readonly capabilities: Pool }[];
}
interface Types {
  readonly volume_types: { readonly name: string; readonly extra_specs?: Specs }[];
}
interface Zones {
  readonly availabilityZoneInfo: { readonly zoneName: string }[];
}
