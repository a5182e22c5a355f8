import { beforeEach, expect, test } from 'vitest';
import { eventually } from '../testing.js';
import { act, ask, becomes, begin, gone, images, make, post, ready, show, volumes, words } from './testing.js';

beforeEach(begin);
const nowhere = '00000000-0000-4000-8000-000000000000';

test('a volume is creating, then available, and deleting, then gone', async () => {
  const volume = await make();
  expect(volume).toMatchObject({ status: 'creating', updated_at: null, bootable: 'false', volume_type: '__DEFAULT__' });
  await becomes(`volumes/${volume.id}`, 'volume', 'available');
  expect((await ask('demo', `DELETE /volumes/${volume.id}`)).status).toBe(202);
  expect((await show(`volumes/${volume.id}`, 'volume'))?.status ?? 'deleting').toBe('deleting');
  await gone(`volumes/${volume.id}`);
});

test('a volume shows the keys that a real Cinder of Zed was seen to show an administrator', async () => {
  const { id } = await make();
  expect(Object.keys(await show(`volumes/${id}`, 'volume', 'admin')).sort()).toEqual([
    'attachments',
    'availability_zone',
    'bootable',
    'cluster_name',
    'consistencygroup_id',
    'consumes_quota',
    'created_at',
    'description',
    'encrypted',
    'group_id',
    'id',
    'links',
    'metadata',
    'migration_status',
    'multiattach',
    'name',
    'os-vol-host-attr:host',
    'os-vol-mig-status-attr:migstat',
    'os-vol-mig-status-attr:name_id',
    'os-vol-tenant-attr:tenant_id',
    'provider_id',
    'replication_status',
    'service_uuid',
    'shared_targets',
    'size',
    'snapshot_id',
    'source_volid',
    'status',
    'updated_at',
    'user_id',
    'volume_type',
    'volume_type_id',
  ]);
});

test('what a microversion does not know is not shown, nor what is an administrator’s', async () => {
  const { id } = await make();
  const { body } = await ask('demo', `GET /volumes/${id}`, { version: '3.0' });
  for (const name of ['group_id', 'volume_type_id', 'os-vol-host-attr:host', 'migration_status']) {
    expect(body.volume).not.toHaveProperty(name);
  }
});

test.each([
  [{ size: 0 }, 400, 'Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1'],
  [{ size: 'x' }, 400, "Invalid input for field/attribute size. Value: x. 'x' does not match '^[0-9]+$'"],
  [{ availability_zone: 'mars' }, 400, "Availability zone 'mars' is invalid."],
  [{ snapshot_id: nowhere }, 404, `Snapshot ${nowhere} could not be found.`],
  [{ source_volid: nowhere }, 404, `Volume ${nowhere} could not be found.`],
  [{ source_volid: nowhere, multiattach: true }, 404, `Volume ${nowhere} could not be found.`],
  [{ description: 'x'.repeat(256) }, 400, 'Invalid input received: description has 256 characters, more than 255.'],
  [{ imageRef: 'none' }, 400, 'Invalid image identifier or unable to access requested image.'],
  [{ volume_type: 'none' }, 404, 'Volume type with name none could not be found.'],
])('%j is refused', async (fields, status, message) => {
  expect(words(await ask('demo', 'POST /volumes', { body: { volume: { size: 1, ...fields } } }))).toEqual([
    status,
    message,
  ]);
});

test('a volume of an image can be booted from, and knows its image', async () => {
  const [imageRef] = images.initialIds;
  const { id } = await make({ imageRef });
  expect(await show(`volumes/${id}`, 'volume')).toMatchObject({
    bootable: 'true',
    volume_image_metadata: { image_id: imageRef, disk_format: 'qcow2' },
  });
});

