/** What each site said last of the room it has: asked by one process, known to all. */
import type { ServiceName } from '@cascade/openstack-protocol/service-name.js';
import type { Database } from '../database/database.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';

/** How one service of a site tells its room. */
export interface ReadingSource<T extends object> {
  /** Its part of a site's row. */
  readonly name: string;
  readonly service: ServiceName;
  /** Undefined where the site answers, and does not tell. @throws SiteUnreachable */
  readonly read: (site: Site) => Promise<T | undefined>;
}

export class SiteReadings<T extends object> {
  private known = new Map<number, T>();

  constructor(
    private readonly database: Database,
    private readonly sites: SiteRegistry,
    private readonly source: ReadingSource<T>,
  ) {}

  /** What a site said last; undefined where it has never been asked. */
  of(site: Site): T | undefined {
    return this.known.get(site.id);
  }

  /** The answering sites that have the service. */
  answering(): Site[] {
    const { service } = this.source;
    return this.sites.answering(service).filter((site) => site.capabilities.endpoints[service]);
  }

  /** Asks the answering sites among `minded`, and learns what others were told. A silent site keeps what it said last. */
  async refresh(minded: (site: Site) => boolean): Promise<void> {
    const asked = this.answering().filter(minded);
    await Promise.all(asked.map((site) => this.read(site).catch(() => undefined)));
    const rows = await this.database.many<{ site_id: number; said: T }>(
      `select site_id, capacity->$1::text as said from site_capacity where capacity ? $1::text`,
      [this.source.name],
    );
    this.known = new Map(rows.map((row) => [row.site_id, row.said]));
  }

  /** What a site says now, or said last where it does not tell. @throws SiteUnreachable */
  async read(site: Site): Promise<T | undefined> {
    const said = await this.source.read(site);
    if (said) {
      this.known.set(site.id, said);
      await this.database.run(
        `insert into site_capacity as c (site_id, capacity, read_at) values ($1, $2, now())
         on conflict (site_id) do update set capacity = c.capacity || excluded.capacity, read_at = now()`,
        [site.id, { [this.source.name]: said }],
      );
    }
    return this.of(site);
  }
}
