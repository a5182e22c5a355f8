/** Placeholders: rows of the inventory that no site knows of yet. See docs/decisions/0020. */
import { randomUUID } from 'node:crypto';
import type { Database, Queryable } from '../../database/database.js';
import { jsonb } from '../../database/storable.js';
import { asRow, bodyOfRow, rowColumns, type Row } from '../../resources/inventory.js';
import type { Body, Kind } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';

/** Of RFC 9562's version 8, which no service generates: a request for any other id need not look for a placeholder. */
export const newPlaceholderId = (): string => randomUUID().replace(/^(.{14})./, '$18');
export const mayBePlaceholder = (id: string): boolean => id[14] === '8';

/** A placeholder; also its tombstone, until it is swept. */
export const findPlaceholder = (database: Database, kind: string, id: string): Promise<Row | undefined> =>
  database.maybe<Row>(`select ${rowColumns} from resource r where kind = $1 and id = $2 and is_placeholder`, [
    kind,
    id,
  ]);

/** Stores one as its site would show it; it is listed like any other resource from then on. */
export async function storePlaceholder(on: Queryable, kind: Kind, site: Site, body: Body): Promise<void> {
  const row = asRow(kind, body);
  await on.run(
    `insert into resource (kind, id, site_id, project_id, created_at, updated_at, body, facts, is_placeholder)
     values ($1, $2, $3, $4, $5, $6, $7, $8, true)`,
    [kind.name, row.id, site.id, row.project_id, row.created_at, row.updated_at, row.body, jsonb(row.facts)],
  );
}

/**
 * Changes what is shown of one; deleted ones stay unchanged.
 * @param isGone leaves a tombstone
 * @returns false where it is none any more
 */
export async function updatePlaceholder(
  database: Database,
  kind: Kind,
  row: Row,
  changes: Body,
  isGone = false,
): Promise<boolean> {
  const changed = asRow(kind, { ...bodyOfRow(row), ...changes });
  const count = await database.run(
    `update resource set body = $3, facts = $4, updated_at = $5, deleted_at = $6, seen_at = now()
      where kind = $1 and id = $2 and is_placeholder and deleted_at is null`,
    [kind.name, row.id, changed.body, jsonb(changed.facts), changed.updated_at, isGone ? changed.updated_at : null],
  );
  return count > 0;
}

/**
 * The resource now exists at the site, under an id of its own. A tombstone keeps rows with that id away, which come from
 * pages that were read before every process knew the alias.
 * @returns false where it was deleted meanwhile
 */
export async function settlePlaceholder(
  database: Database,
  kind: Kind,
  { id, site_id: siteId }: Row,
  siteResourceId: string,
): Promise<boolean> {
  const tombstone = asRow(kind, { id: siteResourceId, status: 'DELETED' });
  return database.transaction(async (tx) => {
    await tx.run(
      `insert into resource (kind, id, site_id, created_at, updated_at, deleted_at, body, facts, seen_at)
       values ($1, $2, $3, now(), now(), now(), $4, '{}', now() + interval '1 minute')
       on conflict (kind, id, site_id) do update set deleted_at = now(), project_id = null, seen_at = excluded.seen_at`,
      [kind.name, siteResourceId, siteId, tombstone.body],
    );
    // What the site says next of it is newer.
    const kept = await tx.run(
      `update resource set is_placeholder = false, seen_at = '-infinity'
        where kind = $1 and id = $2 and is_placeholder and deleted_at is null`,
      [kind.name, id],
    );
    return kept > 0;
  });
}
