/**
 * Sites that are otherwise than the cascade knows them: a version document that claims too much, services of different
 * releases, a maximum that falls below what is stored, extensions that disappear. Nothing is lost, nothing stands still, and
 * every body is in the form of the microversion that was asked for.
 */
import { afterEach, afterAll, beforeAll, expect, test } from 'vitest';
import { reconcile } from '../src/reconcilers.js';
import type { SiteCapabilities } from '../src/sites/site.js';
import { believe } from './believed-site.js';
import { wrongWith } from './calibration/nova-responses.js';
import { startSimulatedCascade, type SimulatedCascade, type Tenant } from './simulated-cascade.js';

type Zone = 'east' | 'west';
const zones = ['east', 'west'] as const;
const nova = '/compute/v2.1';
const latest = 'compute 2.104';

let cloud: SimulatedCascade;
let ann: Tenant;
const servers: Record<string, string> = {};
const volumes: Record<string, string> = {};

const siteOf = (zone: Zone) => cloud.cascade.world.sites.byName(zone)!;
const isActive = (id: string) =>
  cloud.until(
    () => ann(`GET ${nova}/servers/${id}`, undefined, latest),
    (body) => body.server.status === 'ACTIVE',
  );

let restore: (() => Promise<void>) | undefined;
async function believeOf(zone: Zone, changes: Partial<SiteCapabilities>): Promise<void> {
  await restore?.();
  restore = await believe(cloud, zone, changes);
}
async function believeTruth(): Promise<void> {
  await restore?.();
  restore = undefined;
}

async function readAll(zone: Zone): Promise<void> {
  const { reader, kinds } = cloud.cascade.world;
  for (const kind of kinds.values()) if (kind.feed) await reader.readAll(kind, siteOf(zone));
}

async function boot(zone: Zone, version = latest): Promise<string> {
  const imageRef = cloud[zone].cloud.images.initialIds[0];
  const server = { name: 's', flavorRef: '1', imageRef, networks: 'none', availability_zone: zone };
  const { status, body, text } = await ann(`POST ${nova}/servers`, { server }, version);
  expect(status, text).toBe(202);
  await isActive(body.server.id);
  return body.server.id;
}

/** The list of both zones, and each server by itself, in one microversion. */
async function requireForm(minor: number): Promise<void> {
  const version = `compute 2.${minor}`;
  const { body, text } = await ann(`GET ${nova}/servers/detail`, undefined, version);
  expect(wrongWith('GET /servers/detail', minor, body), text).toEqual([]);
  const ids = body.servers.map((one: { id: string }) => one.id);
  for (const zone of zones) {
    expect(ids).toContain(servers[zone]);
    const shown = await ann(`GET ${nova}/servers/${servers[zone]}`, undefined, version);
    expect(wrongWith('GET /servers/{id}', minor, shown.body), `${minor}: ${shown.text}`).toEqual([]);
  }
}

beforeAll(async () => {
  cloud = await startSimulatedCascade({}, {}, { east: '2026.2' });
  ann = await cloud.tenant('ann');
  for (const zone of zones) {
    servers[zone] = await boot(zone);
    const volume = { size: 1, availability_zone: zone };
    volumes[zone] = (await ann('POST /volume/v3/volumes', { volume }, 'volume 3.71')).body.volume.id;
  }
}, 120_000);
afterAll(() => cloud.close());
afterEach(believeTruth);

test('a version document that claims too much: feeds, reconcilers and requests go on in what the site has', async () => {
  const claimed = { compute: { min: '2.1', max: '2.104' }, volume: { min: '3.0', max: '3.71' } };
  await believeOf('west', { microversions: claimed });
  const made = await ann.at.west(`POST /volume/v3/volumes`, { volume: { size: 1 } });
  await readAll('west');
  const listed = await ann('GET /volume/v3/volumes/detail', undefined, 'volume 3.71');
  expect(listed.body.volumes.map((one: { id: string }) => one.id)).toContain(made.body.volume.id);
  await reconcile(cloud.cascade.world, () => true);
  await requireForm(104);
  await boot('west');
  const { status, text } = await cloud.admin(`GET ${nova}/os-services`, undefined, latest);
  expect(status, text).toBe(200);
  const hosts = (await cloud.admin(`GET ${nova}/os-hypervisors/detail`, undefined, latest)).body.hypervisors;
  expect(new Set(hosts.map((one: { hypervisor_hostname: string }) => one.hypervisor_hostname)).size).toBe(hosts.length);
  const refused = await ann(`GET ${nova}/servers/${servers['west']}/shares`, undefined, latest);
  expect([refused.status, refused.text]).toEqual([404, expect.stringContaining('zone west does not support shares')]);
});

