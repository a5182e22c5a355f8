/** Who may do what in a simulated cloud: the project personas of OpenStack's default policies. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { mayAct } from '@cascade/openstack-protocol/server/persona.js';
import type { Persona, Route } from '@cascade/openstack-protocol/server/route.js';

/** @throws Fault 403 */
export function authorize(caller: Caller, needs: Persona, { method, path }: Route): void {
  if (mayAct(caller, needs)) return;
  throw new Fault('forbidden', `Policy doesn't allow ${method.toLowerCase()}:${path} to be performed.`);
}
