/** Snapshots of groups, and groups made from them. @see openstack/cinder:cinder/api/v3/group_snapshots.py, cinder/group/api.py */
import { randomUUID } from 'node:crypto';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, requireRow, textOrNone } from './asked.js';
import { pageOf } from './list.js';
import { pagedGroupSnapshots } from './listed.js';
import { startSnapshot } from './snapshots.js';
import type { Group, GroupSnapshot, Volume } from './volume.js';
import type { Volumes } from './volumes.js';
import { timeOf } from './view.js';

const since = { since: '3.14' };
const of = '/group_snapshots/{group_snapshot_id}';

export const volumesOf = (volumes: Volumes, { id }: Group): Volume[] =>
  [...volumes.volumes.values()].filter(({ groupId }) => groupId === id);

export function groupSnapshotRoutes(volumes: Volumes): Route[] {
  const one = (asked: Asked): GroupSnapshot =>
    requireRow(volumes.groupSnapshots, 'GroupSnapshot', asked, asked.params['group_snapshot_id']);
  const visible = (asked: Asked): GroupSnapshot[] => {
    const { caller, query } = asked;
    const all = caller.isAdmin && booleanWord(query.get('all_tenants') ?? 'false') === true;
    const rows = [...volumes.groupSnapshots.values()].filter((one) => all || one.projectId === caller.projectId);
    return atLeast(asked.microversion, '3.29') ? pageOf(asked, pagedGroupSnapshots, rows) : rows;
  };
  return [
    route(
      'GET /group_snapshots',
      'reader',
      async (asked) => json(200, { group_snapshots: visible(asked).map(brief) }),
      since,
    ),
    route(
      'GET /group_snapshots/detail',
      'reader',
      async (asked) => json(200, { group_snapshots: visible(asked).map((row) => detail(asked, row)) }),
      since,
    ),
    route(`GET ${of}`, 'reader', async (asked) => json(200, { group_snapshot: detail(asked, one(asked)) }), since),
    route(
      'POST /group_snapshots',
      'member',
      async (asked) => json(202, { group_snapshot: brief(await create(volumes, asked)) }),
      since,
    ),
    route(
      `DELETE ${of}`,
      'member',
      async (asked) => {
        const { id } = one(asked);
        for (const snapshot of volumes.snapshots.values())
          if (snapshot.groupSnapshotId === id) volumes.snapshots.delete(snapshot.id);
        volumes.groupSnapshots.delete(id);
        return noContent(202);
      },
      since,
    ),
  ];
}

const brief = ({ id, name, typeId }: GroupSnapshot) => ({ id, name, group_type_id: typeId });

const detail = ({ microversion, caller }: Asked, snapshot: GroupSnapshot) => ({
  ...brief(snapshot),
  group_id: snapshot.groupId,
  status: snapshot.status,
  created_at: timeOf(snapshot.createdAt),
  description: snapshot.description,
  ...(atLeast(microversion, '3.58') && caller.isAdmin ? { project_id: snapshot.projectId } : {}),
});

/** One snapshot of each volume. @throws Fault 400 for a group that has none */
async function create(volumes: Volumes, asked: Asked): Promise<GroupSnapshot> {
  const given = await bodyUnder(asked, 'group_snapshot');
  if (given['group_id'] === undefined) throw required('group_id');
  const group = requireRow(volumes.groups, 'Group', asked, given['group_id']);
  const own = volumesOf(volumes, group);
  if (own.length === 0)
    throw invalid(
      "Source group cannot be empty or in 'creating' or 'updating' state. No group snapshot will be created.",
    );
  const snapshot: GroupSnapshot = {
    id: randomUUID(),
    projectId: group.projectId,
    userId: asked.caller.userId,
    status: 'creating',
    groupId: group.id,
    typeId: group.typeId,
    name: textOrNone(given, 'name'),
    description: textOrNone(given, 'description'),
    createdAt: volumes.now(),
    updatedAt: null,
  };
  volumes.groupSnapshots.set(snapshot.id, snapshot);
  for (const volume of own) {
    startSnapshot(volumes, volume, { userId: asked.caller.userId, name: snapshot.name, groupSnapshotId: snapshot.id });
  }
  volumes.after('snapshot create', 'finish group snapshot', { id: snapshot.id });
  return snapshot;
}

/** `create-from-src`: a group with a copy of each volume of a group, or of a snapshot of one. @throws Fault 400, 404 */
export async function copyOf(volumes: Volumes, asked: Asked): Promise<Group> {
  const given = await bodyUnder(asked, 'create-from-src');
  const { group_snapshot_id: snapshotId, source_group_id: sourceId } = given;
  const snapshot = snapshotId ? requireRow(volumes.groupSnapshots, 'GroupSnapshot', asked, snapshotId) : undefined;
  if (!snapshot && !sourceId) throw required('source_group_id');
  const source = requireRow(volumes.groups, 'Group', asked, snapshot?.groupId ?? sourceId);
  const group: Group = {
    ...source,
    id: randomUUID(),
    name: textOrNone(given, 'name'),
    description: textOrNone(given, 'description'),
    status: 'creating',
    snapshotId: snapshot?.id ?? null,
    sourceId: snapshot ? null : source.id,
    createdAt: volumes.now(),
    updatedAt: null,
  };
  volumes.groups.set(group.id, group);
  for (const { projectId, userId, size, typeId, bootable, id } of volumesOf(volumes, source)) {
    const copied =
      snapshot &&
      [...volumes.snapshots.values()].find((one) => one.groupSnapshotId === snapshot.id && one.volumeId === id);
    const origin = snapshot ? { snapshotId: copied?.id ?? null } : { sourceId: id };
    volumes.add({ projectId, userId, size, typeId, bootable, groupId: group.id, ...origin });
  }
  volumes.after('volume create', 'finish group', { id: group.id });
  return group;
}

const invalid = (reason: string): Fault => new Fault('bad-request', `Invalid group: ${reason}`);
