/** Tables `homed`, `homed_site` and `homed_change`, and the only file that writes them. */
import type { Database, Queryable } from '../database/database.js';
import { statement } from '../database/queryable.js';
import type { Homed, HomedError } from '../routing/homed.js';
import { AliasTable } from '../sites/alias-table.js';

const columns = `h.kind, h.id, h.project_id as "projectId", h.home_id as "homeId", h.is_default as "isDefault",
  h.deleting_at as "deletingAt", h.wanted,
  coalesce((select json_agg(json_build_object('siteId', s.site_id, 'isThere', s.is_there, 'follows', s.follows, 'done', s.done)
                            order by s.site_id)
              from homed_site s where s.kind = h.kind and s.id = h.id), '[]') as sites`;

/** Changes that are taken at once. */
const changesAtOnce = 10_000;
/** Seconds between two attempts at a site that refuses: doubled up to the longest. */
const longestPause = 300;

export interface NewHomed {
  readonly kind: string;
  readonly id: string;
  readonly projectId: string;
  readonly homeId: number;
}

export class HomedTable {
  private readonly aliases: AliasTable;

  constructor(private readonly database: Database) {
    this.aliases = new AliasTable(database);
  }

  find(kind: string, id: string, on: Queryable = this.database): Promise<Homed | undefined> {
    const text = `select ${columns} from homed h where h.kind = $1 and h.id = $2`;
    return on.maybe<Homed>(statement('homed.find', text), [kind, id]);
  }

  among(kind: string, ids: readonly string[]): Promise<Homed[]> {
    const text = `select ${columns} from homed h where h.kind = $1 and h.id = any($2)`;
    return this.database.many<Homed>(statement('homed.among', text), [kind, ids]);
  }

  /** A project's group `default`. */
  defaultOf(projectId: string, on: Queryable = this.database): Promise<Homed | undefined> {
    const text = `select ${columns} from homed h where h.is_default and h.project_id = $1`;
    return on.maybe<Homed>(statement('homed.default', text), [projectId]);
  }

  /** Something is homed from now on, in the sites it is in. */
  async add({ kind, id, projectId, homeId }: NewHomed, isDefault: boolean, on: Queryable): Promise<void> {
    await on.run(
      `insert into homed (kind, id, project_id, home_id, is_default) values ($1, $2, $3, $4, $5)
       on conflict (kind, id) do update set is_default = true where excluded.is_default and not homed.is_default`,
      [kind, id, projectId, homeId, isDefault],
    );
    if (!isDefault) await this.noteThere({ kind, id, siteId: homeId }, on);
  }

  /** Before a copy is asked for: what the site makes from now on may be it. */
  async begin({ kind, id, siteId }: Key): Promise<void> {
    await this.database.run(
      `insert into homed_site (kind, id, site_id, is_there) values ($1, $2, $3, false) on conflict do nothing`,
      [kind, id, siteId],
    );
  }

  /** It is at a site, and its alias in force with the commit of `tx`. */
  async noteThere({ kind, id, siteId }: Key, tx: Queryable): Promise<void> {
    await tx.run(
      `insert into homed_site (kind, id, site_id, is_there) values ($1, $2, $3, true)
       on conflict (kind, id, site_id) do update set is_there = true, follows = null, done = 0, failures = 0, retry_at = null`,
      [kind, id, siteId],
    );
    // Every site that had it was taken out: the next one to have it is whose rules are shown.
    const text = `update homed set home_id = $3 where kind = $1 and id = $2 and home_id is null and is_default`;
    await tx.run(text, [kind, id, siteId]);
  }

  /** It is not at a site any more. */
  async forgetSite({ kind, id, siteId }: Key): Promise<void> {
    const forget = async (tx: Queryable): Promise<void> => {
      await this.aliases.remove(siteId, id, tx);
      await tx.run(`delete from homed_site where kind = $1 and id = $2 and site_id = $3`, [kind, id, siteId]);
      // Groups that name it lose what they had of it there.
      await tx.run(`insert into homed_change (kind, id) values ($1, $2)`, [kind, id]);
    };
    await this.database.repeatableTransaction(forget);
  }

