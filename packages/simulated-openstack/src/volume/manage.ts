/**
 * Taking what the backend has under Cinder's management. Letting go of it is an action of volumes and snapshots.
 * @see openstack/cinder:cinder/api/contrib/volume_manage.py, snapshot_manage.py, resource_common_manage.py
 */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { pageAsked } from '@cascade/openstack-protocol/volume/cinder-paging.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidInput, invalidVolume, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, requireRow, textOrNone, wordsOf } from './asked.js';
import { snapshotsOnBackend, volumesOnBackend, type BackendObject, type Unmanaged } from './backend-objects.js';
import { startSnapshot } from './snapshots.js';
import { typeFor } from './types.js';
import type { Snapshot, Volume } from './volume.js';
import type { Volumes } from './volumes.js';
import { snapshotBody, volumeBody } from './view.js';

/** The same under two names: the newer ones came with 3.8. */
export const manageRoutes = (volumes: Volumes): Route[] => [
  ...routesAt(volumes, '/os-volume-manage', '/os-snapshot-manage', {}),
  ...routesAt(volumes, '/manageable_volumes', '/manageable_snapshots', { since: '3.8' }),
];

function routesAt(volumes: Volumes, volumePath: string, snapshotPath: string, range: { since?: string }): Route[] {
  const ofVolumes = (isDetailed: boolean) => async (asked: Asked) =>
    json(200, { 'manageable-volumes': listed(volumes, asked, volumesOnBackend(volumes), isDetailed) });
  const ofSnapshots = (isDetailed: boolean) => async (asked: Asked) =>
    json(200, { 'manageable-snapshots': listed(volumes, asked, snapshotsOnBackend(volumes), isDetailed) });
  return [
    route(`GET ${volumePath}`, 'admin', ofVolumes(false), range),
    route(`GET ${volumePath}/detail`, 'admin', ofVolumes(true), range),
    route(
      `POST ${volumePath}`,
      'admin',
      async (asked) => json(202, { volume: volumeBody(volumes, asked, await manageVolume(volumes, asked)) }),
      range,
    ),
    route(`GET ${snapshotPath}`, 'admin', ofSnapshots(false), range),
    route(`GET ${snapshotPath}/detail`, 'admin', ofSnapshots(true), range),
    route(
      `POST ${snapshotPath}`,
      'admin',
      async (asked) => json(202, { snapshot: snapshotBody(asked, await manageSnapshot(volumes, asked)) }),
      range,
    ),
  ];
}

/** @throws Fault 400 where no host, a wrong order or marker is named */
function listed(volumes: Volumes, { query }: Asked, all: BackendObject[], isDetailed: boolean) {
  requireHost(volumes, query.get('host'), query.get('cluster'));
  const { limit, offset } = pageAsked({ query });
  const [key = 'reference', direction = 'desc'] = (
    query.get('sort') ?? `${query.get('sort_key') ?? 'reference'}:${query.get('sort_dir') ?? 'desc'}`
  ).split(':');
  if (key !== 'reference' && key !== 'size') throw invalidInput(`Invalid sort keys passed: ${key}`);
  if (direction !== 'asc' && direction !== 'desc') throw invalidInput(`Invalid sort dirs passed: ${direction}`);
  const order = (a: BackendObject, b: BackendObject) => (key === 'size' ? a.size - b.size : a.name < b.name ? -1 : 1);
  const sorted = all.sort((a, b) => (direction === 'asc' ? order(a, b) : order(b, a)));
  const from = afterMarker(sorted, query.get('marker'));
  return sorted.slice(from + offset, from + offset + limit).map((one) => ({
    reference: { 'source-name': one.name },
    size: one.size,
    safe_to_manage: one.whyNot === null,
    ...(isDetailed ? { reason_not_safe: one.whyNot, cinder_id: one.cinderId, extra_info: null } : {}),
    ...(one.of === null ? {} : { source_reference: { 'source-name': one.of } }),
  }));
}

function afterMarker(sorted: readonly BackendObject[], marker: string | null): number {
  if (marker === null) return 0;
  const named = /"source-name"\s*:\s*"([^"]*)"/.exec(marker)?.[1];
  if (named === undefined) throw invalidInput(`marker ${marker} can not be analysed, please use json like format`);
  const at = sorted.findIndex(({ name }) => name === named);
  if (at < 0) throw invalidInput(`marker not found: ${marker}`);
  return at + 1;
}

/** @throws Fault 400 where none is named, or one that is not here */
function requireHost(volumes: Volumes, host: unknown, cluster: unknown): void {
  if (Boolean(host) === Boolean(cluster)) throw invalidInput('One and only one of cluster and host must be set.');
  const [word, name] = host ? ['Host', host] : ['Cluster', cluster];
  if (name === volumes.host || name === volumes.host.split('#', 1)[0]) return;
  throw new Fault('bad-request', `${word} '${String(name)}' not found`);
}

/** `creating` now; in error later, where the backend has nothing of that name. */
async function manageVolume(volumes: Volumes, asked: Asked): Promise<Volume> {
  const given = await bodyUnder(asked, 'volume');
  const name = referenceIn(given);
  requireHost(volumes, given['host'], given['cluster']);
  const known = volumesOnBackend(volumes).find((one) => one.name === name);
  if (known?.cinderId) throw invalidVolume('Unable to manage existing volume. The volume is already managed');
  const found = take(volumes, name, false);
  const type = given['volume_type'] ?? null;
  const fields = {
    projectId: asked.caller.projectId ?? '',
    userId: asked.caller.userId,
    name: textOrNone(given, 'name'),
    description: textOrNone(given, 'description'),
    metadata: wordsOf(given['metadata']),
    bootable: booleanWord(String(given['bootable'] ?? 'false')) === true,
    ...(type === null ? {} : { typeId: typeFor(volumes, asked.caller, String(type)).id }),
  };
  const volume = volumes.add({ ...fields, size: found?.size ?? 0 }, found ? 'available' : 'error');
  if (!found)
    volumes.messages.tell(
      { ...fields, volumeId: volume.id, requestId: asked.requestId },
      'create volume from backend storage',
      'An unknown error occurred.',
    );
  return volume;
}

async function manageSnapshot(volumes: Volumes, asked: Asked): Promise<Snapshot> {
  const given = await bodyUnder(asked, 'snapshot');
  if (given['volume_id'] === undefined) throw required('volume_id');
  const volume = requireRow(volumes.volumes, 'Volume', asked, given['volume_id']);
  const found = take(volumes, referenceIn(given), true);
  const fields = {
    userId: asked.caller.userId,
    name: textOrNone(given, 'name'),
    description: textOrNone(given, 'description'),
    metadata: wordsOf(given['metadata']),
  };
  return startSnapshot(volumes, volume, fields, found ? 'available' : 'error');
}

/** The name of a logical volume. @throws Fault 400 */
function referenceIn(given: Record<string, unknown>): string {
  const ref = given['ref'];
  if (ref === undefined) throw required('ref');
  const name = isObject(ref) ? (ref['source-name'] ?? ref['source-id']) : ref;
  if (typeof name !== 'string') throw invalidInput(`Reference must contain source-name element.`);
  return name;
}

/** Undefined where the backend has none of that name that nobody manages. */
function take({ unmanaged }: Volumes, name: string, isSnapshot: boolean): Unmanaged | undefined {
  const found = unmanaged.get(name);
  if (!found || (found.of !== null) !== isSnapshot) return undefined;
  unmanaged.delete(name);
  return found;
}
