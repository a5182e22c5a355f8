/** Snapshots. @see openstack/cinder:cinder/api/v3/snapshots.py, cinder/volume/api.py */
import { randomUUID } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidVolume, noSuchAction, notAllowed, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, requireRow, textOrNone, wordsOf } from './asked.js';
import { snapshotName, volumeName } from './backend-objects.js';
import { list } from './list.js';
import { listedSnapshots } from './listed.js';
import { metadataRoutes } from './metadata.js';
import { ofType } from './quotas.js';
import type { Snapshot, Volume } from './volume.js';
import type { Volumes } from './volumes.js';
import { snapshotBody, snapshotBrief } from './view.js';

const of = '/snapshots/{snapshot_id}';

export function snapshotRoutes(volumes: Volumes): Route[] {
  const listed = listedSnapshots(volumes);
  const one = (asked: Asked): Snapshot => requireRow(volumes.snapshots, 'Snapshot', asked, asked.params['snapshot_id']);
  return [
    route('GET /snapshots', 'reader', list(listed, snapshotBrief)),
    route('GET /snapshots/detail', 'reader', list(listed, snapshotBody)),
    route('POST /snapshots', 'member', async (asked) =>
      json(202, { snapshot: snapshotBrief(asked, await create(volumes, asked)) }),
    ),
    route(`GET ${of}`, 'reader', async (asked) => json(200, { snapshot: snapshotBody(asked, one(asked)) })),
    route(`PUT ${of}`, 'member', async (asked) => {
      const snapshot = one(asked);
      const given = await bodyUnder(asked, 'snapshot');
      volumes.change(snapshot, {
        ...('name' in given ? { name: textOrNone(given, 'name') } : {}),
        ...('description' in given ? { description: textOrNone(given, 'description') } : {}),
      });
      return json(200, { snapshot: snapshotBrief(asked, snapshot) });
    }),
    route(`DELETE ${of}`, 'member', async (asked) => {
      remove(volumes, one(asked));
      return noContent(202);
    }),
    route(`POST ${of}/action`, 'member', async (asked) => {
      const body = await asked.readJson();
      const snapshot = one(asked);
      act(volumes, snapshot, body, asked);
      return noContent(202);
    }),
    ...metadataRoutes(of, {
      word: 'Snapshot',
      one,
      change: (snapshot, metadata) => volumes.change(snapshot, { metadata }),
    }),
  ];
}

/** @throws Fault 400 for a volume that is not there to be copied, 413 over quota */
async function create(volumes: Volumes, asked: Asked): Promise<Snapshot> {
  const given = await bodyUnder(asked, 'snapshot');
  if (given['volume_id'] === undefined) throw required('volume_id');
  const volume = requireRow(volumes.volumes, 'Volume', asked, given['volume_id']);
  // Since 3.66 a volume in use is copied without being forced.
  const force = booleanWord(String(given['force'] ?? 'false')) === true || atLeast(asked.microversion, '3.66');
  if (volume.status !== 'available' && !(force && volume.status === 'in-use')) {
    throw invalidVolume(`Volume ${volume.id} status must be available, but current status is: ${volume.status}.`);
  }
  const [, gigabytes = '', snapshots = ''] = ofType(volumes.types.get(volume.typeId)?.name ?? '');
  volumes.requireRoom(volume.projectId, {
    snapshots: 1,
    gigabytes: volume.size,
    [snapshots]: 1,
    [gigabytes]: volume.size,
  });
  return startSnapshot(volumes, volume, {
    userId: asked.caller.userId,
    name: textOrNone(given, 'name') ?? textOrNone(given, 'display_name'),
    description: textOrNone(given, 'description') ?? textOrNone(given, 'display_description'),
    metadata: wordsOf(given['metadata']),
  });
}

/** `creating` now, and what comes after when that is done. */
export function startSnapshot(
  volumes: Volumes,
  { id: volumeId, projectId, size }: Volume,
  fields: Partial<Snapshot> & Pick<Snapshot, 'userId' | 'name'>,
  after = 'available',
): Snapshot {
  const snapshot: Snapshot = {
    id: randomUUID(),
    projectId,
    volumeId,
    size,
    description: null,
    metadata: {},
    status: 'creating',
    progress: '0%',
    groupSnapshotId: null,
    createdAt: volumes.now(),
    updatedAt: null,
    ...fields,
  };
  volumes.snapshots.set(snapshot.id, snapshot);
  volumes.after('snapshot create', 'finish snapshot', { id: snapshot.id, status: after });
  return snapshot;
}

/** @throws Fault 400 */
function remove(volumes: Volumes, snapshot: Snapshot): void {
  if (!['available', 'error'].includes(snapshot.status)) {
    throw new Fault('bad-request', 'Invalid snapshot: Snapshot status must be available or error.');
  }
  drop(volumes, snapshot);
}

function drop(volumes: Volumes, snapshot: Snapshot): void {
  volumes.change(snapshot, { status: 'deleting' });
  volumes.after('snapshot delete', 'delete snapshot', { id: snapshot.id });
}

function act(volumes: Volumes, snapshot: Snapshot, body: Record<string, unknown>, { caller }: Asked): void {
  const [name = '', given] = Object.entries(body)[0] ?? [];
  const values = isObject(given) ? given : {};
  if (!['os-reset_status', 'os-force_delete', 'os-unmanage', 'os-update_snapshot_status'].includes(name)) {
    throw noSuchAction(name);
  }
  if (!caller.isAdmin) throw notAllowed(`volume_extension:snapshot_admin_actions:${name.replace(/^os-/, '')}`);
  if (name === 'os-force_delete') return drop(volumes, snapshot);
  if (name === 'os-unmanage') return unmanage(volumes, snapshot);
  if (typeof values['status'] !== 'string') throw required('status');
  volumes.change(snapshot, { status: values['status'] });
}

/** Cinder forgets it, the backend keeps it. */
function unmanage(volumes: Volumes, { id, size, volumeId }: Snapshot): void {
  volumes.snapshots.delete(id);
  const name = snapshotName(id);
  volumes.unmanaged.set(name, { name, size, of: volumeName(volumeId) });
}
