/** Domains. Keystone keeps them as projects of a kind; what is asked of them as projects answers from here. */
import type { Queryable } from '../../../database/queryable.js';
import { boolean, name, options, tags, text } from '../collection/body-check.js';
import type { Collection } from '../collection/collection.js';
import type { Body } from '../collection/items.js';
import { admin, auditor, auditorOrOwnDomain } from '../policies.js';
import { forbidden } from '../refusals.js';

export const domains: Collection = {
  kind: 'domain',
  plural: 'domains',
  fields: { name: name(64), description: text, enabled: boolean, tags, options },
  required: ['name'],
  defaults: () => ({ description: '', enabled: true, tags: [], options: {} }),
  filters: { name: 'text', enabled: 'boolean' },
  unique: (body) => [body['name']],
  conflictWords: (body) =>
    `it is not permitted to have two projects acting as domains with the same name: ${String(body['name'])}`,
  policies: { list: auditor, show: auditorOrOwnDomain, write: admin },
  hooks: {
    update: endTokensWhenDisabled,
    remove: async (_tx, { id, body }): Promise<void> => {
      if (id === 'default') throw forbidden('Cannot delete the default domain.');
      if (body['enabled'] !== false) {
        throw forbidden('Cannot delete a domain that is enabled, please disable it first.');
      }
    },
  },
};

/** A disabled domain ends all that was logged in to it or by its users, for ever. */
async function endTokensWhenDisabled(tx: Queryable, before: Body, after: Body): Promise<void> {
  if (before['enabled'] === false || after['enabled'] !== false) return;
  await tx.run(
    `delete from identity_token t using identity_item i
      where (i.ref = $1 or i.domain_ref = $1) and (t.user_ref = i.ref or t.target_ref = i.ref)`,
    [`domain/${String(after['id'])}`],
  );
}
