import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { Body } from '../resources/kind.js';
import { kindNamed } from '../routing/world.js';
import { readMembers } from './members.js';
import { answer, cascadeOver, type TestCascade } from './testing.js';

const id = '11111111-1111-4111-8111-111111111111';
const hiddenId = '22222222-2222-4222-8222-222222222222';

const anns: Body = {
  id,
  name: 'i',
  status: 'active',
  visibility: 'shared',
  owner: 'ann-project',
  os_hidden: false,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  locations: [{ url: 'file:///secret' }],
  direct_url: 'file:///secret',
};

let cascade: TestCascade;
afterEach(() => cascade.close());

/** A Glance of the test: what it holds, and what it was asked. */
class Glance {
  readonly images = new Map<string, Body>();
  readonly members = new Map<string, Body[]>();
  readonly asked: string[] = [];
  isSilent = false;

  readonly serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (this.isSilent) return void request.socket.destroy();
    const url = new URL(request.url ?? '/', 'http://site');
    this.asked.push(`${request.method} ${url.pathname}${url.search}`);
    const [, , , imageId = '', below, memberId] = url.pathname.split('/');
    if (url.pathname === '/v2/images' && request.method === 'GET') return this.list(url.searchParams, response);
    if (request.method === 'POST' && imageId === '') return answer(response, 201, anns);
    const image = this.images.get(imageId);
    if (!image) return answer(response, 404, {});
    if (below !== 'members') return answer(response, 200, image);
    if (request.method === 'POST') {
      const member = { image_id: imageId, member_id: 'bob-project', status: 'pending' };
      this.members.set(imageId, [member]);
      return answer(response, 200, member);
    }
    const members = this.members.get(imageId) ?? [];
    if (request.method === 'PUT') members[0]!['status'] = 'accepted';
    if (request.method === 'DELETE') this.members.set(imageId, []);
    return memberId ? answer(response, 200, members[0]) : answer(response, 200, { members });
  };

  private list(query: URLSearchParams, response: ServerResponse): void {
    const hidden = query.get('os_hidden') === 'true';
    answer(response, 200, { images: [...this.images.values()].filter((image) => image['os_hidden'] === hidden) });
  }
}

