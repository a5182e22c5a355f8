/** Global resources and their shadows: rows, and the only file that writes them. */
import type { Database } from '../database/database.js';
import { statement } from '../database/queryable.js';
import { jsonb } from '../database/storable.js';
import type { Body } from './kind.js';

export interface GlobalRow {
  readonly kind: string;
  readonly id: string;
  readonly owner_id: string | null;
  readonly body: Body;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly deleted_at: Date | null;
}

export interface Shadow {
  readonly kind: string;
  readonly global_id: string;
  readonly site_id: number;
  readonly site_resource_id: string;
  readonly seen: Body | null;
  readonly last_error: string | null;
}

export class GlobalResources {
  constructor(private readonly database: Database) {}

  find(kind: string, id: string): Promise<GlobalRow | undefined> {
    return this.database.maybe<GlobalRow>(
      statement('global.find', `select * from global_resource where kind = $1 and id = $2 and deleted_at is null`),
      [kind, id],
    );
  }

  /** Living rows of a kind, of one owner or of all, oldest first. */
  list(kind: string, ownerId?: string): Promise<GlobalRow[]> {
    return this.database.many<GlobalRow>(
      statement(
        'global.list',
        `select * from global_resource where kind = $1 and deleted_at is null and ($2::text is null or owner_id = $2)
        order by created_at, id`,
      ),
      [kind, ownerId ?? null],
    );
  }

  /** Makes or changes a row; one that was deleted comes back as new. */
  async put(kind: string, id: string, ownerId: string | null, body: Body): Promise<void> {
    await this.database.run(
      `insert into global_resource as g (kind, id, owner_id, body) values ($1, $2, $3, $4)
       on conflict (kind, id) do update set owner_id = excluded.owner_id, body = excluded.body, updated_at = now(),
          created_at = case when g.deleted_at is null then g.created_at else now() end, deleted_at = null`,
      [kind, id, ownerId, jsonb(body)],
    );
  }

  async remove(kind: string, id: string): Promise<void> {
    await this.database.run(
      `update global_resource set deleted_at = now(), updated_at = now() where kind = $1 and id = $2`,
      [kind, id],
    );
  }

  shadow(kind: string, globalId: string, siteId: number): Promise<Shadow | undefined> {
    return this.database.maybe<Shadow>(
      statement('shadow.find', `select * from shadow where kind = $1 and global_id = $2 and site_id = $3`),
      [kind, globalId, siteId],
    );
  }

  shadows(kind: string, globalId: string): Promise<Shadow[]> {
    return this.database.many<Shadow>(`select * from shadow where kind = $1 and global_id = $2 order by site_id`, [
      kind,
      globalId,
    ]);
  }

  /** All that one site has of a kind. */
  shadowsAt(kind: string, siteId: number): Promise<Shadow[]> {
    return this.database.many<Shadow>(`select * from shadow where kind = $1 and site_id = $2`, [kind, siteId]);
  }

  /** The global id behind a site's own id. */
  async globalIdOf(kind: string, siteId: number, siteResourceId: string): Promise<string | undefined> {
    const row = await this.database.maybe<{ global_id: string }>(
      statement(
        'shadow.of_site_id',
        `select global_id from shadow where kind = $1 and site_id = $2 and site_resource_id = $3`,
      ),
      [kind, siteId, siteResourceId],
    );
    return row?.global_id;
  }

  async putShadow(
    kind: string,
    globalId: string,
    siteId: number,
    siteResourceId: string,
    seen: Body | null,
  ): Promise<void> {
    await this.database.run(
      `insert into shadow (kind, global_id, site_id, site_resource_id, seen) values ($1, $2, $3, $4, $5)
       on conflict (kind, global_id, site_id) do update
          set site_resource_id = excluded.site_resource_id, seen = excluded.seen, last_error = null`,
      [kind, globalId, siteId, siteResourceId, seen === null ? null : jsonb(seen)],
    );
  }

  /** Why a shadow is not what it should be; the next `putShadow` clears it. */
  async noteShadowError(kind: string, globalId: string, siteId: number, error: string): Promise<void> {
    await this.database.run(`update shadow set last_error = $4 where kind = $1 and global_id = $2 and site_id = $3`, [
      kind,
      globalId,
      siteId,
      error,
    ]);
  }

  async removeShadow(kind: string, globalId: string, siteId: number): Promise<void> {
    await this.database.run(`delete from shadow where kind = $1 and global_id = $2 and site_id = $3`, [
      kind,
      globalId,
      siteId,
    ]);
  }
}
