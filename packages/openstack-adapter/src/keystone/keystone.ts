/** Who may use a cloud: its own Keystone, or one that it shares with others. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { PassedRequest } from '@cascade/openstack-protocol/server/front-door.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';

export interface Keystone {
  /** Answers what is asked below `/identity`. */
  answer(asked: PassedRequest): Promise<OpenStackResponse>;
  /** @throws Fault 401, 503 where a shared Keystone does not answer */
  callerOf(token: string | undefined): Promise<Caller>;
}

export const refused = (): Fault =>
  new Fault('unauthorized', 'The request you have made requires authentication.', {
    headers: { 'www-authenticate': 'Keystone uri="/identity"' },
  });

export const isAdmin = (roles: readonly string[]): boolean => roles.some((role) => role.toLowerCase() === 'admin');