const send = (method: string, path: string, token: string, body?: unknown) =>
  fetch(`${cascade.url}/image/v2${path}`, {
    method,
    headers: { 'x-auth-token': token, 'content-type': 'application/json', accept: 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const listed = async (token: string, query = ''): Promise<unknown[]> => {
  const { body } = await cascade.get(`/image/v2/images${query}`, token);
  return (body as unknown as { images: Body[] }).images.map((image) => image['id']);
};

test('a share is listed for its member once it is accepted, and no longer when it was taken back', async () => {
  const glance = new Glance();
  glance.images.set(id, { ...anns });
  cascade = await cascadeOver([glance.serve]);
  expect(await listed('bob')).toEqual([]);
  await send('GET', `/images/${id}`, 'ann');
  await send('POST', `/images/${id}/members`, 'ann', { member: 'bob-project' });
  expect(await listed('bob')).toEqual([]);
  expect(await listed('bob', '?member_status=pending')).toEqual([id]);
  await send('PUT', `/images/${id}/members/bob-project`, 'bob', { status: 'accepted' });
  expect(await listed('bob')).toEqual([id]);
  await send('DELETE', `/images/${id}/members/bob-project`, 'ann');
  expect(await listed('bob')).toEqual([]);
});

test('a share made at the site itself is found in turn, and forgotten with its image', async () => {
  const glance = new Glance();
  glance.images.set(id, { ...anns });
  glance.members.set(id, [{ image_id: id, member_id: 'bob-project', status: 'accepted' }]);
  cascade = await cascadeOver([glance.serve]);
  const { world } = cascade;
  const site = world.sites.require(1);
  const image = kindNamed(world, 'image');
  await world.reader.readAll(image, site);
  await readMembers(world, site);
  expect(await listed('bob')).toEqual([id]);
  glance.images.clear();
  await world.reader.readAll(image, site);
  await readMembers(world, site);
  expect(await world.inventory.livingIds('image_member', site)).toEqual([]);
});

test('the feed reads hidden images too, and every project’s community ones', async () => {
  const glance = new Glance();
  glance.images.set(id, { ...anns }).set(hiddenId, { ...anns, id: hiddenId, os_hidden: true });
  cascade = await cascadeOver([glance.serve]);
  const site = cascade.world.sites.require(1);
  await cascade.world.reader.readAll(kindNamed(cascade.world, 'image'), site);
  expect((await cascade.world.inventory.livingIds('image', site)).sort()).toEqual([id, hiddenId]);
  expect(glance.asked).toEqual([
    'GET /v2/images?visibility=all&limit=250',
    'GET /v2/images?visibility=all&os_hidden=true&limit=250',
  ]);
});

test('a property that was removed is gone from the list; the locations that a tenant did not see stay', async () => {
  const glance = new Glance();
  glance.images.set(id, { ...anns, colour: 'red' });
  cascade = await cascadeOver([glance.serve]);
  const { world } = cascade;
  const site = world.sites.require(1);
  await world.reader.readAll(kindNamed(world, 'image'), site);
  glance.images.set(id, { ...anns });
  const shown = (await (await send('GET', `/images/${id}`, 'ann')).json()) as Body;
  expect(shown).toMatchObject({ id, name: 'i' });
  expect(shown).not.toHaveProperty('locations');
  expect(shown).not.toHaveProperty('direct_url');
  const row = JSON.parse((await world.inventory.find('image', id))?.body ?? '{}') as Body;
  expect(row).not.toHaveProperty('colour');
  expect(row).toMatchObject({ direct_url: 'file:///secret' });
});

test('at a silent site an image is shown as it was last seen, to whom it was visible', async () => {
  const glance = new Glance();
  glance.images.set(id, { ...anns });
  cascade = await cascadeOver([glance.serve]);
  await cascade.world.reader.readAll(kindNamed(cascade.world, 'image'), cascade.world.sites.require(1));
  glance.isSilent = true;
  // One response that does not come says little; after three the site is known to be down.
  for (let time = 0; time < 3; time += 1)
    expect(await cascade.get(`/image/v2/images/${id}`, 'ann')).toMatchObject({ status: 503 });
  expect(await cascade.get(`/image/v2/images/${id}`, 'ann')).toMatchObject({ status: 200, body: { id, name: 'i' } });
  expect(await cascade.get(`/image/v2/images/${id}`, 'bob')).toMatchObject({ status: 503 });
  expect((await send('GET', `/images/${id}/file`, 'ann')).status).toBe(503);
  expect(await listed('ann')).toEqual([id]);
});

test('an id that an image of another site has is refused, in Glance’s words', async () => {
  const [first, second] = [new Glance(), new Glance()];
  second.images.set(id, { ...anns });
  cascade = await cascadeOver([first.serve, second.serve]);
  await cascade.world.reader.readAll(kindNamed(cascade.world, 'image'), cascade.world.sites.require(2));
  const refused = await send('POST', '/images', 'bob', { id, name: 'mine' });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ message: `Image ID ${id} already exists!<br /><br />\n\n\n` });
  expect([...first.asked, ...second.asked].filter((line) => line.startsWith('POST'))).toEqual([]);
});

test('a new image is in the next list, without words of ours in it', async () => {
  const glance = new Glance();
  cascade = await cascadeOver([glance.serve]);
  glance.images.set(id, { ...anns });
  expect((await send('POST', '/images', 'ann', { name: 'i' })).status).toBe(201);
  const { body } = await cascade.get('/image/v2/images', 'ann');
  const [image] = (body as unknown as { images: Body[] }).images;
  const { locations: _locations, direct_url: _url, ...shown } = anns;
  expect(image).toEqual(shown);
});

test('metadata definitions are one site’s, for every project', async () => {
  const [first, second] = [new Glance(), new Glance()];
  cascade = await cascadeOver([first.serve, second.serve]);
  for (const token of ['ann', 'bob', 'admin']) await send('GET', '/metadefs/namespaces', token);
  expect([first.asked.length, second.asked.length]).toEqual([3, 0]);
  first.isSilent = true;
  for (let count = 0; count < 3; count += 1) await send('GET', '/metadefs/namespaces', 'ann');
  await send('GET', '/metadefs/namespaces', 'ann');
  expect(second.asked).toEqual(['GET /v2/metadefs/namespaces']);
  // Glance filters, orders and cuts them: it hears all that is asked.
  const asked =
    '/metadefs/namespaces?visibility=public&resource_types=OS::Nova::Flavor&sort_key=x&limit=2&marker=m&foo=';
  await send('GET', asked, 'ann');
  expect(second.asked.at(-1)).toBe(`GET /v2${asked}`);
});
