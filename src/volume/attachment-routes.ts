/** Attachments of volumes, as Nova makes them. */
import { route, type Route } from '../openstack/route.js';
import { passOne, passToOwner } from '../routing/pass.js';
import type { World } from '../routing/world.js';
import { create } from './create.js';
import { reads, remove } from './lists/on-demand.js';
import { attachmentReferences } from './references.js';

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
