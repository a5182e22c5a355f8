/** How much room each site has, as its own Nova sums it up; asked by one process, known to all. */
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { Need } from './need.js';
import { Storages } from './storage.js';

/** Nova's hypervisor statistics. Memory in MiB, disk in GiB. */
export interface Capacity {
  readonly count: number;
  readonly vcpus: number;
  readonly vcpus_used: number;
  readonly memory_mb: number;
  readonly memory_mb_used: number;
  readonly free_ram_mb: number;
  readonly local_gb: number;
  readonly local_gb_used: number;
  readonly free_disk_gb: number;
  readonly disk_available_least: number;
  readonly current_workload: number;
  readonly running_vms: number;
}

/** Room a new server needs. RAM in MiB, disk in GiB. */
export interface ServerSize {
  readonly ram: number;
  readonly disk: number;
}

export class Capacities {
  private known = new Map<number, Capacity>();
  readonly storage: Storages;

  constructor(
    private readonly database: Database,
    private readonly sites: SiteRegistry,
  ) {
    this.storage = new Storages(database, sites);
  }

  /** What a site said last; undefined where it has never been asked. */
  of(site: Site): Capacity | undefined {
    return this.known.get(site.id);
  }

  /** How empty a site is. */
  free(site: Site): number {
    return this.of(site)?.free_ram_mb ?? 0;
  }

  /** A new server goes only where there is room for it. */
  needOf({ ram, disk }: ServerSize): Need {
    return {
      fits: (site) => {
        const room = this.of(site);
        return !room || (room.free_ram_mb >= ram && room.free_disk_gb >= disk);
      },
      free: (site) => this.free(site),
      isBinding: true,
    };
  }

  /** Asks the answering sites among `minded`, and learns what others were told. A silent site keeps what it said last. */
  async refresh(minded: (site: Site) => boolean): Promise<void> {
    const asked = this.sites.answering('compute').filter(minded);
    await Promise.all(asked.map((site) => this.read(site).catch(() => undefined)));
    const rows = await this.database.many<{ site_id: number; capacity: Capacity }>(
      `select site_id, capacity - 'storage' as capacity from site_capacity where capacity ? 'vcpus'`,
    );
    this.known = new Map(rows.map((row) => [row.site_id, row.capacity]));
  }

  async read(site: Site): Promise<Capacity | undefined> {
    // The last microversion that has statistics. @see nova's api-ref: "available until version 2.87"
    const asked = {
      service: 'compute',
      method: 'GET',
      path: '/os-hypervisors/statistics',
      microversion: '2.87',
    } as const;
    const body = bodyOf(await site.request(asked)) as { hypervisor_statistics?: Capacity } | undefined;
    const said = body?.hypervisor_statistics;
    if (said) {
      this.known.set(site.id, said);
      await this.database.run(
        `insert into site_capacity as c (site_id, capacity, read_at) values ($1, $2, now())
         on conflict (site_id) do update set capacity = c.capacity || excluded.capacity, read_at = now()`,
        [site.id, said],
      );
    }
    return this.of(site);
  }
}
