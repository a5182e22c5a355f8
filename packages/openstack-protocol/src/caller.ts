import type { AccessRule } from './server/access-rules.js';

/** Who a request to a site is made for. Each site decides what it is sent to prove it. */
export interface Principal {
  readonly userId: string;
  /** Absent for unscoped, domain-scoped and system-scoped tokens. */
  readonly projectId?: string;
  readonly roles: readonly string[];
  /** The caller's own token; sites that share the cascade's Keystone are sent it. Never logged. */
  readonly token: string;
  /**
   * True for work that began while the token was valid and may have outlived it. A site's own credential then goes along as
   * a service token, with which keystonemiddleware accepts an expired token (for two days by default, where that credential
   * has the role `service`).
   * @see openstack/keystonemiddleware:keystonemiddleware/auth_token/__init__.py allow_expired
   */
  readonly allowExpired?: boolean;
  /** All that the token may be used for, where its application credential says so. Enforced when the request came in. */
  readonly accessRules?: readonly AccessRule[];
}

/** Who sent a request, as Keystone validated the token. */
export interface Caller extends Principal {
  readonly isAdmin: boolean;
}
