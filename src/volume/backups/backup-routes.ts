/** Backups and their records. */
import { route, type Route } from '../../openstack/route.js';
import { passOne, passToOwner } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { create, zoneIn } from '../create.js';
import { listFromInventory } from '../lists/list.js';
import { listedBackups } from '../lists/listed.js';
import { backupReferences, restoreReferences } from '../references.js';
import { shownAs } from '../shown-as.js';
import { importRecord } from './import-record.js';

export function backupRoutes(world: World): Route[] {
  const one = passOne(world, 'backup', 'backup_id', shownAs(world, listedBackups));
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
