/** What a client of any OpenStack cloud expects of its front door, before a site is asked at all. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from './cascade.js';

let cloud: TestCascade;
const novaHeader = 'openstack-api-version';

beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());

describe('version documents', () => {
  test.each([
    ['/compute/', 200, ['v2.0', 'v2.1']],
    ['/volume/', 300, ['v3.0']],
    ['/network/', 200, ['v2.0']],
    ['/placement/', 200, ['v1.0']],
  ])('%s is answered without a token', async (path, status, ids) => {
    const { status: given, body } = await cloud.ask('GET', path);
    expect(given).toBe(status);
    expect((body.versions as { id: string }[]).map(({ id }) => id)).toEqual(ids);
  });

  test('images come in many minor versions, the newest of them current', async () => {
    const { status, body } = await cloud.ask('GET', '/image/');
    expect(status).toBe(300);
    expect(body.versions[0]).toMatchObject({ status: 'CURRENT', id: 'v2.15' });
  });

  test('identity is the real Keystone, whose links lead back to the cascade', async () => {
    const { body } = await cloud.ask('GET', '/identity/v3');
    expect(body.version.links).toEqual([{ href: `${cloud.url}/identity/v3/` }]);
  });

  test('HEAD is GET without a body', async () => {
    const { status, text, headers } = await cloud.ask('HEAD', '/compute/');
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers['content-length'])).toBeGreaterThan(100);
  });

  test.each([
    [{ host: 'cloud.example:5000' }, 'http://cloud.example:5000/compute/v2.1/'],
    [{ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example' }, 'https://api.example/compute/v2.1/'],
    [{ 'x-forwarded-host': 'api.example, inner' }, 'http://api.example/compute/v2.1/'],
    [{ 'x-forwarded-host': 'api.example', 'x-forwarded-prefix': '/one/' }, 'http://api.example/one/compute/v2.1/'],
  ])('behind a proxy that sends %j links lead to %s', async (headers, href) => {
    const { body } = await cloud.ask('GET', '/compute/v2.1/', { headers });
    expect(body.version.links[0]).toEqual({ rel: 'self', href });
  });

  test.each(['evil.example/"><script>', 'a b', 'user@host'])('a host %j gets into no link', async (host) => {
    const { text } = await cloud.ask('GET', '/compute/', { headers: { 'x-forwarded-host': host } });
    expect(text).not.toContain(host.slice(0, 6));
  });
});

describe('microversions', () => {
  test.each([
    [{}, '2.1'],
    [{ [novaHeader]: 'compute 2.60' }, '2.60'],
    [{ [novaHeader]: 'volume 3.60, compute 2.90' }, '2.90'],
    [{ [novaHeader]: 'compute latest' }, '2.93'],
    [{ 'x-openstack-nova-api-version': '2.30' }, '2.30'],
    [{ [novaHeader]: 'compute 2.60', 'x-openstack-nova-api-version': '2.30' }, '2.60'],
    [{ [novaHeader]: 'volume 3.60' }, '2.1'],
  ])('asked %j, Nova answers in %s and says so', async (asked, version) => {
    const { status, headers } = await cloud.get('/compute/v2.1/servers', asked as Record<string, string>);
    expect(status).toBe(200);
    expect(headers[novaHeader]).toBe(`compute ${version}`);
    expect(headers['x-openstack-nova-api-version']).toBe(version);
    expect(headers['vary']).toBe('OpenStack-API-Version, X-OpenStack-Nova-API-Version');
  });

  test('errors say the version too', async () => {
    const { status, headers } = await cloud.get('/compute/v2.1/os-floating-ip-pools', { [novaHeader]: 'compute 2.60' });
    expect([status, headers[novaHeader], headers['vary']]).toEqual([
      404,
      'compute 2.60',
      expect.stringContaining('OpenStack-API-Version'),
    ]);
  });

  test.each(['2.0', '2.105', '3.1'])('%s is outside the range: 406 names the range', async (version) => {
    const { status, body } = await cloud.get('/compute/v2.1/servers', { [novaHeader]: `compute ${version}` });
    expect(status).toBe(406);
    expect(body).toEqual({
      computeFault: {
        code: 406,
        message: `Version ${version} is not supported by the API. Minimum is 2.1 and maximum is 2.93.`,
      },
    });
  });

  test('Placement names its range in fields of its own', async () => {
    const { status, body } = await cloud.get('/placement/resource_providers', { [novaHeader]: 'placement 9.9' });
    expect(status).toBe(406);
    expect(body.errors).toMatchObject([
      { status: 406, title: 'Not Acceptable', min_version: '1.0', max_version: '1.39' },
    ]);
  });

  test('a word that is no version is 400', async () => {
    const { status, body } = await cloud.get('/compute/v2.1/servers', { [novaHeader]: 'compute new' });
    expect([status, body.badRequest.message]).toEqual([400, expect.stringContaining('API Version String new')]);
  });

  test('a route that ended with 2.35 is 404 from 2.36 on', async () => {
    const at = async (version: string) =>
      (await cloud.get('/compute/v2.1/os-floating-ip-pools', { [novaHeader]: `compute ${version}` })).status;
    expect([await at('2.36'), await at('2.35')]).toEqual([404, 200]);
  });

  test('Neutron and Glance know none and send none', async () => {
    const { headers } = await cloud.get('/network/v2.0/nothing', { [novaHeader]: 'compute 2.60' });
    expect([headers[novaHeader], headers['vary']]).toEqual([undefined, undefined]);
  });
});

describe('request ids', () => {
  const ours = /^req-[0-9a-f-]{36}$/;

  test('every answer has one; Nova has it twice', async () => {
    const { headers } = await cloud.get('/compute/v2.1/servers');
    expect(headers['x-openstack-request-id']).toMatch(ours);
    expect(headers['x-compute-request-id']).toBe(headers['x-openstack-request-id']);
    expect((await cloud.ask('GET', '/nowhere')).headers['x-openstack-request-id']).toMatch(ours);
  });

  test('a global request id travels to the site', async () => {
    const { id } = cloud.east.put('servers', { tenant_id: cloud.project });
    const global = 'req-01234567-89ab-cdef-0123-456789abcdef';
    await cloud.get(`/compute/v2.1/servers/${id}`, { 'x-openstack-request-id': global });
    expect(cloud.east.server.requestsLike(new RegExp(id)).at(-1)?.headers['x-openstack-request-id']).toBe(global);
    await cloud.get(`/compute/v2.1/servers/${id}`, { 'x-openstack-request-id': 'req-1; drop table' });
    expect(cloud.east.server.requestsLike(new RegExp(id)).at(-1)?.headers['x-openstack-request-id']).toMatch(ours);
  });
});

describe('faults have the form of their service', () => {
  test.each([
    ['/compute/v2.1/flavors/none', { itemNotFound: { code: 404, message: 'Flavor none could not be found.' } }],
    [
      '/network/v2.0/nothing',
      { NeutronError: { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' } },
    ],
    [
      '/placement/nothing',
      {
        errors: [
          {
            status: 404,
            title: 'Not Found',
            detail: 'The resource could not be found.\n\n   ',
            request_id: expect.stringMatching(/^req-/),
          },
        ],
      },
    ],
    ['/nowhere', { error: { code: 404, title: 'Not Found', message: 'The resource could not be found.' } }],
  ])('404 of %s', async (path, expected) => {
    const { status, body, headers } = await cloud.get(path);
    expect([status, headers['content-type'], body]).toEqual([404, 'application/json', expected]);
  });

  test("Cinder's is Nova's, below the project", async () => {
    const { status, body } = await cloud.get(`/volume/v3/${cloud.project}/attachments`);
    expect([status, body]).toEqual([404, { itemNotFound: { code: 404, message: 'The resource could not be found.' } }]);
  });

  test.each([
    ['Nova', '/compute/v2.1/nothing'],
    ['Cinder', '/volume/v3/nothing'],
    ['Glance', '/image/v2/nothing'],
  ])("%s's of a path that is not there is webob's page, in the form that is asked for", async (_service, path) => {
    const page = await cloud.get(path, { accept: 'text/html' });
    expect([page.status, page.headers['content-type']]).toEqual([404, 'text/html; charset=UTF-8']);
    expect(page.text).toContain('<h1>404 Not Found</h1>');
    expect((await cloud.get(path)).headers['content-type']).toBe('text/plain; charset=UTF-8');
    const { body } = await cloud.get(path, { accept: 'application/json' });
    const message = 'The resource could not be found.<br /><br />\n\n\n';
    expect(body).toEqual({ message, code: '404 Not Found', title: 'Not Found' });
  });
});

describe('what is refused', () => {
  test('another project in the path', async () => {
    const { status, body } = await cloud.get(`/compute/v2.1/${'0'.repeat(32)}/servers`);
    expect([status, body.badRequest.message]).toEqual([400, expect.stringMatching(/^Malformed request URL/)]);
    expect((await cloud.get(`/compute/v2.1/${cloud.project}/servers`)).status).toBe(200);
  });

  test.each([
    ['PATCH', '/compute/v2.1/servers', 404, undefined],
    ['HEAD', '/compute/v2.1/servers', 404, undefined],
    ['HEAD', '/network/v2.0/networks', 405, undefined],
    ['HEAD', '/image/v2/images', 405, 'GET, POST'],
    ['PUT', '/image/v2/images', 405, 'GET, POST'],
    ['HEAD', '/placement/usages', 405, 'GET'],
  ])('%s %s, a method the path does not have, is %i and allows %s', async (method, path, status, allow) => {
    const answer = await cloud.ask(method, path, { token: cloud.member });
    expect([answer.status, answer.headers['allow']]).toEqual([status, allow]);
  });

  test('HEAD of a server asks no site, and forgets nothing', async () => {
    const { id } = cloud.east.put('servers', { tenant_id: cloud.project });
    expect((await cloud.get(`/compute/v2.1/servers/${id}`)).status).toBe(200);
    expect((await cloud.ask('HEAD', `/compute/v2.1/servers/${id}`, { token: cloud.member })).status).toBe(404);
    expect(cloud.east.server.requestsLike(new RegExp(id)).every(({ method }) => method === 'GET')).toBe(true);
    expect((await cloud.get(`/compute/v2.1/servers/${id}`)).status).toBe(200);
  });

  test('a body beyond the limit: 413, and the caller gets to read it', async () => {
    const body = { server: { name: 'big', user_data: 'x'.repeat(5_000_000) } };
    // Three times, since clients keep their connections: the next request must find one that works.
    for (let time = 0; time < 3; time += 1) {
      const { status, body: fault } = await cloud.ask('POST', '/compute/v2.1/servers', { token: cloud.member, body });
      expect([status, fault.overLimit.code]).toEqual([413, 413]);
    }
  });

  test.each(['', '{', '[]', '"text"', '{"server": '])("a body %j is refused in the site's own words", async (body) => {
    const headers = { 'content-type': 'application/json' };
    const { status } = await cloud.ask('POST', '/compute/v2.1/servers', { token: cloud.member, headers, body });
    expect(status).toBe(400);
  });

  test('malformed JSON for the operator API is 400, what is no JSON 415, an unknown field named', async () => {
    const post = (body: unknown, type = 'application/json') =>
      cloud.ask('POST', '/cascade/v1/sites', { token: cloud.admin, body, headers: { 'content-type': type } });
    expect((await post('{"name":')).body).toEqual({
      error: { code: 400, message: 'Malformed request body: cannot understand JSON' },
    });
    expect((await post('[1]')).status).toBe(400);
    expect((await post('name=x', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await post({ nmae: 'x' })).body.error.message).toContain('nmae');
    expect((await post({ name: 'x'.repeat(200_000) })).status).toBe(413);
  });

  test('negative and wordy limits', async () => {
    for (const limit of ['-1', 'ten', '1.5'])
      expect((await cloud.get(`/compute/v2.1/servers?limit=${limit}`)).status).toBe(400);
  });
});

test('duplicate and odd query keys travel unchanged', async () => {
  const { id } = cloud.east.put('servers', { tenant_id: cloud.project });
  await cloud.get(`/compute/v2.1/servers/${id}?a=1&a=2&b%5B%5D=%20x&c`);
  const { query } = cloud.east.server.requestsLike(new RegExp(id)).at(-1)!;
  expect([...query]).toEqual([
    ['a', '1'],
    ['a', '2'],
    ['b[]', ' x'],
    ['c', ''],
  ]);
  const { status } = await cloud.get(
    '/compute/v2.1/servers?limit=5&limit=6&sort_key=created_at&sort_key=uuid&status=ACTIVE&status=BUILD',
  );
  expect(status).toBe(200);
});

test('identity headers, cookies and forwarding headers from outside never reach a site', async () => {
  const { id } = cloud.east.put('servers', { tenant_id: cloud.project });
  const forged = {
    'x-user-id': 'root',
    'x-roles': 'admin',
    'x-project-id': 'other',
    'x-tenant-name': 'other',
    'x-is-admin-project': 'True',
    'x-identity-status': 'Confirmed',
    'x-service-roles': 'service',
    'openstack-system-scope': 'all',
    cookie: 'session=1',
    'x-forwarded-for': '10.0.0.1',
    'x-forwarded-host': 'api.example',
    forwarded: 'for=10.0.0.1',
    authorization: 'Basic eA==',
  };
  const { status } = await cloud.get(`/compute/v2.1/servers/${id}`, forged);
  expect(status).toBe(200);
  const { headers } = cloud.east.server.requestsLike(new RegExp(id)).at(-1)!;
  for (const name of Object.keys(forged)) expect(headers, name).not.toHaveProperty(name);
  expect(headers['x-auth-token']).toBe(cloud.member);
});

test('a client that offers another protocol or compression is answered like any other', async () => {
  // By hand, as curl --http2 and Java's client send it.
  const offers = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nTE: trailers\r\n';
  const line = await firstLine(`GET /identity/v3 HTTP/1.1\r\nHost: cloud\r\n${offers}Accept-Encoding: gzip\r\n\r\n`);
  expect(line).toBe('HTTP/1.1 200 OK');
  // Compressed, the links in Keystone's answer could not be led back.
  expect(cloud.keystone.server.requestsLike(/^GET \/v3$/).at(-1)!.headers['accept-encoding']).toBeUndefined();
});

function firstLine(raw: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(cloud.url).port), '127.0.0.1', () => socket.write(raw));
    socket.once('data', (data) => (resolve(data.toString().split('\r\n')[0] ?? ''), socket.destroy()));
    socket.once('error', reject);
  });
}
