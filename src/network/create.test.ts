import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import type { PlacementRequest } from '../placement/placement.js';
import { collectionOf } from './collections.js';
import { create } from './create.js';
import { update } from './one.js';
import { admin, askedFor, makeSites, siteNamed, tenant, worldOf } from './testing.js';

const west = siteNamed(1, 'west');
const east = siteNamed(2, 'east');
const sites = [west.site, east.site];
const networkId = 'd3b98c2e-3ae2-4631-ac04-021b9d5aef2b';
let database: Database;
let close: () => Promise<void>;
let made: ReturnType<typeof worldOf>;
let placed: PlacementRequest[];

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  await makeSites(database, 'west', 'east');
});
afterAll(() => close());
beforeEach(async () => {
  await database.run('delete from resource');
  placed = [];
  const choose = async (wanted: PlacementRequest) => {
    placed.push(wanted);
    const id = wanted.zone?.siteIds[0] ?? wanted.pins[0]?.siteIds[0] ?? 1;
    return { site: sites.find((site) => site.id === id)!, reason: {}, others: [] };
  };
  const placement = { choose, homeSite: async () => west.site, record: async () => undefined };
  const globals = { list: async () => [] };
  made = worldOf(database, sites, { placement, globals } as never);
  for (const { requests, answers } of [west, east]) {
    requests.length = 0;
    answers(({ method, path }) =>
      method === 'GET' ? json(404, {}) : json(201, { [path.slice(1, -1)]: { id: `made-${path}`, project_id: 'blue' } }),
    );
  }
});

const post = (kind: string, body: unknown, caller: Caller = tenant('blue')) => {
  const collection = collectionOf(kind);
  return create(made.world, collection)(askedFor(collection.path, caller, { method: 'POST', body }));
};
const sentTo = ({ requests }: typeof west) =>
  requests.filter(({ method }) => method !== 'GET').map(({ body }) => JSON.parse(String(body)) as unknown);

describe('the zone', () => {
  test('a hint chooses it and is not told to the site', async () => {
    const answer = await post('network', { network: { name: 'n', availability_zone_hints: ['east'] } });
    expect(answer.status).toBe(201);
    expect(sentTo(east)).toEqual([{ network: { name: 'n' } }]);
    expect(sentTo(west)).toEqual([]);
  });

  test('a hint in a bulk create, too', async () => {
    await post('network', { networks: [{ name: 'a', availability_zone_hints: ['east'] }, { name: 'b' }] });
    expect(sentTo(east)).toEqual([{ networks: [{ name: 'a' }, { name: 'b' }] }]);
  });

  test('a zone that does not exist, and two at once', async () => {
    const nowhere = post('router', { router: { availability_zone_hints: ['north'] } });
    await expect(nowhere).rejects.toMatchObject({ status: 404, details: { type: 'AvailabilityZoneNotFound' } });
    const both = post('network', { network: { availability_zone_hints: ['east', 'west'] } });
    await expect(both).rejects.toMatchObject({ status: 400 });
    expect([...west.requests, ...east.requests]).toEqual([]);
  });

  test('hints that are no list of names are for the site to refuse', async () => {
    await post('network', { network: { availability_zone_hints: 'east' } });
    expect(sentTo(west)).toEqual([{ network: { availability_zone_hints: 'east' } }]);
  });
});

describe('references', () => {
  test('what is named pins the site, in every item of a bulk create', async () => {
    await made.has('network', east.site, { id: networkId, project_id: 'blue' });
    await post('port', { ports: [{ network_id: networkId }] });
    expect(placed[0]?.pins).toMatchObject([{ where: 'ports[0].network_id', siteIds: [2] }]);
    expect(sentTo(east)).toHaveLength(1);
  });

  test('what no feed has told yet is asked for at the sites', async () => {
    east.answers(({ method }) =>
      method === 'GET'
        ? json(200, { network: { id: networkId, project_id: 'blue' } })
        : json(201, { port: { id: 'p' } }),
    );
    await post('port', { port: { network_id: networkId } });
    expect(placed[0]?.pins).toMatchObject([{ kind: 'network', siteIds: [2] }]);
  });
});

describe('the project', () => {
  test("an administrator's create for another project goes to that project's site", async () => {
    await post('network', { network: { tenant_id: 'green' } }, admin);
    expect(placed[0]?.projectId).toBe('green');
  });
  test("a tenant's own word for a project chooses nothing", async () => {
    await post('network', { network: { tenant_id: 'green' } });
    expect(placed[0]?.projectId).toBe('blue');
  });
});

describe('binding:host_id', () => {
  const agents = (rows: unknown[]) =>
    east.answers(({ method }) => json(method === 'GET' ? 200 : 201, { agents: rows, port: { id: 'p' } }));

  test("a site's name that is also a host of its own goes there", async () => {
    agents([{ host: 'east' }]);
    await post('port', { port: { 'binding:host_id': 'east' } }, admin);
    expect(sentTo(east)).toEqual([{ port: { 'binding:host_id': 'east' } }]);
  });

  test("a site's name that no host has is refused by field", async () => {
    agents([]);
    const refused = post('port', { port: { 'binding:host_id': 'east' } }, admin);
    await expect(refused).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('port.binding:host_id') as string,
    });
    expect(sentTo(east)).toEqual([]);
  });

  test('any other name is passed on as it is', async () => {
    await post('port', { port: { 'binding:host_id': 'compute-7' } }, admin);
    expect(sentTo(west)).toEqual([{ port: { 'binding:host_id': 'compute-7' } }]);
  });

  test('a port cannot be moved to another zone', async () => {
    await made.has('port', west.site, { id: networkId, project_id: 'blue' });
    const asked = askedFor(`/ports/${networkId}`, admin, {
      method: 'PUT',
      params: { id: networkId },
      body: { port: { 'binding:host_id': 'east' } },
    });
    const refused = update(made.world, collectionOf('port'))(asked);
    await expect(refused).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('zone west') as string,
    });
  });
});