  /** It is nowhere but at its home, or not even there. */
  async remove(kind: string, id: string): Promise<void> {
    const remove = async (tx: Queryable): Promise<void> => {
      await this.aliases.removeEverywhere(id, tx);
      await tx.run(`delete from homed where kind = $1 and id = $2`, [kind, id]);
    };
    await this.database.repeatableTransaction(remove);
  }

  async setFollows({ kind, id, siteId }: Key, follows: boolean): Promise<void> {
    const text = `update homed_site set follows = $4 where kind = $1 and id = $2 and site_id = $3`;
    await this.database.run(text, [kind, id, siteId, follows]);
  }

  /** From now on all sites are kept as its home. */
  async followAll(kind: string, id: string): Promise<void> {
    const text = `update homed_site set follows = true where kind = $1 and id = $2 and follows is distinct from true`;
    await this.database.run(text, [kind, id]);
  }

  /** @param isDeleting false takes the tombstone back */
  async markDeleting(kind: string, id: string, isDeleting: boolean): Promise<void> {
    await this.database.run(
      `update homed set deleting_at = case when $3 then coalesce(deleting_at, now()) end, wanted = wanted + 1
        where kind = $1 and id = $2`,
      [kind, id, isDeleting],
    );
  }

  /** Its sites are to be looked at again. */
  async want(kind: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.run(`insert into homed_change (kind, id) select $1, unnest($2::text[])`, [kind, ids]);
    await this.takeChanges();
  }

  /**
   * Counts up what the noted changes concern: the things themselves, and the groups whose rules name them.
   * @returns how many changes were taken
   */
  async takeChanges(): Promise<number> {
    const { taken } = await this.database.one<{ taken: number }>(
      `with taken as (
         delete from homed_change where number in (
           select number from homed_change order by number limit ${changesAtOnce} for update skip locked)
         returning kind, id),
       named as (select distinct kind, id from taken),
       concerned as (
         select kind, id from named
         union
         select 'security_group', r.facts->>'security_group_id' from named n
           join resource r on r.kind = 'security_group_rule' and r.deleted_at is null and not r.is_copy
            and (n.kind = 'security_group' and r.facts->>'remote_group_id' = n.id
              or n.kind = 'address_group' and r.facts->>'remote_address_group_id' = n.id)),
       -- A group that is in one site alone admits what is elsewhere, too.
       begun as (
         insert into homed (kind, id, project_id, home_id)
         select distinct on (g.id) g.kind, g.id, g.project_id, g.site_id from concerned c
           join resource g on g.kind = c.kind and g.id = c.id and not g.is_copy and g.deleted_at is null
            and g.facts->>'name' is distinct from 'default' -- that is adopted
          where not exists (select from homed h where h.kind = c.kind and h.id = c.id)
          order by g.id, g.site_id
         on conflict do nothing returning kind, id, home_id),
       placed as (insert into homed_site (kind, id, site_id, is_there) select kind, id, home_id, true from begun),
       -- In one order, as whoever else counts several up.
       locked as (select h.kind, h.id from homed h join concerned using (kind, id) order by h.kind, h.id for update of h),
       counted as (update homed h set wanted = h.wanted + 1 from locked l where h.kind = l.kind and h.id = l.id)
       select count(*) as taken from taken`,
    );
    return taken;
  }

  /**
   * True of a group that is in one site, names none that is in several, and has nothing of ours: there is nothing to bring to it.
   */
  async isAtRest({ kind, id, homeId, sites, isDefault, deletingAt }: Homed): Promise<boolean> {
    if (kind !== 'security_group' || deletingAt || sites.length !== 1 || sites[0]!.siteId !== homeId) return false;
    const { rests } = await this.database.one<{ rests: boolean }>(
      `select not exists (select from resource r where r.kind = 'security_group_rule' and r.facts->>'security_group_id' = $1
                             and r.deleted_at is null
                             and (r.is_copy or r.facts->>'remote_group_id' <> $1
                                    and exists (select from homed h where h.kind = 'security_group' and h.id = r.facts->>'remote_group_id')))
          and ($2 or exists (select from resource g where g.kind = 'security_group' and g.id = $1 and g.deleted_at is null)) as rests`,
      [id, isDefault],
    );
    return rests;
  }

