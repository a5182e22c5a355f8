import type { AccessRule } from './access-rules.js';

/** Who sent a request, as Keystone vouches for it. */
export interface Caller {
  /** The caller's own token; it goes down to the sites in shared-Keystone mode. Never logged. */
  readonly token: string;
  readonly userId: string;
  /** Absent for unscoped, domain-scoped and system-scoped tokens. */
  readonly projectId?: string;
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
  /** All that the token may be used for, where its application credential says so. */
  readonly accessRules?: readonly AccessRule[];
}
