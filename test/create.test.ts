/** Where a create goes, and what becomes of it when the site is not well. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from './cascade.js';

let cloud: TestCascade;

beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());
afterEach(async () => {
  await Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover()));
  await beReachable();
});

const create = (server: object, project?: string) => {
  const token = project ? cloud.keystone.issue({ roles: ['member'], projectId: project }) : cloud.member;
  return cloud.ask('POST', '/compute/v2.1/servers', { token, body: { server: { name: 'new', ...server } } });
};
const creates = () => [cloud.east, cloud.west].map(({ server }) => server.requestsLike(/^POST .*\/servers$/).length);
const siteOf = (name: string) => cloud.cascade.world.sites.byName(name)!;
const beReachable = () =>
  expect
    .poll(async () => {
      await cloud.cascade.world.sites.probe();
      return ['east', 'west'].every((name) => siteOf(name).health('compute').reachable);
    })
    .toBe(true);
/** What a site has been given by others becomes known. */
const readAll = async (kind: string) => {
  const { world } = cloud.cascade;
  for (const site of world.sites.all()) await world.reader.readAll(world.kinds.get(kind)!, site);
};
const image = async (site: TestCascade['east']) => {
  const { id } = site.put('images', { owner: cloud.project });
  await readAll('image');
  return id;
};
const zoneOf = async (id: string) =>
  (await cloud.get(`/compute/v2.1/servers/${id}`)).body.server['OS-EXT-AZ:availability_zone'];
let projects = 0;
const newProject = () => String((projects += 1)).padStart(32, 'a');

test.each(['east', 'west'] as const)('a server goes to the zone it names: %s', async (zone) => {
  const { status, body, headers } = await create({ availability_zone: zone });
  expect(status).toBe(202);
  expect(cloud[zone].things.get(body.server.id)).toMatchObject({ name: 'new', tenant_id: cloud.project });
  // The zone is the cascade's, unknown at the site; the answer's links are the cascade's too.
  expect(JSON.stringify(cloud[zone].server.requestsLike(/^POST .*\/servers$/).at(-1)!.body)).not.toContain(zone);
  expect(headers['location']).toBe(`${cloud.url}/compute/v2.1/servers/${body.server.id}`);
  expect((await cloud.get(`/compute/v2.1/servers/${body.server.id}`)).body.server['OS-EXT-AZ:availability_zone']).toBe(
    zone,
  );
  expect((await cloud.get('/compute/v2.1/servers')).text).toContain(body.server.id);
});

test("a password that Nova gives once is in the inventory's table nowhere", async () => {
  const { body } = await create({ availability_zone: 'east' });
  expect(body.server.adminPass).toBe('secret1234');
  const { rows } = await cloud.cascade.world.database.one<{ rows: string }>(
    `select json_agg(r)::text as rows from resource r`,
  );
  expect(rows).not.toContain('secret1234');
});

test('a server goes to the site of what it references', async () => {
  const [inEast, inWest] = [await image(cloud.east), await image(cloud.west)];
  const [east, west] = [await create({ imageRef: inEast }), await create({ imageRef: inWest })];
  expect(cloud.east.things.has(east.body.server.id)).toBe(true);
  expect(cloud.west.things.has(west.body.server.id)).toBe(true);
});

test('an image that is in both zones leaves the choice to the zone, then to the project', async () => {
  const { id: imageRef } = cloud.east.put('images', { owner: cloud.project });
  cloud.west.put('images', { id: imageRef, owner: cloud.project });
  await readAll('image');
  for (const zone of ['west', 'east']) {
    const { body } = await create({ imageRef, availability_zone: zone });
    expect(await zoneOf(body.server.id)).toBe(zone);
  }
  for (const zone of ['west', 'east']) {
    const project = newProject();
    await create({ availability_zone: zone }, project);
    await cloud.cascade.world.database.run(
      `insert into project_site (project_id, site_id) select $1, id from site where name = $2`,
      [project, zone],
    );
    const { body } = await create({ imageRef }, project);
    expect(cloud[zone as 'east'].things.has(body.server.id)).toBe(true);
  }
});

test('references that are apart are refused, naming both zones, and no site is asked', async () => {
  // Images too, where policy does not let them be copied.
  const { policies } = cloud.cascade.world.copies;
  await policies.set('', null, { mode: 'register' });
  const [inEast, inWest] = [await image(cloud.east), await image(cloud.west)];
  const before = creates();
  const device = { source_type: 'image', destination_type: 'volume', boot_index: 0, volume_size: 1 };
  const { status, body } = await create({ imageRef: inEast, block_device_mapping_v2: [{ ...device, uuid: inWest }] });
  expect(status).toBe(400);
  expect(body.badRequest.message).toContain(`server.imageRef (image ${inEast}) is in availability zone east`);
  expect(body.badRequest.message).toContain(
    `server.block_device_mapping_v2[0].uuid (image ${inWest}) is in availability zone west`,
  );
  const other = await create({ imageRef: inEast, availability_zone: 'west' });
  expect([other.status, other.body.badRequest.message]).toEqual([
    400,
    expect.stringMatching(/zone east.*zone west was asked for/),
  ]);
  expect(creates()).toEqual(before);
  await policies.set('', null, { mode: null });
});

