/** What operators do with a Cinder, and what it tells its users when something cannot be done. */
import { beforeEach, expect, test } from 'vitest';
import { eventually } from '../testing.js';
import { act, ask, becomes, begin, make, post, ready, volumes, words } from './testing.js';

beforeEach(begin);

test('operators see services and pools', async () => {
  expect((await ask('demo', 'GET /os-services')).status).toBe(403);
  const { body } = await ask('admin', 'GET /os-services?binary=cinder-volume');
  expect(body.services).toMatchObject([{ host: 'az1@lvm', zone: 'az1', state: 'up', status: 'enabled' }]);
  await ask('admin', 'PUT /os-services/disable', { body: { binary: 'cinder-volume', host: 'az1@lvm' } });
  expect((await ask('admin', 'GET /os-services')).body.services.at(-1).status).toBe('disabled');
  expect((await ask('admin', 'GET /scheduler-stats/get_pools?detail=true')).body.pools).toMatchObject([
    { name: 'az1@lvm#lvm' },
  ]);
  expect((await ask('demo', 'GET /os-availability-zone')).body.availabilityZoneInfo).toEqual([
    { zoneName: 'az1', zoneState: { available: true } },
  ]);
});

test('a volume that no backend fits is in error, and a message tells why', async () => {
  await post('types', 'volume_type', { name: 'tape', extra_specs: { volume_backend_name: 'tape' } }, 'admin');
  const { id } = await make({ volume_type: 'tape' });
  await becomes(`volumes/${id}`, 'volume', 'error');
  const { body } = await ask('demo', `GET /messages?resource_uuid=${id}`);
  expect(body.messages).toMatchObject([
    {
      event_id: 'VOLUME_VOLUME_001_003',
      resource_type: 'VOLUME',
      resource_uuid: id,
      message_level: 'ERROR',
      user_message: 'schedule allocate volume:Could not find any available weighted backend.',
    },
  ]);
  const [{ id: messageId }] = body.messages;
  expect((await ask('demo', `GET /messages/${messageId}`)).body.message.id).toBe(messageId);
  expect((await ask('demo', `DELETE /messages/${messageId}`)).status).toBe(204);
  expect(words(await ask('demo', `GET /messages/${messageId}`))).toEqual([
    404,
    `Message ${messageId} could not be found.`,
  ]);
  expect((await ask('demo', 'GET /messages')).body.messages).toEqual([]);
});

test('a project may have a default type of its own', async () => {
  const { id: typeId } = await post('types', 'volume_type', { name: 'fast' }, 'admin');
  const { body } = await ask('demo', 'GET /types/default');
  expect(body.volume_type.name).toBe('__DEFAULT__');
  const { projectId } = volumes.volumes.get((await make()).id)!;
  const of = `/default-types/${projectId}`;
  expect(words(await ask('admin', `GET ${of}`))).toEqual([404, `Default type for project ${projectId} not found.`]);
  const put = (named: string) => ask('admin', `PUT ${of}`, { body: { default_type: { volume_type: named } } });
  expect(words(await put('none'))).toEqual([400, 'Volume type with name none could not be found.']);
  expect((await put('fast')).body).toEqual({ default_type: { project_id: projectId, volume_type_id: typeId } });
  expect((await ask('admin', 'GET /default-types')).body.default_types).toHaveLength(1);
  expect((await make()).volume_type).toBe('fast');
  expect((await ask('demo', 'GET /types/default')).body.volume_type.id).toBe(typeId);
  expect((await ask('admin', `DELETE /types/${typeId}`)).status).toBe(400);
  expect((await ask('admin', `DELETE ${of}`)).status).toBe(204);
  expect((await make()).volume_type).toBe('__DEFAULT__');
  expect((await ask('demo', 'GET /default-types')).status).toBe(403);
});

