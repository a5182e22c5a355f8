/** Groups of volumes over two zones: a group and all that is in it are in one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
let groupType: string;
let volumeType: string;
let group: string;

const is = (path: string, status: string) =>
  cloud.until(
    () => ann(`GET /volume/v3/${path}`),
    (body) => (Object.values(body)[0] as { status: string }).status === status,
  );
async function volumeIn(zone: string): Promise<string> {
  const { body } = await ann('POST /volume/v3/volumes', { volume: { size: 1, availability_zone: zone } });
  await is(`volumes/${body.volume.id}`, 'available');
  return body.volume.id;
}

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  ann = await cloud.tenant('ann');
  groupType = (await cloud.admin('POST /volume/v3/group_types', { group_type: { name: 'together' } })).body.group_type
    .id;
  volumeType = (await cloud.admin('POST /volume/v3/types', { volume_type: { name: 'fast' } })).body.volume_type.id;
  const wanted = { name: 'db', group_type: groupType, volume_types: [volumeType], availability_zone: 'west' };
  const { status, body } = await ann('POST /volume/v3/groups', { group: wanted });
  expect(status).toBe(202);
  group = body.group.id;
  await is(`groups/${group}`, 'available');
});
afterAll(() => cloud.close());

test('a group is in the zone asked for, of types by the ids that the cascade gave them', async () => {
  const { body } = await ann(`GET /volume/v3/groups/${group}`);
  expect(body.group).toMatchObject({ availability_zone: 'west', group_type: groupType, volume_types: [volumeType] });
  expect((await ann('GET /volume/v3/groups/detail')).body.groups).toMatchObject([{ id: group, group_type: groupType }]);
  const types = (await ann('GET /volume/v3/group_types')).body.group_types as { id: string }[];
  expect(types.map(({ id }) => id)).toContain(groupType);
});

test('a volume that is made in it is made where it is', async () => {
  const inGroup = { size: 1, group_id: group, volume_type: 'fast' };
  const { body } = await ann('POST /volume/v3/volumes', { volume: inGroup });
  expect(body.volume).toMatchObject({ availability_zone: 'west', group_id: group, volume_type: 'fast' });
  const elsewhere = await ann('POST /volume/v3/volumes', { volume: { ...inGroup, availability_zone: 'east' } });
  expect([elsewhere.status, elsewhere.body.badRequest.message]).toEqual([
    400,
    expect.stringMatching(/volume_group .* zone west, but availability zone east was asked for/),
  ]);
  await is(`volumes/${body.volume.id}`, 'available');
});

test('a volume of its zone may join, one of another is refused with both zones named', async () => {
  const [near, far] = [await volumeIn('west'), await volumeIn('east')];
  const join = (...ids: string[]) => ann(`PUT /volume/v3/groups/${group}`, { group: { add_volumes: ids.join(',') } });
  const refused = await join(near, far);
  expect([refused.status, refused.body.badRequest.message]).toEqual([
    400,
    expect.stringMatching(
      new RegExp(`add_volumes\\[1\\] \\(volume ${far}\\) .* zone east, and group ${group} .* zone west`),
    ),
  ]);
  expect((await join(near)).status).toBe(202);
  const { body } = await ann(`GET /volume/v3/groups/${group}?list_volume=True`);
  expect([body.group.volumes.includes(near), body.group.volumes.includes(far)]).toEqual([true, false]);
});

test('its snapshots and copies are where it is', async () => {
  const { status, body } = await ann('POST /volume/v3/group_snapshots', { group_snapshot: { group_id: group } });
  expect(status).toBe(202);
  await is(`group_snapshots/${body.group_snapshot.id}`, 'available');
  for (const source of [{ group_snapshot_id: body.group_snapshot.id }, { source_group_id: group }]) {
    const made = await ann('POST /volume/v3/groups/action', { 'create-from-src': { name: 'again', ...source } });
    expect(made.status, made.text).toBe(202);
    const { body: seen } = await is(`groups/${made.body.group.id}`, 'available');
    expect(seen.group).toMatchObject({ availability_zone: 'west', group_type: groupType });
  }
  const { body: snapshots } = await ann('GET /volume/v3/snapshots/detail');
  const parts = (snapshots.snapshots as { group_snapshot_id: string }[]).filter((one) => one.group_snapshot_id);
  expect(new Set(parts.map((one) => one.group_snapshot_id))).toEqual(new Set([body.group_snapshot.id]));
});

test('pages of groups go on where they ended', async () => {
  const { body } = await ann('GET /volume/v3/groups?limit=1');
  expect(body.group_links).toMatchObject([{ rel: 'next' }]);
  const next = await ann(`GET ${body.group_links[0].href.replace(cloud.url, '')}`);
  expect(next.body.groups[0].id).not.toBe(body.groups[0].id);
});

test('it goes with its volumes', async () => {
  const remove = (flag: boolean) =>
    ann(`POST /volume/v3/groups/${group}/action`, { delete: { 'delete-volumes': flag } });
  expect((await remove(false)).body.badRequest.message).toContain('still contains volumes');
  expect((await remove(true)).status).toBe(202);
  await cloud.until(
    () => ann(`GET /volume/v3/groups/${group}`),
    (body) => 'itemNotFound' in body,
  );
  expect((await ann('GET /volume/v3/groups')).body.groups.map((one: { id: string }) => one.id)).not.toContain(group);
});
