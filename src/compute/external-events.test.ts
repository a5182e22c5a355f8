/** Events find the sites of their servers, and come back in the order in which they were told. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../test/cascade.js';

let cloud: TestCascade;
const [inEast, inWest, nowhere] = [randomUUID(), randomUUID(), randomUUID()];
beforeAll(async () => {
  cloud = await startTestCascade();
  const { world } = cloud.cascade;
  for (const [name, id] of [
    ['east', inEast],
    ['west', inWest],
  ] as const) {
    const server = cloud[name].put('servers', { id, name, tenant_id: cloud.project });
    await world.inventory.store(world.kinds.get('server')!, world.sites.byName(name)!, [server], new Date());
  }
});
afterAll(() => cloud.close());
afterEach(async () => {
  await Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover()));
  // Two answers in a row, and a site counts as reachable again.
  for (let time = 0; time < 2; time += 1) await cloud.cascade.world.sites.probe();
});

const event = (server_uuid: string, tag: string, name = 'network-changed') => ({ server_uuid, name, tag });
const on = /POST .*os-server-external-events/;
const tell = (events: unknown[], version = '2.1', token = cloud.admin) =>
  cloud.ask('POST', '/compute/v2.1/os-server-external-events', {
    token,
    headers: { 'openstack-api-version': `compute ${version}` },
    body: { events },
  });
const done = (tag: string, code = 200) => ({ tag, status: code === 200 ? 'completed' : 'failed', code });

test('each site gets its own', async () => {
  cloud.east.server.fail(200, on, { events: [done('a'), done('c')] });
  cloud.west.server.fail(200, on, { events: [done('b')] });
  const { status, body } = await tell([event(inEast, 'a'), event(inWest, 'b'), event(inEast, 'c')]);
  expect(status).toBe(200);
  expect(body.events).toEqual([done('a'), done('b'), done('c')]);
  expect(cloud.east.server.requestsLike(on).at(-1)!.body).toEqual({ events: [event(inEast, 'a'), event(inEast, 'c')] });
});

test('what cannot be delivered fails by itself', async () => {
  cloud.east.server.fail(207, on, { events: [done('a', 422)] });
  await cloud.west.server.refuse();
  const { status, body } = await tell([event(nowhere, 'x'), event(inEast, 'a'), event(inWest, 'b')]);
  expect(status).toBe(207);
  expect(body.events.map((one: { code: number; status: string }) => [one.code, one.status])).toEqual([
    [404, 'failed'],
    [422, 'failed'],
    [503, 'failed'],
  ]);
});

test('nothing is sent before all of it is checked', async () => {
  const before = cloud.east.server.requestsLike(on).length;
  const { status, body } = await tell([event(inEast, 'a'), event(inWest, 'b', 'volume-extended')], '2.50');
  expect([status, body.badRequest.message]).toEqual([
    400,
    "Invalid input for field/attribute name. Value: volume-extended. 'volume-extended' is not one of ['network-changed', 'network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted']",
  ]);
  expect(cloud.east.server.requestsLike(on).length).toBe(before);
  cloud.west.server.fail(200, on, { events: [done('b')] });
  expect((await tell([event(inWest, 'b', 'volume-extended')], '2.51')).status).toBe(200);
});

test('for services and administrators', async () => {
  cloud.east.server.fail(200, on, { events: [done('a')] });
  const service = cloud.keystone.issue({ roles: ['service'], projectId: cloud.project });
  expect((await tell([event(inEast, 'a')], '2.1', service)).status).toBe(200);
  expect((await tell([event(inEast, 'a')], '2.1', cloud.member)).status).toBe(403);
});