test('a document that says 2.200: tenants are offered what the cascade knows, and the site is asked in what it has', async () => {
  const { sites } = cloud.cascade.world;
  const known = siteOf('west').capabilities.microversions;
  cloud.west.faults.set({ kind: 'wrong-versions', services: ['compute'] });
  try {
    await sites.rediscover(siteOf('west'));
    expect(siteOf('west').capabilities.microversions.compute).toEqual({ min: '2.1', max: '2.200' });
    const { versions } = (await ann('GET /compute/')).body;
    expect(versions.at(-1)).toMatchObject({ id: 'v2.1', version: '2.104' });
    await readAll('west');
    for (const minor of [1, 93, 104]) await requireForm(minor);
    await boot('west');
    expect((await ann(`GET ${nova}/servers`, undefined, 'compute 2.200')).status).toBe(406);
  } finally {
    cloud.west.faults.clear();
  }
  await sites.rediscover(siteOf('west'));
  expect(siteOf('west').capabilities.microversions).toEqual(known);
});

const nonsense = [
  ['a minimum above the maximum', { min: '2.93', max: '2.1' }],
  ['words in place of versions', { min: 'old', max: 'latest' }],
  ['a minimum of another API', { min: '3.0', max: '2.93' }],
] as const;

test.each(nonsense)('a document with %s says nothing: what was known is still so', async (_what, range) => {
  const { capabilities } = siteOf('west');
  cloud.west.faults.set({ kind: 'wrong-versions', services: ['compute', 'volume'], ...range });
  try {
    await cloud.cascade.world.sites.rediscover(siteOf('west'));
    expect(siteOf('west').capabilities).toEqual(capabilities);
    await requireForm(93);
  } finally {
    cloud.west.faults.clear();
  }
});

test.each(nonsense)(
  'a cloud whose document has %s may be a site, and is asked in what it takes',
  async (_what, range) => {
    const other = await startSimulatedCascade({}, {}, { east: '2026.2' });
    const call = (method: string, path: string, body?: unknown) =>
      other.admin(`${method} /cascade/v1/sites${path}`, body);
    try {
      const { sites } = other.cascade.world;
      other.west.faults.set({ kind: 'wrong-versions', services: ['compute', 'volume'], ...range });
      expect((await call('DELETE', '/west?forget_resources=true')).status).toBe(204);
      const auth = { username: 'admin', password: 'correct horse' };
      const site = { name: 'west', auth_url: `${other.west.url}/identity`, region: 'west', auth };
      const added = await call('POST', '', site);
      expect(added.status, added.text).toBe(201);
      expect(added.body.warnings.join(' ')).toContain('The compute service speaks no microversions');
      const ben = await other.tenant('ben');
      const imageRef = other.west.cloud.images.initialIds[0];
      const server = { name: 's', flavorRef: '1', imageRef, networks: 'none', availability_zone: 'west' };
      const made = await ben(`POST ${nova}/servers`, { server }, latest);
      expect(made.status, made.text).toBe(202);
      const shown = await ben(`GET ${nova}/servers/${made.body.server.id}`, undefined, latest);
      expect(shown.headers['openstack-api-version']).toBe(latest);
      expect(wrongWith('GET /servers/{id}', 104, shown.body), shown.text).toEqual([]);
      const { reader, kinds } = other.cascade.world;
      for (const kind of kinds.values()) if (kind.feed) await reader.readAll(kind, sites.byName('west')!);
      const listed = await ben(`GET ${nova}/servers/detail`, undefined, latest);
      expect(listed.body.servers.map((one: { id: string }) => one.id)).toEqual([made.body.server.id]);
      other.west.faults.clear();
      await sites.rediscover(sites.byName('west')!);
      expect(sites.byName('west')!.capabilities.microversions.compute).toEqual({ min: '2.1', max: '2.93' });
    } finally {
      await other.close();
    }
  },
);

