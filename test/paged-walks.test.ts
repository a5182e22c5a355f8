/** Lists that are put together from several sites, walked by pages: every row once, in the order of the whole list. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulatedCascade, type Ask, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
let bob: Awaited<ReturnType<SimulatedCascade['tenant']>>;
const zones = ['east', 'west'] as const;

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  [ann, bob] = [await cloud.tenant('ann'), await cloud.tenant('bob')];
});
afterAll(() => cloud.close());

type Row = Record<string, unknown>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Body = any;

interface Listed {
  readonly ask: Ask;
  /** `/compute/v2.1/servers?…` */
  readonly path: string;
  readonly version?: string;
  readonly rows: (body: Body) => Row[];
  readonly id?: string;
  /** Of the link to the next page; a client without links takes the last row as the marker. */
  readonly links?: string;
}

const idsIn = ({ rows, id = 'id' }: Listed, body: Body): unknown[] => rows(body).map((row) => row[id]);

async function whole(listed: Listed): Promise<unknown[]> {
  const { status, body, text } = await listed.ask(`GET ${listed.path}`, undefined, listed.version);
  expect(status, text).toBe(200);
  return idsIn(listed, body);
}

async function walked(listed: Listed, limit: number, by: 'link' | 'last row'): Promise<unknown[]> {
  const ids: unknown[] = [];
  const join = listed.path.includes('?') ? '&' : '?';
  const pageAfter = (marker: string): string => `${listed.path}${join}limit=${limit}${marker}`;
  for (let path = pageAfter(''); ;) {
    const { status, body, text } = await listed.ask(`GET ${path}`, undefined, listed.version);
    expect(status, text).toBe(200);
    const page = idsIn(listed, body);
    expect(page.length).toBeLessThanOrEqual(limit);
    ids.push(...page);
    if (page.length === 0 || ids.length > 1000) return ids;
    if (by === 'last row') path = pageAfter(`&marker=${String(page.at(-1))}`);
    else {
      const next = ((body[listed.links!] ?? []) as { rel: string; href: string }[]).find(({ rel }) => rel === 'next');
      if (!next) return ids;
      path = next.href.replace(cloud.url, '');
    }
  }
}

/** @param count of the whole list, so that no walk over nothing is taken for a good one */
async function expectWalks(listed: Listed, count: number): Promise<void> {
  const all = await whole(listed);
  expect(all).toHaveLength(count);
  expect(new Set(all).size).toBe(count);
  for (const limit of [1, 2, 3, count, count + 1]) {
    for (const by of listed.links ? (['link', 'last row'] as const) : (['last row'] as const)) {
      expect(await walked(listed, limit, by), `${listed.path} by ${limit}, ${by}`).toEqual(all);
    }
  }
}

describe('what projects used', () => {
  const start = new Date(Date.now() - 3_600_000).toISOString().replace('Z', '');
  const path = '/compute/v2.1/os-simple-tenant-usage';
  const servers = (body: Body): Row[] =>
    (body.tenant_usages ?? [body.tenant_usage]).flatMap((one: Body) => one.server_usages ?? []);
  const made: string[] = [];

  beforeAll(async () => {
    const flavorRef = (await cloud.admin('GET /compute/v2.1/flavors')).body.flavors[0].id;
    const imageRef = cloud.east.cloud.images.initialIds[0]!; // the same in both
    for (const ask of [ann, bob]) {
      for (const zone of [...zones, ...zones]) {
        const server = { name: 's', flavorRef, imageRef, networks: 'none', availability_zone: zone };
        const { body } = await ask('POST /compute/v2.1/servers', { server });
        const { id } = body.server;
        await cloud.until(() => ask(`GET /compute/v2.1/servers/${id}`), (shown) => shown.server.status === 'ACTIVE'); // prettier-ignore
        made.push(id);
      }
    }
  });

  test.each(['2.40', '2.74', '2.75', '2.93'])('of all projects, at %s', async (minor) => {
    const version = `compute ${minor}`;
    const all = { ask: cloud.admin, version, path: `${path}?detailed=1&start=${start}`, rows: servers, id: 'instance_id' };
    await expectWalks({ ...all, links: 'tenant_usages_links' }, 8);
    const { body } = await cloud.admin(`GET ${path}?start=${start}`, undefined, version);
    expect(body.tenant_usages).toHaveLength(2);
    expect(body.tenant_usages[0]).not.toHaveProperty('server_usages');
  }); // prettier-ignore

  test('in the order of projects, then of servers', async () => {
    const { body } = await cloud.admin(`GET ${path}?detailed=1&start=${start}`, undefined, 'compute 2.93');
    const places = servers(body).map((row) => `${String(row['tenant_id'])} ${String(row['instance_id'])}`);
    expect(places).toEqual([...places].sort());
  });

  test.each(['2.40', '2.74', '2.75', '2.93'])('of one project, at %s', async (minor) => {
    const one = { ask: ann, version: `compute ${minor}`, path: `${path}/${ann.projectId}?start=${start}` };
    await expectWalks({ ...one, rows: servers, id: 'instance_id', links: 'tenant_usage_links' }, 4);
  });

  test('of one project, before there were pages', async () => {
    const { status, body } = await ann(`GET ${path}/${ann.projectId}?start=${start}`, undefined, 'compute 2.1');
    expect([status, body.tenant_usage.server_usages.length]).toEqual([200, 4]);
  });

  // Answers of a real Nova (Zed).
  test.each([
    ['', 'foo=1', "Additional properties are not allowed ('foo' was unexpected)"],
    ['/ann', 'detailed=1', "Additional properties are not allowed ('detailed' was unexpected)"],
    ['/ann', 'limit=x', "Invalid input for query parameters limit. Value: x. 'x' does not match '^[0-9]*$'"],
    ['', 'start=bad', 'Invalid datetime string: Datetime is in invalid format'],
    ['', 'start=2999-01-01T00:00:00', 'Invalid start time. The start time cannot occur after the end time.'],
    ['', 'marker=foo', 'Marker foo could not be found.'],
    ['', 'marker=', 'Marker  could not be found.'],
    ['', 'limit=1&limit=2&marker=a&marker=b', 'Marker b could not be found.'],
  ])('what Nova refuses is refused: %s?%s', async (below, query, message) => {
    const { status, body } = await cloud.admin(`GET ${path}${below}?${query}`, undefined, 'compute 2.75');
    expect([status, body.badRequest?.message]).toEqual([400, message]);
  });

  test('a marker that was deleted meanwhile, also one that only its site remembers', async () => {
    const listed = { ask: cloud.admin, path: `${path}?detailed=1&start=${start}`, rows: servers, id: 'instance_id' };
    const all = (await whole(listed)) as string[];
    for (const forgotten of [false, true]) {
      const at = forgotten ? 5 : 2;
      const marker = all[at]!;
      const owner = made.indexOf(marker) < 4 ? ann : bob;
      await owner(`DELETE /compute/v2.1/servers/${marker}`);
      await cloud.until(() => owner(`GET /compute/v2.1/servers/${marker}`), (body) => !body.server);
      const { database } = cloud.cascade.world;
      if (forgotten) await database.run(`delete from resource where kind = 'server' and id = $1`, [marker]);
      const { body } = await cloud.admin(`GET ${listed.path}&marker=${marker}`);
      expect(idsIn(listed, body)).toEqual(all.slice(at + 1));
    }
    await expectWalks({ ...listed, links: 'tenant_usages_links' }, 8);
  }); // prettier-ignore
});