  /** Itself, and the groups whose rules name it, as far as they are in several sites. In the order of their ids. */
  async concernedBy(kind: string, id: string): Promise<(readonly [kind: string, id: string])[]> {
    const rows = await this.database.many<{ kind: string; id: string }>(
      `select kind, id from homed where kind = $1 and id = $2
       union
       select h.kind, h.id from resource r join homed h on h.kind = 'security_group' and h.id = r.facts->>'security_group_id'
        where r.kind = 'security_group_rule' and r.deleted_at is null and not r.is_copy
          and ($1 = 'security_group' and r.facts->>'remote_group_id' = $2
            or $1 = 'address_group' and r.facts->>'remote_address_group_id' = $2)
       order by id`,
      [kind, id],
    );
    return rows.map((row) => [row.kind, row.id] as const);
  }

  /** Those that are to be looked at, since no feed tells of them. */
  async idsWithHome(kind: string, siteId: number): Promise<string[]> {
    const rows = await this.database.many<{ id: string }>(`select id from homed where kind = $1 and home_id = $2`, [
      kind,
      siteId,
    ]);
    return rows.map(({ id }) => id);
  }

  /** What is not yet as it is wanted at one of some sites, and may be tried now: the longest waiting first. */
  due(siteIds: readonly number[], limit: number): Promise<Homed[]> {
    return this.database.many<Homed>(
      `select ${columns} from homed h
        where exists (select from homed_site s
                       where s.kind = h.kind and s.id = h.id and s.site_id = any($1)
                         and (s.done < h.wanted or h.deleting_at is not null) and (s.retry_at is null or s.retry_at <= now()))
        order by h.wanted, h.id limit $2`,
      [siteIds, limit],
    );
  }

  async noteDone({ kind, id, siteId }: Key, wanted: number): Promise<void> {
    await this.database.run(
      `update homed_site set done = greatest(done, $4), error = null, error_at = null, failures = 0, retry_at = null
        where kind = $1 and id = $2 and site_id = $3 and (done < $4 or error is not null)`,
      [kind, id, siteId, wanted],
    );
  }

  /** @param isSilence true where the site did not answer: it is asked again as soon as it does */
  async noteFailed({ kind, id, siteId }: Key, error: string, isSilence: boolean): Promise<void> {
    await this.database.run(
      `update homed_site set error = $4, error_at = case when error is null then now() else error_at end,
              failures = case when $5 then failures else failures + 1 end,
              retry_at = now() + make_interval(secs => case when $5 then 1
                                                            else least(power(2, least(failures, 10)), ${longestPause}) end)
        where kind = $1 and id = $2 and site_id = $3`,
      [kind, id, siteId, error, isSilence],
    );
  }

  /** The site is back: what it lacks is not waited for any longer. */
  async retryNow(siteId: number): Promise<void> {
    await this.database.run(`update homed_site set retry_at = null where site_id = $1 and retry_at is not null`, [
      siteId,
    ]);
  }

  async countApart(siteId: number): Promise<number> {
    const { apart } = await this.database.one<{ apart: number }>(
      `select count(*) as apart from homed_site s join homed h using (kind, id)
        where s.site_id = $1 and s.follows = false and h.home_id is distinct from s.site_id`,
      [siteId],
    );
    return apart;
  }

  /** How many are not as they are wanted at a site. */
  async countDue(siteId: number): Promise<number> {
    const { due } = await this.database.one<{ due: number }>(
      `select count(*) as due from homed_site s join homed h using (kind, id) where s.site_id = $1 and s.done < h.wanted`,
      [siteId],
    );
    return due;
  }

  errorsAt(siteId: number, limit: number): Promise<HomedError[]> {
    return this.database.many<HomedError>(
      `select kind, id, error, error_at as since from homed_site where site_id = $1 and error is not null
        order by error_at desc limit $2`,
      [siteId, limit],
    );
  }

  /** Groups `default` of which it is not decided whether they follow at a site, or what the shown one begins with there. */
  undecided(siteId: number): Promise<Homed[]> {
    return this.database.many<Homed>(
      `select ${columns} from homed h join homed_site m using (kind, id)
        where m.site_id = $1 and h.is_default and m.follows is null`,
      [siteId],
    );
  }
}

export interface Key {
  readonly kind: string;
  readonly id: string;
  readonly siteId: number;
}