test('a site whose services are of different releases is asked each in its own microversion', async () => {
  await believeOf('east', { microversions: { volume: { min: '3.0', max: '3.59' } } });
  const volumeAttachment = { volumeId: volumes['east'] };
  const path = `${nova}/servers/${servers['east']}/os-volume_attachments`;
  expect((await ann(`POST ${path}`, { volumeAttachment }, latest)).status).toBe(202);
  await readAll('east');
  const { body } = await ann(`GET /volume/v3/volumes/${volumes['east']}`, undefined, 'volume 3.70');
  expect(body.volume).toMatchObject({ consumes_quota: true, volume_type_id: null, status: 'in-use' });
  const action = { 'os-reimage': { image_id: cloud.east.cloud.images.initialIds[0] } };
  const refused = await ann(`POST /volume/v3/volumes/${volumes['east']}/action`, action, 'volume 3.70');
  expect([refused.status, refused.text]).toEqual([
    400,
    expect.stringContaining('zone east does not support the action'),
  ]);
  expect((await ann(`DELETE ${path}/${volumes['east']}`, undefined, latest)).status).toBe(202);
});

test('a maximum that falls below what is stored: lists and details keep the form that is asked for', async () => {
  for (const max of ['2.95', '2.60', '2.25']) {
    await believeOf('east', { microversions: { compute: { min: '2.1', max } } });
    await readAll('east');
    for (const minor of [1, 60, 79, 93]) await requireForm(minor);
    // What is newer than every zone is no longer offered, as by any cloud that was downgraded.
    expect((await ann(`GET ${nova}/servers/${servers['east']}`, undefined, latest)).status).toBe(406);
    // What an older site shows of itself goes on.
    const renamed = await ann(
      `PUT ${nova}/servers/${servers['east']}`,
      { server: { name: `at ${max}` } },
      'compute 2.93',
    );
    expect(renamed.status, renamed.text).toBe(200);
    const named = await ann(`GET ${nova}/servers?name=at`, undefined, 'compute 2.93');
    expect(named.body.servers.map((one: { id: string }) => one.id)).toEqual([servers['east']]);
  }
  await believeTruth();
  await readAll('east');
  await requireForm(104);
});

test('extensions that disappear: feeds read whole lists, and tenants are told no more of them', async () => {
  const kept = ['security-group', 'router', 'external-net', 'quotas'];
  const offered = async () =>
    (await ann('GET /network/v2.0/extensions')).body.extensions.map((one: { alias: string }) => one.alias);
  expect(await offered()).toContain('standard-attr-timestamp');
  const network = { name: 'kept', availability_zone_hints: ['east'] };
  const { id } = (await ann('POST /network/v2.0/networks', { network })).body.network;
  await believeOf('east', { networkExtensions: kept });
  expect(await offered()).toEqual([...kept].sort());
  await readAll('east');
  await reconcile(cloud.cascade.world, () => true);
  const { body } = await ann('GET /network/v2.0/networks?name=kept');
  expect(body.networks.map((one: { id: string }) => one.id)).toEqual([id]);
  expect((await ann(`DELETE /network/v2.0/networks/${id}`)).status).toBe(204);
});

test('extensions that are gone and still believed: feeds, lists and reconcilers go on', async () => {
  const network = { name: 'left', availability_zone_hints: ['west'] };
  const { id } = (await ann('POST /network/v2.0/networks', { network })).body.network;
  await believeOf('west', { networkExtensions: siteOf('east').capabilities.networkExtensions });
  await readAll('west');
  await reconcile(cloud.cascade.world, () => true);
  const { body } = await ann('GET /network/v2.0/networks?name=left');
  expect(body.networks.map((one: { id: string }) => one.id)).toEqual([id]);
  const rule = { direction: 'ingress', used_in_default_sg: false, used_in_non_default_sg: false };
  const rules = '/network/v2.0/default-security-group-rules';
  const made = await cloud.admin(`POST ${rules}`, { default_security_group_rule: rule });
  expect(made.status, made.text).toBe(201);
  const group = await ann('POST /network/v2.0/security-groups', { security_group: { name: 'g' } });
  expect(group.status, group.text).toBe(201);
  const ruleId = made.body.default_security_group_rule.id;
  expect((await cloud.admin(`DELETE ${rules}/${ruleId}`)).status).toBe(204);
  expect((await ann(`DELETE /network/v2.0/networks/${id}`)).status).toBe(204);
});
