/** Groups of volumes. @see openstack/cinder:cinder/api/v3/groups.py, cinder/group/api.py */
import { randomUUID } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { looksLikeUuid } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import {
  invalidInput,
  invalidVolume,
  noSuchAction,
  noSuchType,
  required,
} from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, requireRow, textOrNone } from './asked.js';
import { copyOf, volumesOf } from './group-copies.js';
import { pageOf } from './list.js';
import { pagedGroups } from './listed.js';
import type { Group } from './volume.js';
import type { Volumes } from './volumes.js';
import { timeOf } from './view.js';

const since = { since: '3.13' };
const of = '/groups/{group_id}';

const invalidGroup = (reason: string): Fault => new Fault('bad-request', `Invalid group: ${reason}`);

export function groupRoutes(volumes: Volumes): Route[] {
  const one = (asked: Asked): Group => requireRow(volumes.groups, 'Group', asked, asked.params['group_id']);
  const visible = (asked: Asked): Group[] => {
    const { caller, query } = asked;
    const all = caller.isAdmin && booleanWord(query.get('all_tenants') ?? 'false') === true;
    const rows = [...volumes.groups.values()].filter((group) => all || group.projectId === caller.projectId);
    return pageOf(asked, pagedGroups, rows);
  };
  return [
    route('GET /groups', 'reader', async (asked) => json(200, { groups: visible(asked).map(brief) }), since),
    route(
      'GET /groups/detail',
      'reader',
      async (asked) => json(200, { groups: visible(asked).map((group) => detail(volumes, asked, group)) }),
      since,
    ),
    route(`GET ${of}`, 'reader', async (asked) => json(200, { group: detail(volumes, asked, one(asked)) }), since),
    route('POST /groups', 'member', async (asked) => json(202, { group: brief(await create(volumes, asked)) }), since),
    route('POST /groups/action', 'member', async (asked) => json(202, { group: brief(await copyOf(volumes, asked)) }), {
      since: '3.14',
    }),
    route(
      `PUT ${of}`,
      'member',
      async (asked) => {
        update(volumes, one(asked), await bodyUnder(asked, 'group'), asked);
        return noContent(202);
      },
      since,
    ),
    route(
      `POST ${of}/action`,
      'member',
      async (asked) => {
        const [name, given] = Object.entries(await asked.readJson())[0] ?? [''];
        if (name !== 'delete') throw noSuchAction(name);
        remove(volumes, one(asked), isObject(given) && booleanWord(String(given['delete-volumes'])) === true);
        return noContent(202);
      },
      since,
    ),
  ];
}

const brief = ({ id, name }: Group) => ({ id, name });

const detail = (volumes: Volumes, { microversion, query, caller }: Asked, group: Group) => ({
  id: group.id,
  status: group.status,
  availability_zone: volumes.zone,
  created_at: timeOf(group.createdAt),
  name: group.name,
  description: group.description,
  group_type: group.typeId,
  volume_types: group.volumeTypeIds,
  ...(atLeast(microversion, '3.14') ? { group_snapshot_id: group.snapshotId, source_group_id: group.sourceId } : {}),
  ...(atLeast(microversion, '3.25') && booleanWord(query.get('list_volume') ?? '') === true
    ? { volumes: volumesOf(volumes, group).map(({ id }) => id) }
    : {}),
  ...(atLeast(microversion, '3.38') ? { replication_status: 'disabled' } : {}),
  ...(atLeast(microversion, '3.58') && caller.isAdmin ? { project_id: group.projectId } : {}),
});

/** @throws Fault 400, 404 */
async function create(volumes: Volumes, asked: Asked): Promise<Group> {
  const given = await bodyUnder(asked, 'group');
  const { group_type: type, volume_types: types, availability_zone: zone } = given;
  if (typeof type !== 'string') throw required('group_type');
  if (!Array.isArray(types) || types.length === 0) throw required('volume_types');
  if (zone && zone !== volumes.zone) throw invalidInput(`Availability zone '${String(zone)}' is invalid.`);
  const groupType = volumes.groupTypes.get(type) ?? [...volumes.groupTypes.values()].find(({ name }) => name === type);
  if (!groupType && !looksLikeUuid(type)) throw noSuchType('Group type', type);
  const volumeTypeIds = types.map((one) => volumes.typeNamed(String(one)).id);
  if (!groupType) throw noSuchType('Group type', type);
  const group: Group = {
    id: randomUUID(),
    projectId: asked.caller.projectId ?? '',
    userId: asked.caller.userId,
    status: 'creating',
    name: textOrNone(given, 'name'),
    description: textOrNone(given, 'description'),
    typeId: groupType.id,
    volumeTypeIds,
    snapshotId: null,
    sourceId: null,
    createdAt: volumes.now(),
    updatedAt: null,
  };
  volumes.groups.set(group.id, group);
  volumes.after('volume create', 'finish group', { id: group.id });
  return group;
}

/** @throws Fault 400 */
function update(volumes: Volumes, group: Group, given: Record<string, unknown>, asked: Asked): void {
  const ids = (key: string): string[] => (textOrNone(given, key, 10_000) ?? '').split(',').filter(Boolean);
  const joining = ids('add_volumes').map((id) => {
    const volume = volumes.volumes.get(id);
    if (!volume || (!asked.caller.isAdmin && volume.projectId !== asked.caller.projectId)) {
      throw invalidVolume(
        `Cannot add volume ${id} to group ${group.id} because volume cannot be found. Volume ${id} could not be found.`,
      );
    }
    return volume;
  });
  const leaving = volumesOf(volumes, group).filter(({ id }) => ids('remove_volumes').includes(id));
  for (const volume of joining) volumes.change(volume, { groupId: group.id });
  for (const volume of leaving) volumes.change(volume, { groupId: null });
  volumes.change(group, {
    name: textOrNone(given, 'name') ?? group.name,
    description: textOrNone(given, 'description') ?? group.description,
  });
}

/** @throws Fault 400 for a group that has volumes, where they are not to go with it */
function remove(volumes: Volumes, group: Group, withVolumes: boolean): void {
  const own = volumesOf(volumes, group);
  if (own.length > 0 && !withVolumes) {
    throw invalidGroup(`Group ${group.id} still contains volumes. The delete-volumes flag is required to delete it.`);
  }
  for (const volume of own) volumes.drop(volume);
  volumes.change(group, { status: 'deleting' });
  volumes.after('volume delete', 'delete group', { id: group.id });
}
