/** Which projects may use a private flavor. @see openstack/nova:nova/api/openstack/compute/flavor_access.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Route } from '@cascade/openstack-protocol/server/route.js';
import { flavorAsked } from './asked-flavor.js';
import type { Flavor, Flavors } from './flavors.js';

export const flavorAccessRoutes = (flavors: Flavors): Route[] => [
  route('GET /flavors/{id}/os-flavor-access', 'reader', async (asked) => {
    const flavor = flavorAsked(flavors, asked);
    if (flavor.isPublic) throw new Fault('not-found', 'Access list not available for public flavors.');
    return accessOf(flavor);
  }),
  route('POST /flavors/{id}/action', 'admin', changeAccess(flavors)),
];

const accessOf = (flavor: Flavor): OpenStackResponse =>
  json(200, { flavor_access: flavor.access.map((tenant_id) => ({ flavor_id: flavor.id, tenant_id })) });

function changeAccess(flavors: Flavors): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    const [action = ''] = Object.keys(body);
    if (action !== 'addTenantAccess' && action !== 'removeTenantAccess') {
      throw new Fault('bad-request', `There is no such action: ${action}`);
    }
    const { addTenantAccess: added, removeTenantAccess: removed } = body as Record<
      string,
      { tenant: string } | undefined
    >;
    const flavor = flavorAsked(flavors, asked);
    if (added) return accessOf(add(flavors, flavor, added.tenant));
    return accessOf(remove(flavors, flavor, removed?.tenant ?? ''));
  };
}

/** @throws Fault 409 */
function add(flavors: Flavors, flavor: Flavor, project: string): Flavor {
  if (flavor.isPublic) throw new Fault('conflict', 'Can not add access to a public flavor.');
  if (!flavor.access.includes(project)) return flavors.change(flavor.id, { access: [...flavor.access, project] });
  const words = `Flavor access already exists for flavor ${flavors.numberOf(flavor.id)} and project ${project} combination.`;
  throw new Fault('conflict', words);
}

/** @throws Fault 404 */
function remove(flavors: Flavors, flavor: Flavor, project: string): Flavor {
  if (flavor.access.includes(project)) {
    return flavors.change(flavor.id, { access: flavor.access.filter((id) => id !== project) });
  }
  throw new Fault('not-found', `Flavor access not found for ${flavors.numberOf(flavor.id)} / ${project} combination.`);
}
