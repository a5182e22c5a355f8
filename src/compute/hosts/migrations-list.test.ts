/** Migrations of all sites in one order, whose pages do not lose or repeat a row. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../../test/cascade.js';
import type { FakeSite } from '../../../test/fake-cloud.js';

let cloud: TestCascade;
beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());
afterEach(() => Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover())));

const row = (uuid: string, id: number, minute: number) => ({
  id,
  uuid,
  created_at: `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000000`,
  source_compute: 'rack7-node3',
  source_node: 'rack7-node3',
  dest_compute: null,
  dest_node: '',
  dest_host: '10.1.2.3',
});
/** Two rows a page, as a site with a small maximum has them. */
function has(site: FakeSite, rows: ReturnType<typeof row>[]): void {
  const links = [{ rel: 'next', href: 'http://site.example' }];
  const page = (from: number) => ({
    migrations: rows.slice(from, from + 2),
    ...(from + 2 < rows.length ? { migrations_links: links } : {}),
  });
  site.server.fail(200, /os-migrations/, page(0));
  rows.forEach(({ uuid }, at) => site.server.fail(200, new RegExp(`marker=${uuid}`), page(at + 1)));
}
const ask = (query: string, version: string) =>
  cloud.ask('GET', `/compute/v2.1/os-migrations${query}`, {
    token: cloud.admin,
    headers: { 'openstack-api-version': `compute ${version}` },
  });
const uuids = (answer: Awaited<ReturnType<typeof ask>>): string[] =>
  answer.body.migrations.map((one: { uuid: string }) => one.uuid);

test('newest first over all sites, page by page', async () => {
  has(cloud.east, [row('e9', 3, 9), row('e5', 2, 5), row('e3', 1, 3)]);
  has(cloud.west, [row('w8', 3, 8), row('w5', 4, 5), row('w1', 1, 1)]);
  const order = ['e9', 'w8', 'w5', 'e5', 'e3', 'w1'];
  expect(uuids(await ask('', '2.59'))).toEqual(order);
  for (const limit of [1, 2, 4]) {
    const seen: string[] = [];
    let query = `?limit=${limit}`;
    for (let turn = 0; turn < 10 && query; turn += 1) {
      const answer = await ask(query, '2.59');
      seen.push(...uuids(answer));
      query = answer.body.migrations_links ? new URL(answer.body.migrations_links[0].href).search : '';
    }
    expect([limit, ...seen]).toEqual([limit, ...order]);
  }
  const unknown = await ask('?marker=zz', '2.59');
  expect([unknown.status, unknown.body.badRequest.message]).toEqual([400, 'Marker zz could not be found.']);
});

test('every host is the site, and a filter by host names one', async () => {
  has(cloud.east, [row('e9', 3, 9)]);
  has(cloud.west, [row('w8', 3, 8)]);
  const { body } = await ask('', '2.1');
  expect(body.migrations).toMatchObject([
    { source_compute: 'east', source_node: 'east', dest_compute: null, dest_node: '', dest_host: 'east' },
    { source_compute: 'west' },
  ]);
  expect(uuids(await ask('?host=west', '2.1'))).toEqual(['w8']);
  expect(
    cloud.west.server
      .requestsLike(/os-migrations/)
      .at(-1)!
      .query.has('host'),
  ).toBe(false);
  expect(uuids(await ask('?source_compute=rack7-node3', '2.59'))).toEqual([]);
});

test("a site's refusal is the answer", async () => {
  const refused = {
    badRequest: { code: 400, message: "Additional properties are not allowed ('foo' was unexpected)" },
  };
  for (const site of [cloud.east, cloud.west]) site.server.fail(400, /os-migrations/, refused);
  const { status, body } = await ask('?foo=1', '2.59');
  expect([status, body]).toEqual([400, refused]);
});
