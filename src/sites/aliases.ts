/**
 * What has another id at a site than in the cascade: a copy of an image whose id that site has used already, a server that had
 * a placeholder first. Few things have one. The site's gateway writes the site's ids into requests and the cascade's into
 * responses, so that nothing above the gateway knows of them.
 */
import type { Database, Queryable } from '../database/database.js';

interface AliasRow {
  number: number;
  site_id: number;
  id: string;
  site_resource_id: string;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The aliases of one site. */
export class SiteAliases {
  readonly toSite = new Map<string, string>();
  readonly fromSite = new Map<string, string>();

  /** A path, a query or JSON with the site's ids in place of the cascade's. */
  spelledForSite<Text extends string | undefined>(text: Text): Text {
    return (text && translated(text, this.toSite)) as Text;
  }

  /** The way back. */
  spelledForCascade<Text extends string | undefined>(text: Text): Text {
    return (text && translated(text, this.fromSite)) as Text;
  }

  bytesForSite(bytes: Buffer): Buffer {
    return translatedBytes(bytes, this.toSite);
  }

  bytesForCascade(bytes: Buffer): Buffer {
    return translatedBytes(bytes, this.fromSite);
  }
}

const translated = (text: string, ids: ReadonlyMap<string, string>): string =>
  text.replace(uuid, (id) => ids.get(id) ?? id);

/** Byte for character, so that whatever else is in it stays as it is. */
function translatedBytes(bytes: Buffer, ids: ReadonlyMap<string, string>): Buffer {
  const text = bytes.toString('latin1');
  const changed = translated(text, ids);
  return changed === text ? bytes : Buffer.from(changed, 'latin1');
}

export class Aliases {
  private bySite = new Map<number, SiteAliases>();
  private loading: Promise<void> = Promise.resolve();
  private lastNumber = 0;
  private count = 0;

  constructor(private readonly database: Database) {}

  /** Undefined where every id is the site's own. */
  of(siteId: number): SiteAliases | undefined {
    return this.bySite.get(siteId);
  }

  /** What a site calls something, where that is another id, by what is written down now. */
  async find(siteId: number, id: string, on: Queryable = this.database): Promise<string | undefined> {
    const row = await on.maybe<{ site_resource_id: string }>(
      `select site_resource_id from alias where site_id = $1 and id = $2`,
      [siteId, id],
    );
    return row?.site_resource_id;
  }

  /** Written down; each process knows it after its next `load`. */
  async add(siteId: number, id: string, siteResourceId: string, on: Queryable = this.database): Promise<void> {
    await on.run(
      `insert into alias (site_id, id, site_resource_id) values ($1, $2, $3)
       on conflict (site_id, id) do update
          set site_resource_id = excluded.site_resource_id, number = default`,
      [siteId, id, siteResourceId],
    );
  }

  /** @returns how many there were */
  remove(siteId: number, id: string): Promise<number> {
    return this.database.run(`delete from alias where site_id = $1 and id = $2`, [siteId, id]);
  }

  /** Those of what is gone are forgotten. */
  sweep(): Promise<number> {
    return this.database.run(
      `delete from alias a
        where not exists (select 1 from resource r where r.id = a.id and r.site_id = a.site_id)
          and not exists (select 1 from image_copy c where c.image_id = a.id and c.site_id = a.site_id)`,
    );
  }

  /** Reads what is new; all of it where some are gone. */
  load(): Promise<void> {
    // One after the other, or two would count the same rows.
    this.loading = this.loading.catch(() => undefined).then(() => this.loadNow());
    return this.loading;
  }

  private async loadNow(): Promise<void> {
    const added = await this.database.many<AliasRow>(`select * from alias where number > $1 order by number`, [
      this.lastNumber,
    ]);
    const { count } = await this.database.one<{ count: number }>(`select count(*) as count from alias`);
    if (count === this.count && added.length === 0) return;
    const isOnlyMore = count === this.count + added.length;
    if (!isOnlyMore) this.bySite = new Map();
    const rows = isOnlyMore ? added : await this.database.many<AliasRow>(`select * from alias order by number`);
    for (const row of rows) this.know(row);
    this.count = count;
    this.lastNumber = rows.at(-1)?.number ?? this.lastNumber;
  }

  private know({ site_id: siteId, id, site_resource_id: siteResourceId }: AliasRow): void {
    let site = this.bySite.get(siteId);
    if (!site) this.bySite.set(siteId, (site = new SiteAliases()));
    site.toSite.set(id, siteResourceId);
    site.fromSite.set(siteResourceId, id);
  }
}
