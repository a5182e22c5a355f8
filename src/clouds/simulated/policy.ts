/** Who may do what in a simulated cloud: the project personas of OpenStack's default policies. */
import type { Caller } from '../../openstack/caller.js';
import { Fault } from '../../openstack/faults.js';
import { mayAct } from '../../openstack/server/persona.js';
import type { Persona, Route } from '../../openstack/server/route.js';

/** @throws Fault 403 */
export function authorize(caller: Caller, needs: Persona, { method, path }: Route): void {
  if (mayAct(caller, needs)) return;
  throw new Fault('forbidden', `Policy doesn't allow ${method.toLowerCase()}:${path} to be performed.`);
}
