/** A token that is valid now, with all that its answer says: who, where, as what. */
import type { AccessRule } from '@cascade/openstack-protocol/server/access-rules.js';
import type { Body } from '../collection/items.js';

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface InDomain extends Named {
  readonly domain: Named;
}

export type Scope =
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly project: InDomain }
  | { readonly kind: 'domain'; readonly domain: Named }
  | { readonly kind: 'system' };

export interface Token {
  readonly digest: string;
  /** Who acts: the trustor where a trust impersonates. */
  readonly user: InDomain;
  /** Who logged in: the trustee where a trust impersonates. */
  readonly authenticatedUserId: string;
  readonly scope: Scope;
  readonly roles: readonly Named[];
  readonly methods: readonly string[];
  /** Its own id for the audit, then that of the token the chain began with. */
  readonly auditIds: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The body of the trust it was made by. */
  readonly trust?: Body;
  /** The body of the application credential it was made by. */
  readonly applicationCredential?: Body;
}

export const projectIdOf = ({ scope }: Token): string | undefined =>
  scope.kind === 'project' ? scope.project.id : undefined;

/** What it may be used for; undefined where that is not limited. */
export const accessRulesOf = ({ applicationCredential }: Token): readonly AccessRule[] | undefined =>
  applicationCredential?.['access_rules'] as AccessRule[] | undefined;

/** Made by a secret that was given to somebody else, with less than its user has. */
export const isDelegated = ({ applicationCredential }: Token): boolean => applicationCredential !== undefined;