test('a zone nobody knows is refused in the words of Nova', async () => {
  const { status, body } = await create({ availability_zone: 'north' });
  expect([status, body.badRequest.message]).toEqual([400, 'The requested availability zone is not available']);
});

test('a site that is draining or under maintenance gets nothing new', async () => {
  for (const state of ['draining', 'maintenance']) {
    await cloud.ask('PATCH', '/cascade/v1/sites/east', { token: cloud.admin, body: { state } });
    const named = await create({ availability_zone: 'east' });
    expect([named.status, named.body.badRequest?.message]).toEqual([
      400,
      expect.stringContaining('takes no new resources'),
    ]);
    expect(cloud.west.things.has((await create({}, newProject())).body.server.id)).toBe(true);
  }
  await cloud.ask('PATCH', '/cascade/v1/sites/east', { token: cloud.admin, body: { state: 'enabled' } });
});

test("a project's next server goes where its first one went", async () => {
  const project = newProject();
  const sites = new Set<string>();
  for (let time = 0; time < 4; time += 1) {
    const { body } = await create({}, project);
    sites.add(cloud.east.things.has(body.server.id) ? 'east' : 'west');
  }
  expect(sites.size).toBe(1);
});

test.each(['east', 'west'] as const)('a project begins where the external network is: %s', async (zone) => {
  const other = zone === 'east' ? cloud.west : cloud.east;
  const { id } = cloud[zone].put('networks', { 'router:external': true });
  const { id: imageId } = other.put('images', { owner: cloud.project, visibility: 'public' }); // it can follow, a network cannot
  await readAll('network');
  await readAll('image');
  const { body } = await create({}, newProject());
  expect(cloud[zone].things.has(body.server.id)).toBe(true);
  cloud[zone].things.delete(id);
  other.things.delete(imageId);
  await readAll('network');
  await readAll('image');
});

test.each(['east', 'west'] as const)('of two external networks the default one tells where: %s', async (zone) => {
  const made = (['east', 'west'] as const).map(
    (at) => [at, cloud[at].put('networks', { 'router:external': true, is_default: at === zone }).id] as const,
  );
  await readAll('network');
  const { body } = await create({}, newProject());
  expect(cloud[zone].things.has(body.server.id)).toBe(true);
  for (const [at, id] of made) cloud[at].things.delete(id);
  await readAll('network');
});

test('a refused connection is no answer of the site: another one is tried', async () => {
  const project = newProject();
  const first = await create({}, project);
  const [home, other] = cloud.east.things.has(first.body.server.id)
    ? [cloud.east, cloud.west]
    : [cloud.west, cloud.east];
  await home.server.refuse();
  const { status, body } = await create({}, project);
  expect(status).toBe(202);
  expect(other.things.has(body.server.id)).toBe(true);
  const { body: why } = await cloud.ask('GET', `/cascade/v1/placements/${body.server.id}`, { token: cloud.admin });
  expect(why.placements).toMatchObject([
    { kind: 'server', project_id: project, site: other === cloud.west ? 'west' : 'east' },
  ]);
});

test('but never another than the zone that was named', async () => {
  await cloud.east.server.refuse();
  const before = creates();
  const { status, body, headers } = await create({ availability_zone: 'east' });
  expect([status, headers['retry-after']]).toEqual([503, '10']);
  expect(body.serviceUnavailable.message).toBe(
    'Availability zone east does not answer at the moment. Try again later.',
  );
  expect(creates()).toEqual(before);
});

test('a create whose answer was lost is not tried again anywhere, and what it made is found by the next read', async () => {
  const project = newProject();
  await create({}, project);
  for (const { server } of [cloud.east, cloud.west]) server.loseAnswers(/^POST .*\/servers$/);
  const before = creates();
  const { status } = await create({ name: 'lost' }, project);
  expect(status).toBe(503);
  const after = creates();
  expect(after[0]! + after[1]!).toBe(before[0]! + before[1]! + 1);
  await Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover()));
  await readAll('server');
  const token = cloud.keystone.issue({ roles: ['member'], projectId: project });
  const { body } = await cloud.ask('GET', '/compute/v2.1/servers?name=lost', { token });
  expect(body.servers).toHaveLength(1);
});

test('an answer that breaks off is a lost one', async () => {
  const project = newProject();
  for (const { server } of [cloud.east, cloud.west]) server.cutJson(/^POST .*\/servers$/);
  const before = creates();
  expect((await create({}, project)).status).toBe(503);
  const after = creates();
  expect(after[0]! + after[1]!).toBe(before[0]! + before[1]! + 1);
});

test.each([
  [400, { badRequest: { code: 400, message: 'Invalid imageRef provided.' } }],
  [
    403,
    {
      forbidden: {
        code: 403,
        message: 'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances',
      },
    },
  ],
  [500, { computeFault: { code: 500, message: 'Unexpected API Error.' } }],
])("a site's %i is the answer, in its words", async (status, fault) => {
  for (const { server } of [cloud.east, cloud.west]) server.fail(status, /^POST .*\/servers$/, fault);
  const before = creates();
  const answer = await create({});
  expect([answer.status, answer.body]).toEqual([status, fault]);
  const after = creates();
  expect(after[0]! + after[1]!).toBe(before[0]! + before[1]! + 1);
});
