/** Who may do what: project personas, and nothing that no row allows. */
import type { Caller } from '../openstack/caller.js';
import { Fault } from '../openstack/faults.js';
import { mayAct } from '../openstack/server/persona.js';
import type { Persona } from '../openstack/server/route.js';

/** Roles have no case, in Keystone as in oslo.policy. */
export const isAdmin = (roles: readonly string[]): boolean => roles.some((role) => role.toLowerCase() === 'admin');

/** @throws Fault 403, in the words of oslo.policy */
export function requirePersona(caller: Caller, needs: Persona, rule: string): void {
  if (!mayAct(caller, needs)) throw new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);
}
