/** Who may do what: project personas, and nothing that no row allows. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { mayAct } from '@cascade/openstack-protocol/server/persona.js';
import { notAllowedToPerform } from '@cascade/openstack-protocol/server/refusal-by-policy.js';
import type { Persona } from '@cascade/openstack-protocol/server/route.js';

/** Roles have no case, in Keystone as in oslo.policy. */
export const isAdmin = (roles: readonly string[]): boolean => roles.some((role) => role.toLowerCase() === 'admin');

/** @throws Fault 403, in the words of oslo.policy */
export function requirePersona(caller: Caller, needs: Persona, rule: string): void {
  if (!mayAct(caller, needs)) throw notAllowedToPerform(rule);
}
