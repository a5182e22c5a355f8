/** Roles, those of a domain too, and which role implies which. */
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { row, type Asked, type Home, type IdentityRoute } from '../asked.js';
import { name, nullableId, options, text } from '../collection/body-check.js';
import type { Collection } from '../collection/collection.js';
import type { Body, Item } from '../collection/items.js';
import { needItem } from '../collection/needed.js';
import { admin, anyone, auditor } from '../policies.js';
import { forbidden } from '../refusals.js';

export const roles: Collection = {
  kind: 'role',
  plural: 'roles',
  fields: { name: name(), description: text, domain_id: nullableId, options },
  required: ['name'],
  fixed: ['domain_id'],
  defaults: () => ({ domain_id: null, description: null, options: {} }),
  filters: { name: 'text', domain_id: 'text' },
  unique: (body) => [body['domain_id'] ?? null, body['name']],
  policies: { list: auditor, show: auditor, write: admin },
  // Without a domain in the query the list is of the roles that are for all.
  narrow: (page, { query }) =>
    query.get('domain_id') ? page : { ...page, conditions: [...page.conditions, `i.body->>'domain_id' is null`] },
};

const prior = '/roles/{prior_role_id}/implies';
const one = `${prior}/{implied_role_id}`;

const shown = (asked: Asked, { id, body }: Pick<Item, 'id' | 'body'>) => ({
  id,
  name: body['name'],
  links: { self: `${asked.url}/roles/${id}` },
});

const impliedBy = (home: Home, ref: string): Promise<Item[]> =>
  home.database.many<Item>(
    `select i.id, i.body from identity_implied_role r join identity_item i on i.ref = r.implied_ref
      where r.prior_ref = $1 order by i.number`,
    [ref],
  );

async function pair(home: Home, { params }: Asked): Promise<[prior: Item, implied: Item]> {
  return [
    await needItem(home.database, 'role', params['prior_role_id'] ?? ''),
    await needItem(home.database, 'role', params['implied_role_id'] ?? ''),
  ];
}

async function needPair(home: Home, asked: Asked): Promise<[Item, Item]> {
  const [from, to] = await pair(home, asked);
  const found = await home.database.maybe(
    `select 1 from identity_implied_role where prior_ref = $1 and implied_ref = $2`,
    [from.ref, to.ref],
  );
  if (!found) throw notFound('implied role', `${from.id} does not imply ${to.id}`);
  return [from, to];
}

const inference = (asked: Asked, from: Item, implies: unknown): Body => ({
  role_inference: { prior_role: shown(asked, from), implies },
  links: { self: `${asked.publicUrl}/identity${asked.pathAndQuery}` },
});

export const impliedRoleRoutes: IdentityRoute[] = [
  row(`GET ${prior}`, 'list_implied_roles', auditor, async (home, asked) => {
    const from = await needItem(home.database, 'role', asked.params['prior_role_id'] ?? '');
    return json(
      200,
      inference(
        asked,
        from,
        (await impliedBy(home, from.ref)).map((role) => shown(asked, role)),
      ),
    );
  }),
  row(`PUT ${one}`, 'create_implied_role', admin, async (home, asked) => {
    const [from, to] = await pair(home, asked);
    // @see openstack/keystone:keystone/conf/assignment.py prohibited_implied_role
    const leaks = to.body['domain_id'] && !from.body['domain_id'];
    if (leaks || to.body['name'] === 'admin') throw forbidden(`${to.id} cannot be an implied roles.`);
    await home.database.transaction(async (tx) => {
      await tx.run(
        `insert into identity_implied_role (prior_ref, implied_ref) values ($1, $2) on conflict do nothing`,
        [from.ref, to.ref],
      );
      await home.tokensChanged(tx);
    });
    return json(201, inference(asked, from, shown(asked, to)));
  }),
  row(`GET ${one}`, 'get_implied_role', auditor, async (home, asked) => {
    const [from, to] = await needPair(home, asked);
    return json(200, inference(asked, from, shown(asked, to)));
  }),
  row(`HEAD ${one}`, 'check_implied_role', auditor, async (home, asked) => {
    await needPair(home, asked);
    return noContent();
  }),
  row(`DELETE ${one}`, 'delete_implied_role', admin, async (home, asked) => {
    const [from, to] = await needPair(home, asked);
    await home.database.transaction(async (tx) => {
      await tx.run(`delete from identity_implied_role where prior_ref = $1 and implied_ref = $2`, [from.ref, to.ref]);
      await home.tokensChanged(tx);
    });
    return noContent();
  }),
  row('GET /role_inferences', 'list_role_inference_rules', anyone, async (home, asked) => {
    const rules = await home.database.many<{ prior: Item; implied: Item[] }>(
      `select jsonb_build_object('id', p.id, 'body', p.body) as prior,
              jsonb_agg(jsonb_build_object('id', i.id, 'body', i.body) order by i.number) as implied
         from identity_implied_role r
         join identity_item p on p.ref = r.prior_ref join identity_item i on i.ref = r.implied_ref
        group by p.ref order by p.number`,
    );
    const inferences = rules.map(({ prior: from, implied }) => ({
      prior_role: shown(asked, from),
      implies: implied.map((role) => shown(asked, role)),
    }));
    return json(200, { role_inferences: inferences });
  }),
];
