/** Backups and their records. */
import { route, type Route, type Answer, type Asked } from '@cascade/openstack-protocol/server/route.js';
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { passOne, passToOwner } from '../../routing/pass.js';
import { type World, kindNamed } from '../../routing/world.js';
import { create, zoneIn } from '../create.js';
import { listFromInventory } from '../lists/list.js';
import { listedBackups } from '@cascade/openstack-protocol/volume/cinder-lists.js';
import { backupReferences, restoreReferences } from '../references.js';
import { ownerOf } from '../../routing/owner.js';
import { shownAsLastSeen } from '../lists/views.js';

export function backupRoutes(world: World): Route[] {
  const one = passOne(world, 'backup', 'backup_id', shownAsLastSeen(listedBackups));
  const below = passToOwner(world, 'backup', 'backup_id');
  const of = '/backups/{backup_id}';
  return [
    route('GET /backups', 'reader', listFromInventory(world, listedBackups, false)),
    route('GET /backups/detail', 'reader', listFromInventory(world, listedBackups, true)),
    route('POST /backups', 'member', create(world, 'backup', backupReferences, { takeZone: zoneIn('backup', '3.51') })),
    route('POST /backups/import_record', 'admin', importRecord(world)),
    route(`GET ${of}`, 'reader', one),
    route(`PUT ${of}`, 'member', one, { since: '3.9' }),
    route(`DELETE ${of}`, 'member', one),
    route(`POST ${of}/action`, 'member', below),
    route(`POST ${of}/restore`, 'member', passToOwner(world, 'backup', 'backup_id', { references: restoreReferences })),
    route(`GET ${of}/export_record`, 'admin', below),
  ];
}

export const importRecord = (world: World): Answer =>
  create(world, 'backup', [], { takeZone: (body, asked) => zoneOfExporter(world, asked, body) });

/** Undefined where nobody knows the backup, or its site is silent: a record may be all that is left of a site. */
async function zoneOfExporter(world: World, asked: Asked, body: Record<string, unknown>): Promise<string | undefined> {
  const record = recordIn(body);
  for (const [kind, id] of [
    ['backup', record?.['id']],
    ['volume', record?.['volume_id']],
  ] as const) {
    const owner = typeof id === 'string' ? await ownerOf(world, asked, kindNamed(world, kind), id) : undefined;
    if (owner?.site.health('volume').reachable) return owner.site.name;
  }
  return undefined;
}

/** What Cinder wrote: JSON in base 64. @see openstack/cinder:cinder/objects/backup.py encode_record */
function recordIn({ 'backup-record': given }: Record<string, unknown>): Record<string, unknown> | undefined {
  const url = isObject(given) ? given['backup_url'] : undefined;
  const record = typeof url === 'string' ? tryJson(Buffer.from(url, 'base64')) : undefined;
  return isObject(record) ? record : undefined;
}
