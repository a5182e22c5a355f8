/** What has no feed: groups and their snapshots, their elders the consistency groups, transfers, attachments, messages. */
import { isOk } from '../../openstack/message.js';
import { route, type Answer, type Persona, type Route } from '../../openstack/route.js';
import { passOne, passToOwner, type PassOptions } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { changeGroup } from './change-group.js';
import { create, zoneIn } from '../create.js';
import { mergeSites } from '../lists/merge-lists.js';
import { withGlobalTypes } from '../mirror/ids.js';
import { acceptTransfer } from '../transfers/accept-transfer.js';
import {
  attachmentReferences,
  cgsnapshotReferences,
  consistencyGroupFromSourceReferences,
  groupFromSourceReferences,
  groupReferences,
  groupSnapshotReferences,
  transferReferences,
} from '../references.js';

type Range = { since?: string };

/** List, detailed list and one of a kind. */
function reads(
  world: World,
  kind: string,
  word: string,
  collection: string,
  param: string,
  range: Range = {},
): Route[] {
  const list = mergeSites(world, kind, word);
  return [
    route(`GET ${collection}`, 'reader', list, range),
    route(`GET ${collection}/detail`, 'reader', list, range),
    route(`GET ${collection}/{${param}}`, 'reader', passOne(world, kind, param, typed(world)), range),
  ];
}

/** Without a feed nobody else would tell that it is gone. */
function remove(world: World, kind: string, param: string): Answer {
  const pass = passOne(world, kind, param);
  return async (asked) => {
    const response = await pass(asked);
    const id = asked.params[param] ?? '';
    const row = isOk(response) ? await world.inventory.find(kind, id) : undefined;
    if (row) await world.inventory.forget(kind, world.sites.require(row.site_id), [id], new Date());
    return response;
  };
}

const typed = (world: World): PassOptions => ({
  shown: (_asked, response, site) => withGlobalTypes(world, response, site),
});

export function groupRoutes(world: World): Route[] {
  const since = { since: '3.13' };
  const snapshots = { since: '3.14' };
  const one = passOne(world, 'volume_group', 'group_id', typed(world));
  const fromSource = create(world, 'volume_group', groupFromSourceReferences);
  return [
    ...reads(world, 'volume_group', 'Group', '/groups', 'group_id', since),
    route(
      'POST /groups',
      'member',
      create(world, 'volume_group', groupReferences, { takeZone: zoneIn('group') }),
      since,
    ),
    route('POST /groups/action', 'member', fromSource, since),
    route('PUT /groups/{group_id}', 'member', changeGroup(world, 'volume_group', 'group_id', one), since),
    route('POST /groups/{group_id}/action', 'member', passToOwner(world, 'volume_group', 'group_id'), since),
    ...reads(world, 'group_snapshot', 'GroupSnapshot', '/group_snapshots', 'group_snapshot_id', snapshots),
    route('POST /group_snapshots', 'member', create(world, 'group_snapshot', groupSnapshotReferences), snapshots),
    route(
      'DELETE /group_snapshots/{group_snapshot_id}',
      'member',
      remove(world, 'group_snapshot', 'group_snapshot_id'),
      snapshots,
    ),
    route(
      'POST /group_snapshots/{group_snapshot_id}/action',
      'member',
      passToOwner(world, 'group_snapshot', 'group_snapshot_id'),
      snapshots,
    ),
  ];
}

export function consistencyGroupRoutes(world: World): Route[] {
  const below = passToOwner(world, 'consistencygroup', 'consistencygroup_id');
  const fromSource = create(world, 'consistencygroup', consistencyGroupFromSourceReferences);
  const of = '/consistencygroups/{consistencygroup_id}';
  return [
    ...reads(world, 'consistencygroup', 'ConsistencyGroup', '/consistencygroups', 'consistencygroup_id'),
    route(
      'POST /consistencygroups',
      'member',
      create(world, 'consistencygroup', [], { takeZone: zoneIn('consistencygroup') }),
    ),
    route('POST /consistencygroups/create_from_src', 'member', fromSource),
    route(`POST ${of}/delete`, 'member', below),
    route(`PUT ${of}/update`, 'member', changeGroup(world, 'consistencygroup', 'consistencygroup_id', below)),
    ...reads(world, 'cgsnapshot', 'CgSnapshot', '/cgsnapshots', 'cgsnapshot_id'),
    route('POST /cgsnapshots', 'member', create(world, 'cgsnapshot', cgsnapshotReferences)),
    route('DELETE /cgsnapshots/{cgsnapshot_id}', 'member', remove(world, 'cgsnapshot', 'cgsnapshot_id')),
  ];
}

/** The same under two names: `volume-transfers` came with 3.55. */
export function transferRoutes(world: World): Route[] {
  const make = create(world, 'volume_transfer', transferReferences);
  const accept = acceptTransfer(world);
  const take = remove(world, 'volume_transfer', 'transfer_id');
  return [['/os-volume-transfer', {}] as const, ['/volume-transfers', { since: '3.55' }] as const].flatMap(
    ([path, range]) => [
      ...reads(world, 'volume_transfer', 'Transfer', path, 'transfer_id', range),
      route(`POST ${path}`, 'member', make, range),
      route(`POST ${path}/{transfer_id}/accept`, 'member', accept, range),
      route(`DELETE ${path}/{transfer_id}`, 'member', take, range),
    ],
  );
}

export function attachmentRoutes(world: World): Route[] {
  const since = { since: '3.27' };
  const one = passOne(world, 'volume_attachment', 'attachment_id');
  const of = '/attachments/{attachment_id}';
  const write = (path: string, run: Answer, needs: Persona = 'member') => route(path, needs, run, since);
  return [
    ...reads(world, 'volume_attachment', 'VolumeAttachment', '/attachments', 'attachment_id', since),
    write('POST /attachments', create(world, 'volume_attachment', attachmentReferences)),
    write(`PUT ${of}`, one),
    write(`DELETE ${of}`, remove(world, 'volume_attachment', 'attachment_id')),
    write(`POST ${of}/action`, passToOwner(world, 'volume_attachment', 'attachment_id')),
  ];
}

export function messageRoutes(world: World): Route[] {
  const since = { since: '3.3' };
  return [
    route('GET /messages', 'reader', mergeSites(world, 'volume_message', 'Message'), since),
    route('GET /messages/{message_id}', 'reader', passOne(world, 'volume_message', 'message_id'), since),
    route('DELETE /messages/{message_id}', 'member', remove(world, 'volume_message', 'message_id'), since),
  ];
}
