/** Who asks: Keystone's tokens, one catalog for all, and what each persona may do. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { isPersona, mayAct } from '@cascade/openstack-protocol/server/persona.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { computeRoutes } from '../src/compute/routes.js';
import { imageRoutes } from '../src/image/routes.js';
import { networkRoutes } from '../src/network/routes.js';
import { placementRoutes } from '../src/resource-providers/routes.js';
import { volumeRoutes } from '../src/volume/routes.js';
import { operator, startTestCascade, type TestCascade } from './cascade.js';

let cloud: TestCascade;

beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());
afterEach(() => cloud.keystone.server.recover());

const servers = '/compute/v2.1/servers';
const login = (user: { name: string; password: string }) => {
  const auth = { identity: { methods: ['password'], password: { user } } };
  return cloud.ask('POST', '/identity/v3/auth/tokens', { body: { auth } });
};
const hosts = () => [cloud.keystone, cloud.east, cloud.west].map(({ server }) => server.url);
const validations = () => cloud.keystone.server.requestsLike(/^GET \/v3\/auth\/tokens$/).length;

describe('the catalog', () => {
  const expectOurs = (catalog: { type: string; endpoints: { url: string; region_id: string }[] }[]) => {
    expect(catalog.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['identity', 'compute', 'network', 'image', 'volumev3']),
    );
    for (const { region_id, url } of catalog.flatMap(({ endpoints }) => endpoints)) {
      expect(region_id).toBe('RegionOne');
      expect(url.startsWith(`${cloud.url}/`)).toBe(true);
    }
  };

  test('of a login holds the endpoints of the cascade, and of nobody else', async () => {
    const { status, body, headers, text } = await login(operator);
    expect(status).toBe(201);
    expect(cloud.keystone.bearer(headers['x-subject-token'])).toBeDefined();
    expectOurs(body.token.catalog);
    for (const host of hosts()) expect(text).not.toContain(host);
  });

  test('is the same when a token is shown and when it is asked for itself', async () => {
    const shown = await cloud.get('/identity/v3/auth/tokens', { 'x-subject-token': cloud.member });
    expectOurs(shown.body.token.catalog);
    const { body } = await cloud.get('/identity/v3/auth/catalog');
    expectOurs(body.catalog);
    const volumes = (catalog: { type: string; endpoints: { url: string }[] }[]) =>
      catalog.find(({ type }) => type === 'volumev3')?.endpoints[0]?.url;
    expect(volumes(body.catalog)).toBe(`${cloud.url}/volume/v3/${cloud.project}`);
    expect(volumes(shown.body.token.catalog)).toBe(volumes(body.catalog));
  });

  test("has the services beside the cascade that are no site's, wherever it is shown", async () => {
    const { others } = cloud.keystone;
    const heat = 'http://heat.example/v1';
    others.push({ type: 'orchestration', region_id: 'RegionOne', url: heat });
    others.push({ type: 'orchestration', region_id: 'RegionEast', url: `${cloud.east.server.url}/heat` });
    others.push({ type: 'object-store', region_id: 'Elsewhere', url: 'http://swift.example/v1' });
    others.push({ type: 'dns', region_id: 'RegionWest', url: `${cloud.west.server.url}/dns` });
    for (const type of ['volumev2', 'volume', 'block-storage', 'block-store', 'compute'])
      others.push({ type, region_id: 'RegionOne', url: 'http://other.example' });
    try {
      const subject = { 'x-subject-token': cloud.member };
      const shown = await cloud.get('/identity/v3/auth/tokens', subject);
      for (const answer of [shown, await cloud.get('/identity/v3/auth/catalog')]) {
        const catalog = (answer.body.token ?? answer.body).catalog as {
          type: string;
          endpoints: { url: string; region_id: string }[];
        }[];
        expectOurs(catalog.filter(({ type }) => !['orchestration', 'object-store'].includes(type)));
        const urls = (wanted: string) =>
          catalog.filter(({ type }) => type === wanted).flatMap(({ endpoints }) => endpoints.map(({ url }) => url));
        expect(urls('orchestration')).toEqual([`${heat}/${cloud.project}`]);
        expect(urls('object-store')).toEqual([`http://swift.example/v1/${cloud.project}`]);
        for (const host of [...hosts(), 'other.example', 'RegionEast']) expect(answer.text).not.toContain(host);
      }
      expect((await login(operator)).text).toContain(heat);
    } finally {
      others.length = 0;
    }
  });

  test.each(['/v3/endpoints', '/v3/regions', '/v3/%65ndpoints', '/v3/%72egions', '/v3//regions'])(
    '%s hides the sites',
    async (path) => {
      const { text } = await cloud.ask('GET', `/identity${path}`, { token: cloud.admin });
      for (const word of ['RegionEast', 'RegionWest', cloud.east.server.url]) expect(text).not.toContain(word);
    },
  );

  test('administrators who ask for the sites see them, tenants do not', async () => {
    const regions = async (token: string) =>
      (await cloud.ask('GET', '/identity/v3/regions?cascade_sites', { token })).text;
    expect(await regions(cloud.admin)).toContain('RegionEast');
    expect(await regions(cloud.member)).not.toContain('RegionEast');
  });

  test("Keystone's own faults come out as they are, their URLs led back", async () => {
    const refused = await login({ ...operator, password: 'guess' });
    expect([refused.status, refused.body.error.title]).toEqual([401, 'Unauthorized']);
    const { status, body } = await cloud.get('/identity/v3/nothing');
    expect([status, body.error.message]).toEqual([404, `nothing at ${cloud.url}/identity/v3/nothing`]);
  });
});

describe('a token', () => {
  test.each(['compute/v2.1/servers', 'image/v2/images', 'network/v2.0/networks', 'cascade/v1/sites'])(
    'that is missing or forged is 401 at /%s, which says where to get one',
    async (path) => {
      for (const token of [undefined, 'forged']) {
        const { status, headers } = await cloud.ask('GET', `/${path}`, { token });
        expect([status, headers['www-authenticate']]).toEqual([401, `Keystone uri="${cloud.url}/identity"`]);
      }
    },
  );

  test('is validated once, however many ask at once and afterwards', async () => {
    const token = cloud.keystone.issue({ roles: ['member'], projectId: cloud.project });
    const before = validations();
    cloud.keystone.server.beSlow(/auth\/tokens/);
    const answers = Array.from({ length: 20 }, () => cloud.ask('GET', servers, { token }));
    await expect.poll(validations).toBe(before + 1);
    await cloud.keystone.server.recover();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    await cloud.ask('GET', servers, { token });
    expect(validations()).toBe(before + 1);
  });

  test('ends when it expires, although it is still remembered', async () => {
    const token = cloud.keystone.issue({
      roles: ['member'],
      projectId: cloud.project,
      expiresAt: new Date(Date.now() + 600_000),
    });
    expect((await cloud.ask('GET', servers, { token })).status).toBe(200);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    try {
      expect((await cloud.ask('GET', servers, { token })).status).toBe(401);
    } finally {
      vi.useRealTimers();
    }
  });

  test('ends when it is revoked through the cascade', async () => {
    const token = cloud.keystone.issue({ roles: ['member'], projectId: cloud.project });
    expect((await cloud.ask('GET', servers, { token })).status).toBe(200);
    await cloud.ask('DELETE', '/identity/v3/auth/tokens', { token, headers: { 'x-subject-token': token } });
    expect((await cloud.ask('GET', servers, { token })).status).toBe(401);
  });

  test.each(['refuse', 'fail'] as const)(
    'cannot be judged while Keystone is down (%s): 503, and nobody is logged out',
    async (fault) => {
      await cloud.ask('GET', servers, { token: cloud.member });
      if (fault === 'refuse') await cloud.keystone.server.refuse();
      else cloud.keystone.server.fail(500);
      const { status, headers } = await cloud.ask('GET', servers, { token: 'not seen before' });
      expect([status, headers['retry-after']]).toEqual([503, '5']);
      expect((await cloud.ask('GET', servers, { token: cloud.member })).status).toBe(200);
    },
  );

  test('with access rules is one, and reaches what they name', async () => {
    const accessRules = [{ service: 'compute', method: 'GET', path: '/v2.1/servers' }];
    const token = cloud.keystone.issue({ roles: ['member'], projectId: cloud.project, accessRules });
    expect((await cloud.ask('GET', servers, { token })).status).toBe(200);
    const refusal = await cloud.ask('GET', `${servers}/detail`, { token });
    expect(refusal.status).toBe(401);
    expect(refusal.headers['www-authenticate']).toBe(`Keystone uri="${cloud.url}/identity"`);
    expect((await cloud.ask('GET', '/cascade/v1/sites', { token })).status).toBe(403);
  });

  test('of an administrator is one however the role is spelled', async () => {
    const token = cloud.keystone.issue({ roles: ['Admin'], projectId: cloud.project });
    expect((await cloud.ask('GET', `${servers}?all_tenants=1`, { token })).status).toBe(200);
  });

  test('is written to no log, nor is a password', async () => {
    const secrets = [...cloud.keystone.tokens.keys(), operator.password];
    for (const line of cloud.logged) for (const secret of secrets) expect(line).not.toContain(secret);
  });
});

// The longest walk is a thousand requests, on a machine that may be busy with other things.
describe('policy', { timeout: 60_000 }, () => {
  const tables = (): [ServiceName, Route][] => {
    const { world } = cloud.cascade;
    return [
      ...computeRoutes(world).map((row): [ServiceName, Route] => ['compute', row]),
      ...volumeRoutes(world).map((row): [ServiceName, Route] => ['volume', row]),
      ...networkRoutes(world).map((row): [ServiceName, Route] => ['network', row]),
      ...imageRoutes(world).map((row): [ServiceName, Route] => ['image', row]),
      ...placementRoutes(world).map((row): [ServiceName, Route] => ['placement', row]),
    ];
  };
  const call = (name: ServiceName, row: Route, token: string) => {
    const { version, microversions } = serviceOf(name);
    const path = row.path.replace(/\{\w+\}/g, '00000000-0000-0000-0000-000000000000');
    const word = microversions && `${microversions.header} ${row.since ?? row.until ?? microversions.min}`;
    const project = name === 'volume' ? `/${cloud.project}` : '';
    const headers: Record<string, string> = word ? { 'openstack-api-version': word } : {};
    const body = ['GET', 'HEAD', 'DELETE'].includes(row.method) ? undefined : {};
    return cloud.ask(row.method, `/${name}${version}${project}${path}`, { token, headers, body });
  };
  const isRead = ({ method }: Route) => method === 'GET' || method === 'HEAD';
  const sentWith = (token: string) =>
    [cloud.east, cloud.west]
      .flatMap(({ server }) => server.requests)
      .filter(({ headers }) => headers['x-auth-token'] === token).length;
  /** Rows that let a token through, with what they answered. */
  const letThrough = async (rows: [ServiceName, Route][], token: string): Promise<string[]> => {
    const open: string[] = [];
    const walk = async (): Promise<void> => {
      for (let row = rows.pop(); row; row = rows.pop()) {
        const { status } = await call(...row, token);
        // Nor does anybody get through to what no site's microversion has (406).
        if (status !== 403 && status !== 406) open.push(`${status} ${row[0]} ${row[1].method} ${row[1].path}`);
      }
    };
    await Promise.all([walk(), walk(), walk(), walk()]);
    return open;
  };

  test('every route asks for a persona', () => {
    const rows = tables();
    expect(rows.length).toBeGreaterThan(100);
    const nobody = { roles: [] } as unknown as Caller;
    for (const [name, row] of rows) {
      const what = `${name} ${row.method} ${row.path}`;
      expect(isPersona(row.needs), what).toBe(true);
      expect(mayAct(nobody, row.needs), what).toBe(false);
    }
  });

  test('who has only roles of other services gets through nowhere', async () => {
    const roles = ['load-balancer_member', 'heat_stack_owner'];
    const token = cloud.keystone.issue({ roles, projectId: cloud.project });
    expect(await letThrough(tables(), token)).toEqual([]);
    expect(sentWith(token)).toBe(0);
  });

  test('a reader writes nothing but key pairs, which are his own and not the project’s', async () => {
    const token = cloud.keystone.issue({ roles: ['reader'], projectId: cloud.project });
    const writes = tables().filter(([, row]) => !isRead(row));
    const own = writes.filter(([, { path }]) => path.startsWith('/os-keypairs'));
    // As a real Nova answers: 200 and 202.
    expect(own.map(([, { method, needs }]) => `${method} ${needs}`)).toEqual(['POST reader', 'DELETE reader']);
    const open = await letThrough(
      writes.filter((row) => !own.includes(row)),
      token,
    );
    // Rows that stand there to say that there is nothing, or nothing any more, say so to everybody.
    expect(open.filter((answer) => !/^4(04|10) /.test(answer))).toEqual([]);
    expect(sentWith(token)).toBe(0);
  });

  test("a member gets through no administrator's route", async () => {
    expect(
      await letThrough(
        tables().filter(([, row]) => row.needs === 'admin'),
        cloud.member,
      ),
    ).toEqual([]);
  });

  test.each([
    ['GET', '/sites'],
    ['POST', '/sites'],
    ['DELETE', '/sites/east?forget_resources=true'],
    ['PATCH', '/sites/east'],
    ['GET', '/feeds'],
    ['GET', '/placements/x'],
    ['GET', '/sites?/openapi.json'],
    ['DELETE', '/sites/east?forget_resources=true&as=/openapi.json'],
  ])("the operator's API %s %s is for administrators alone", async (method, path) => {
    for (const [token, expected] of [
      [undefined, 401],
      ['forged', 401],
      [cloud.reader, 403],
      [cloud.member, 403],
    ] as const) {
      expect((await cloud.ask(method, `/cascade/v1${path}`, { token })).status).toBe(expected);
    }
  });

  test('its documentation is for everybody', async () => {
    const { status, body } = await cloud.ask('GET', '/cascade/v1/openapi.json');
    expect([status, Object.keys(body.paths)]).toEqual([200, expect.arrayContaining(['/sites', '/sites/{name}'])]);
  });

  test('a tenant is told of no other project, whatever the query says', async () => {
    cloud.east.put('servers', { tenant_id: 'f'.repeat(32), name: 'secret' });
    await cloud.cascade.world.reader.readAll(
      cloud.cascade.world.kinds.get('server')!,
      cloud.cascade.world.sites.byName('east')!,
    );
    expect((await cloud.get(`${servers}?all_tenants=1`)).status).toBe(403);
    for (const query of ['project_id', 'tenant_id', 'project', 'all_tenants=0&project_id']) {
      expect((await cloud.get(`${servers}/detail?${query}=${'f'.repeat(32)}`)).text).not.toContain('secret');
    }
    expect((await cloud.ask('GET', `${servers}?all_tenants=1`, { token: cloud.admin })).text).toContain('secret');
  });
});
