/**
 * Global resources and their shadows: rows, and the only file that writes them.
 *
 * What is deleted stays deleted, whatever was under way at the time:
 * - A row is written with the version at which its body was read. A row that has changed since is left as it is, and the
 *   removal of a shadow counts as a change of its tombstone.
 * - Before a site is asked to make something, `beginShadow` notes it, unless it is deleted by then. A deletion removes what
 *   shadows tell of; one that is being made is kept until no request that makes it can still be under way.
 * - So what a site has, and no shadow tells of, was made there by others.
 */
import type { Database, Queryable } from '../database/database.js';
import { statement } from '../database/queryable.js';
import { jsonb } from '../database/storable.js';
import { AliasTable } from '../sites/alias-table.js';
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

/** How a body came to be what the cascade holds. */
export interface PutOptions {
  /** The `version` from before the body was read. @default it was not read: the cascade decides by itself */
  readonly readAt?: Version;
  /** It was written through the cascade, and so is meant for every site. */
  readonly isWritten?: boolean;
}

export interface Shadow {
  readonly kind: string;
  readonly global_id: string;
  readonly site_id: number;
  readonly seen: Body | null;
  /** Since when it is being made, where the site's answer is not known: it may exist or not. */
  readonly making_since: Date | null;
  /** The site has made up an id of its own for it. */
  readonly has_alias: boolean;
}

/** Counts the changes of global resources: what has a greater one is newer. */
export type Version = number;

/** Longer than any request to a site may be under way, at the site too. */
const makingMinutes = 3;

export class GlobalResources {
  private readonly aliases: AliasTable;

  constructor(private readonly database: Database) {
    this.aliases = new AliasTable(database);
  }

  find(kind: string, id: string): Promise<GlobalRow | undefined> {
    return this.database.maybe<GlobalRow>(
      statement('global.find', `select * from global_resource where kind = $1 and id = $2 and deleted_at is null`),
      [kind, id],
    );
  }

  /** The tombstone of what is deleted. */
  findGone(kind: string, id: string): Promise<GlobalRow | undefined> {
    return this.database.maybe<GlobalRow>(
      `select * from global_resource where kind = $1 and id = $2 and deleted_at is not null`,
      [kind, id],
    );
  }

