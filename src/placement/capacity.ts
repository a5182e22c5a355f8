/** How much room each site has, as its own Nova sums it up. */
import { bodyOf } from '../openstack/message.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';

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

export class Capacities {
  private readonly known = new Map<number, Capacity>();

  constructor(private readonly sites: SiteRegistry) {}

  /** What a site said last; undefined where it has never been asked. */
  of(site: Site): Capacity | undefined {
    return this.known.get(site.id);
  }

  /** Asks every answering site. One that is silent keeps what it said last. */
  async refresh(): Promise<void> {
    await Promise.all(this.sites.answering('compute').map((site) => this.read(site).catch(() => undefined)));
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
    if (body?.hypervisor_statistics) this.known.set(site.id, body.hypervisor_statistics);
    return this.of(site);
  }
}
