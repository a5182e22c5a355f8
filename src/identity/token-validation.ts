/** Who says whom a token belongs to: a Keystone shared with the sites, or the identity built in here. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { PassedRequest } from '@cascade/openstack-protocol/server/front-door.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';

export interface ValidatedToken {
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface TokenValidator {
  /** @returns undefined for an invalid token. @throws Fault 503 where it cannot be validated now */
  validate(token: string): Promise<ValidatedToken | undefined>;
}

/** What stands behind `/identity`. */
export interface Identity extends TokenValidator {
  answer(asked: PassedRequest): Promise<OpenStackResponse>;
}
