/** Rows that a path names and that must be there. */
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Queryable } from '../../../database/queryable.js';
import { findItem, type Item, type Kind } from './items.js';

/** @throws Fault 404 */
export async function needItem(db: Queryable, kind: Kind, id: string): Promise<Item> {
  const item = await findItem(db, kind, id);
  if (!item) throw notFound(kind, id);
  return item;
}

/** @throws Fault 404 */
export const needRef = async (db: Queryable, kind: Kind, id: string): Promise<string> =>
  (await needItem(db, kind, id)).ref;
