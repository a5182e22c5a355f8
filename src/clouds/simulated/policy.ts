/** Who may do what in a simulated cloud: the project personas of OpenStack's default policies. */
import type { Caller } from '../../openstack/caller.js';
import { Fault } from '../../openstack/faults.js';
import type { Persona, Route } from '../../openstack/route.js';

/** Roles that make a persona. Each stronger one implies the weaker. */
const rolesOf: Record<Persona, readonly string[]> = {
  reader: ['reader', 'member', '_member_', 'manager', 'admin', 'service'],
  member: ['member', '_member_', 'manager', 'admin'],
  manager: ['manager', 'admin'],
  admin: ['admin'],
  service: ['service', 'admin'],
};

/** @throws Fault 403 */
export function authorize({ roles }: Caller, needs: Persona, { method, path }: Route): void {
  if (roles.some((role) => rolesOf[needs].includes(role.toLowerCase()))) return;
  throw new Fault('forbidden', `Policy doesn't allow ${method.toLowerCase()}:${path} to be performed.`);
}