  /** Tombstones of a kind, the latest first. */
  listGone(kind: string): Promise<GlobalRow[]> {
    return this.database.many<GlobalRow>(
      `select * from global_resource where kind = $1 and deleted_at is not null order by deleted_at desc, id`,
      [kind],
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

  /** To be asked for before a site is read, or asked to write, whose answer is then `put`. */
  async version(): Promise<Version> {
    const { version } = await this.database.one<{ version: Version }>(
      statement('global.version', `select nextval('global_version') as version`),
      [],
    );
    return version;
  }

  /**
   * Makes or changes a row, unless it was changed or deleted after `readAt`. One that was deleted before comes back as new.
   * @returns false where the row is deleted all the same
   */
  async put(
    kind: string,
    id: string,
    ownerId: string | null,
    body: Body,
    { readAt, isWritten = false }: PutOptions = {},
  ): Promise<boolean> {
    const written = await this.database.run(
      `insert into global_resource as g (kind, id, owner_id, body, is_written) values ($1, $2, $3, $4, $6)
       on conflict (kind, id) do update set owner_id = excluded.owner_id, body = excluded.body, updated_at = now(),
          created_at = case when g.deleted_at is null then g.created_at else now() end, deleted_at = null,
          version = nextval('global_version'), is_written = excluded.is_written or g.is_written and g.deleted_at is null
        where $5::bigint is null or g.version <= $5::bigint`,
      [kind, id, ownerId, jsonb(body), readAt ?? null, isWritten],
    );
    return written > 0 || (await this.find(kind, id)) !== undefined;
  }

  /**
   * Leaves a tombstone, also where nothing was: a create whose answer is still to be stored must find it. What a site was
   * still to be asked about is known now: it is not to be there.
   */
  async remove(kind: string, id: string): Promise<void> {
    await this.database.run(
      `with known as (
         update shadow set seen = '{}' where kind = $1 and global_id = $2 and seen is null and making_since is null)
       insert into global_resource as g (kind, id, body, deleted_at) values ($1, $2, '{}', now())
       on conflict (kind, id) do update set deleted_at = coalesce(g.deleted_at, now()), updated_at = now(),
          version = nextval('global_version')`,
      [kind, id],
    );
  }

  /** When anything of a kind was last changed, or deleted; the beginning of time where there never was any. */
  async changedAt(kind: string): Promise<Date> {
    const { at } = await this.database.one<{ at: Date | null }>(
      `select max(updated_at) as at from global_resource where kind = $1`,
      [kind],
    );
    return at ?? new Date(0);
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

  /**
   * To be called before a site is asked to make something: whatever happens then, the reconciler knows of it.
   * @returns false where it is deleted, and nothing is to be made
   */
  async beginShadow(kind: string, globalId: string, siteId: number): Promise<boolean> {
    const begun = await this.database.run(
      `insert into shadow (kind, global_id, site_id, making_since)
       select g.kind, g.id, $3, now() from global_resource g
        where g.kind = $1 and g.id = $2 and g.deleted_at is null for share
       on conflict (kind, global_id, site_id) do update set making_since = now()`,
      [kind, globalId, siteId],
    );
    return begun > 0;
  }

  /** The site has it, as `seen`; null where it is still to be read what it has. */
  async putShadow(kind: string, globalId: string, siteId: number, seen: Body | null): Promise<void> {
    await this.writeShadow(this.database, { kind, globalId, siteId, seen, hasAlias: false });
  }

  /** The same of what was just made or found there, with the alias of its id where it is another than the cascade's. */
  async claimShadow(
    kind: string,
    globalId: string,
    siteId: number,
    found: { readonly id: string; readonly seen: Body },
    tx: Queryable,
  ): Promise<void> {
    const hasAlias = found.id !== globalId;
    await this.writeShadow(tx, { kind, globalId, siteId, seen: found.seen, hasAlias });
    if (hasAlias) await this.aliases.add(siteId, globalId, found.id, tx);
  }

  private async writeShadow(
    on: Queryable,
    written: { kind: string; globalId: string; siteId: number; seen: Body | null; hasAlias: boolean },
  ): Promise<void> {
    const { kind, globalId, siteId, seen, hasAlias } = written;
    await on.run(
      `with settled as (delete from global_error where kind = $1 and global_id = $2 and site_id = $3)
       insert into shadow (kind, global_id, site_id, seen, has_alias) values ($1, $2, $3, $4, $5)
       on conflict (kind, global_id, site_id) do update
          set seen = excluded.seen, making_since = null, has_alias = shadow.has_alias or excluded.has_alias`,
      [kind, globalId, siteId, seen === null ? null : jsonb(seen), hasAlias],
    );
  }

  /** Why a site does not hold what it should; the next `putShadow` or `removeShadow` clears it. */
  async noteError(kind: string, globalId: string, siteId: number, error: string): Promise<void> {
    await this.database.run(
      `insert into global_error (kind, global_id, site_id, error) values ($1, $2, $3, $4)
       on conflict (kind, global_id, site_id) do update set error = excluded.error, noted_at = now()`,
      [kind, globalId, siteId, error],
    );
  }

  /** The error that was noted last, by site. */
  errors(kind: string, globalId: string): Promise<{ site_id: number; error: string; noted_at: Date }[]> {
    return this.database.many(
      `select site_id, error, noted_at from global_error where kind = $1 and global_id = $2 order by site_id`,
      [kind, globalId],
    );
  }

  /**
   * The site has it no longer. A shadow that is being made stays until that has come to its end, for the reconciler to
   * remove then; and what was read from the site before now does not bring a tombstone back.
   * @param isMaker true in the hands of who made it and knows that the site has refused
   */
  async removeShadow(kind: string, globalId: string, siteId: number, isMaker = false): Promise<void> {
    await this.database.transaction(async (tx) => {
      const removed = await tx.maybe<{ has_alias: boolean }>(
        `delete from shadow where kind = $1 and global_id = $2 and site_id = $3
            and ($4 or making_since is null or making_since < now() - make_interval(mins => $5))
         returning has_alias`,
        [kind, globalId, siteId, isMaker, makingMinutes],
      );
      if (!removed) return;
      if (removed.has_alias) await this.aliases.remove(siteId, globalId, tx);
      await tx.run(
        `with settled as (delete from global_error where kind = $1 and global_id = $2 and site_id = $3)
         update global_resource set version = nextval('global_version')
          where kind = $1 and id = $2 and deleted_at is not null`,
        [kind, globalId, siteId],
      );
    });
  }

  /** Shadows at one site of what is deleted. */
  shadowsOfGone(kind: string, siteId: number): Promise<Shadow[]> {
    return this.database.many<Shadow>(
      `select s.* from shadow s join global_resource g on g.kind = s.kind and g.id = s.global_id
        where s.kind = $1 and s.site_id = $2 and g.deleted_at is not null order by s.global_id`,
      [kind, siteId],
    );
  }
}
