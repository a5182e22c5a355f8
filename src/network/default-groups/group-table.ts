/** Tables `default_group` and `default_group_site`, and the only file that writes them. */
import type { Database, Queryable } from '../../database/database.js';
import { statement } from '../../database/queryable.js';
import type { DefaultGroup } from '../../routing/default-groups.js';
import { AliasTable } from '../../sites/alias-table.js';

/** One site's group `default` of a project, as the inventory has it: by the id that tenants know, or still by its own. */
export interface GroupRow {
  readonly id: string;
  readonly site_id: number;
}

const columns = `d.project_id as "projectId", d.id, d.site_id as "siteId",
  coalesce((select json_agg(json_build_object('siteId', m.site_id, 'follows', m.follows) order by m.site_id)
              from default_group_site m where m.project_id = d.project_id), '[]') as sites`;

const isDefault = `r.kind = 'security_group' and r.facts->>'name' = 'default' and r.deleted_at is null`;

export class DefaultGroupTable {
  private readonly aliases: AliasTable;

  constructor(private readonly database: Database) {
    this.aliases = new AliasTable(database);
  }

  of(projectId: string, on: Queryable = this.database): Promise<DefaultGroup | undefined> {
    const text = `select ${columns} from default_group d where d.project_id = $1`;
    return on.maybe<DefaultGroup>(statement('default_group.of', text), [projectId]);
  }

  /** Those among some ids of security groups. */
  among(ids: readonly string[]): Promise<DefaultGroup[]> {
    const text = `select ${columns} from default_group d where d.id = any($1)`;
    return this.database.many<DefaultGroup>(statement('default_group.among', text), [ids]);
  }

  /** What the sites have of a project, the oldest first: the first one's id is the same after whatever was lost. */
  rowsOf(projectId: string, on: Queryable = this.database): Promise<GroupRow[]> {
    return on.many<GroupRow>(
      `select r.id, r.site_id from resource r where ${isDefault} and r.project_id = $1 order by r.created_at, r.id, r.site_id`,
      [projectId],
    );
  }

  /** Projects whose group at a site is not known as theirs yet. */
  async unmapped(siteId: number): Promise<string[]> {
    const rows = await this.database.many<{ project_id: string }>(
      `select distinct r.project_id from resource r
        where ${isDefault} and r.site_id = $1 and r.project_id is not null
          and not exists (select 1 from default_group d join default_group_site m using (project_id)
                           where d.project_id = r.project_id and d.id = r.id and m.site_id = r.site_id)`,
      [siteId],
    );
    return rows.map((row) => row.project_id);
  }

  /** The home's rules are shown where it has one, else the first one's. */
  async choose(tx: Queryable, projectId: string, rows: readonly GroupRow[], homeId: number | undefined): Promise<void> {
    const shown = rows.find((row) => row.site_id === homeId) ?? rows[0]!;
    await tx.run(`insert into default_group (project_id, id, site_id) values ($1, $2, $3)`, [
      projectId,
      rows[0]!.id,
      shown.site_id,
    ]);
  }

  async map(tx: Queryable, projectId: string, siteId: number): Promise<void> {
    await tx.run(
      `insert into default_group_site (project_id, site_id) values ($1, $2)
       on conflict (project_id, site_id) do update set follows = null, compared_at = null`,
      [projectId, siteId],
    );
    // Every site that had it was taken out: the next one to have it is whose rules are shown.
    await tx.run(`update default_group set site_id = $2 where project_id = $1 and site_id is null`, [
      projectId,
      siteId,
    ]);
  }

  async setFollows(projectId: string, siteId: number, follows: boolean): Promise<void> {
    await this.database.run(
      `update default_group_site set follows = $3, compared_at = null where project_id = $1 and site_id = $2`,
      [projectId, siteId, follows],
    );
  }

  /** From now on all sites' rules are the shown ones. */
  async followAll(projectId: string): Promise<void> {
    await this.database.run(
      `update default_group_site set follows = true, compared_at = null where project_id = $1 and follows is distinct from true`,
      [projectId],
    );
  }

  async noteCompared(projectId: string, siteId: number, at: Date): Promise<void> {
    await this.database.run(`update default_group_site set compared_at = $3 where project_id = $1 and site_id = $2`, [
      projectId,
      siteId,
      at,
    ]);
  }

  /** Projects whose group at a site has to be decided upon, or may differ from the shown one since they were compared. */
  async unsettled(siteId: number): Promise<string[]> {
    const rows = await this.database.many<{ project_id: string }>(
      // (What was read before a comparison may be stored after it.)
      `select d.project_id from default_group d join default_group_site m using (project_id)
        where m.site_id = $1
          and (m.follows is null or m.follows and d.site_id <> $1 and (m.compared_at is null
            or exists (select 1 from resource r
                        where r.kind = 'security_group_rule' and r.facts->>'security_group_id' = d.id
                          and r.seen_at > m.compared_at - interval '2 minutes')
            or exists (select 1 from resource r
                        where r.kind = 'rbac_policy' and r.facts->>'object_id' = d.id
                          and r.seen_at > m.compared_at - interval '2 minutes')
            or exists (select 1 from resource r
                        where r.kind = 'security_group' and r.id = d.id
                          and r.seen_at > m.compared_at - interval '2 minutes')))`,
      [siteId],
    );
    return rows.map((row) => row.project_id);
  }

  /** How many projects have other rules at a site than those that are shown, until one of the shown ones is changed. */
  async countApart(siteId: number): Promise<number> {
    const { apart } = await this.database.one<{ apart: number }>(
      `select count(*) as apart from default_group_site where site_id = $1 and follows = false`,
      [siteId],
    );
    return apart;
  }

  /** An administrator has deleted it in all sites: the next one is another. */
  async remove(id: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.aliases.removeEverywhere(id, tx);
      await tx.run(`delete from default_group where id = $1`, [id]);
    });
  }
}
