/** Writing a row, and what it means where the database refuses. */
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { violationOf } from '../../../database/errors.js';
import type { Queryable } from '../../../database/queryable.js';
import type { Collection } from './collection.js';
import type { Body } from './items.js';
import { conflict, forbidden } from '../refusals.js';

/** @throws Fault 404 for what the row refers to and is not there, 409 for what is taken, 403 to remove what is in use */
export async function storing<Result>(
  tx: Queryable,
  of: Collection,
  body: Body,
  write: () => Promise<Result>,
  how: 'store' | 'remove' = 'store',
): Promise<Result> {
  try {
    const result = await write();
    // What is checked when the transaction ends is checked here, where it can be said in words.
    await tx.run('set constraints all immediate; set constraints all deferred');
    return result;
  } catch (error) {
    const violation = violationOf(error);
    if (violation?.kind === 'unique') throw conflict(of.kind, conflictWords(of, body));
    if (violation?.kind !== 'foreign-key') throw error;
    if (how === 'remove') throw forbidden(`Cannot delete ${of.kind} ${String(body['id'])}: it is in use.`);
    const field = fieldBehind(violation.constraint ?? '', of);
    throw notFound(field.replace(/_(user_)?id$/, ''), String(body[field]));
  }
}

const conflictWords = (of: Collection, body: Body): string =>
  of.conflictWords?.(body) ?? `Duplicate entry found with name ${String(body['name'])}`;

/** `identity_item_domain_ref_fkey` is about `domain_id`. */
function fieldBehind(constraint: string, of: Collection): string {
  const word = /^identity_item_(\w+)_ref_fkey$/.exec(constraint)?.[1] ?? constraint;
  return word === 'parent' && of.kind === 'region' ? 'parent_region_id' : `${word}_id`;
}
