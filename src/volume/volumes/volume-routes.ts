/** Volumes, snapshots and backups. */
import { json } from '../../openstack/message.js';
import { route, type Asked, type Route } from '../../openstack/route.js';
import type { Row } from '../../resources/inventory.js';
import { passOne, passToOwner, type PassOptions } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { actOnVolume } from './actions.js';
import { create, zoneIn } from '../create.js';
import { createVolume } from './create-volume.js';
import { importRecord } from '../backups/import-record.js';
import { listFromInventory } from '../lists/list.js';
import { listedBackups, listedSnapshots, listedVolumes, type Listed } from '../lists/listed.js';
import { readTypeIds, withGlobalTypes } from '../mirror/ids.js';
import { backupReferences, restoreReferences, snapshotReferences } from '../references.js';
import { sumVolumes } from './summary.js';
import { views } from '../lists/views.js';

/** Answers of the resource's site, with the cascade's ids; the last seen state where that site is silent. */
function shownAs(world: World, listed: Listed): PassOptions {
  return {
    shown: (_asked, response, site) => withGlobalTypes(world, response, site),
    lastSeen: async (asked: Asked, row: Row) => {
      const { toGlobal } = await readTypeIds(world);
      return json(200, { [listed.kind]: views[listed.kind].detailed(asked, row, toGlobal) });
    },
  };
}

export function volumeRoutes(world: World): Route[] {
  const one = passOne(world, 'volume', 'volume_id', shownAs(world, listedVolumes));
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

const metadataRoutes = (of: string, below: Route['run']): Route[] => [
  route(`GET ${of}/metadata`, 'reader', below),
  route(`POST ${of}/metadata`, 'member', below),
  route(`PUT ${of}/metadata`, 'member', below),
  route(`GET ${of}/metadata/{key}`, 'reader', below),
  route(`PUT ${of}/metadata/{key}`, 'member', below),
  route(`DELETE ${of}/metadata/{key}`, 'member', below),
];
