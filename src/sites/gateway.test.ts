/** Ids at the gateway: the cascade's above it, the site's below it, in all processes of a cascade. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { AliasTable } from './alias-table.js';
import { SiteGateway } from './gateway.js';
import { knownIds, SiteAliases } from './site-aliases.js';
import type { SiteRequest } from './site.js';
import type { SiteConnection } from './transport.js';

let database: Database;
let close: () => Promise<void>;
let table: AliasTable;
let siteId: number;
/** What the site was asked, below the gateway. */
let heard: SiteRequest[];
let answer: (asked: SiteRequest) => OpenStackResponse | Promise<OpenStackResponse>;

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  table = new AliasTable(database);
});
afterAll(() => close());
beforeEach(async () => {
  heard = [];
  answer = () => json(200, {});
  ({ id: siteId } = await database.one<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     values ($1, 'enabled', 'http://s', 'r', 'public', true, '', '{}') returning id`,
    [randomUUID()],
  ));
});

/** The same site's gateway in a process of its own. */
function gateway(): SiteGateway {
  const connection = {
    send: async (asked: SiteRequest) => {
      heard.push(asked);
      return answer(asked);
    },
  } as unknown as SiteConnection;
  const capabilities = { endpoints: { compute: ['http://s'] }, microversions: {}, networkExtensions: [] };
  return new SiteGateway(
    { id: siteId, name: 's', state: 'enabled', capabilities },
    connection,
    { readMs: 20_000, writeMs: 20_000 },
    { concurrency: 4, perSecond: 0 },
    new SiteAliases(table, siteId, knownIds()),
  );
}

const post = (body: Buffer | Readable, headers: Record<string, string> = {}): SiteRequest => ({
  service: 'compute',
  method: 'POST',
  path: '/servers',
  headers,
  body,
});
const [ours, theirs] = [randomUUID(), randomUUID()];
const [user, userThere] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];

test('an alias that one process writes is in force for the next request of every other, both ways', async () => {
  const gateways = [gateway(), gateway()];
  answer = ({ path }) => json(200, { id: path.split('/').at(-1) }, { location: `http://s${path}` });
  const ask = (at: SiteGateway) => at.request({ service: 'compute', method: 'GET', path: `/servers/${ours}` });
  for (const one of gateways) await ask(one);
  await table.add(siteId, ours, theirs);
  heard = [];
  for (const one of gateways) {
    const { headers, body } = await ask(one);
    expect(JSON.parse(String(body))).toEqual({ id: ours });
    expect(headers['location']).toBe(`http://s/servers/${ours}`);
  }
  // What each knew before was tried first, as a read may be.
  expect(heard.filter(({ path }) => path === `/servers/${theirs}`)).toHaveLength(gateways.length);
});

test('a read that was sent before its alias was known here is sent again, a write waits for what is known', async () => {
  const one = gateway();
  const get = { service: 'compute', method: 'GET', path: `/servers/${ours}` } as const;
  answer = ({ path }) => (path.includes(theirs) ? json(200, { server: { id: theirs } }) : json(404, {}));
  expect((await one.request(get)).status).toBe(404);
  await table.add(siteId, ours, theirs);
  expect(await one.request(get)).toMatchObject({ status: 200 });
  expect(heard.map(({ path }) => path)).toEqual([ours, ours, theirs].map((id) => `/servers/${id}`));
  const other = gateway();
  heard = [];
  expect((await other.request({ ...get, method: 'DELETE' })).status).toBe(200);
  expect((await other.request(get)).status).toBe(200);
  expect(heard.map(({ path }) => path)).toEqual([theirs, theirs].map((id) => `/servers/${id}`));
});

test('what becomes an alias while the site works is known in its response', async () => {
  answer = async () => {
    await table.add(siteId, ours, theirs);
    return json(200, { id: theirs });
  };
  const { body } = await gateway().request({ service: 'compute', method: 'GET', path: '/servers/detail' });
  expect(JSON.parse(String(body))).toEqual({ id: ours });
});

test('query and body too, of ids with and without hyphens, and the length that was told goes', async () => {
  await table.add(siteId, ours, theirs);
  await table.add(siteId, user, userThere);
  const body = Buffer.from(JSON.stringify({ server: { imageRef: ours, user } }));
  answer = (asked) => ({ status: 200, headers: { 'content-length': String(body.length) }, body: asked.body as Buffer });
  const response = await gateway().request({
    ...post(body, { 'content-length': String(body.length), 'content-type': 'application/json' }),
    query: `user_id=${user}`,
  });
  expect(heard[0]).toMatchObject({ query: `user_id=${userThere}`, headers: { 'content-type': 'application/json' } });
  expect(heard[0]!.headers).not.toHaveProperty('content-length');
  expect(JSON.parse(String(heard[0]!.body))).toEqual({ server: { imageRef: theirs, user: userThere } });
  expect(response.body).toEqual(body);
  expect(response.headers).not.toHaveProperty('content-length');
});

test('bytes of an image stay as they are, whatever they spell', async () => {
  await table.add(siteId, ours, theirs);
  const binary = { 'content-type': 'application/octet-stream' };
  const bytes = Buffer.from(`${ours} ${theirs}`);
  answer = () => ({ status: 200, headers: binary, body: bytes });
  const { body } = await gateway().request(post(bytes, binary));
  expect([heard[0]!.body, body]).toEqual([bytes, bytes]);
  const stream = Readable.from([bytes]);
  await gateway().request(post(stream));
  expect(heard[1]!.body).toBe(stream);
});
