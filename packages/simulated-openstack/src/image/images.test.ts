import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { behindDoor, eventually, factsOf, type Ask } from '../testing.js';
import { Images } from './images.js';
import { imageRoutes } from './routes.js';

let images: Images;
let ask: Ask;

beforeEach(() => {
  images = new Images(factsOf());
  ask = behindDoor('image', imageRoutes({ images }));
});
afterEach(() => images.close());

const formats = { disk_format: 'raw', container_format: 'bare' };
const asJson = { accept: 'application/json' };
const make = async (who = 'demo', fields = {}) => {
  const answer = await ask(who, 'POST /v2/images', { body: { name: 'i', ...formats, ...fields } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};
const refused = async (who: string, call: string, options = {}) => {
  const { status, body } = await ask(who, call, { headers: asJson, ...options });
  return [status, body.message.replace(/<br \/><br \/>\n\n\n$/, '')];
};
const patch = (who: string, id: string, operations: unknown) =>
  ask(who, `PATCH /v2/images/${id}`, {
    body: operations,
    headers: { ...asJson, 'content-type': 'application/openstack-images-v2.1-json-patch' },
  });
const listed = async (who: string, query = '') =>
  ((await ask(who, `GET /v2/images?${query}`)).body.images as { id: string }[]).map(({ id }) => id);

test('a fresh cloud has public images with bytes, the same for the same seed', async () => {
  expect(images.initialIds).toEqual(new Images(factsOf()).initialIds);
  const [id = ''] = images.initialIds;
  const { body } = await ask('demo', `GET /v2/images/${id}`);
  expect(body).toMatchObject({ status: 'active', visibility: 'public', stores: 'file' });
  const file = await ask('demo', `GET /v2/images/${id}/file`);
  expect(createHash('md5').update(file.body).digest('hex')).toBe(body.checksum);
  expect(images.usableBy({ token: '', userId: '', projectId: 'p', roles: [], isAdmin: false }, id)).toMatchObject({
    id,
    status: 'active',
  });
});

test('an image shows the keys that a real Glance of Zed was seen to show', async () => {
  const { body } = await ask('demo', `GET /v2/images/${images.initialIds[0]}`);
  expect(Object.keys(body).sort()).toEqual([
    'checksum',
    'container_format',
    'created_at',
    'disk_format',
    'file',
    'id',
    'min_disk',
    'min_ram',
    'name',
    'os_hash_algo',
    'os_hash_value',
    'os_hidden',
    'owner',
    'protected',
    'schema',
    'self',
    'size',
    'status',
    'stores',
    'tags',
    'updated_at',
    'virtual_size',
    'visibility',
  ]);
});

test('bytes go in and come out, whole or in part', async () => {
  const { id } = await make();
  const raw = randomBytes(300_000);
  expect((await ask('demo', `GET /v2/images/${id}/file`)).status).toBe(204);
  expect((await ask('demo', `PUT /v2/images/${id}/file`, { raw })).status).toBe(204);
  const { body } = await ask('demo', `GET /v2/images/${id}`);
  expect(body).toMatchObject({
    status: 'active',
    size: 300_000,
    checksum: createHash('md5').update(raw).digest('hex'),
  });
  const file = await ask('demo', `GET /v2/images/${id}/file`);
  expect([raw.equals(file.body), file.headers['content-md5']]).toEqual([true, body.checksum]);
  const part = await ask('demo', `GET /v2/images/${id}/file`, { headers: { range: 'bytes=10-19' } });
  expect([part.status, raw.subarray(10, 20).equals(part.body)]).toEqual([206, true]);
  expect(await refused('demo', `PUT /v2/images/${id}/file`, { raw })).toEqual([
    409,
    'Image status transition from active to saving is not allowed',
  ]);
});

const unavailable = (detail: string) => `The Range requested is not available.<br /><br />\n${detail}\n\n`;

// As a real Glance answered for an image of ten bytes.
test.each([
  [{ range: 'bytes=0-4' }, 206, 'bytes 0-4/10', '01234'],
  [{ range: 'bytes=-3' }, 206, 'bytes 7-9/10', '789'],
  [{ range: 'bytes=4-' }, 206, 'bytes 4-9/10', '456789'],
  [{ range: 'bytes=8-20' }, 206, 'bytes 8-9/10', '89'],
  [{ range: 'bytes=-20' }, 206, 'bytes 0-9/10', '0123456789'],
  [{ range: 'bytes=0-1', 'content-range': 'bytes 5-6/10' }, 206, 'bytes 0-1/10', '01'],
  [{ 'content-range': 'bytes 0-4/10' }, 206, 'bytes 0-4/10', '01234'],
  [{ 'content-range': 'bytes 2-4/*' }, 206, 'bytes 2-4/10', '234'],
  [{ 'content-range': 'bytes 2-3/99' }, 206, 'bytes 2-3/10', '23'],
  [{ range: 'rubbish' }, 416, undefined, unavailable('Invalid Range header.')],
  [{ range: 'items=0-4' }, 416, undefined, unavailable('Invalid Range header.')],
  [{ 'content-range': 'bytes 3-2/10' }, 416, undefined, unavailable('Invalid Content-Range header.')],
  [{ 'content-range': 'rubbish' }, 416, undefined, unavailable('Invalid Content-Range header.')],
  [
    { 'content-range': 'bytes 10-12/20' },
    416,
    undefined,
    unavailable(
      'Invalid start position in Content-Range header. Start position MUST be in the inclusive range [0, 9].',
    ),
  ],
  [
    { 'content-range': 'bytes 5-20/*' },
    416,
    undefined,
    unavailable(
      'Invalid stop position in Content-Range header. The stop position MUST be in the inclusive range [0, 9].',
    ),
  ],
])('of ten bytes, %j gives %i %s', async (headers, status, contentRange, content) => {
  const { id } = await make();
  await ask('demo', `PUT /v2/images/${id}/file`, { raw: Buffer.from('0123456789') });
  const answer = await ask('demo', `GET /v2/images/${id}/file`, { headers: { ...asJson, ...headers } });
  expect([answer.status, answer.headers['content-range']]).toEqual([status, contentRange]);
  expect(status === 206 ? String(answer.body) : answer.body.message).toBe(content);
});

test('bytes need formats, and their media type', async () => {
  const { id } = await make('demo', { disk_format: null });
  expect((await refused('demo', `PUT /v2/images/${id}/file`, { raw: randomBytes(9) }))[0]).toBe(400);
  expect((await refused('demo', `PUT /v2/images/${id}/file`, { body: {} }))[0]).toBe(415);
});

test.each([
  [{ disk_format: 'x' }, 400, /^Provided object does not match schema 'image': 'x' is not one of \[None, 'ami'/],
  [{ foo: 1 }, 400, /1 is not of type 'string'/],
  [{ id: 'x' }, 400, /'x' does not match/],
  [{ status: 'active' }, 403, /^Attribute 'status' is read-only.$/],
  [{ visibility: 'public' }, 403, /^You are not authorized to complete publicize_image action.$/],
  [{ owner: 'p-other' }, 403, /^You are not permitted to create images owned by 'p-other'.$/],
  [{ min_disk: -1 }, 400, /Cannot be a negative value/],
])('%j is refused', async (body, status, words) => {
  const [found, message] = await refused('demo', 'POST /v2/images', { body });
  expect(found).toBe(status);
  expect(message).toMatch(words);
});

test('a client may choose the id, once', async () => {
  const id = '11111111-2222-4333-8444-555555555555';
  expect(await make('demo', { id })).toMatchObject({ id });
  expect(await refused('demo', 'POST /v2/images', { body: { id } })).toEqual([409, `Image ID ${id} already exists!`]);
});

test('a patch changes columns and custom properties', async () => {
  const { id } = await make('demo', { os_distro: 'debian' });
  const { body } = await patch('demo', id, [
    { op: 'replace', path: '/name', value: 'n' },
    { op: 'add', path: '/hw_disk_bus', value: 'scsi' },
    { op: 'remove', path: '/os_distro' },
    { op: 'replace', path: '/tags', value: ['a', 'a'] },
  ]);
  expect(body).toMatchObject({ name: 'n', hw_disk_bus: 'scsi', tags: ['a'] });
  expect(body).not.toHaveProperty('os_distro');
  const bad = async (operation: object) => (await patch('demo', id, [operation])).status;
  expect(await bad({ op: 'replace', path: '/none', value: 'x' })).toBe(409);
  expect(await bad({ op: 'replace', path: '/status', value: 'active' })).toBe(403);
  expect(await bad({ op: 'move', path: '/name', value: 'x' })).toBe(400);
  expect((await refused('demo', `PATCH /v2/images/${id}`, { body: [] }))[0]).toBe(415);
});

test('a protected image stays, another’s image is not there', async () => {
  const { id } = await make('demo', { protected: true });
  expect(await refused('demo', `DELETE /v2/images/${id}`)).toEqual([
    403,
    `Image ${id} is protected and cannot be deleted.`,
  ]);
  expect(await refused('other', `GET /v2/images/${id}`)).toEqual([404, `No image found with ID ${id}`]);
  expect(await refused('other', `DELETE /v2/images/${id}`)).toEqual([404, `Failed to find image ${id} to delete`]);
  await patch('demo', id, [{ op: 'replace', path: '/protected', value: false }]);
  expect((await ask('demo', `DELETE /v2/images/${id}`)).status).toBe(204);
  const [publicId] = images.initialIds;
  expect(await refused('demo', `DELETE /v2/images/${publicId}`)).toEqual([
    403,
    'You are not authorized to complete delete_image action.',
  ]);
});

test('who an image is shared with sees it by id at once, and in lists when he took it', async () => {
  const { id } = await make();
  expect((await ask('demo', `POST /v2/images/${id}/members`, { body: { member: 'p-other' } })).body).toMatchObject({
    status: 'pending',
  });
  expect((await refused('demo', `POST /v2/images/${id}/members`, { body: { member: 'p-other' } }))[0]).toBe(409);
  expect((await ask('other', `GET /v2/images/${id}`)).status).toBe(200);
  expect(await listed('other')).not.toContain(id);
  expect(await listed('other', 'member_status=pending&visibility=shared')).toEqual([id]);
  expect((await refused('demo', `PUT /v2/images/${id}/members/p-other`, { body: { status: 'accepted' } }))[0]).toBe(
    403,
  );
  await ask('other', `PUT /v2/images/${id}/members/p-other`, { body: { status: 'accepted' } });
  expect(await listed('other')).toContain(id);
  expect((await ask('demo', `DELETE /v2/images/${id}/members/p-other`)).status).toBe(204);
  expect((await ask('other', `GET /v2/images/${id}`)).status).toBe(404);
  expect(await refused('admin', `GET /v2/images/${images.initialIds[0]}/members`)).toEqual([
    403,
    'Only shared images have members.',
  ]);
});

test('others’ community images are listed only where they are asked for', async () => {
  const { id } = await make('demo', { visibility: 'community' });
  expect(await listed('other')).not.toContain(id);
  expect(await listed('other', 'visibility=community')).toEqual([id]);
  expect(await listed('admin')).not.toContain(id);
  expect(await listed('admin', 'visibility=all')).toContain(id);
});

test('a deactivated image gives no bytes to tenants', async () => {
  const { id } = await make();
  await ask('demo', `PUT /v2/images/${id}/file`, { raw: randomBytes(9) });
  expect((await ask('demo', `POST /v2/images/${id}/actions/deactivate`)).status).toBe(204);
  expect((await ask('demo', `GET /v2/images/${id}/file`)).status).toBe(403);
  await ask('demo', `POST /v2/images/${id}/actions/reactivate`);
  expect((await ask('demo', `GET /v2/images/${id}/file`)).status).toBe(200);
});

test('staged bytes become the image’s by an import', async () => {
  const { id } = await make();
  const raw = randomBytes(5000);
  const method = { method: { name: 'glance-direct' } };
  expect(await refused('demo', `POST /v2/images/${id}/import`, { body: method })).toEqual([
    409,
    "Image needs to be staged before 'glance-direct' method can be used",
  ]);
  await ask('demo', `PUT /v2/images/${id}/stage`, { raw });
  expect((await ask('demo', `GET /v2/images/${id}`)).body.status).toBe('uploading');
  expect((await ask('demo', `POST /v2/images/${id}/import`, { body: method })).status).toBe(202);
  await eventually(async () => (await ask('demo', `GET /v2/images/${id}`)).body.status === 'active');
  expect(raw.equals((await ask('demo', `GET /v2/images/${id}/file`)).body)).toBe(true);
  await eventually(async () => (await ask('demo', `GET /v2/images/${id}/tasks`)).body.tasks[0].status === 'success');
});

test('a download that fails leaves the image as it was, and says so in its task', async () => {
  const { id } = await make();
  const from = (uri: string) => ({ body: { method: { name: 'web-download', uri } } });
  expect((await refused('demo', `POST /v2/images/${id}/import`, from('file:///etc/passwd')))[0]).toBe(400);
  expect((await refused('demo', `POST /v2/images/${id}/import`, from('http://127.0.0.1:5000/')))[0]).toBe(400);
  expect((await ask('demo', `POST /v2/images/${id}/import`, from('http://127.0.0.1:80/nothing'))).status).toBe(202);
  await eventually(async () => (await ask('demo', `GET /v2/images/${id}/tasks`)).body.tasks[0].status === 'failure');
  expect((await ask('demo', `GET /v2/images/${id}`)).body.status).toBe('queued');
});

test('Nova’s snapshot is queued, then active, with what its base has', async () => {
  const id = images.addSnapshot({
    name: 's',
    projectId: 'p-demo',
    userId: 'u-demo',
    serverId: 'sv',
    baseImageId: images.initialIds[0]!,
    metadata: { a: 'b' },
  });
  expect(images.find(id)?.status).toBe('queued');
  await eventually(() => images.find(id)?.status === 'active');
  expect((await ask('demo', `GET /v2/images/${id}`)).body).toMatchObject({
    disk_format: 'qcow2',
    visibility: 'private',
    instance_uuid: 'sv',
    image_type: 'snapshot',
    a: 'b',
  });
});

test.each([1, 7, 100])('pages of %i lead through everything, once', async (limit) => {
  for (let n = 0; n < 20; n += 1) await make('demo', { name: `i${n % 3}` });
  for (const sort of ['', 'sort=name:asc&', 'sort_key=size&sort_dir=asc&']) {
    const rows: string[] = [];
    let path: string | undefined = `/v2/images?${sort}limit=${limit}`;
    while (path) {
      const { body } = await ask('demo', `GET ${path}`);
      rows.push(...body.images.map((image: { id: string }) => image.id));
      path = body.next;
    }
    expect([rows.length, new Set(rows).size]).toEqual([22, 22]);
  }
});

test('a reader asks for what changed since', async () => {
  const { id } = await make();
  images.clock.skewMs = 3_600_000;
  const { id: later } = await make();
  const since = new Date(Date.now() + 1_800_000).toISOString().replace(/\.\d+Z$/, 'Z');
  expect(await listed('admin', `visibility=all&updated_at=gte:${since}`)).toEqual([later]);
  await patch('demo', id, [{ op: 'replace', path: '/name', value: 'n' }]);
  expect((await listed('admin', `visibility=all&updated_at=gte:${since}`)).sort()).toEqual([id, later].sort());
});

test.each([
  ['visibility=x', 400, 'Invalid visibility value: x'],
  ['limit=x', 400, 'limit param must be an integer'],
  ['marker=nope', 400, 'No image found with ID nope'],
  [
    'sort=x',
    400,
    'Invalid sort key: x. It must be one of the following: name, status, container_format, disk_format, size, id, created_at, updated_at.',
  ],
  ['updated_at=gte:x', 400, 'Bad "updated_at" query filter format. Use ISO 8601 DateTime notation.'],
])('%s is refused', async (query, status, message) => {
  expect(await refused('demo', `GET /v2/images?${query}`)).toEqual([status, message]);
});

test('filters', async () => {
  const { id } = await make('demo', { name: 'needle', os_hidden: true, tags: ['t'], os_distro: 'x' });
  expect(await listed('demo', 'name=needle')).toEqual([]);
  for (const query of [
    'name=needle',
    'name=in:a,needle',
    'tag=t',
    'os_distro=x',
    'status=queued',
    'size_max=9&name=none',
  ]) {
    expect(await listed('demo', `${query}&os_hidden=true`), query).toEqual(query.startsWith('size') ? [] : [id]);
  }
});

test('clients find schemas and stores', async () => {
  expect((await ask('demo', 'GET /v2/schemas/image')).body.properties.disk_format.enum).toContain('qcow2');
  expect((await ask('demo', 'GET /v2/info/stores')).body.stores).toEqual([{ id: 'file', default: 'true' }]);
  expect((await ask('demo', 'GET /v2/info/import')).body['import-methods'].value).toContain('web-download');
});
