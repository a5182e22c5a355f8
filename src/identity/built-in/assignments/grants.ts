/** Who has which role where: 40 paths of one shape, made from a table. */
import { noContent } from '@cascade/openstack-protocol/message.js';
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { row, type Asked, type Home, type IdentityRoute } from '../asked.js';
import { listAnswer, viewOf } from '../collection/collection.js';
import { theSystem, type Item } from '../collection/items.js';
import { needItem, needRef } from '../collection/needed.js';
import { admin, auditor } from '../policies.js';
import { forbidden } from '../refusals.js';
import { roles } from './roles.js';

type Actor = 'user' | 'group';
type Target = 'project' | 'domain' | 'system';

interface Grant {
  readonly actor: string;
  readonly target: string;
  readonly inherited: boolean;
}

const targets: readonly (readonly [target: Target, path: string])[] = [
  ['project', '/projects/{project_id}'],
  ['domain', '/domains/{domain_id}'],
  ['system', '/system'],
];

/** `PUT /projects/{project_id}/users/{user_id}/roles/{role_id}` and all its like. */
export const grantRoutes: IdentityRoute[] = targets.flatMap(([target, path]) =>
  (['user', 'group'] as const).flatMap((actor) => {
    const below = `${path}/${actor}s/{${actor}_id}/roles`;
    const plain = routesAt(target, actor, below, '', false);
    if (target === 'system') return plain;
    return [...plain, ...routesAt(target, actor, `/OS-INHERIT${below}`, '/inherited_to_projects', true)];
  }),
);

function routesAt(target: Target, actor: Actor, path: string, suffix: string, inherited: boolean): IdentityRoute[] {
  const one = `${path}/{role_id}${suffix}`;
  const rule = target === 'system' ? `system_grant_for_${actor}` : 'grant';
  const of = async (home: Home, asked: Asked): Promise<Grant> => ({
    target: target === 'system' ? theSystem : await needRef(home.database, target, asked.params[`${target}_id`] ?? ''),
    actor: await needRef(home.database, actor, asked.params[`${actor}_id`] ?? ''),
    inherited,
  });
  return [
    row(`GET ${path}${suffix}`, `list_${rule}s`, auditor, async (home, asked) => {
      const granted = await grantedRoles(home, await of(home, asked));
      return listAnswer(
        'roles',
        granted.map(({ body }) => viewOf(roles, body, asked)),
        asked,
      );
    }),
    row(`PUT ${one}`, `create_${rule}`, admin, async (home, asked) => {
      await give(home, await of(home, asked), await grantable(home, target, asked));
      return noContent();
    }),
    row(`GET ${one}`, `check_${rule}`, auditor, async (home, asked) => {
      const grant = await of(home, asked);
      const role = await needItem(home.database, 'role', asked.params['role_id'] ?? '');
      if (!(await grantedRoles(home, grant)).some(({ ref }) => ref === role.ref)) throw noGrant(grant, role);
      return noContent();
    }),
    row(`DELETE ${one}`, `revoke_${rule}`, admin, async (home, asked) => {
      await take(home, await of(home, asked), await needItem(home.database, 'role', asked.params['role_id'] ?? ''));
      return noContent();
    }),
  ];
}

/** A domain's role is for the projects of that domain. @throws Fault 403, 404 */
async function grantable(home: Home, target: Target, { params }: Asked): Promise<Item> {
  const role = await needItem(home.database, 'role', params['role_id'] ?? '');
  const roleDomain = role.body['domain_id'] ?? null;
  if (roleDomain === null) return role;
  if (target === 'system') throw forbidden('Domain-specific roles cannot be assigned to the system.');
  const { id, body } = await needItem(home.database, target, params[`${target}_id`] ?? '');
  if ((target === 'domain' ? id : body['domain_id']) !== roleDomain) {
    throw forbidden(`Project ${id} must be in the same domain as the role ${role.id} being assigned.`);
  }
  return role;
}

const grantedRoles = (home: Home, { actor, target, inherited }: Grant): Promise<Item[]> =>
  home.database.many<Item>(
    `select i.ref, i.kind, i.id, i.body from identity_grant g join identity_item i on i.ref = g.role_ref
      where g.actor_ref = $1 and g.target_ref = $2 and g.inherited = $3 order by i.number`,
    [actor, target, inherited],
  );

async function give(home: Home, { actor, target, inherited }: Grant, role: Item): Promise<void> {
  await home.database.transaction(async (tx) => {
    await tx.run(
      `insert into identity_grant (actor_ref, target_ref, role_ref, inherited) values ($1, $2, $3, $4) on conflict do nothing`,
      [actor, target, role.ref, inherited],
    );
    await home.tokensChanged(tx);
  });
}

/** @throws Fault 404 where it was not given */
async function take(home: Home, grant: Grant, role: Item): Promise<void> {
  const { actor, target, inherited } = grant;
  await home.database.transaction(async (tx) => {
    const taken = await tx.run(
      `delete from identity_grant where actor_ref = $1 and target_ref = $2 and role_ref = $3 and inherited = $4`,
      [actor, target, role.ref, inherited],
    );
    if (taken === 0) throw noGrant(grant, role);
    await home.tokensChanged(tx);
  });
}

const idOf = (ref: string): string => ref.slice(ref.indexOf('/') + 1);

const noGrant = ({ actor, target }: Grant, role: Item) =>
  notFound(
    'role assignment with role',
    `${role.id}, user or group: ${idOf(actor)}, project, domain, or system: ${idOf(target)}`,
  );
