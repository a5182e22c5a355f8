/** Lists that are as short as most are: read whole every time, and left alone while nothing changes. */
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Database, Queryable } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { networkKinds } from '../network/kinds.js';
import { Inventory } from '../resources/inventory.js';
import type { Body, Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import { FeedReader } from './feed-reader.js';

const network: Kind = networkKinds.find(({ name }) => name === 'network')!;

let database: Database;
let close: () => Promise<void>;
let inventory: Inventory;
let reader: FeedReader;
let site: Site;
let networks: Body[];
let written: number;

beforeAll(async () => {
  const test = await testDatabase();
  close = test.close;
  const counted = (on: Queryable): Queryable['run'] => {
    return (...statement) => {
      written += 1;
      return on.run(...statement);
    };
  };
  const { relaxed } = test.database;
  database = { ...test.database, run: counted(test.database), relaxed: { ...relaxed, run: counted(relaxed) } };
});
afterAll(() => close());

beforeEach(async () => {
  await database.run(`delete from site`);
  const { id } = await database.one<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     values ('east', 'enabled', 'http://east', 'r', 'internal', true, '', '{}') returning id`,
  );
  networks = [network1(), { ...network1(), id: 'n2', name: 'two' }];
  site = {
    id,
    name: 'east',
    state: 'enabled',
    capabilities: { endpoints: { network: ['http://east'] }, microversions: {}, networkExtensions: [] },
    health: () => ({ reachable: true }) as ReturnType<Site['health']>,
    request: async ({ path }) => {
      const one = networks.find((row) => path === `/networks/${String(row['id'])}`);
      if (path === '/networks') return json(200, { networks });
      return one ? json(200, { network: one }) : json(404, {});
    },
  };
  inventory = new Inventory(database);
  reader = new FeedReader(database, inventory, pino({ level: 'silent' }));
  for (let time = 0; time < 3; time += 1) await read();
});

const network1 = (): Body => ({ id: 'n1', name: 'one', project_id: 'p', status: 'ACTIVE' });

/** What a feed does. @returns how many statements wrote, or could have */
async function read(): Promise<number> {
  written = 0;
  const state = await reader.states.of(network, site);
  await reader.readRoutine(network, site, state);
  return written;
}

const names = async (): Promise<unknown[]> => {
  const rows = await database.many<{ body: string }>(`select body from resource where deleted_at is null order by id`);
  return rows.map(({ body }) => (JSON.parse(body) as Body)['name']);
};

test('nothing is written for a list that is as it was', async () => {
  expect(await names()).toEqual(['one', 'two']);
  expect(await read()).toBe(0);
});

test('that it was read is known all the same', async () => {
  await database.run(`update feed set read_at = now() - interval '1 hour', full_read_at = now() - interval '1 hour'`);
  expect(await read()).toBe(0);
  await reader.states.writeUnchanged();
  const { ages } = await database.one<{ ages: number[] }>(
    `select array[extract(epoch from now() - read_at), extract(epoch from now() - full_read_at)]::float[] as ages from feed`,
  );
  for (const age of ages) expect(age).toBeLessThan(60);
});

test('what changed in the site is stored', async () => {
  networks[1]!['name'] = 'zwei';
  await read();
  expect(await names()).toEqual(['one', 'zwei']);
});

test('nothing is written for a list that stays empty', async () => {
  networks = [];
  for (let time = 0; time < 3; time += 1) await read();
  expect(await names()).toEqual([]);
  expect(await read()).toBe(0);
  networks.push(network1());
  await read();
  expect(await names()).toEqual(['one']);
});

test('what is gone from the site is forgotten', async () => {
  networks.pop();
  await read();
  expect(await names()).toEqual(['one']);
});

test('a row that was changed behind the list is corrected, though the list is as it was', async () => {
  await inventory.remember(network, site, { ...network1(), name: 'uno' }, new Date());
  await read();
  expect(await names()).toEqual(['one', 'two']);
});

test('a row that was forgotten is back, though the list is as it was', async () => {
  await inventory.forget('network', site, ['n1'], new Date());
  await read();
  expect(await names()).toEqual(['one', 'two']);
});

test('a row that came to be beside the list is forgotten, though the list is as it was', async () => {
  await inventory.remember(network, site, { ...network1(), id: 'n3', name: 'three' }, new Date());
  await read();
  expect(await names()).toEqual(['one', 'two']);
});

test('a row that was seen later than the list was asked for is looked at again', async () => {
  const later = new Date(Date.now() + 60_000);
  await inventory.remember(network, site, { ...network1(), name: 'uno' }, later, later);
  await read();
  expect(await names()).toEqual(['uno', 'two']);
  await database.run(`update resource set seen_at = now() - interval '1 second' where id = 'n1'`);
  await read();
  expect(await names()).toEqual(['one', 'two']);
});

test('after a failure the next read says that it is over', async () => {
  await reader.states.noteFailure(network, site, 'no answer');
  await read();
  const { last_error: lastError } = await database.one<{ last_error: string | null }>(`select last_error from feed`);
  expect(lastError).toBeNull();
});
