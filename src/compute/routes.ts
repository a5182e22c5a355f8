/** Nova's route table. */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { readAtHome } from '../routing/any-site.js';
import type { World } from '../routing/world.js';
import { listFlavors, showExtraSpecs, showFlavor, showFlavorAccess } from './flavors/flavor-views.js';
import { writeFlavor } from './flavors/write-flavor.js';
import { createKeyPair, deleteKeyPair, readKeyPairs } from './key-pairs.js';
import { operatorRoutes } from './operator-routes.js';
import { orServerPlaceholder } from './placeholders/placeholder-routes.js';
import { proxyRoutes } from './proxy-routes.js';
import { createServerGroup, deleteServerGroup, listServerGroups, showServerGroup } from './server-groups.js';
import { strictQuery } from './strict-queries.js';
import { serverRoutes } from './servers/server-routes.js';

export const computeRoutes = (world: World): Route[] => allRoutes(world).map(strictQuery);

const allRoutes = (world: World): Route[] => [
  ...serverRoutes(world).map(orServerPlaceholder(world)),
  ...flavorRoutes(world),
  route('GET /os-keypairs', 'reader', readKeyPairs(world)),
  // A key pair is its user's, whatever the user's role in the project.
  route('POST /os-keypairs', 'reader', createKeyPair(world)),
  route('GET /os-keypairs/{keypair_name}', 'reader', readKeyPairs(world)),
  route('DELETE /os-keypairs/{keypair_name}', 'reader', deleteKeyPair(world)),
  route('GET /os-server-groups', 'reader', listServerGroups(world)),
  route('POST /os-server-groups', 'member', createServerGroup(world)),
  route('GET /os-server-groups/{server_group_id}', 'reader', showServerGroup(world)),
  route('DELETE /os-server-groups/{server_group_id}', 'member', deleteServerGroup(world)),
  route('GET /extensions', 'reader', readAtHome(world)),
  route('GET /extensions/{alias}', 'reader', readAtHome(world)),
  ...proxyRoutes(world),
  ...operatorRoutes(world),
];

function flavorRoutes(world: World): Route[] {
  const write = writeFlavor(world);
  const specs = showExtraSpecs(world);
  return [
    route('GET /flavors', 'reader', listFlavors(world, false)),
    route('GET /flavors/detail', 'reader', listFlavors(world, true)),
    route('POST /flavors', 'admin', write),
    route('GET /flavors/{flavor_id}', 'reader', showFlavor(world)),
    route('PUT /flavors/{flavor_id}', 'admin', write, { since: '2.55' }),
    route('DELETE /flavors/{flavor_id}', 'admin', write),
    route('POST /flavors/{flavor_id}/action', 'admin', write),
    route('GET /flavors/{flavor_id}/os-flavor-access', 'reader', showFlavorAccess(world)),
    route('GET /flavors/{flavor_id}/os-extra_specs', 'reader', specs),
    route('POST /flavors/{flavor_id}/os-extra_specs', 'admin', write),
    route('GET /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}', 'reader', specs),
    route('PUT /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}', 'admin', write),
    route('DELETE /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}', 'admin', write),
  ];
}
