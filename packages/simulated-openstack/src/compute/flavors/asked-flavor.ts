/** The flavor a request names. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Flavor, Flavors } from './flavors.js';

/** @throws Fault 404 for one that the caller may not see, too */
export function flavorAsked(flavors: Flavors, asked: Asked): Flavor {
  const flavor = flavors.require(asked.params['id'] ?? '');
  if (!flavors.mayUse(asked, flavor)) throw new Fault('not-found', `Flavor ${flavor.id} could not be found.`);
  return flavor;
}
