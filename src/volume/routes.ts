/** Cinder's route table. */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { readAtHome } from '../routing/any-site.js';
import type { World } from '../routing/world.js';
import { backupRoutes } from './backups/backup-routes.js';
import { groupRoutes, consistencyGroupRoutes } from './groups/group-routes.js';
import { manageRoutes } from './hosts/manage-routes.js';
import { operatorRoutes } from './hosts/operator-routes.js';
import { orVolumePlaceholder, orKeptMessage } from './placeholders/placeholder-routes.js';
import { quotaRoutes } from './quotas/quota-routes.js';
import { defaultTypeRoutes, groupTypeRoutes, qosRoutes, volumeTypeRoutes } from './types/type-routes.js';
import { volumeRoutes as volumes } from './volumes/volume-routes.js';
import { listZones } from './zones.js';
import { passOne, passToOwner } from '../routing/pass.js';
import { create } from './create.js';
import { listFromInventory } from './lists/list.js';
import { listedSnapshots } from '@cascade/openstack-protocol/volume/cinder-lists.js';
import { metadataRoutes } from './metadata-routes.js';
import { snapshotReferences, attachmentReferences } from './references.js';
import { reads, remove } from './lists/on-demand.js';
import { mergeSites } from './lists/merge-lists.js';
import { messagesOf } from './placeholders/failure-messages.js';
import { transferRoutes } from './transfer-routes.js';
import { shownAsLastSeen } from './lists/views.js';

export const volumeRoutes = (world: World): Route[] => [
  ...volumes(world).map(orVolumePlaceholder(world)),
  ...snapshotRoutes(world),
  ...backupRoutes(world),
  ...groupRoutes(world),
  ...consistencyGroupRoutes(world),
  ...transferRoutes(world),
  ...attachmentRoutes(world),
  ...messageRoutes(world),
  ...volumeTypeRoutes(world),
  ...groupTypeRoutes(world),
  ...qosRoutes(world),
  ...defaultTypeRoutes(world),
  ...quotaRoutes(world),
  ...operatorRoutes(world),
  ...manageRoutes(world),
  route('GET /os-availability-zone', 'reader', listZones(world)),
  route('GET /extensions', 'reader', readAtHome(world)),
  route('GET /extensions/{alias}', 'reader', readAtHome(world)),
  route('GET /resource_filters', 'reader', readAtHome(world), { since: '3.33' }),
];

export function snapshotRoutes(world: World): Route[] {
  const one = passOne(world, 'snapshot', 'snapshot_id', shownAsLastSeen(listedSnapshots));
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

export function attachmentRoutes(world: World): Route[] {
  const since = { since: '3.27' };
  const kind = 'volume_attachment';
  const param = 'attachment_id';
  const of = '/attachments/{attachment_id}';
  return [
    ...reads(world, kind, 'VolumeAttachment', '/attachments', param, since),
    route('POST /attachments', 'member', create(world, kind, attachmentReferences), since),
    route(`PUT ${of}`, 'member', passOne(world, kind, param), since),
    route(`DELETE ${of}`, 'member', remove(world, kind, param), since),
    route(`POST ${of}/action`, 'member', passToOwner(world, kind, param), since),
  ];
}

export function messageRoutes(world: World): Route[] {
  const since = { since: '3.3' };
  const list = mergeSites(world, 'volume_message', 'Message', (asked) => messagesOf(world, asked));
  return [
    route('GET /messages', 'reader', list, since),
    route('GET /messages/{message_id}', 'reader', passOne(world, 'volume_message', 'message_id'), since),
    route('DELETE /messages/{message_id}', 'member', remove(world, 'volume_message', 'message_id'), since),
  ].map(orKeptMessage(world));
}
