/** Trusts: what Heat lets a user sign once and uses for as long as the stack lives. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Queryable } from '../../../database/queryable.js';
import { row, type AskedByCaller, type Home, type IdentityRoute } from '../asked.js';
import { bodyCheck, boolean, idString, nullableId } from '../collection/body-check.js';
import { listAnswer } from '../collection/collection.js';
import { namedRoles, roleReferences } from './delegated-roles.js';
import { expiryOf } from './expiry.js';
import { pageOf } from '../collection/filters.js';
import {
  deleteItem,
  findItem,
  insertItem,
  listItems,
  newId,
  refTo,
  type Body,
  type Item,
} from '../collection/items.js';
import { needItem } from '../collection/needed.js';
import { admin, anyone, auditor } from '../policies.js';
import { forbidden, forbiddenAction, invalid, notBuilt } from '../refusals.js';
import { rolesOn } from '../tokens/token-rows.js';
import { isDelegated, type Token } from '../tokens/token.js';

const checkNew = bodyCheck({
  type: 'object',
  properties: {
    trustor_user_id: idString,
    trustee_user_id: idString,
    impersonation: boolean,
    project_id: nullableId,
    remaining_uses: { type: ['integer', 'null'], minimum: 1 },
    expires_at: { type: ['string', 'null'] },
    allow_redelegation: { type: ['boolean', 'null'] },
    redelegation_count: { type: ['integer', 'null'], minimum: 0 },
    roles: roleReferences,
  },
  required: ['trustor_user_id', 'trustee_user_id', 'impersonation'],
});

const one = '/OS-TRUST/trusts/{trust_id}';

export const trustRoutes: IdentityRoute[] = [
  row('POST /OS-TRUST/trusts', 'create_trust', anyone, create),
  row('GET /OS-TRUST/trusts', 'list_trusts', anyone, list),
  row(`GET ${one}`, 'get_trust', anyone, async (home, asked) =>
    json(200, { trust: view(await needTrust(home, asked), asked) }),
  ),
  row(`DELETE ${one}`, 'delete_trust', anyone, async (home, asked) => {
    const { id, body } = await needTrust(home, asked);
    const { caller } = asked;
    if (caller.user.id !== body['trustor_user_id'] && !admin(caller, {}))
      throw forbiddenAction('identity:delete_trust');
    await home.database.transaction(async (tx) => {
      await deleteItem(tx, 'trust', id);
      await home.tokensChanged(tx);
    });
    return noContent();
  }),
  row(`GET ${one}/roles`, 'list_roles_for_trust', anyone, async (home, asked) =>
    listAnswer('roles', rolesOf(await needTrust(home, asked), asked), asked),
  ),
  row(`GET ${one}/roles/{role_id}`, 'get_role_for_trust', anyone, async (home, asked) => {
    const role = rolesOf(await needTrust(home, asked), asked).find(({ id }) => id === asked.params['role_id']);
    if (!role) throw notFound('role', asked.params['role_id'] ?? '');
    return json(200, { role });
  }),
];

/** Takes one of the uses a trust has left; the last one leaves none. @throws Fault 403 */
export async function consumeTrust(tx: Queryable, { ref, id, body }: Item): Promise<void> {
  if (body['remaining_uses'] === null) return;
  const used = await tx.run(
    `update identity_item set body = jsonb_set(body, '{remaining_uses}', to_jsonb((body->>'remaining_uses')::int - 1))
      where ref = $1 and (body->>'remaining_uses')::int > 0`,
    [ref],
  );
  if (used === 0) throw forbidden(`No remaining uses for trust: ${id}.`);
}