test('Cinder lets go of what the backend has, lists it and takes it again', async () => {
  const id = await ready({ size: 3 });
  const listed = async (path: string) => (await ask('admin', `GET /${path}?host=az1@lvm`)).body;
  expect((await listed('manageable_volumes/detail'))['manageable-volumes']).toEqual([
    {
      reference: { 'source-name': `volume-${id}` },
      size: 3,
      safe_to_manage: false,
      reason_not_safe: 'already managed',
      cinder_id: id,
      extra_info: null,
    },
  ]);
  expect((await act(id, { 'os-unmanage': {} }, 'admin')).status).toBe(202);
  expect((await ask('demo', `GET /volumes/${id}`)).status).toBe(404);
  expect((await listed('os-volume-manage'))['manageable-volumes']).toEqual([
    { reference: { 'source-name': `volume-${id}` }, size: 3, safe_to_manage: true },
  ]);
  const manage = (fields: object) =>
    ask('admin', 'POST /manageable_volumes', {
      body: { volume: { host: volumes.host, ref: { 'source-name': `volume-${id}` }, ...fields } },
    });
  expect(words(await manage({ host: 'az2@lvm' }))).toEqual([400, "Host 'az2@lvm' not found"]);
  expect(words(await manage({ host: undefined }))[0]).toBe(400);
  const { body, status } = await manage({ name: 'back' });
  expect([status, body.volume]).toMatchObject([202, { status: 'creating', name: 'back', size: 3 }]);
  await eventually(
    async () => (await ask('admin', `GET /volumes/${body.volume.id}`)).body.volume.status === 'available',
  );
  const managed = { host: volumes.host, ref: { 'source-name': `volume-${body.volume.id}` } };
  expect(words(await ask('admin', 'POST /manageable_volumes', { body: { volume: managed } }))).toEqual([
    400,
    'Invalid volume: Unable to manage existing volume. The volume is already managed',
  ]);
  const lost = (await manage({})).body.volume.id;
  await eventually(async () => (await ask('admin', `GET /volumes/${lost}`)).body.volume.status === 'error');
  expect((await ask('demo', 'GET /manageable_volumes?host=az1@lvm')).status).toBe(403);
});

test('snapshots are let go and taken again, too', async () => {
  const volumeId = await ready();
  const { id } = await post('snapshots', 'snapshot', { volume_id: volumeId });
  await becomes(`snapshots/${id}`, 'snapshot', 'available');
  expect((await ask('admin', `POST /snapshots/${id}/action`, { body: { 'os-unmanage': {} } })).status).toBe(202);
  const { body } = await ask('admin', 'GET /manageable_snapshots?host=az1@lvm');
  expect(body['manageable-snapshots']).toEqual([
    {
      reference: { 'source-name': `_snapshot-${id}` },
      size: 1,
      safe_to_manage: true,
      source_reference: { 'source-name': `volume-${volumeId}` },
    },
  ]);
  const again = await ask('admin', 'POST /manageable_snapshots', {
    body: { snapshot: { volume_id: volumeId, ref: { 'source-name': `_snapshot-${id}` } } },
  });
  expect([again.status, again.body.snapshot]).toMatchObject([202, { volume_id: volumeId }]);
  await eventually(
    async () => (await ask('admin', `GET /snapshots/${again.body.snapshot.id}`)).body.snapshot.status === 'available',
  );
});

test('operators see what a host holds, and switch it, freeze it and make it talkative', async () => {
  await ready({ size: 2 });
  const hosts = (await ask('admin', 'GET /os-hosts/az1@lvm')).body.host;
  expect(hosts[0].resource).toMatchObject({
    project: '(total)',
    volume_count: '1',
    total_volume_gb: '2',
    snapshot_count: '0',
  });
  expect(hosts).toHaveLength(2);
  expect(words(await ask('admin', 'GET /os-hosts/nowhere'))).toEqual([404, 'Host nowhere could not be found.']);
  const put = (path: string, body: object) => ask('admin', `PUT /${path}`, { body });
  expect((await put('os-hosts/az1@lvm', { status: 'disable' })).body).toEqual({ host: 'az1@lvm', status: 'disabled' });
  await becomes(`volumes/${(await make()).id}`, 'volume', 'error');
  expect((await put('os-hosts/az1@lvm', { status: 'enable' })).body.status).toBe('enabled');
  expect(words(await put('os-hosts/az1@lvm', { status: 'maybe' }))).toEqual([400, "Invalid status: 'maybe'"]);
  expect((await put('os-services/freeze', { host: 'az1@lvm' })).status).toBe(200);
  expect((await ask('admin', 'GET /os-services')).body.services.at(-1).frozen).toBe(true);
  expect((await put('os-services/freeze', { host: 'az1@lvm' })).status).toBe(400);
  expect((await put('os-services/thaw', { host: 'az1@lvm' })).status).toBe(200);
  expect(words(await put('os-services/dance', {}))).toEqual([400, 'Invalid input received: Unknown action']);
  expect(
    (await put('os-services/set-log', { binary: 'cinder-volume', prefix: 'cinder.volume', level: 'debug' })).status,
  ).toBe(202);
  expect(
    (await put('os-services/get-log', { binary: 'cinder-volume', prefix: 'cinder.volume' })).body.log_levels,
  ).toEqual([{ host: 'az1@lvm', binary: 'cinder-volume', levels: { 'cinder.volume': 'DEBUG' } }]);
  expect((await put('os-services/set-log', { level: 'loud' })).status).toBe(400);
  expect((await ask('admin', 'GET /clusters/detail')).body).toEqual({ clusters: [] });
  expect(words(await ask('admin', 'GET /clusters/c'))).toEqual([404, 'Cluster c could not be found.']);
  expect((await ask('admin', 'POST /workers/cleanup', { body: {} })).body).toEqual({ cleaning: [], unavailable: [] });
});
