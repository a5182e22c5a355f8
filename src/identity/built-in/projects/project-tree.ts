/** A project's parents and what lies below it, which `GET /projects/{project_id}` adds on request. */
import { flagOf } from '../collection/filters.js';
import type { AskedByCaller, Home } from '../asked.js';
import { refTo, type Body, type Item } from '../collection/items.js';
import { invalid } from '../refusals.js';

const up = `
  with recursive tree as (
    select i.*, 0 as depth from identity_item i where i.ref = (select parent_ref from identity_item where ref = $1)
    union all
    select i.*, t.depth + 1 from identity_item i join tree t on i.ref = t.parent_ref
  )`;

const down = `
  with recursive tree as (
    select i.*, 0 as depth from identity_item i where i.parent_ref = $1
    union all
    select i.*, t.depth + 1 from identity_item i join tree t on i.parent_ref = t.ref
  )`;

interface Nested {
  [id: string]: Nested | null;
}

/** @throws Fault 400 for the list and the ids of the same side at once */
export async function withTree(home: Home, { ref, body }: Item, asked: AskedByCaller): Promise<Body> {
  const wants = (key: string): boolean => asked.query.has(key) && flagOf(asked.query.get(key) ?? '');
  for (const side of ['parents', 'subtree']) {
    if (wants(`${side}_as_list`) && wants(`${side}_as_ids`)) {
      throw invalid(`Cannot use ${side}_as_list and ${side}_as_ids query params at the same time.`);
    }
  }
  const items = (tree: string, onlyOwn: boolean): Promise<Item[]> =>
    home.database.many<Item>(
      `${tree} select ref, kind, id, body from tree
        where not $2 or ref in (select identity_reach($3)) order by depth, number`,
      [ref, onlyOwn, refTo('user', asked.caller.user.id)],
    );
  // Lists show what the caller may log in to, ids are for all.
  const list = async (tree: string) => (await items(tree, true)).map(({ body: project }) => ({ project }));
  return {
    ...body,
    ...(wants('parents_as_list') ? { parents: await list(up) } : {}),
    ...(wants('parents_as_ids') ? { parents: chain(body, await items(up, false)) } : {}),
    ...(wants('subtree_as_list') ? { subtree: await list(down) } : {}),
    ...(wants('subtree_as_ids') ? { subtree: below(String(body['id']), await items(down, false)) } : {}),
  };
}

/** The nearest parent outside, the domain innermost. */
function chain(project: Body, parents: readonly Item[]): Nested | null {
  const ids = [...parents.map(({ id }) => id), String(project['domain_id'])];
  return ids.reduceRight<Nested | null>((inner, id) => ({ [id]: inner }), null);
}

function below(id: string, subtree: readonly Item[]): Nested | null {
  const children = subtree.filter(({ body }) => body['parent_id'] === id);
  if (children.length === 0) return null;
  return Object.fromEntries(children.map((child) => [child.id, below(child.id, subtree)]));
}
