/** Who may do what: project personas by the roles of a token, and nothing that no row allows. */
import type { Caller } from '../caller.js';
import type { Persona } from './route.js';

/** Keystone's default roles imply each other in this order; a token lists them all, older ones may list only the top. */
const rolesOf: Record<Persona, readonly string[]> = {
  reader: ['reader', 'member', '_member_', 'manager', 'admin', 'service'],
  member: ['member', '_member_', 'manager', 'admin'],
  'member or service': ['member', '_member_', 'manager', 'admin', 'service'],
  manager: ['manager', 'admin'],
  admin: ['admin'],
  service: ['service', 'admin'],
};

export const isPersona = (needs: string): boolean => needs in rolesOf;

/** Roles have no case, in Keystone as in oslo.policy. */
export const mayAct = ({ roles }: Pick<Caller, 'roles'>, needs: Persona): boolean =>
  roles.some((role) => rolesOf[needs].includes(role.toLowerCase()));
