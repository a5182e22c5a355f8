/**
 * Sites of Mitaka and Train: what a tenant and an administrator are shown of their servers has the form of every later microversion,
 * by Nova's own schemas of responses.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wrongWith } from './calibration/nova-responses.js';
import { startSimulatedCascade, type SimulatedCascade, type Tenant } from './simulated-cascade.js';

const nova = '/compute/v2.1';
const versions = [25, 26, 46, 47, 58, 61, 62, 63, 70, 71, 73, 75, 79, 80, 84, 89, 90, 96, 98, 100, 104];

describe.each(['mitaka', 'train'] as const)('%s', (release) => {
  let cloud: SimulatedCascade;
  let ann: Tenant;
  const known = { server: '', volume: '', action: '' };

  beforeAll(async () => {
    cloud = await startSimulatedCascade({}, {}, { west: release, east: '2026.2' });
    ann = await cloud.tenant('ann');
    const network = { name: 'n', availability_zone_hints: ['west'] };
    const { id } = (await ann('POST /network/v2.0/networks', { network })).body.network;
    await ann('POST /network/v2.0/subnets', { subnet: { network_id: id, ip_version: 4, cidr: '10.0.0.0/24' } });
    const imageRef = cloud.west.cloud.images.initialIds[0];
    const server = { name: 's', flavorRef: '1', imageRef, networks: [{ uuid: id }], availability_zone: 'west' };
    const made = await ann(`POST ${nova}/servers`, { server });
    expect(made.status, made.text).toBe(202);
    known.server = made.body.server.id;
    const path = `${nova}/servers/${known.server}`;
    const isActive = (shown: { server: { status: string } }) => shown.server.status === 'ACTIVE';
    await cloud.until(() => ann(`GET ${path}`), isActive);
    const volume = { size: 1, availability_zone: 'west' };
    known.volume = (await ann('POST /volume/v3/volumes', { volume })).body.volume.id;
    const volumeAttachment = { volumeId: known.volume };
    const attached = await ann(`POST ${path}/os-volume_attachments`, { volumeAttachment });
    expect(attached.status, attached.text).toBe(200);
    await cloud.admin(
      `POST ${path}/action`,
      { 'os-migrateLive': { host: null, block_migration: 'auto' } },
      'compute 2.25',
    );
    await cloud.until(() => ann(`GET ${path}`), isActive);
    const { body } = await ann(`GET ${path}/os-instance-actions`, undefined, 'compute 2.1');
    known.action = body.instanceActions[0].request_id;
  }, 120_000);
  afterAll(() => cloud.close());

  const one = '/servers/{id}';
  const below = '/servers/{server_id}';
  test.each([
    ['/servers', '/servers'],
    ['/servers/detail', '/servers/detail'],
    [one, one],
    [`${below}/os-interface`, `${below}/os-interface`],
    [`${below}/os-instance-actions`, `${below}/os-instance-actions`],
    [`${below}/os-instance-actions/{id}`, `${below}/os-instance-actions/{action}`],
    [`${below}/os-volume_attachments`, `${below}/os-volume_attachments`],
    [`${below}/os-volume_attachments/{id}`, `${below}/os-volume_attachments/{volume}`],
    ['/os-migrations', '/os-migrations'],
    ['/flavors/detail', '/flavors/detail'],
  ])('GET %s', async (route, path) => {
    const where = path
      .replace(/\{(id|server_id)\}/, known.server)
      .replace(/\{(action|volume)\}/, (_all, name: 'action' | 'volume') => known[name]);
    for (const minor of versions)
      for (const [who, asks] of [
        ['ann', ann],
        ['admin', cloud.admin],
      ] as const) {
        if (who === 'ann' && route === '/os-migrations') continue;
        const all = who === 'admin' && route.startsWith('/servers') && !route.includes('{') ? '?all_tenants=1' : '';
        const { status, body, text, headers } = await asks(
          `GET ${nova}${where}${all}`,
          undefined,
          `compute 2.${minor}`,
        );
        const what = `${who} at 2.${minor}: ${text.slice(0, 3000)}`;
        expect.soft(status, what).toBe(200);
        expect.soft(headers['openstack-api-version']).toBe(`compute 2.${minor}`);
        expect.soft(wrongWith(`GET ${route}`, minor, body), what).toEqual([]);
      }
  });

  test('an update and a rebuild show what the microversion shows', async () => {
    for (const minor of [63, 75, 90, 104]) {
      const path = `${nova}/servers/${known.server}`;
      const updated = await ann(`PUT ${path}`, { server: { name: 'other' } }, `compute 2.${minor}`);
      expect.soft(wrongWith('PUT /servers/{id}', minor, updated.body), updated.text).toEqual([]);
      const imageRef = cloud.west.cloud.images.initialIds[0];
      const rebuilt = await ann(`POST ${path}/action`, { rebuild: { imageRef } }, `compute 2.${minor}`);
      expect.soft(wrongWith('POST /servers/{id}/action#rebuild', minor, rebuilt.body), rebuilt.text).toEqual([]);
      await cloud.until(
        () => ann(`GET ${path}`),
        (shown) => shown.server.status === 'ACTIVE',
      );
    }
  });
});
