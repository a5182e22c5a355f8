/** Rows of `identity_token`. A token is looked up with all it says in one select, so that what changed counts at once. */
import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../../../database/queryable.js';
import type { Body, Kind } from '../collection/items.js';
import type { InDomain, Named, Scope, Token } from './token.js';

export interface NewToken {
  readonly userRef: string;
  readonly targetRef: string | null;
  /** The trust or application credential it is made by. */
  readonly delegationRef: string | null;
  readonly methods: readonly string[];
  /** Of the token that the chain began with, where this one is made of another. */
  readonly firstAuditId: string | null;
  readonly expiresAt: Date;
}

export const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('base64');

/** @returns the token; only its digest is kept */
export async function insertToken(db: Queryable, token: NewToken): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await db.run(
    `insert into identity_token
       (digest, user_ref, target_ref, delegation_ref, methods, audit_id, first_audit_id, issued_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, date_trunc('second', now()), $8)`,
    [
      tokenDigest(secret),
      token.userRef,
      token.targetRef,
      token.delegationRef,
      token.methods,
      randomBytes(16).toString('base64url'),
      token.firstAuditId,
      token.expiresAt,
    ],
  );
  return secret;
}

interface Row {
  digest: string;
  methods: string[];
  audit_id: string;
  first_audit_id: string | null;
  issued_at: Date;
  expires_at: Date;
  login: Body;
  actor: Body;
  actor_domain: Body;
  login_domain_enabled: boolean;
  target_kind: Kind | 'system' | null;
  target: Body | null;
  target_domain: Body | null;
  delegation_kind: Kind | null;
  delegation: Body | null;
  roles: Named[];
}

/** @returns undefined for one that is unknown or ended, or whose user, scope or delegation may not be used now */
export async function findToken(db: Queryable, digest: string): Promise<Token | undefined> {
  const row = await db.maybe<Row>(
    `select t.digest, t.methods, t.audit_id, t.first_audit_id, t.issued_at, t.expires_at,
            login.body as login, actor.body as actor, actor_domain.body as actor_domain,
            (login_domain.body->>'enabled')::boolean as login_domain_enabled,
            target.kind as target_kind, target.body as target, target_domain.body as target_domain,
            delegation.kind as delegation_kind, delegation.body as delegation,
            (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.body->'name') order by r.number), '[]')
               from identity_item r
              where r.ref in (select identity_roles(coalesce(delegation.user_ref, login.ref), target.ref))
                and r.body->>'domain_id' is null
                and (delegation.ref is null or delegation.body->'roles' @> jsonb_build_array(jsonb_build_object('id', r.id)))) as roles
       from identity_token t
       join identity_item login on login.ref = t.user_ref
       join identity_item login_domain on login_domain.ref = login.domain_ref
       left join identity_item delegation on delegation.ref = t.delegation_ref
       join identity_item actor on actor.ref =
            case when delegation.body->>'impersonation' = 'true' then delegation.user_ref else login.ref end
       join identity_item actor_domain on actor_domain.ref = actor.domain_ref
       left join identity_item target on target.ref = t.target_ref
       left join identity_item target_domain on target_domain.ref = target.domain_ref
       left join identity_item trustor on trustor.ref = delegation.user_ref
      where t.digest = $1 and t.expires_at > now()
        and coalesce(trustor.body->>'enabled', 'true') = 'true'
        and coalesce((delegation.body->>'expires_at')::timestamptz > now(), true)`,
    [digest],
  );
  return row && isUsable(row) ? toToken(row) : undefined;
}

/** Whoever may not log in now cannot go on with an older token either. */
function isUsable(row: Row): boolean {
  const enabled = [row.login, row.actor, row.actor_domain, row.target, row.target_domain].every(
    (body) => body === null || body['enabled'] !== false,
  );
  return enabled && row.login_domain_enabled && (row.target_kind === null || row.roles.length > 0);
}

const named = (body: Body): Named => ({ id: String(body['id']), name: String(body['name']) });
const inDomain = (body: Body, domain: Body): InDomain => ({ ...named(body), domain: named(domain) });

function toToken(row: Row): Token {
  const { digest, methods, roles, delegation, delegation_kind: kind } = row;
  return {
    digest,
    methods,
    roles,
    user: inDomain(row.actor, row.actor_domain),
    authenticatedUserId: String(row.login['id']),
    scope: scopeOf(row),
    auditIds: row.first_audit_id === null ? [row.audit_id] : [row.audit_id, row.first_audit_id],
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    ...(kind === 'trust' && delegation ? { trust: delegation } : {}),
    ...(kind === 'application_credential' && delegation ? { applicationCredential: delegation } : {}),
  };
}

function scopeOf({ target_kind: kind, target, target_domain: domain }: Row): Scope {
  if (kind === 'project' && target && domain) return { kind, project: inDomain(target, domain) };
  if (kind === 'domain' && target) return { kind, domain: named(target) };
  return { kind: kind === null ? 'unscoped' : 'system' };
}

/** @returns false where there was none */
export const deleteToken = async (db: Queryable, digest: string): Promise<boolean> =>
  (await db.run(`delete from identity_token where digest = $1`, [digest])) === 1;

/** Ends what a user logged in with: the password was changed. */
export const deleteTokensOf = (db: Queryable, userRef: string, except = ''): Promise<number> =>
  db.run(`delete from identity_token where user_ref = $1 and digest <> $2`, [userRef, except]);

export const deleteExpiredTokens = (db: Queryable): Promise<number> =>
  db.run(`delete from identity_token where expires_at < now()`);

/** Roles that a user has on a target, none of them one of a domain. */
export const rolesOn = (db: Queryable, userRef: string, targetRef: string): Promise<Named[]> =>
  db.many<Named>(
    `select id, body->>'name' as name from identity_item
      where ref in (select identity_roles($1, $2)) and body->>'domain_id' is null order by number`,
    [userRef, targetRef],
  );
