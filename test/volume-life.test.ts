/** The life of a volume in a zone that is not the project's own, as its tenants live it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from './cascade.js';
import { startSimulatedCascade, type Ask, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
let bob: Awaited<ReturnType<SimulatedCascade['tenant']>>;
let volume: string;

const volumes = '/volume/v3/volumes';
const statusOf = (body: Answer['body']) => (Object.values(body)[0] as { status: string }).status;
const becomes = (path: string, status: string, ask: Ask = ann) =>
  cloud.until(
    () => ask(`GET /volume/v3/${path}`),
    (body) => statusOf(body) === status,
  );
const act = (id: string, action: object) => ann(`POST ${volumes}/${id}/action`, action);
const idsIn = async (collection: string, ask: Ask = ann): Promise<string[]> =>
  (await ask(`GET /volume/v3/${collection}`)).body[collection].map((one: { id: string }) => one.id);
async function make(collection: string, key: string, body: object): Promise<string> {
  const answer = await ann(`POST /volume/v3/${collection}`, { [key]: body });
  expect(answer.status, answer.text).toBe(202);
  await becomes(`${collection}/${answer.body[key].id}`, 'available');
  return answer.body[key].id;
}

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  [ann, bob] = [await cloud.tenant('ann'), await cloud.tenant('bob')];
  // The project's own zone is the other one.
  const { body } = await ann(`POST ${volumes}`, { volume: { size: 1, availability_zone: 'east' } });
  await becomes(`volumes/${body.volume.id}`, 'available');
  const imageRef = cloud.west.cloud.images.initialIds[0];
  volume = await make('volumes', 'volume', { name: 'data', size: 2, imageRef, availability_zone: 'west' });
});
afterAll(() => cloud.close());

test('it is made from an image in the zone asked for, extended and renamed', async () => {
  expect((await act(volume, { 'os-extend': { new_size: 3 } })).status).toBe(202);
  await cloud.until(
    () => ann(`GET ${volumes}/${volume}`),
    (body) => body.volume.size === 3,
  );
  await ann(`PUT ${volumes}/${volume}`, { volume: { name: 'dätä 🗄', metadata: { tier: 'gold' } } });
  const { body } = await ann(`GET ${volumes}/detail?name=${encodeURIComponent('dätä 🗄')}`);
  expect(body.volumes).toMatchObject([
    { id: volume, availability_zone: 'west', size: 3, bootable: 'true', metadata: { tier: 'gold' } },
  ]);
});

test('its snapshots, clones and backups are where it is, without a zone', async () => {
  const snapshot = await make('snapshots', 'snapshot', { volume_id: volume });
  const backup = await make('backups', 'backup', { volume_id: volume });
  const clones = [
    await make('volumes', 'volume', { source_volid: volume }),
    await make('volumes', 'volume', { snapshot_id: snapshot }),
    await make('volumes', 'volume', { backup_id: backup }),
  ];
  for (const id of clones) {
    const { body } = await ann(`GET ${volumes}/${id}`);
    expect(body.volume).toMatchObject({ availability_zone: 'west', size: 3 });
  }
  const { body: shown } = await ann(`GET /volume/v3/backups/${backup}`);
  expect(shown.backup.availability_zone).toBe('west');
  expect(await idsIn('snapshots')).toContain(snapshot);
});

test('a restore makes a volume that is listed at once, or fills one that is there', async () => {
  const backup = await make('backups', 'backup', { volume_id: volume });
  const made = await ann(`POST /volume/v3/backups/${backup}/restore`, { restore: { name: 'again' } });
  expect(made.status).toBe(202);
  expect(await idsIn('volumes')).toContain(made.body.restore.volume_id);
  await becomes(`backups/${backup}`, 'available');
  const { body: elsewhere } = await ann(`POST ${volumes}`, { volume: { size: 3, availability_zone: 'east' } });
  await becomes(`volumes/${elsewhere.volume.id}`, 'available');
  const refused = await ann(`POST /volume/v3/backups/${backup}/restore`, {
    restore: { volume_id: elsewhere.volume.id },
  });
  expect([refused.status, refused.body.badRequest.message]).toEqual([
    400,
    expect.stringMatching(`zone east, and backup ${backup} is in availability zone west`),
  ]);
});

test("a backup's record goes back to the zone that exported it, whoever asks and without a zone", async () => {
  const backup = await make('backups', 'backup', { volume_id: volume, name: 'kept' });
  const { body: record } = await cloud.admin(`GET /volume/v3/backups/${backup}/export_record`);
  await ann(`DELETE /volume/v3/backups/${backup}`);
  await cloud.until(
    () => ann(`GET /volume/v3/backups/${backup}`),
    (body) => 'itemNotFound' in body,
  );
  const again = await cloud.admin('POST /volume/v3/backups/import_record', record);
  expect([again.status, again.body.backup?.id]).toEqual([201, backup]);
  const { body } = await becomes(`backups/${backup}`, 'available', cloud.admin);
  expect(body.backup).toMatchObject({ name: 'kept', availability_zone: 'west' });
  expect(await idsIn('backups', cloud.admin)).toContain(backup);
});

test('a record that is none is refused by a Cinder', async () => {
  const nothing = { backup_service: 'x', backup_url: 'bm8ganNvbg==' };
  expect((await cloud.admin('POST /volume/v3/backups/import_record', { 'backup-record': nothing })).status).toBe(400);
});

test('it changes hands with its snapshots: gone from one list and in the other at once', async () => {
  const given = await make('volumes', 'volume', { size: 1, availability_zone: 'west' });
  const { body } = await ann('POST /volume/v3/volume-transfers', { transfer: { volume_id: given, name: 'gift' } });
  const { id, auth_key: key } = body.transfer;
  expect((await idsIn('volumes', bob)).includes(given)).toBe(false);
  const wrong = await bob(`POST /volume/v3/volume-transfers/${id}/accept`, { accept: { auth_key: 'wrong' } });
  expect(wrong.status).toBe(400);
  const accepted = await bob(`POST /volume/v3/volume-transfers/${id}/accept`, { accept: { auth_key: key } });
  expect([accepted.status, accepted.body.transfer?.volume_id]).toEqual([202, given]);
  expect([await idsIn('volumes'), await idsIn('volumes', bob)].map((ids) => ids.includes(given))).toEqual([
    false,
    true,
  ]);
  expect((await ann(`GET ${volumes}/${given}`)).status).toBe(404);
  expect((await bob(`GET ${volumes}/${given}`)).body.volume).toMatchObject({ id: given, availability_zone: 'west' });
});

test('it becomes of another type by the cascade’s id or name of it', async () => {
  const { body } = await cloud.admin('POST /volume/v3/types', { volume_type: { name: 'gold' } });
  const { body: silver } = await cloud.admin('POST /volume/v3/types', { volume_type: { name: 'silver' } });
  for (const type of [body.volume_type, silver.volume_type]) {
    const asked = await act(volume, { 'os-retype': { new_type: type.name === 'gold' ? type.id : type.name } });
    expect([asked.status, asked.text]).toEqual([202, '']);
    const { body: seen } = await cloud.until(
      () => ann(`GET ${volumes}/${volume}`),
      ({ volume: one }) => one.volume_type === type.name,
    );
    expect(seen.volume.volume_type_id).toBe(type.id);
  }
});

test('it becomes an image', async () => {
  const { status, body } = await act(volume, { 'os-volume_upload_image': { image_name: 'from-a-volume' } });
  expect(status).toBe(202);
  const id = body['os-volume_upload_image'].image_id;
  await cloud.until(
    () => ann(`GET /image/v2/images/${id}`),
    (image) => image.status === 'active',
  );
});

test('when it is gone it is gone, and asking again says so in the words of its Cinder', async () => {
  const short = await make('volumes', 'volume', { size: 1, availability_zone: 'west' });
  expect((await ann(`DELETE ${volumes}/${short}`)).status).toBe(202);
  const { body } = await cloud.until(
    () => ann(`GET ${volumes}/${short}`),
    (seen) => 'itemNotFound' in seen,
  );
  expect(body.itemNotFound.message).toBe(`Volume ${short} could not be found.`);
  expect(await idsIn('volumes')).not.toContain(short);
});

test('what no text should hold is taken, kept and asked for as by a Cinder', async () => {
  const name = 'a\0b';
  const made = await ann(`POST ${volumes}`, { volume: { size: 1, name, availability_zone: 'west' } });
  expect([made.status, made.body.volume?.name]).toEqual([202, name]);
  expect((await ann(`GET ${volumes}/detail`)).body.volumes.map((one: { name: string }) => one.name)).toContain(name);
  const zero = encodeURIComponent('a\0');
  const answers = [
    ann(`GET ${volumes}?name=${zero}`),
    ann(`GET ${volumes}?metadata={'${zero}':'${zero}'}`),
    ann(`GET ${volumes}/${zero}`),
    ann(`POST ${volumes}`, { volume: { size: 1, snapshot_id: 'a\0' } }),
    ann(`POST ${volumes}`, { volume: { size: 1, volume_type: 'a\0' } }),
    ann(`POST ${volumes}`, { volume: { size: 1, availability_zone: '\ud800' } }),
    ann('POST /volume/v3/attachments', { attachment: { volume_uuid: 'a\0', instance_uuid: 'b' } }),
    ann(`POST /volume/v3/volume-transfers/${zero}/accept`, { accept: { auth_key: 'x' } }),
  ];
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  // Ids of snapshots and volumes in bodies must be UUIDs. @see openstack/cinder:cinder/api/schemas/volumes.py, attachments.py
  expect(statuses).toEqual([200, 200, 404, 400, 404, 400, 400, 404]);
});