test('beyond a quota is 413, and a quota is not set below what is used', async () => {
  await ask('admin', 'PUT /os-quota-sets/p-demo', { body: { quota_set: { volumes: 1, gigabytes: 5 } } });
  await make();
  expect(words(await ask('demo', 'POST /volumes', { body: { volume: { size: 1 } } }))).toEqual([
    413,
    "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'.",
  ]);
  const below = await ask('admin', 'PUT /os-quota-sets/p-demo', { body: { quota_set: { volumes: 0 } } });
  expect(words(below)).toEqual([
    400,
    'Quota volumes limit must be equal or greater than existing resources. Current usage is 1 and the requested limit is 0.',
  ]);
  const { quota_set: set } = (await ask('demo', 'GET /os-quota-sets/p-demo?usage=True')).body;
  expect(set.gigabytes).toEqual({ limit: 5, in_use: 1, reserved: 0 });
  expect((await ask('demo', 'GET /limits')).body.limits.absolute).toMatchObject({
    maxTotalVolumes: 1,
    totalVolumesUsed: 1,
  });
});

test('Nova reserves, attaches and detaches; what is attached stays', async () => {
  const id = await ready();
  volumes.reserve(id);
  expect(() => volumes.reserve(id)).toThrow('status must be available');
  volumes.attach(id, { serverId: 's1', device: '/dev/vdb', attachmentId: 'a1' });
  expect(await show(`volumes/${id}`, 'volume')).toMatchObject({
    status: 'in-use',
    attachments: [{ attachment_id: 'a1', server_id: 's1', device: '/dev/vdb', host_name: null }],
  });
  expect((await ask('demo', `DELETE /volumes/${id}`)).status).toBe(400);
  expect((await ask('demo', 'GET /attachments')).body.attachments).toEqual([
    { id: 'a1', status: 'attached', instance: 's1', volume_id: id },
  ]);
  volumes.detach(id, 's1');
  expect(await show(`volumes/${id}`, 'volume')).toMatchObject({ status: 'available', attachments: [] });
});

test('a volume grows, when it is bigger than before', async () => {
  const id = await ready();
  expect((await act(id, { 'os-extend': { new_size: 3 } })).status).toBe(202);
  expect((await show(`volumes/${id}`, 'volume')).status).toMatch(/extending|available/);
  await eventually(async () => (await show(`volumes/${id}`, 'volume')).size === 3);
  expect(words(await act(id, { 'os-extend': { new_size: 2 } }))).toEqual([
    400,
    'Invalid input received: New size for extend must be greater than current size. (current: 3, extended: 2).',
  ]);
});

test('actions of administrators are refused to tenants, and those nobody knows to everybody', async () => {
  const id = await ready();
  expect((await act(id, { 'os-reset_status': { status: 'error' } })).status).toBe(403);
  expect((await act(id, { 'os-reset_status': { status: 'error' } }, 'admin')).status).toBe(202);
  expect((await show(`volumes/${id}`, 'volume')).status).toBe('error');
  expect(words(await act(id, { 'os-fly': {} }))).toEqual([
    400,
    'There is no such action: os-fly. Verify the request body and Content-Type header and try again.',
  ]);
});

test('another’s volume is not there', async () => {
  const { id } = await make();
  expect(words(await ask('other', `GET /volumes/${id}`))).toEqual([404, `Volume ${id} could not be found.`]);
  expect((await ask('other', 'GET /volumes')).body.volumes).toEqual([]);
  expect((await ask('admin', 'GET /volumes')).body.volumes).toEqual([]);
  expect((await ask('admin', 'GET /volumes?all_tenants=1')).body.volumes).toHaveLength(1);
});

