/** Access rules of application credentials. They belong to their user, and several credentials may have the same one. */
import type { AccessRule } from '@cascade/openstack-protocol/server/access-rules.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Queryable } from '../../../database/queryable.js';
import { row, type AskedByCaller, type Home, type IdentityRoute } from '../asked.js';
import { idString } from '../collection/body-check.js';
import { listAnswer } from '../collection/collection.js';
import { narrowed, pageOf } from '../collection/filters.js';
import {
  deleteItem,
  findByUniqueKey,
  findItem,
  insertItem,
  listItems,
  newId,
  type Body,
  type Item,
} from '../collection/items.js';
import { adminOrSelf, auditorOrSelf } from '../policies.js';
import { forbidden } from '../refusals.js';

export const accessRulesSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      id: idString,
      service: idString,
      method: { type: 'string', enum: ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'] },
      path: { type: 'string', maxLength: 225, pattern: '^/' },
    },
    anyOf: [{ required: ['id'] }, { required: ['service', 'method', 'path'] }],
    additionalProperties: false,
  },
};

const all = '/users/{user_id}/access_rules';
const one = `${all}/{access_rule_id}`;

export const accessRuleRoutes: IdentityRoute[] = [
  row(`GET ${all}`, 'list_access_rules', auditorOrSelf, async (home, asked) => {
    const page = pageOf(asked.query, { service: 'text', path: 'text', method: 'text' });
    const mine = narrowed(page, (at) => `i.body->>'user_id' = ${at}`, asked.params['user_id']);
    const items = await listItems(home.database, 'access_rule', mine);
    return listAnswer(
      'access_rules',
      items.map((item) => view(item, asked)),
      asked,
    );
  }),
  row(`GET ${one}`, 'get_access_rule', auditorOrSelf, async (home, asked) =>
    json(200, { access_rule: view(await need(home, asked), asked) }),
  ),
  row(`DELETE ${one}`, 'delete_access_rule', adminOrSelf, async (home, asked) => {
    const { id } = await need(home, asked);
    const used = await home.database.maybe(
      `select 1 from identity_item where kind = 'application_credential' and body->'access_rules' @> $1 limit 1`,
      [JSON.stringify([{ id }])],
    );
    if (used) throw forbidden(`Access rule ${id} is in use by an application credential.`);
    await deleteItem(home.database, 'access_rule', id);
    return noContent();
  }),
];

/** The rules of a new credential: those there are already are used again. @throws Fault 404 */
export async function keepRules(tx: Queryable, userId: string, given: readonly Body[]): Promise<Body[]> {
  const rules: Body[] = [];
  for (const { id, service, method, path } of given) {
    const item =
      id === undefined
        ? await sameRule(tx, userId, { service, method, path } as unknown as AccessRule)
        : await findItem(tx, 'access_rule', String(id));
    if (!item || item.body['user_id'] !== userId) throw notFound('Access Rule', String(id));
    const { user_id: _user, ...rule } = item.body;
    rules.push(rule);
  }
  return rules;
}

async function sameRule(tx: Queryable, userId: string, { service, method, path }: AccessRule): Promise<Item> {
  const uniqueKey = JSON.stringify([userId, service, method, path]);
  const id = newId();
  const body = { id, user_id: userId, service, method, path };
  return (
    (await findByUniqueKey(tx, 'access_rule', uniqueKey)) ??
    (await insertItem(tx, { kind: 'access_rule', id, body, uniqueKey }))
  );
}

/** @throws Fault 404 */
async function need(home: Home, { params }: AskedByCaller): Promise<Item> {
  const id = params['access_rule_id'] ?? '';
  const item = await findItem(home.database, 'access_rule', id);
  if (!item || item.body['user_id'] !== params['user_id']) throw notFound('Access Rule', id);
  return item;
}

function view({ id, body: { user_id: user, ...rule } }: Item, asked: AskedByCaller): Body {
  return { ...rule, links: { self: `${asked.url}/users/${String(user)}/access_rules/${id}` } };
}
