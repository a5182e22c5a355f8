/** Who may do what: project personas, and nothing that no row allows. */
import type { Caller } from '../openstack/caller.js';
import { Fault } from '../openstack/faults.js';
import type { Persona } from '../openstack/route.js';

/** Keystone's default roles imply each other in this order; a token lists them all, older ones may list only the top. */
const rolesOf: Record<Persona, readonly string[]> = {
  reader: ['reader', 'member', '_member_', 'manager', 'admin', 'service'],
  member: ['member', '_member_', 'manager', 'admin'],
  manager: ['manager', 'admin'],
  admin: ['admin'],
  service: ['service', 'admin'],
};

/** Roles have no case, in Keystone as in oslo.policy. */
export const isAdmin = (roles: readonly string[]): boolean => roles.some((role) => role.toLowerCase() === 'admin');

export const mayAct = (caller: Caller, needs: Persona): boolean =>
  caller.roles.some((role) => rolesOf[needs].includes(role.toLowerCase()));

/** @throws Fault 403, in the words of oslo.policy */
export function requirePersona(caller: Caller, needs: Persona, rule: string): void {
  if (!mayAct(caller, needs)) throw new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);
}
