/** Projects, in a tree below their domain. */
import type { Queryable } from '../../../database/queryable.js';
import { boolean, name, nullableId, options, tags, text } from '../collection/body-check.js';
import type { AskedByCaller } from '../asked.js';
import { flagOf } from '../collection/filters.js';
import { domains } from './domains.js';
import { findItem, refTo, type Body, type Page } from '../collection/items.js';
import type { Collection } from '../collection/collection.js';
import { admin, auditor, auditorOrOwnProject, domainOf } from '../policies.js';
import { withTree } from './project-tree.js';
import { forbidden, invalid } from '../refusals.js';

/** Keystone's default: a project may lie five below its domain. @see keystone.conf max_project_tree_depth */
const deepest = 5;

export const projects: Collection = {
  kind: 'project',
  plural: 'projects',
  fields: {
    name: name(64),
    description: text,
    domain_id: nullableId,
    parent_id: nullableId,
    is_domain: boolean,
    enabled: boolean,
    tags,
    options,
  },
  required: ['name'],
  fixed: ['domain_id', 'parent_id', 'is_domain'],
  defaults: () => ({ description: '', enabled: true, is_domain: false, tags: [], options: {} }),
  filters: { name: 'text', domain_id: 'text', parent_id: 'text', enabled: 'boolean' },
  unique: (body) => [body['domain_id'], body['name']],
  conflictWords: (body) =>
    `it is not permitted to have two projects with the same name in the same domain : ${String(body['name'])}`,
  policies: { list: auditor, show: auditorOrOwnProject, write: admin },
  narrow: byTags,
  expand: withTree,
  hooks: {
    create: place,
    update: checkTree,
    remove: async (tx, { ref, id }) => {
      if (await tx.maybe(`select 1 from identity_item where parent_ref = $1 limit 1`, [ref])) {
        throw forbidden(
          `Cannot delete the project ${id} since it is not a leaf in the hierarchy. Use the cascade option if you want to delete a whole subtree.`,
        );
      }
    },
  },
  // A domain is a project too, to who asks so. @see openstack/keystone:keystone/resource/core.py
  otherwise: {
    of: { ...domains, member: 'project', plural: 'projects', view: asProject },
    list: (query) => query.has('is_domain') && flagOf(query.get('is_domain') ?? ''),
    create: (body) => body['is_domain'] === true,
  },
};

function asProject(body: Body): Body {
  return { ...body, is_domain: true, domain_id: null, parent_id: null };
}

/** Finds domain and parent of a new project: either may say the other. */
async function place(tx: Queryable, body: Body, asked: AskedByCaller): Promise<Body> {
  const parentId = body['parent_id'] ?? null;
  const parent = parentId === null ? undefined : await findItem(tx, 'project', String(parentId));
  const domainId = String(
    body['domain_id'] ?? parent?.body['domain_id'] ?? parentId ?? domainOf(asked.caller) ?? 'default',
  );
  // @see openstack/keystone:keystone/api/projects.py post: what is not found here is a bad request
  if (!(await findItem(tx, 'domain', domainId))) throw invalid(`Could not find domain: ${domainId}.`);
  if (parentId !== null && parentId !== domainId) {
    if (!parent) throw invalid(`Could not find project: ${String(parentId)}.`);
    if (parent.body['domain_id'] !== domainId) {
      throw invalid(
        'Cannot create project, since it specifies its domain_id ' +
          `${domainId}, but its parent is in another domain.`,
      );
    }
    if (parent.body['enabled'] === false)
      throw forbidden(`cannot create a project in a branch containing a disabled project: ${parent.id}`);
    if ((await depthOf(tx, parent.ref)) >= deepest)
      throw forbidden('Max hierarchy depth reached for ' + `${parent.id} branch.`);
  }
  return { ...body, domain_id: domainId, parent_id: parentId ?? domainId };
}

async function depthOf(tx: Queryable, ref: string): Promise<number> {
  const { depth } = await tx.one<{ depth: number }>(
    `with recursive up (ref) as (
       select $1::text union select i.parent_ref from identity_item i join up on i.ref = up.ref where i.parent_ref is not null
     ) select count(*) as depth from up`,
    [ref],
  );
  return depth;
}

/** Only a leaf is disabled, only below what is enabled is anything enabled; what was logged in to a disabled one ends. */
async function checkTree(tx: Queryable, before: Body, after: Body): Promise<void> {
  const ref = refTo('project', String(after['id']));
  if (before['enabled'] === after['enabled']) return;
  if (after['enabled'] === false) {
    const child = await tx.maybe(
      `select 1 from identity_item where parent_ref = $1 and body->>'enabled' = 'true' limit 1`,
      [ref],
    );
    if (child)
      throw forbidden(`Cannot disable project ${String(after['id'])} since its subtree contains enabled projects.`);
    await tx.run(`delete from identity_token where target_ref = $1`, [ref]);
    return;
  }
  const parent = await findItem(tx, 'project', String(after['parent_id']));
  if (parent?.body['enabled'] === false) {
    throw forbidden(`Cannot enable project ${String(after['id'])} since it has disabled parents`);
  }
}

/** `tags` (all of them), `tags-any`, `not-tags`, `not-tags-any`, by commas. */
function byTags(page: Page, { query }: AskedByCaller): Page {
  const values = [...page.values];
  const conditions = [...page.conditions];
  const bind = (list: string): string => `$${values.push(list.split(','))}::text[]`;
  const all = (list: string): string => `(i.body->'tags') ?& ${bind(list)}`;
  const any = (list: string): string => `(i.body->'tags') ?| ${bind(list)}`;
  for (const [key, test] of [
    ['tags', all],
    ['tags-any', any],
  ] as const) {
    const wanted = query.get(key);
    if (wanted) conditions.push(test(wanted));
    const unwanted = query.get(`not-${key}`);
    if (unwanted) conditions.push(`not ${test(unwanted)}`);
  }
  return { ...page, values, conditions };
}