test('a volume becomes another type, and an image', async () => {
  const type = await post('types', 'volume_type', { name: 'fast', extra_specs: { speed: 'high' } }, 'admin');
  const id = await ready();
  await act(id, { 'os-retype': { new_type: 'fast', migration_policy: 'never' } });
  await eventually(async () => (await show(`volumes/${id}`, 'volume')).volume_type === 'fast');
  expect(words(await ask('admin', `DELETE /types/${type.id}`))).toEqual([400, 'Target volume type is still in use.']);
  const { status, body } = await act(id, { 'os-volume_upload_image': { image_name: 'i', disk_format: 'raw' } });
  const { image_id: imageId } = body['os-volume_upload_image'];
  expect([status, images.find(imageId)?.status]).toEqual([202, 'queued']);
  await eventually(() => images.find(imageId)?.status === 'active');
  await becomes(`volumes/${id}`, 'volume', 'available');
});

test('a snapshot keeps its volume, and another volume comes of it', async () => {
  const id = await ready({ size: 2 });
  const snapshot = await post('snapshots', 'snapshot', { volume_id: id, name: 's' });
  expect(snapshot).toMatchObject({ status: 'creating', size: 2, volume_id: id });
  await becomes(`snapshots/${snapshot.id}`, 'snapshot', 'available');
  expect(await show(`snapshots/${snapshot.id}`, 'snapshot')).toMatchObject({
    'os-extended-snapshot-attributes:progress': '100%',
  });
  expect((await ask('demo', `DELETE /volumes/${id}`)).status).toBe(400);
  expect(await make({ snapshot_id: snapshot.id, size: null })).toMatchObject({ size: 2, snapshot_id: snapshot.id });
  await ask('demo', `DELETE /snapshots/${snapshot.id}`);
  await gone(`snapshots/${snapshot.id}`);
  expect((await ask('demo', `DELETE /volumes/${id}`)).status).toBe(202);
});

test('a volume is backed up, and restored to a new one', async () => {
  const id = await ready();
  const { id: backupId } = await post('backups', 'backup', { volume_id: id, name: 'b' });
  expect((await show(`volumes/${id}`, 'volume')).status).toMatch(/backing-up|available/);
  await becomes(`backups/${backupId}`, 'backup', 'available');
  const later = await post('backups', 'backup', { volume_id: id, incremental: true });
  await becomes(`backups/${later.id}`, 'backup', 'available');
  expect(await show(`backups/${backupId}`, 'backup')).toMatchObject({
    has_dependent_backups: true,
    is_incremental: false,
  });
  expect((await ask('demo', `DELETE /backups/${backupId}`)).status).toBe(400);
  const { volume_id: restored } = await post(`backups/${backupId}/restore`, 'restore', {});
  await becomes(`volumes/${restored}`, 'volume', 'available');
  await becomes(`backups/${backupId}`, 'backup', 'available');
});

test('a volume goes to who has the key', async () => {
  const id = await ready();
  const transfer = await post('os-volume-transfer', 'transfer', { volume_id: id, name: 't' });
  expect((await show(`volumes/${id}`, 'volume')).status).toBe('awaiting-transfer');
  const accept = (auth_key: string) =>
    ask('other', `POST /os-volume-transfer/${transfer.id}/accept`, { body: { accept: { auth_key } } });
  expect((await accept('wrong')).status).toBe(400);
  expect((await accept(transfer.auth_key)).status).toBe(202);
  expect(await show(`volumes/${id}`, 'volume', 'other')).toMatchObject({
    'os-vol-tenant-attr:tenant_id': 'p-other',
    status: 'available',
  });
});

test('attachments of the new kind: reserved, connected, complete, gone', async () => {
  const id = await ready();
  const { id: attachmentId } = await post('attachments', 'attachment', { volume_uuid: id, instance_uuid: nowhere });
  expect((await show(`volumes/${id}`, 'volume')).status).toBe('reserved');
  await ask('demo', `PUT /attachments/${attachmentId}`, {
    body: { attachment: { connector: { host: 'h', mountpoint: '/dev/vdb' } } },
  });
  expect(
    (await ask('demo', `POST /attachments/${attachmentId}/action`, { body: { 'os-complete': null } })).status,
  ).toBe(204);
  expect(await show(`volumes/${id}`, 'volume')).toMatchObject({
    status: 'in-use',
    attachments: [{ server_id: nowhere }],
  });
  expect((await ask('demo', `DELETE /attachments/${attachmentId}`)).body).toEqual({ attachments: [] });
  expect((await show(`volumes/${id}`, 'volume')).status).toBe('available');
});

