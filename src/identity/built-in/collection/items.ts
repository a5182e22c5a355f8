/** Rows of `identity_item`: whatever the identity API names. This file alone writes them. */
import { randomBytes } from 'node:crypto';
import type { Queryable } from '../../../database/queryable.js';

export type Body = Record<string, unknown>;

/** Kinds of rows, and the first half of a row's reference. */
export type Kind =
  | 'domain'
  | 'project'
  | 'user'
  | 'group'
  | 'role'
  | 'region'
  | 'service'
  | 'endpoint'
  | 'policy'
  | 'application_credential'
  | 'access_rule'
  | 'trust';

export interface Item {
  readonly ref: string;
  readonly kind: Kind;
  readonly id: string;
  readonly body: Body;
}

export interface NewItem {
  readonly kind: Kind;
  readonly id: string;
  /** Its `id` included. */
  readonly body: Body;
  readonly uniqueKey: string | null;
  readonly secret?: string | undefined;
}

export interface Page {
  /** In SQL, over the row `i`, with its values as `$1, $2 …` */
  readonly conditions: readonly string[];
  readonly values: readonly unknown[];
  readonly marker?: string | undefined;
  readonly limit?: number | undefined;
}

export const refTo = (kind: Kind, id: string): string => `${kind}/${id}`;
export const theSystem = 'system/all';
/** The API's ids: 32 hexadecimal digits. */
export const newId = (): string => randomBytes(16).toString('hex');

const columns = 'i.ref, i.kind, i.id, i.body';

export const findItem = (db: Queryable, kind: Kind, id: string): Promise<Item | undefined> =>
  db.maybe<Item>(`select ${columns} from identity_item i where ref = $1`, [refTo(kind, id)]);

/** Rows by their references, in no order. */
export const findItems = (db: Queryable, refs: readonly string[]): Promise<Item[]> =>
  db.many<Item>(`select ${columns} from identity_item i where ref = any($1)`, [refs]);

/** The row with this name; of several only where they cannot be told apart otherwise. */
export const findByUniqueKey = (db: Queryable, kind: Kind, uniqueKey: string): Promise<Item | undefined> =>
  db.maybe<Item>(`select ${columns} from identity_item i where kind = $1 and unique_key = $2`, [kind, uniqueKey]);

/** Oldest first. */
export function listItems(db: Queryable, kind: Kind, page: Page): Promise<Item[]> {
  const values = [...page.values];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [`i.kind = ${bind(kind)}`, ...page.conditions];
  if (page.marker !== undefined) {
    conditions.push(`i.number > (select number from identity_item where ref = ${bind(refTo(kind, page.marker))})`);
  }
  const limit = page.limit === undefined ? '' : `limit ${bind(page.limit)}`;
  return db.many<Item>(
    `select ${columns} from identity_item i where ${conditions.join(' and ')} order by i.number ${limit}`,
    values,
  );
}

/** @throws pg.DatabaseError for a name that is taken and for what it refers to and is not there */
export async function insertItem(db: Queryable, item: NewItem): Promise<Item> {
  const { kind, id, body, uniqueKey, secret } = item;
  const ref = refTo(kind, id);
  await db.run(`insert into identity_item (ref, kind, id, unique_key, body, secret) values ($1, $2, $3, $4, $5, $6)`, [
    ref,
    kind,
    id,
    uniqueKey,
    JSON.stringify(body),
    secret ?? null,
  ]);
  return { ref, kind, id, body };
}

/** Writes the whole body. @returns false where the row is gone */
export async function updateItem(db: Queryable, ref: string, body: Body, uniqueKey: string | null): Promise<boolean> {
  const written = await db.run(`update identity_item set body = $2, unique_key = $3 where ref = $1`, [
    ref,
    JSON.stringify(body),
    uniqueKey,
  ]);
  return written === 1;
}

/** The row, locked until the transaction ends, so that two changes of it do not overwrite each other. */
export const lockItem = (tx: Queryable, kind: Kind, id: string): Promise<Item | undefined> =>
  tx.maybe<Item>(`select ${columns} from identity_item i where ref = $1 for update`, [refTo(kind, id)]);

/** With all that belongs to it. @returns false where there was none */
export const deleteItem = async (db: Queryable, kind: Kind, id: string): Promise<boolean> =>
  (await db.run(`delete from identity_item where ref = $1`, [refTo(kind, id)])) === 1;

export const secretOf = async (db: Queryable, ref: string): Promise<string | undefined> =>
  (await db.maybe<{ secret: string | null }>(`select secret from identity_item where ref = $1`, [ref]))?.secret ??
  undefined;

export const setSecret = (db: Queryable, ref: string, secret: string | null): Promise<number> =>
  db.run(`update identity_item set secret = $2 where ref = $1`, [ref, secret]);
