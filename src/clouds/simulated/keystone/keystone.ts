/** Who may use a cloud: its own Keystone, or one that it shares with others. */
import type { Caller } from '../../../openstack/caller.js';
import { Fault } from '../../../openstack/faults.js';
import type { PassedRequest } from '../../../openstack/server/front-door.js';
import type { OpenStackResponse } from '../../../openstack/message.js';

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