async function create(home: Home, asked: AskedByCaller): Promise<OpenStackResponse> {
  const { trust } = await asked.readJson();
  if (!isObject(trust)) throw invalid("'trust' is a required property");
  checkNew(trust);
  refuseDelegated(asked.caller);
  if (trust['allow_redelegation'] === true && trust['redelegation_count'] !== 0)
    throw notBuilt('redelegation of trusts (allow_redelegation)');
  if (asked.caller.trust) throw notBuilt('redelegation of trusts: a trust is made with a token of its trustor');
  if (trust['trustor_user_id'] !== asked.caller.user.id) {
    throw forbiddenAction('The authenticated user should match the trustor');
  }
  const projectId = trust['project_id'] ?? null;
  const asksRoles = (trust['roles'] ?? []) as Body[];
  if (projectId !== null && asksRoles.length === 0) throw forbiddenAction('At least one role should be specified');
  await needItem(home.database, 'user', String(trust['trustee_user_id']));
  const roles = await namedRoles(home.database, asksRoles);
  await requireRoles(home, trust, roles);
  const body = {
    id: newId(),
    trustor_user_id: trust['trustor_user_id'],
    trustee_user_id: trust['trustee_user_id'],
    impersonation: trust['impersonation'],
    project_id: projectId,
    remaining_uses: trust['remaining_uses'] ?? null,
    expires_at: expiryOf(trust['expires_at']),
    deleted_at: null,
    redelegation_count: 0,
    redelegated_trust_id: null,
    roles: roles.map(({ body: role }) => role),
  };
  const item = await insertItem(home.database, { kind: 'trust', id: body.id, body, uniqueKey: null });
  return json(201, { trust: view(item, asked) });
}

/** Nobody hands on what he does not have. @throws Fault 404 */
async function requireRoles(home: Home, trust: Body, roles: readonly Item[]): Promise<void> {
  if (roles.length === 0) return;
  const { ref } = await needItem(home.database, 'project', String(trust['project_id']));
  const has = await rolesOn(home.database, refTo('user', String(trust['trustor_user_id'])), ref);
  for (const { id } of roles) if (!has.some((role) => role.id === id)) throw notFound('role', id);
}

/** A secret that was given to somebody else makes no trusts: they would outlive it, and be more than it is. */
function refuseDelegated(caller: Token): void {
  if (isDelegated(caller)) throw forbiddenAction('Delegated tokens cannot manage trusts.');
}

async function list(home: Home, asked: AskedByCaller): Promise<OpenStackResponse> {
  refuseDelegated(asked.caller);
  const { query, caller } = asked;
  const trustor = query.get('trustor_user_id');
  const trustee = query.get('trustee_user_id');
  const isOwn = trustor ? trustor === caller.user.id : trustee === caller.user.id;
  if (!isOwn && !auditor(caller, {})) throw forbiddenAction('identity:list_trusts');
  // Keystone lists all only where nothing is asked, and with other words than these two finds none.
  const isOfNobody = query.size > 0 && !trustor && !trustee;
  const page = pageOf(query, { trustor_user_id: 'text', trustee_user_id: 'text' });
  const items = isOfNobody ? [] : await listItems(home.database, 'trust', page);
  const trusts = items.filter(isAlive).map((item) => {
    const { roles: _roles, roles_links: _links, ...shown } = view(item, asked);
    return shown;
  });
  return listAnswer('trusts', trusts, asked);
}

/** One that is over or used up is not there. */
function isAlive({ body }: Item): boolean {
  const end = body['expires_at'];
  return body['remaining_uses'] !== 0 && (typeof end !== 'string' || new Date(end).getTime() > Date.now());
}

/** For trustor and trustee, and who looks at everything. @throws Fault 403, 404 */
async function needTrust(home: Home, { caller, params }: AskedByCaller): Promise<Item> {
  const id = params['trust_id'] ?? '';
  const trust = await findItem(home.database, 'trust', id);
  if (!trust || !isAlive(trust)) throw notFound('trust', id);
  const { trustor_user_id: trustor, trustee_user_id: trustee } = trust.body;
  if (caller.user.id !== trustor && caller.user.id !== trustee && !auditor(caller, {})) {
    throw forbiddenAction('identity:get_trust');
  }
  refuseDelegated(caller);
  return trust;
}

const rolesOf = ({ body }: Item, { url }: AskedByCaller): Body[] =>
  (body['roles'] as Body[]).map((role) => ({ ...role, links: { self: `${url}/roles/${String(role['id'])}` } }));

function view(trust: Item, asked: AskedByCaller): Body {
  const self = `${asked.url}/OS-TRUST/trusts/${trust.id}`;
  return {
    ...trust.body,
    roles: rolesOf(trust, asked),
    roles_links: { self: `${self}/roles`, next: null, previous: null },
    links: { self },
  };
}
