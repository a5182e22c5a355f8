/** The elders of groups: consistency groups and their snapshots. */
import { route, type Route } from '../../openstack/route.js';
import { passToOwner } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { create, zoneIn } from '../create.js';
import { reads, remove } from '../lists/on-demand.js';
import { cgsnapshotReferences, consistencyGroupFromSourceReferences } from '../references.js';
import { changeGroup } from './change-group.js';

export function consistencyGroupRoutes(world: World): Route[] {
  const kind = 'consistencygroup';
  const param = 'consistencygroup_id';
  const below = passToOwner(world, kind, param);
  const make = create(world, kind, [], { takeZone: zoneIn('consistencygroup') });
  const fromSource = create(world, kind, consistencyGroupFromSourceReferences);
  const of = '/consistencygroups/{consistencygroup_id}';
  return [
    ...reads(world, kind, 'Group', '/consistencygroups', param),
    route('POST /consistencygroups', 'member', make),
    route('POST /consistencygroups/create_from_src', 'member', fromSource),
    route(`POST ${of}/delete`, 'member', below),
    route(`PUT ${of}/update`, 'member', changeGroup(world, kind, param, below)),
    ...reads(world, 'cgsnapshot', 'CgSnapshot', '/cgsnapshots', 'cgsnapshot_id'),
    route('POST /cgsnapshots', 'member', create(world, 'cgsnapshot', cgsnapshotReferences)),
    route('DELETE /cgsnapshots/{cgsnapshot_id}', 'member', remove(world, 'cgsnapshot', 'cgsnapshot_id')),
  ];
}
