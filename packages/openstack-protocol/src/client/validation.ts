/** A token validates itself, so whoever asks needs no account. @see keystone's policy identity:validate_token */
import type { AccessRule } from '../server/access-rules.js';
import type { Caller } from '../caller.js';
import { bodyOf, type Headers, type OpenStackResponse } from '../message.js';

export const validationPath = '/v3/auth/tokens?nocatalog';

/** Keystone hides tokens with access rules from whoever does not say that it keeps to them. */
export const validationHeaders = (token: string): Headers => ({
  'x-auth-token': token,
  'x-subject-token': token,
  accept: 'application/json',
  'openstack-identity-access-rules': '1.0',
});

interface TokenBody {
  readonly expires_at: string;
  readonly user: { readonly id: string };
  readonly project?: { readonly id: string };
  readonly roles?: readonly { readonly name: string }[];
  readonly application_credential?: { readonly access_rules?: readonly AccessRule[] };
}

export interface Validated {
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** @returns undefined where the answer is no token */
export function validated(
  token: string,
  response: OpenStackResponse,
  isAdmin: (roles: readonly string[]) => boolean,
): Validated | undefined {
  const body = (bodyOf(response) as { token?: TokenBody } | undefined)?.token;
  if (response.status !== 200 || !body) return undefined;
  const roles = (body.roles ?? []).map(({ name }) => name);
  const accessRules = body.application_credential?.access_rules;
  const caller: Caller = {
    token,
    userId: body.user.id,
    roles,
    isAdmin: isAdmin(roles),
    ...(body.project ? { projectId: body.project.id } : {}),
    ...(accessRules ? { accessRules } : {}),
  };
  return { caller, expiresAt: Date.parse(body.expires_at) };
}
