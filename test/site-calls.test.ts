/** What a site says, and what of it a tenant hears. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { operator, startTestCascade, type TestCascade } from './cascade.js';
import { firstReads } from './first-reads.js';
import { FakeServer, type Json } from './fake-server.js';

let cloud: TestCascade;
let server: Json & { id: string };

beforeAll(async () => {
  cloud = await startTestCascade({}, ['east']);
  server = cloud.east.put('servers', { tenant_id: cloud.project, name: 'db1' });
  await firstReads(cloud);
});
afterAll(() => cloud.close());
afterEach(() => cloud.east.server.recover());

const show = () => cloud.get(`/compute/v2.1/servers/${server.id}`);
const east = () => cloud.cascade.world.sites.byName('east')!;
const readServers = () => cloud.cascade.world.reader.readAll(cloud.cascade.world.kinds.get('server')!, east());
const logins = () => cloud.keystone.server.requestsLike(/^POST \/v3\/auth\/tokens$/).length;

test("the cascade's own login is renewed once for many callers when the site refuses it", async () => {
  await readServers();
  cloud.east.rejectTokensOf(operator.name);
  const before = logins();
  const list = { service: 'compute', method: 'GET', path: '/servers', query: 'all_tenants=1' } as const;
  const answers = await Promise.all(Array.from({ length: 10 }, () => east().request(list)));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(logins()).toBe(before + 1);
});

test('a site that refuses every login is asked twice, and not for ever', async () => {
  cloud.east.server.fail(401);
  const before = logins();
  const answer = await east().request({ service: 'compute', method: 'GET', path: '/servers' });
  expect(answer.status).toBe(401);
  expect(logins()).toBeLessThanOrEqual(before + 2);
});

test("a tenant's own 401 at a site is the tenant's answer: nobody logs in for a tenant", async () => {
  await show();
  cloud.east.server.fail(401, /servers/, { error: { code: 401, title: 'Unauthorized', message: 'expired' } });
  const sent = () =>
    cloud.east.server.requests.filter(({ headers }) => headers['x-auth-token'] === cloud.member).length;
  const before = sent();
  expect((await show()).status).toBe(401);
  expect(sent()).toBe(before + 1);
});

describe('a token with access rules that the site reads against something else', () => {
  const limitedTo = (service: string, methodAndPath: string) => {
    const [method = '', path = ''] = methodAndPath.split(' ');
    const accessRules = [{ service, method, path }];
    return cloud.keystone.issue({ roles: ['member'], projectId: cloud.project, accessRules });
  };
  /** What the site is told of who asks, time after time. */
  const asked = (what: RegExp, token: string) =>
    cloud.east.server
      .requestsLike(what)
      .filter(({ headers }) => headers['x-auth-token'] === token)
      .map(({ headers }) => cloud.keystone.bearer(headers['x-service-token'])?.roles);

  test("is refused there once; then the cascade's own token says that a service asks", async () => {
    const token = limitedTo('compute', 'GET /v2.1/servers/*');
    cloud.east.server.fail(401, /servers/);
    await cloud.ask('GET', `/compute/v2.1/servers/${server.id}`, { token });
    expect(asked(/servers/, token)).toEqual([undefined, ['admin']]);
  });

  test('is left alone where the site takes it', async () => {
    const token = limitedTo('compute', 'GET /v2.1/servers/*');
    expect((await cloud.ask('GET', `/compute/v2.1/servers/${server.id}`, { token })).status).toBe(200);
    expect(asked(/servers/, token)).toEqual([undefined]);
  });

  test('gets no help where Cinder would do more for a service than for a tenant', async () => {
    const token = limitedTo('volume', 'DELETE /v3/**');
    cloud.east.server.fail(401, /attachments/);
    const headers = { 'openstack-api-version': 'volume 3.27' };
    const path = `/volume/v3/${cloud.project}/attachments/${randomUUID()}`;
    expect((await cloud.ask('DELETE', path, { token, headers })).status).toBe(401);
    expect(asked(/^DELETE .*attachments/, token)).toEqual([undefined]);
  });
});

test('a redirect is never followed: no token travels to another host', async () => {
  const elsewhere = new FakeServer(() => ({ status: 200, body: { server: { id: server.id, name: 'stolen' } } }));
  await elsewhere.start();
  try {
    cloud.east.server.redirect(`${elsewhere.url}/servers`, /servers/);
    expect((await show()).text).not.toContain('stolen');
    await expect(readServers()).rejects.toThrow();
    expect(elsewhere.requests).toEqual([]);
  } finally {
    await elsewhere.refuse();
  }
});

