/** Snapshots of volumes. */
import { route, type Route } from '../openstack/route.js';
import { passOne, passToOwner } from '../routing/pass.js';
import type { World } from '../routing/world.js';
import { create } from './create.js';
import { listFromInventory } from './lists/list.js';
import { listedSnapshots } from './lists/listed.js';
import { metadataRoutes } from './metadata-routes.js';
import { snapshotReferences } from './references.js';
import { shownAs } from './shown-as.js';

export function snapshotRoutes(world: World): Route[] {
  const one = passOne(world, 'snapshot', 'snapshot_id', shownAs(world, listedSnapshots));
  const below = passToOwner(world, 'snapshot', 'snapshot_id');
  const of = '/snapshots/{snapshot_id}';
  return [
    route('GET /snapshots', 'reader', listFromInventory(world, listedSnapshots, false)),
    route('GET /snapshots/detail', 'reader', listFromInventory(world, listedSnapshots, true)),
    route('POST /snapshots', 'member', create(world, 'snapshot', snapshotReferences)),
    route(`GET ${of}`, 'reader', one),
    route(`PUT ${of}`, 'member', one),
    route(`DELETE ${of}`, 'member', one),
    route(`POST ${of}/action`, 'member', below),
    ...metadataRoutes(of, below),
  ];
}