test('types: who sees them, their specs, access, QoS', async () => {
  const { id } = await post(
    'types',
    'volume_type',
    { name: 'private', 'os-volume-type-access:is_public': false },
    'admin',
  );
  expect((await ask('demo', `GET /types/${id}`)).status).toBe(404);
  const project = nowhere;
  await ask('admin', `POST /types/${id}/action`, { body: { addProjectAccess: { project } } });
  expect((await ask('admin', `GET /types/${id}/os-volume-type-access`)).body.volume_type_access).toEqual([
    { volume_type_id: id, project_id: project },
  ]);
  volumes.types.get(id)!.access = ['p-demo'];
  expect((await ask('demo', `GET /types/${id}`)).status).toBe(200);
  await ask('admin', `POST /types/${id}/extra_specs`, { body: { extra_specs: { a: '1' } } });
  expect((await ask('admin', `GET /types/${id}/extra_specs/a`)).body).toEqual({ a: '1' });
  const { id: qosId } = await post('qos-specs', 'qos_specs', { name: 'q', total_iops_sec: '100' }, 'admin');
  await ask('admin', `GET /qos-specs/${qosId}/associate?vol_type_id=${id}`);
  expect((await show(`types/${id}`, 'volume_type', 'admin')).qos_specs_id).toBe(qosId);
  expect((await ask('admin', `DELETE /qos-specs/${qosId}`)).status).toBe(400);
  expect((await ask('admin', 'GET /types?is_public=None')).body.volume_types).toHaveLength(2);
  expect((await ask('demo', 'POST /types', { body: { volume_type: { name: 'x' } } })).status).toBe(403);
});

test.each([1, 4, 100])('pages of %i lead through everything, once', async (limit) => {
  for (let n = 0; n < 12; n += 1) await make({ name: `v${n % 3}`, size: (n % 4) + 1 });
  for (const sort of ['', 'sort=name:asc&', 'sort_key=size&sort_dir=desc&']) {
    const ids: string[] = [];
    let path: string | undefined = `/volumes/detail?all_tenants=1&${sort}limit=${limit}`;
    while (path) {
      const { body } = await ask('admin', `GET ${path}`);
      ids.push(...body.volumes.map(({ id }: { id: string }) => id));
      const next: string | undefined = body.volumes_links?.[0].href;
      path = next && next.slice(next.indexOf('/volumes'));
    }
    expect([ids.length, new Set(ids).size]).toEqual([12, 12]);
  }
});

test('a reader asks for what changed, and for what is new', async () => {
  const old = await ready();
  volumes.clock.skewMs = 3_600_000;
  const { id: young } = await make();
  const since = `gte:${new Date(Date.now() + 1_800_000).toISOString().replace(/\.\d+Z$/, 'Z')}`;
  const found = async (name: string) =>
    ((await ask('admin', `GET /volumes/detail?all_tenants=1&${name}=${since}`)).body.volumes as { id: string }[]).map(
      ({ id }) => id,
    );
  expect(await found('created_at')).toEqual([young]);
  expect(await found('updated_at')).not.toContain(old);
  await ask('demo', `PUT /volumes/${old}`, { body: { volume: { name: 'other' } } });
  expect(await found('updated_at')).toContain(old);
});

