/** Groups of volumes and their snapshots. */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { passOne, passToOwner } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { create, zoneIn } from '../create.js';
import { reads, remove } from '../lists/on-demand.js';
import {
  groupFromSourceReferences,
  groupReferences,
  groupSnapshotReferences,
  cgsnapshotReferences,
  consistencyGroupFromSourceReferences,
} from '../references.js';
import { changeGroup } from './change-group.js';

const groupsSince = { since: '3.13' };
const snapshotsSince = { since: '3.14' };

export function groupRoutes(world: World): Route[] {
  const one = passOne(world, 'volume_group', 'group_id');
  const make = create(world, 'volume_group', groupReferences, { takeZone: zoneIn('group') });
  const fromSource = create(world, 'volume_group', groupFromSourceReferences);
  const of = '/groups/{group_id}';
  return [
    ...reads(world, 'volume_group', 'Group', '/groups', 'group_id', groupsSince),
    route('POST /groups', 'member', make, groupsSince),
    route('POST /groups/action', 'member', fromSource, groupsSince),
    route(`PUT ${of}`, 'member', changeGroup(world, 'volume_group', 'group_id', one), groupsSince),
    route(`POST ${of}/action`, 'member', passToOwner(world, 'volume_group', 'group_id'), groupsSince),
    ...groupSnapshotRoutes(world),
  ];
}

function groupSnapshotRoutes(world: World): Route[] {
  const kind = 'group_snapshot';
  const param = 'group_snapshot_id';
  const of = '/group_snapshots/{group_snapshot_id}';
  return [
    ...reads(world, kind, 'GroupSnapshot', '/group_snapshots', param, snapshotsSince),
    route('POST /group_snapshots', 'member', create(world, kind, groupSnapshotReferences), snapshotsSince),
    route(`DELETE ${of}`, 'member', remove(world, kind, param), snapshotsSince),
    route(`POST ${of}/action`, 'member', passToOwner(world, kind, param), snapshotsSince),
  ];
}

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
