/** Roles that a user hands on, by a trust or an application credential: by id or name, and only those there are. */
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Queryable } from '../../../database/queryable.js';
import { findByUniqueKey, findItem, type Body, type Item } from '../collection/items.js';

export const roleReferences = {
  type: 'array',
  items: {
    type: 'object',
    properties: { id: { type: 'string' }, name: { type: 'string' } },
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
  },
};

/** @throws Fault 404 */
export async function namedRoles(db: Queryable, references: readonly Body[]): Promise<Item[]> {
  const found: Item[] = [];
  for (const { id, name } of references) {
    const role =
      id === undefined
        ? await findByUniqueKey(db, 'role', JSON.stringify([null, name]))
        : await findItem(db, 'role', String(id));
    if (!role) throw notFound('role', String(id ?? name));
    found.push(role);
  }
  return found;
}
