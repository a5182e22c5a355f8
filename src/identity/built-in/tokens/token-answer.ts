/** A token as `/auth/tokens` shows it. @see openstack/keystone:keystone/common/render_token.py */
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Queryable } from '../../../database/queryable.js';
import type { Asked } from '../asked.js';
import { storedCatalog } from '../catalog/stored-catalog.js';
import { projectIdOf, type Named, type Scope, type Token } from './token.js';

/** With the microseconds that Python writes. */
const isoTime = (time: Date): string => time.toISOString().replace(/(\.\d{3})Z$/, '$1000Z');

/** @param secret the token itself, for the header */
export async function tokenAnswer(
  db: Queryable,
  asked: Asked,
  token: Token,
  secret: string,
  status: 200 | 201,
): Promise<OpenStackResponse> {
  const catalog =
    asked.query.has('nocatalog') || token.scope.kind === 'unscoped'
      ? {}
      : { catalog: await storedCatalog(db, asked.publicUrl, projectIdOf(token)) };
  const headers = { 'x-subject-token': secret, vary: 'X-Auth-Token' };
  return json(status, { token: { ...tokenBody(token), ...catalog } }, headers);
}

function tokenBody(token: Token) {
  const { trust, applicationCredential: credential } = token;
  return {
    methods: token.methods,
    user: { ...token.user, password_expires_at: null },
    audit_ids: token.auditIds,
    expires_at: isoTime(token.expiresAt),
    issued_at: isoTime(token.issuedAt),
    ...scopeBody(token.scope, token.roles),
    ...(trust && {
      'OS-TRUST:trust': {
        id: trust['id'],
        impersonation: trust['impersonation'],
        trustor_user: { id: trust['trustor_user_id'] },
        trustee_user: { id: trust['trustee_user_id'] },
      },
    }),
    ...(credential && {
      application_credential: {
        id: credential['id'],
        name: credential['name'],
        restricted: credential['unrestricted'] !== true,
        ...(credential['access_rules'] ? { access_rules: credential['access_rules'] } : {}),
      },
    }),
  };
}

function scopeBody(scope: Scope, roles: readonly Named[]) {
  switch (scope.kind) {
    case 'project':
      return { project: scope.project, is_domain: false, roles };
    case 'domain':
      return { domain: scope.domain, roles };
    case 'system':
      return { system: { all: true }, roles };
    case 'unscoped':
      return {};
  }
}