test.each([400, 404, 409, 500, 503])('the words of a %i come out, the addresses in them do not', async (status) => {
  const site = cloud.east.server.url;
  const message = `neutron at ${site}/network/v2.0/ports said no; log in at http://127.0.0.1:5000/v3 or see http://docs.openstack.org/`;
  cloud.east.server.fail(status, /servers/, { badRequest: { code: status, message } });
  const answer = await show();
  expect(answer.status).toBe(status);
  expect(answer.body.badRequest.message).toBe(
    `neutron at ${cloud.url}/network/v2.0/ports said no; log in at ${cloud.url}/v3 or see http://docs.openstack.org/`,
  );
});

test('a 404 for what a change names does not make its resource disappear', async () => {
  await readServers();
  cloud.east.server.fail(404, /^PUT/, { itemNotFound: { code: 404, message: 'Image could not be found.' } });
  const changed = await cloud.ask('PUT', `/compute/v2.1/servers/${server.id}`, {
    token: cloud.member,
    body: { server: {} },
  });
  expect(changed.status).toBe(404);
  expect(await cloud.cascade.world.inventory.find('server', server.id)).toBeDefined();
});

test('an answer that breaks off is no answer: 503, and the inventory stays', async () => {
  await readServers();
  cloud.east.server.cutJson(/servers/);
  const { status, text } = await cloud.get(`/compute/v2.1/servers/${server.id}/ips`);
  expect([status, text]).toEqual([503, expect.not.stringContaining(cloud.east.server.url)]);
  await expect(readServers()).rejects.toThrow();
  await cloud.east.server.recover();
  expect((await cloud.get('/compute/v2.1/servers')).text).toContain(server.id);
});

test("zone and host are the cascade's, whatever the site calls them; what tenants wrote is left alone", async () => {
  const metadata = { availability_zone: 'mine', 'binding:host_id': 'mine' };
  cloud.east.change(server.id, { metadata });
  const { body, text } = await cloud.ask('GET', `/compute/v2.1/servers/${server.id}`, { token: cloud.admin });
  expect(body.server).toMatchObject({
    'OS-EXT-AZ:availability_zone': 'east',
    'OS-EXT-SRV-ATTR:host': 'east',
    metadata,
  });
  expect(text).not.toContain('rack7');
  await readServers();
  const list = await cloud.get('/compute/v2.1/servers/detail');
  expect(list.body.servers).toMatchObject([{ id: server.id, metadata, 'OS-EXT-AZ:availability_zone': 'east' }]);
});

test('the microversion that is asked for is the one the site is asked in, lowered to what it knows', async () => {
  const askedIn = () => cloud.east.server.requestsLike(new RegExp(server.id)).at(-1)!.headers['openstack-api-version'];
  await cloud.get(`/compute/v2.1/servers/${server.id}`, { 'openstack-api-version': 'compute 2.60' });
  expect(askedIn()).toBe('compute 2.60');
  await cloud.cascade.world.database.run(
    `update site set capabilities = jsonb_set(capabilities, '{microversions,compute,max}', '"2.79"') where name = 'east'`,
  );
  await cloud.cascade.world.sites.load();
  await cloud.get(`/compute/v2.1/servers/${server.id}`, { 'openstack-api-version': 'compute latest' });
  expect(askedIn()).toBe('compute 2.79');
});

test('a deleted server is asked for only where it was, whoever polls', async () => {
  const { id } = cloud.east.put('servers', { tenant_id: cloud.project, name: 'gone' });
  expect((await cloud.get(`/compute/v2.1/servers/${id}`)).status).toBe(200);
  const added = await cloud.addSite('west');
  expect(added.status).toBe(201);
  cloud.east.remove(id);
  for (let poll = 0; poll < 3; poll += 1) {
    const { status, body } = await cloud.get(`/compute/v2.1/servers/${id}`);
    expect([status, body.itemNotFound.code]).toEqual([404, 404]);
  }
  expect(cloud.west.server.requestsLike(new RegExp(id))).toEqual([]);
});

test('a login that Keystone refuses is not tried again and again: accounts are locked for that', async () => {
  const account = cloud.keystone.users.get(operator.name)!;
  cloud.keystone.users.set(operator.name, { ...account, password: 'changed meanwhile' });
  cloud.east.rejectTokensOf(operator.name);
  const before = logins();
  for (let attempt = 0; attempt < 5; attempt += 1) await expect(readServers()).rejects.toThrow('does not answer');
  cloud.keystone.users.set(operator.name, account);
  expect(logins()).toBe(before + 1);
});
