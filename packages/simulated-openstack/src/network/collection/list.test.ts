import { beforeEach, expect, test } from 'vitest';
import { behindDoor, factsOf, type Ask } from '../../testing.js';
import { Networks } from '../networks.js';
import { networkRoutes } from '../routes.js';

let ask: Ask;
let networks: Networks;
const count = 25;

beforeEach(async () => {
  networks = new Networks(factsOf());
  ask = behindDoor('network', networkRoutes({ networks }));
  const many = Array.from({ length: count }, (_, n) => ({ name: `n${String(n % 5)}` }));
  await ask('demo', 'POST /v2.0/networks', { body: { networks: many } });
});

interface Named {
  readonly id: string;
  readonly name: string;
}

/** All pages of a list, as a reader follows the links. */
async function pages(query: string, key = 'networks', link = 'next'): Promise<Named[]> {
  const rows: Named[] = [];
  let path = `/v2.0/${key}?${query}`;
  for (;;) {
    const { body, status } = await ask('demo', `GET ${path}`);
    expect(status).toBe(200);
    rows.push(...body[key]);
    const next = (body[`${key}_links`] as { rel: string; href: string }[] | undefined)?.find(({ rel }) => rel === link);
    if (!next) return rows;
    path = next.href.slice(next.href.indexOf('/v2.0'));
  }
}

test.each([1, 4, 27, 100])('pages of %i lead through everything, once', async (limit) => {
  const all = (await ask('demo', 'GET /v2.0/networks')).body.networks as Named[];
  expect(await pages(`limit=${limit}`)).toEqual(all);
  expect(all).toHaveLength(count + 2);
});

test('pages keep the order asked for, and the id tells equals apart', async () => {
  const rows = await pages('limit=4&sort_key=name&sort_dir=desc&project_id=p-demo');
  expect(new Set(rows.map(({ id }) => id)).size).toBe(count);
  expect(rows.map(({ name }) => name)).toEqual(
    rows
      .map(({ name }) => name)
      .sort()
      .reverse(),
  );
});

test('a list is read backwards from a marker', async () => {
  const all = (await ask('demo', 'GET /v2.0/networks')).body.networks as Named[];
  const { body } = await ask('demo', `GET /v2.0/networks?limit=3&page_reverse=True&marker=${all[10]!.id}`);
  expect(body.networks).toEqual(all.slice(7, 10));
});

test('a whole list is turned round', async () => {
  const all = (await ask('demo', 'GET /v2.0/networks')).body.networks as Named[];
  const { body } = await ask('demo', 'GET /v2.0/networks?page_reverse=True');
  expect(body.networks).toEqual([...all].reverse());
});

test('an empty field name shows nothing', async () => {
  const { body } = await ask('demo', 'GET /v2.0/networks?fields=&limit=1');
  expect(body.networks).toEqual([{}]);
});

test('a marker that is gone is 404, so that a reader begins again', async () => {
  const { status, body } = await ask('demo', 'GET /v2.0/networks?limit=3&marker=nope');
  expect([status, body.NeutronError.type]).toEqual([404, 'NetworkNotFound']);
});

test('changed_since finds what is new or changed, and nothing else', async () => {
  const later = new Date(Date.now() + 3_600_000);
  networks.state.clock.skewMs = 7_200_000;
  const [first] = (await ask('demo', 'GET /v2.0/networks?project_id=p-demo&limit=1')).body.networks as Named[];
  await ask('demo', `PUT /v2.0/networks/${first!.id}`, { body: { network: { description: 'x' } } });
  const since = later.toISOString().replace(/\.\d+Z$/, 'Z');
  const { body } = await ask('demo', `GET /v2.0/networks?changed_since=${since}`);
  expect(body.networks.map(({ id }: Named) => id)).toEqual([first!.id]);
  expect((await ask('demo', 'GET /v2.0/networks?changed_since=x')).body.NeutronError.type).toBe('InvalidInput');
});

test('fields are what is shown, and nothing more', async () => {
  const { body } = await ask('demo', 'GET /v2.0/networks?fields=id&fields=name&name=n3&limit=1');
  expect(body.networks).toEqual([{ id: expect.any(String), name: 'n3' }]);
});

test.each([
  ['name=n1&name=n2', 10],
  ['shared=true', 1],
  ['router:external=True', 1],
  ['admin_state_up=false', 0],
  ['project_id=p-other', 0],
  ['project_id=p-demo', count],
  ['description=', count + 2],
  ['whatever=1', count + 2],
  ['mtu=1450&status=ACTIVE', count + 1],
])('%s finds %i', async (query, found) => {
  expect((await ask('demo', `GET /v2.0/networks?${query}`)).body.networks).toHaveLength(found);
});

test('a cloud that validates filters refuses one it does not know', async () => {
  const newer = behindDoor('network', networkRoutes({ networks: new Networks(factsOf('2026.1')) }), '2026.1');
  const { status, body } = await newer('demo', 'GET /v2.0/networks?whatever=1');
  expect([status, body.NeutronError.message]).toEqual([400, "['whatever'] is invalid attribute for filtering"]);
});

test.each([
  ['limit=x', 'BadRequest', "Bad limit request: Limit must be an integer 0 or greater and not 'x'."],
  ['sort_key=x&sort_dir=asc', 'HTTPBadRequest', "['x'] is invalid attribute for sort_keys"],
  ['sort_key=name', 'HTTPBadRequest', 'The number of sort_keys and sort_dirs must be same'],
  ['shared=maybe', 'InvalidInput', "Invalid input for operation: 'maybe' cannot be converted to boolean."],
])('%s is refused', async (query, type, message) => {
  const { status, body } = await ask('demo', `GET /v2.0/networks?${query}`);
  expect([status, body.NeutronError]).toEqual([400, { type, message, detail: '' }]);
});

test('ports are found by addresses, groups and devices', async () => {
  const [usable] = networks.usableFor('p-demo');
  for (const deviceId of ['s1', 's2', 's3']) networks.plug({ projectId: 'p-demo', deviceId, networkId: usable!.id });
  const found = async (query: string) =>
    ((await ask('demo', `GET /v2.0/ports?${query}`)).body.ports as { device_id: string }[])
      .map((port) => port.device_id)
      .sort();
  const [port] = networks.portsOf('s2');
  expect(await found(`fixed_ips=ip_address%3D${port!.addresses[0]!.address}`)).toEqual(['s2']);
  expect(await found(`fixed_ips=subnet_id%3D${port!.addresses[0]!.subnetId}`)).toEqual(['s1', 's2', 's3']);
  expect(await found(`security_groups=${port!.securityGroups[0]!.id}`)).toEqual(['s1', 's2', 's3']);
  expect(await found(`mac_address=${port!.mac.toUpperCase()}`)).toEqual(['s2']);
  expect(await found('device_id=s1&device_id=s3')).toEqual(['s1', 's3']);
});
