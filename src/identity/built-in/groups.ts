/** Groups and who is in them. */
import { noContent } from '@cascade/openstack-protocol/message.js';
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { row, type Asked, type Home, type IdentityRoute } from './asked.js';
import { name, nullableId, text } from './collection/body-check.js';
import { listAnswer, viewOf, type Collection } from './collection/collection.js';
import { needRef } from './collection/needed.js';
import { narrowed, pageOf } from './collection/filters.js';
import { listItems } from './collection/items.js';
import { admin, auditor, auditorOrSelf, domainOf } from './policies.js';
import { users } from './users.js';

export const groups: Collection = {
  kind: 'group',
  plural: 'groups',
  fields: { name: name(64), description: text, domain_id: nullableId },
  required: ['name'],
  fixed: ['domain_id'],
  defaults: ({ caller }) => ({ domain_id: domainOf(caller) ?? 'default', description: '' }),
  filters: { name: 'text', domain_id: 'text' },
  unique: (body) => [body['domain_id'], body['name']],
  policies: { list: auditor, show: auditor, write: admin },
};

const one = '/groups/{group_id}/users/{user_id}';

/** @throws Fault 404 */
const pair = async (home: Home, { params }: Asked): Promise<[group: string, user: string]> => [
  await needRef(home.database, 'group', params['group_id'] ?? ''),
  await needRef(home.database, 'user', params['user_id'] ?? ''),
];

export const memberRoutes: IdentityRoute[] = [
  row('GET /groups/{group_id}/users', 'list_users_in_group', auditor, async (home, asked) => {
    const group = await needRef(home.database, 'group', asked.params['group_id'] ?? '');
    const page = pageOf(asked.query, users.filters);
    const inIt = (at: string) => `i.ref in (select user_ref from identity_member where group_ref = ${at})`;
    const items = await listItems(home.database, 'user', narrowed(page, inIt, group));
    return listAnswer(
      'users',
      items.map(({ body }) => viewOf(users, body, asked)),
      asked,
    );
  }),
  row('GET /users/{user_id}/groups', 'list_groups_for_user', auditorOrSelf, async (home, asked) => {
    const user = await needRef(home.database, 'user', asked.params['user_id'] ?? '');
    const page = pageOf(asked.query, groups.filters);
    const ofUser = (at: string) => `i.ref in (select group_ref from identity_member where user_ref = ${at})`;
    const items = await listItems(home.database, 'group', narrowed(page, ofUser, user));
    return listAnswer(
      'groups',
      items.map(({ body }) => viewOf(groups, body, asked)),
      asked,
    );
  }),
  row(`PUT ${one}`, 'add_user_to_group', admin, async (home, asked) => {
    const [group, user] = await pair(home, asked);
    await home.database.transaction(async (tx) => {
      await tx.run(`insert into identity_member (group_ref, user_ref) values ($1, $2) on conflict do nothing`, [
        group,
        user,
      ]);
      await home.tokensChanged(tx);
    });
    return noContent();
  }),
  row(`GET ${one}`, 'check_user_in_group', auditor, async (home, asked) => {
    const [group, user] = await pair(home, asked);
    const found = await home.database.maybe(`select 1 from identity_member where group_ref = $1 and user_ref = $2`, [
      group,
      user,
    ]);
    if (!found) throw notFound('user', `${asked.params['user_id']} in group ${asked.params['group_id']}`);
    return noContent();
  }),
  row(`DELETE ${one}`, 'remove_user_from_group', admin, async (home, asked) => {
    const [group, user] = await pair(home, asked);
    const gone = await home.database.transaction(async (tx) => {
      const count = await tx.run(`delete from identity_member where group_ref = $1 and user_ref = $2`, [group, user]);
      await home.tokensChanged(tx);
      return count;
    });
    if (gone === 0) throw notFound('user', `${asked.params['user_id']} in group ${asked.params['group_id']}`);
    return noContent();
  }),
];
