import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { askedFor, makeSites, siteNamed, tenant, worldOf } from '../network/testing.js';
import { SiteUnreachable } from '../sites/site.js';
import type { Admission, Taking } from './admission.js';
import { createIn } from './create.js';
import { passOne } from './pass.js';

const west = siteNamed(1, 'west');
const east = siteNamed(2, 'east');
const network = { id: 'd3b98c2e-3ae2-4631-ac04-021b9d5aef2b', project_id: 'blue' };
let database: Database;
let close: () => Promise<void>;
let made: ReturnType<typeof worldOf>;
/** What was asked for, and what became of each reservation. */
let taking: Taking[];
let ends: string[];
let refusal: Fault | undefined;

const admission: Admission = {
  admit: async (one) => {
    if (refusal) throw refusal;
    taking.push(one);
    return {
      settle: async ({ status }) => void ends.push(`${one.site.name}: ${status}`),
      release: async () => void ends.push(`${one.site.name}: released`),
    };
  },
};

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  await makeSites(database, 'west', 'east');
});
afterAll(() => close());
beforeEach(async () => {
  await database.run('delete from resource');
  [taking, ends, refusal] = [[], [], undefined];
  const choose = async () => ({ site: west.site, reason: {}, others: [east.site] });
  const placement = { choose, homeSite: async () => west.site, record: async () => undefined };
  made = worldOf(database, [west.site, east.site], { placement, admission } as never);
  for (const site of [west, east]) {
    site.requests.length = 0;
    site.answers(() => json(201, { network }));
  }
});

const silent = (notTaken: boolean) => () => {
  throw new SiteUnreachable('west', notTaken, 'a test');
};
const create = () =>
  createIn(
    made.world,
    'network',
  )(askedFor('/networks', tenant('blue'), { method: 'POST', body: { network: { name: 'n' } } }));

describe('a create', () => {
  test('is admitted at the chosen site, and settled by its answer', async () => {
    expect((await create()).status).toBe(201);
    expect(taking).toMatchObject([
      { kind: 'network', projectId: 'blue', site: { name: 'west' }, body: { network: { name: 'n' } } },
    ]);
    expect(ends).toEqual(['west: 201']);
  });

  test('that is beyond the quota is sent nowhere', async () => {
    refusal = new Fault('conflict', 'Quota exceeded.');
    await expect(create()).rejects.toThrow('Quota exceeded.');
    expect([...west.requests, ...east.requests]).toEqual([]);
  });

  test('that a site certainly did not take is released there, and admitted anew at the next', async () => {
    west.answers(silent(true));
    expect((await create()).status).toBe(201);
    expect(ends).toEqual(['west: released', 'east: 201']);
  });

  test('whose answer is lost stays reserved: it may have been made', async () => {
    west.answers(silent(false));
    await expect(create()).rejects.toBeInstanceOf(SiteUnreachable);
    expect(taking).toHaveLength(1);
    expect(ends).toEqual([]);
    expect(east.requests).toEqual([]);
  });
});

test('a change of one resource is admitted, too; a read takes nothing', async () => {
  await made.has('network', west.site, network);
  const one = (method: string) =>
    passOne(
      made.world,
      'network',
      'id',
    )(
      askedFor(`/networks/${network.id}`, tenant('blue'), {
        method,
        params: { id: network.id },
        ...(method === 'GET' ? {} : { body: { network: { name: 'm' } } }),
      }),
    );
  await one('GET');
  expect(taking).toEqual([]);
  await one('PUT');
  expect(taking).toMatchObject([
    { kind: 'network', id: network.id, projectId: 'blue', body: { network: { name: 'm' } } },
  ]);
  expect(ends).toEqual(['west: 201']);
});
