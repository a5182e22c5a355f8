/** Volumes. */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { passOne, passToOwner } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { listFromInventory } from '../lists/list.js';
import { listedVolumes } from '@cascade/openstack-protocol/volume/cinder-lists.js';
import { metadataRoutes } from '../metadata-routes.js';
import { actOnVolume } from './actions.js';
import { createVolume } from './create-volume.js';
import { sumVolumes } from './summary.js';
import { shownAsLastSeen } from '../lists/views.js';

export function volumeRoutes(world: World): Route[] {
  const one = passOne(world, 'volume', 'volume_id', shownAsLastSeen(listedVolumes));
  const below = passToOwner(world, 'volume', 'volume_id');
  const of = '/volumes/{volume_id}';
  return [
    route('GET /volumes', 'reader', listFromInventory(world, listedVolumes, false)),
    route('GET /volumes/detail', 'reader', listFromInventory(world, listedVolumes, true)),
    route('GET /volumes/summary', 'reader', sumVolumes(world), { since: '3.12' }),
    route('POST /volumes', 'member', createVolume(world)),
    route(`GET ${of}`, 'reader', one),
    route(`PUT ${of}`, 'member', one),
    route(`DELETE ${of}`, 'member', one),
    route(`POST ${of}/action`, 'member', actOnVolume(world)),
    ...metadataRoutes(of, below),
    route(`GET ${of}/encryption`, 'reader', below),
    route(`GET ${of}/encryption/{key}`, 'reader', below),
  ];
}
