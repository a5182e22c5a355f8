import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bodyOf, json, noContent } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { GlobalResources } from '../resources/global.js';
import type { World } from '../routing/world.js';
import { reconcileKinds } from '../globals/reconcile.js';
import { networkQuotas } from './quota-kind.js';
import { quotaDetails, writeQuota } from './quotas.js';
import { admin, askedFor, makeSites, siteNamed, tenant, worldOf } from './testing.js';

const west = siteNamed(1, 'west');
const east = siteNamed(2, 'east');
let database: Database;
let close: () => Promise<void>;
let world: World;

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  await makeSites(database, 'west', 'east');
});
afterAll(() => close());
beforeEach(async () => {
  await database.run('delete from global_resource');
  await database.run('delete from shadow');
  const globals = new GlobalResources(database);
  ({ world } = worldOf(database, [west.site, east.site], { globals }));
  for (const { requests, answers } of [west, east]) {
    requests.length = 0;
    answers(({ method }) => (method === 'DELETE' ? noContent() : json(200, { quota: {} })));
  }
});

const write = (method: string, body?: unknown, caller = admin) =>
  writeQuota(world)(askedFor('/quotas/blue', caller, { method, params: { project_id: 'blue' }, body }));
const sentTo = ({ requests }: typeof west) =>
  requests.map(({ method, path, body }) => [method, path, body ? (JSON.parse(String(body)) as unknown) : undefined]);

test('what is set is set in every zone, and set again brings both together', async () => {
  await write('PUT', { quota: { network: 5, check_limit: true } });
  await write('PUT', { quota: { port: 7 } });
  const use = ['GET', '/quotas/blue/details', undefined];
  expect(sentTo(west)).toEqual([
    use,
    ['PUT', '/quotas/blue', { quota: { network: 5, check_limit: true } }],
    ['PUT', '/quotas/blue', { quota: { port: 7 } }],
  ]);
  expect(sentTo(east)).toEqual([
    use,
    ['PUT', '/quotas/blue', { quota: { network: 5 } }],
    ['PUT', '/quotas/blue', { quota: { network: 5, port: 7 } }],
  ]);
});

test('a limit that is to be checked is held against the use of every zone, and -1 is none', async () => {
  east.answers(() => json(200, { quota: { network: { used: 6, limit: 10, reserved: 0 } } }));
  await expect(write('PUT', { quota: { network: 5, check_limit: true } })).rejects.toThrow(
    'Quota limit 5 for network must be greater than or equal to already used 6',
  );
  expect(sentTo(west).map(([method]) => method)).toEqual(['GET']);
  expect((await write('PUT', { quota: { network: -1, check_limit: true } })).status).toBe(200);
  expect((await write('PUT', { quota: { network: 6, check_limit: true } })).status).toBe(200);
  expect((await write('PUT', { quota: { network: 5 } })).status).toBe(200);
});

test('what the first site refuses is set nowhere', async () => {
  west.answers(() => json(403, { NeutronError: { type: 'AdminRequired', message: 'no', detail: '' } }));
  expect((await write('PUT', { quota: { network: 5 } }, tenant('blue'))).status).toBe(403);
  expect(east.requests).toEqual([]);
  expect(await world.globals.list('network_quota')).toEqual([]);
});

test('a site that missed it is brought to it later; one that has it is left alone', async () => {
  await write('PUT', { quota: { network: 5 } });
  east.requests.length = 0;
  east.answers(() => json(200, { quotas: [{ project_id: 'blue', network: 100, port: 500 }] }));
  await reconcileKinds(world, east.site, [networkQuotas]);
  expect(sentTo(east)).toEqual([
    ['GET', '/quotas', undefined],
    ['PUT', '/quotas/blue', { quota: { network: 5 } }],
  ]);
  east.requests.length = 0;
  east.answers(() => json(200, { quotas: [{ tenant_id: 'blue', network: 5 }] }));
  await reconcileKinds(world, east.site, [networkQuotas]);
  expect(sentTo(east)).toEqual([['GET', '/quotas', undefined]]);
});

test('a reset reaches sites that missed it, and stays', async () => {
  await write('PUT', { quota: { network: 5 } });
  await write('DELETE');
  east.requests.length = 0;
  east.answers(({ method }) =>
    method === 'GET' ? json(200, { quotas: [{ project_id: 'blue', network: 5 }] }) : noContent(),
  );
  await reconcileKinds(world, east.site, [networkQuotas]);
  expect(sentTo(east).at(-1)).toEqual(['DELETE', '/quotas/blue', undefined]);
});

test('use is counted over all zones, limits are those of one', async () => {
  west.answers(() => json(200, { quota: { network: { used: 2, limit: 10, reserved: 1 } } }));
  east.answers(() => json(200, { quota: { network: { used: 3, limit: 10, reserved: 0 } } }));
  const answer = await quotaDetails(world)(askedFor('/quotas/blue/details', admin));
  expect(bodyOf(answer)).toEqual({ quota: { network: { used: 5, limit: 10, reserved: 1 } } });
});
