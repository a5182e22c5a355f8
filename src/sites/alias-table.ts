/**
 * Tables `alias` and `alias_version`, and the only file that writes them. An alias is another id that a site has for what the
 * cascade knows: a type that the site made with an id of its own, a copy of an image whose id that site has used up, a server
 * that was a placeholder before it was made.
 *
 * Each write counts the site's version up and holds its row until it commits, so that versions become visible in their order:
 * who knows all up to one needs only what is newer.
 */
import type { Database, Queryable } from '../database/database.js';
import { statement } from '../database/queryable.js';
import { isId } from './ids-in-bytes.js';

export interface Alias {
  /** In the cascade. */
  readonly id: string;
  readonly site_resource_id: string;
}

export interface AliasVersion {
  readonly version: number;
  /** The version at which one was last changed or taken away: what was known before may no longer hold. */
  readonly forgotten: number;
}

const none: AliasVersion = { version: 0, forgotten: 0 };

export class AliasTable {
  constructor(private readonly database: Database) {}

  /** What a site calls something, where that is another id. */
  async find(siteId: number, id: string, on: Queryable = this.database): Promise<string | undefined> {
    const row = await on.maybe<{ site_resource_id: string }>(
      `select site_resource_id from alias where site_id = $1 and id = $2`,
      [siteId, id],
    );
    return row?.site_resource_id;
  }

  /** In force for every process with the commit of `tx`. Of several sites the one of the lowest number first. */
  async add(siteId: number, id: string, siteResourceId: string, tx?: Queryable): Promise<void> {
    if (!tx) return this.database.transaction((own) => this.add(siteId, id, siteResourceId, own));
    if (!isId(id) || !isId(siteResourceId)) throw new Error(`${siteResourceId} for ${id}: both must be ids`);
    if ((await this.find(siteId, id, tx)) === siteResourceId) return;
    const version = await nextVersion(tx, siteId);
    await this.forget(tx, siteId, id, version);
    await tx.run(`insert into alias (site_id, id, site_resource_id, version) values ($1, $2, $3, $4)`, [
      siteId,
      id,
      siteResourceId,
      version,
    ]);
  }

  /** The id is the site's own again, or nobody's. */
  async remove(siteId: number, id: string, tx?: Queryable): Promise<void> {
    if (!tx) return this.database.transaction((own) => this.remove(siteId, id, own));
    if ((await this.find(siteId, id, tx)) === undefined) return;
    await this.forget(tx, siteId, id, await nextVersion(tx, siteId));
  }

  /** The same at every site. */
  async removeEverywhere(id: string, tx: Queryable): Promise<void> {
    const text = `select site_id from alias where id = $1 order by site_id`;
    for (const { site_id: siteId } of await tx.many<{ site_id: number }>(text, [id])) await this.remove(siteId, id, tx);
  }

  private async forget(tx: Queryable, siteId: number, id: string, version: number): Promise<void> {
    const gone = await tx.run(`delete from alias where site_id = $1 and id = $2`, [siteId, id]);
    if (gone > 0) await tx.run(`update alias_version set forgotten = $2 where site_id = $1`, [siteId, version]);
  }

  /** Those of what is gone are forgotten. */
  async sweep(): Promise<number> {
    const unused = `
      not exists (select from resource r where r.id = a.id and r.site_id = a.site_id)
      and not exists (select from image_copy c where c.image_id = a.id and c.site_id = a.site_id)
      and not exists (select from homed_site h where h.id = a.id and h.site_id = a.site_id)
      and not exists (select from shadow s where s.global_id = a.id and s.site_id = a.site_id)`;
    const sites = await this.database.many<{ site_id: number }>(`select distinct site_id from alias a where ${unused}`);
    let gone = 0;
    for (const { site_id: siteId } of sites) {
      gone += await this.database.transaction(async (tx) => {
        const version = await nextVersion(tx, siteId);
        await tx.run(`update alias_version set forgotten = $2 where site_id = $1`, [siteId, version]);
        return tx.run(`delete from alias a where site_id = $1 and ${unused}`, [siteId]);
      });
    }
    return gone;
  }

  async version(siteId: number): Promise<AliasVersion> {
    const text = `select version, forgotten from alias_version where site_id = $1`;
    return (await this.database.maybe<AliasVersion>(statement('alias.version', text), [siteId])) ?? none;
  }

  async count(siteId: number): Promise<number> {
    const text = `select count(*) as count from alias where site_id = $1`;
    return (await this.database.one<{ count: number }>(text, [siteId])).count;
  }

  /** Those of a site that were written after a version, in their order. */
  after(siteId: number, version: number, limit: number): Promise<(Alias & { version: number })[]> {
    return this.database.many(
      `select id, site_resource_id, version from alias where site_id = $1 and version > $2 order by version limit $3`,
      [siteId, version, limit],
    );
  }

  /** Those among some ids. */
  among(siteId: number, key: keyof Alias, ids: readonly string[]): Promise<Alias[]> {
    return this.database.many<Alias>(`select id, site_resource_id from alias where site_id = $1 and ${key} = any($2)`, [
      siteId,
      ids,
    ]);
  }
}

/** The first is greater than any of a site that had this number before, and makes forget whatever was known of that one. */
async function nextVersion(tx: Queryable, siteId: number): Promise<number> {
  const { version } = await tx.one<{ version: number }>(
    `insert into alias_version as v (site_id, version, forgotten)
     select $1, now, now from (select (extract(epoch from clock_timestamp()) * 1000)::bigint as now) clock
     on conflict (site_id) do update set version = v.version + 1 returning version`,
    [siteId],
  );
  return version;
}
