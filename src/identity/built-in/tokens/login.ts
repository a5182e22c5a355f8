/** `POST /auth/tokens`: who logs in, and to what. */
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { expected } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Queryable } from '../../../database/queryable.js';
import type { Asked, Home } from '../asked.js';
import { authenticate, findDomain, LoginFailed, type Proven } from './authenticate.js';
import { findByUniqueKey, findItem, refTo, theSystem, type Item } from '../collection/items.js';
import { loginIn, scopeIn, type AskedScope } from './login-body.js';
import { forbidden, unauthorized } from '../refusals.js';
import { consumeTrust } from '../delegation/trusts.js';
import { tokenAnswer } from './token-answer.js';
import { findToken, insertToken, rolesOn, tokenDigest } from './token-rows.js';

interface Destination {
  readonly targetRef: string | null;
  /** A trust or an application credential, whose roles these are. */
  readonly delegation?: Item;
}

/** @throws Fault 400, 401, 403 */
export async function login(home: Home, asked: Asked): Promise<OpenStackResponse> {
  const body = await loginIn(asked);
  const scope = scopeIn(body);
  try {
    const proven = await authenticate(home, body);
    return await home.database.transaction(async (tx) => {
      const secret = await issue(tx, home, proven, await destination(tx, proven, scope));
      const token = await findToken(tx, tokenDigest(secret));
      if (!token) throw new LoginFailed('a disabled project, or a role that is gone');
      return tokenAnswer(tx, asked, token, secret, 201);
    });
  } catch (error) {
    if (error instanceof LoginFailed) throw unauthorized(`${asked.publicUrl}/identity`);
    throw error;
  }
}

async function issue(tx: Queryable, home: Home, proven: Proven, { targetRef, delegation }: Destination) {
  const ends = [home.tokenSeconds * 1000 + Date.now()];
  if (proven.token) ends.push(proven.token.expiresAt.getTime());
  const delegationEnd = delegation?.body['expires_at'];
  if (typeof delegationEnd === 'string') ends.push(new Date(delegationEnd).getTime());
  const expiresAt = new Date(Math.floor(Math.min(...ends) / 1000) * 1000);
  return insertToken(tx, {
    userRef: proven.user.ref,
    targetRef,
    delegationRef: delegation?.ref ?? null,
    methods: proven.methods,
    firstAuditId: proven.token?.auditIds.at(-1) ?? null,
    expiresAt,
  });
}

/** @throws LoginFailed where the user has no role there, whether it exists or not */
async function destination(tx: Queryable, proven: Proven, scope: AskedScope): Promise<Destination> {
  const { user, applicationCredential } = proven;
  if (applicationCredential) return ofCredential(applicationCredential, proven, scope);
  switch (scope.kind) {
    case 'unscoped':
      return { targetRef: null };
    case 'none':
      return { targetRef: await defaultProject(tx, user) };
    case 'system':
      return { targetRef: await withRoles(tx, user, theSystem) };
    case 'domain':
      return { targetRef: await withRoles(tx, user, (await findDomain(tx, scope.domain))?.ref) };
    case 'project': {
      const { id, name, domain } = scope.project;
      if (id !== undefined) return { targetRef: await withRoles(tx, user, refTo('project', id)) };
      if (!domain) throw expected('domain', 'project');
      const owner = await findDomain(tx, domain);
      const project = owner && (await findByUniqueKey(tx, 'project', JSON.stringify([owner.id, name])));
      return { targetRef: await withRoles(tx, user, project?.ref) };
    }
    case 'trust':
      return ofTrust(tx, user, scope.id);
  }
}

async function withRoles(tx: Queryable, user: Item, targetRef: string | undefined): Promise<string> {
  if (targetRef === undefined || (await rolesOn(tx, user.ref, targetRef)).length === 0) {
    throw new LoginFailed('no role there');
  }
  return targetRef;
}

/** Where nothing is asked for: the user's default project, while it may be used. */
async function defaultProject(tx: Queryable, { ref, body }: Item): Promise<string | null> {
  const id = body['default_project_id'];
  const project = typeof id === 'string' ? await findItem(tx, 'project', id) : undefined;
  if (!project || project.body['enabled'] === false) return null;
  return (await rolesOn(tx, ref, project.ref)).length > 0 ? project.ref : null;
}

/** An application credential is for its project, and so is each token that is made of its token. */
function ofCredential(credential: Item, proven: Proven, scope: AskedScope): Destination {
  const projectId = String(credential.body['project_id']);
  const isAskedFor = scope.kind === 'project' && scope.project.id === projectId && proven.token !== undefined;
  if (scope.kind !== 'none' && !isAskedFor) throw new LoginFailed('application credentials cannot request a scope');
  return { targetRef: refTo('project', projectId), delegation: credential };
}

/** @throws Fault 403 for who is not its trustee */
async function ofTrust(tx: Queryable, user: Item, id: string): Promise<Destination> {
  const trust = await findItem(tx, 'trust', id);
  if (!trust) throw new LoginFailed('no such trust');
  if (trust.body['trustee_user_id'] !== user.id) throw forbidden('User is not a trustee.');
  await consumeTrust(tx, trust);
  const projectId = trust.body['project_id'];
  return { targetRef: typeof projectId === 'string' ? refTo('project', projectId) : null, delegation: trust };
}