test('filters', async () => {
  await make({ name: 'needle', size: 3, metadata: { a: 'b' } });
  await make({ name: 'hay' });
  const found = async (query: string) => (await ask('demo', `GET /volumes?${query}`)).body.volumes?.length;
  const cases = {
    'name=needle': 1,
    'size=3': 1,
    "metadata={'a':'b'}": 1,
    'bootable=false': 2,
    'availability_zone=az1': 2,
  };
  for (const [query, count] of Object.entries(cases)) expect(await found(query), query).toBe(count);
  // By default a part of a name is the operator's to look for (resource_filters.json).
  expect((await ask('admin', 'GET /volumes?all_tenants=1&name~=eed')).body.volumes).toHaveLength(1);
  for (const name of ['host', 'name~']) {
    const refusal = [400, `Invalid filters ${name} are found in query options.`];
    expect(words(await ask('demo', `GET /volumes?${name}=x`))).toEqual(refusal);
  }
  expect((await ask('demo', 'GET /volumes?with_count=True&limit=1')).body.count).toBe(2);
});

test('groups: volumes join, are copied together and go together', async () => {
  const { id: typeId } = await post('group_types', 'group_type', { name: 'g', group_specs: { a: '1' } }, 'admin');
  const [{ id: volumeType }] = (await ask('demo', 'GET /types')).body.volume_types;
  const { id } = await post('groups', 'group', { name: 'db', group_type: 'g', volume_types: [volumeType] });
  expect(words(await ask('demo', 'POST /group_snapshots', { body: { group_snapshot: { group_id: id } } }))[0]).toBe(
    400,
  );
  const [one, two] = [await ready(), await ready()];
  expect((await ask('demo', `PUT /groups/${id}`, { body: { group: { add_volumes: `${one},${two}` } } })).status).toBe(
    202,
  );
  const { body } = await ask('demo', `GET /groups/${id}?list_volume=True`);
  expect(body.group).toMatchObject({
    status: 'available',
    group_type: typeId,
    volumes: [one, two],
    replication_status: 'disabled',
  });
  const { id: snapshotId } = await post('group_snapshots', 'group_snapshot', { group_id: id, name: 'both' });
  const snapshots = (await ask('demo', 'GET /snapshots/detail')).body.snapshots;
  expect(snapshots.filter((row: { group_snapshot_id: string }) => row.group_snapshot_id === snapshotId)).toHaveLength(
    2,
  );
  const made = await ask('demo', 'POST /groups/action', {
    body: { 'create-from-src': { group_snapshot_id: snapshotId, name: 'again' } },
  });
  expect((await ask('demo', `GET /groups/${made.body.group.id}?list_volume=True`)).body.group.volumes).toHaveLength(2);
  const remove = (flag: boolean) =>
    ask('demo', `POST /groups/${id}/action`, { body: { delete: { 'delete-volumes': flag } } });
  expect(words(await remove(false))).toEqual([
    400,
    `Invalid group: Group ${id} still contains volumes. The delete-volumes flag is required to delete it.`,
  ]);
  expect((await remove(true)).status).toBe(202);
  expect(words(await ask('admin', `DELETE /group_types/${typeId}`))).toEqual([
    400,
    'Target group type is still in use.',
  ]);
});

test('a record of a backup brings it back', async () => {
  const { id } = await post('backups', 'backup', { volume_id: await ready(), name: 'kept' });
  await eventually(async () => (await show(`backups/${id}`, 'backup')).status === 'available');
  const { body } = await ask('admin', `GET /backups/${id}/export_record`);
  const again = () => ask('admin', 'POST /backups/import_record', { body });
  expect(words(await again())).toEqual([400, 'Invalid backup: Backup already exists in database.']);
  await ask('demo', `DELETE /backups/${id}`);
  await eventually(async () => (await ask('demo', `GET /backups/${id}`)).status === 404);
  expect((await again()).body.backup).toMatchObject({ id, name: 'kept' });
  const nothing = { 'backup-record': { backup_service: 's', backup_url: 'e30=' } };
  expect(words(await ask('admin', 'POST /backups/import_record', { body: nothing }))[0]).toBe(400);
});
