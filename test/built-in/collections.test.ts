/** What administrators make, list, change and remove; and what is refused of it, in Keystone's words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBuiltInCascade, type BuiltInCascade } from './cascade.js';

let cloud: BuiltInCascade;

beforeAll(async () => {
  cloud = await startBuiltInCascade();
});
afterAll(() => cloud.close());

const as = (method: string, below: string, body?: unknown) => cloud.ask(method, below, cloud.admin, body);
const refusalOf = async (method: string, below: string, body?: unknown) => {
  const answer = await as(method, below, body);
  return [answer.status, answer.body?.error?.message];
};
const names = async (below: string) => {
  const rows = (await cloud.make('GET', below)) as { name: string }[];
  return rows.map(({ name }) => name);
};

/** Collection, member, what a new one needs, what it is shown with, a change. */
const collections: [plural: string, member: string, fields: object, shown: object, change: object][] = [
  ['domains', 'domain', { name: 'd' }, { description: '', enabled: true, tags: [], options: {} }, { description: 'x' }],
  [
    'projects',
    'project',
    { name: 'p' },
    {
      domain_id: 'default',
      parent_id: 'default',
      is_domain: false,
      enabled: true,
      description: '',
      tags: [],
      options: {},
    },
    { name: 'p2' },
  ],
  [
    'users',
    'user',
    { name: 'u', email: 'u@example.org' },
    { domain_id: 'default', enabled: true, password_expires_at: null, options: {}, email: 'u@example.org' },
    { email: 'v@example.org' },
  ],
  ['groups', 'group', { name: 'g' }, { domain_id: 'default', description: '' }, { description: 'x' }],
  ['roles', 'role', { name: 'r' }, { domain_id: null, description: null, options: {} }, { name: 'r2' }],
  ['regions', 'region', { id: 'north' }, { description: '', parent_region_id: null }, { description: 'x' }],
  ['services', 'service', { type: 'orchestration', name: 'heat' }, { enabled: true }, { enabled: false }],
  ['policies', 'policy', { blob: '{}', type: 'application/json' }, {}, { blob: '{"a":1}' }],
];

describe.each(collections)('%s', (plural, member, fields, shown, change) => {
  let id: string;

  test('are made, shown, listed, changed and removed', async () => {
    const { status, body } = await as('POST', `/${plural}`, { [member]: fields });
    expect(status).toBe(201);
    id = body[member].id;
    const self = `${cloud.url}/identity/v3/${plural}/${id}`;
    expect(body[member]).toEqual({ ...shown, ...fields, id: expect.any(String), links: { self } });
    expect((await as('GET', `/${plural}/${id}`)).body).toEqual(body);
    expect((await as('HEAD', `/${plural}/${id}`)).status).toBe(200);
    const list = (await as('GET', `/${plural}`)).body;
    expect(list[plural]).toContainEqual(body[member]);
    expect(list.links).toEqual({ next: null, previous: null, self: `${cloud.url}/identity/v3/${plural}` });
    const changed = await as('PATCH', `/${plural}/${id}`, { [member]: change });
    expect([changed.status, changed.body[member]]).toEqual([200, { ...body[member], ...change }]);
    if (member === 'domain') await cloud.make('PATCH', `/domains/${id}`, { domain: { enabled: false } });
    expect((await as('DELETE', `/${plural}/${id}`)).status).toBe(204);
  });

  test('that are not there are not found', async () => {
    for (const [method, body] of [['GET'], ['PATCH', { [member]: change }], ['DELETE']] as const) {
      expect(await refusalOf(method, `/${plural}/${id}`, body)).toEqual([404, `Could not find ${member}: ${id}.`]);
    }
  });

  test('keep their id', async () => {
    const made = await cloud.make('POST', `/${plural}`, { [member]: { ...fields, ...(fields as { id?: string }) } });
    expect((await refusalOf('PATCH', `/${plural}/${made.id}`, { [member]: { id: 'other' } }))[0]).toBe(400);
  });

  test('are refused without what they need, or with what is of another type', async () => {
    expect((await as('POST', `/${plural}`, {})).status).toBe(400);
    expect((await as('POST', `/${plural}`, { [member]: { ...fields, description: 7, blob: 7 } })).status).toBe(400);
    if (plural !== 'regions') expect((await as('POST', `/${plural}`, { [member]: {} })).status).toBe(400);
  });
});

test.each(collections.filter(([, , fields]) => 'name' in fields && !('type' in fields)))(
  'two %s of one name and domain are a conflict, of a name of spaces or of 256 letters wrong',
  async (plural, member) => {
    const make = (name: string) => as('POST', `/${plural}`, { [member]: { name } });
    expect((await make(`twice ${member}`)).status).toBe(201);
    const second = await make(`twice ${member}`);
    expect([second.status, second.body.error.message]).toEqual([409, expect.stringContaining(`twice ${member}`)]);
    expect((await make(' ')).status).toBe(400);
    expect((await make('x'.repeat(256))).status).toBe(400);
  },
);

test('lists are narrowed by fields, exactly and inexactly, and passed page by page', async () => {
  const domain = await cloud.make('POST', '/domains', { domain: { name: 'many' } });
  for (const name of ['Alpha', 'alphabet', 'beta_', 'beta%']) {
    await cloud.make('POST', '/users', { user: { name, domain_id: domain.id, enabled: name !== 'Alpha' } });
  }
  const inDomain = `/users?domain_id=${domain.id}`;
  expect(await names(`${inDomain}&name=Alpha`)).toEqual(['Alpha']);
  expect(await names(`${inDomain}&enabled=true`)).toEqual(['alphabet', 'beta_', 'beta%']);
  expect(await names(`${inDomain}&enabled=0`)).toEqual(['Alpha']);
  expect(await names(`${inDomain}&name__startswith=al`)).toEqual(['alphabet']);
  expect(await names(`${inDomain}&name__istartswith=al`)).toEqual(['Alpha', 'alphabet']);
  expect(await names(`${inDomain}&name__contains=${encodeURIComponent('%')}`)).toEqual(['beta%']);
  expect(await names(`${inDomain}&name__endswith=_`)).toEqual(['beta_']);
  expect(await names(`${inDomain}&nothing=x`)).toHaveLength(4);
  const { body } = await as('GET', `${inDomain}&limit=3`);
  expect(body.users).toHaveLength(3);
  const next = new URL(body.links.next);
  expect(await names(`${next.pathname.replace('/identity/v3', '')}${next.search}`)).toEqual(['beta%']);
  expect((await as('GET', `${inDomain}&marker=none`)).status).toBe(404);
});

test("what cannot be written is the caller's fault", async () => {
  expect((await as('POST', '/users', '{"user": {"name": "nul \\u0000"}}')).status).toBe(400);
  expect((await as('POST', '/users', '{"user": {"name": "half \\ud800"}}')).status).toBe(400);
  expect((await as('GET', '/users/%00')).status).toBe(400);
  expect((await as('POST', '/users', '[]')).status).toBe(400);
  expect((await as('PUT', '/users')).status).toBe(405);
  expect((await as('GET', '/nothing')).status).toBe(404);
  expect((await as('GET', '/../v2.0/tenants')).status).toBe(404);
});

test.each(['/credentials', '/OS-FEDERATION/mappings', '/OS-OAUTH1/consumers', '/domains/default/config', '/limits'])(
  'what is not built is refused by name: %s',
  async (path) => {
    expect(await refusalOf('GET', path)).toEqual([501, expect.stringMatching(/^The built-in identity has no /)]);
  },
);

describe('a domain', () => {
  test('is removed when it is disabled, with all that is in it; the default one never', async () => {
    const domain = await cloud.make('POST', '/domains', { domain: { name: 'leaving' } });
    const parent = await cloud.make('POST', '/projects', { project: { name: 'p', domain_id: domain.id } });
    const child = await cloud.make('POST', '/projects', { project: { name: 'c', parent_id: parent.id } });
    const user = await cloud.make('POST', '/users', { user: { name: 'u', domain_id: domain.id } });
    expect((await as('DELETE', `/domains/${domain.id}`)).status).toBe(403);
    await cloud.make('PATCH', `/domains/${domain.id}`, { domain: { enabled: false } });
    expect((await as('DELETE', `/domains/${domain.id}`)).status).toBe(204);
    for (const path of [`/projects/${parent.id}`, `/projects/${child.id}`, `/users/${user.id}`]) {
      expect((await as('GET', path)).status).toBe(404);
    }
    await cloud.make('PATCH', '/domains/default', { domain: { description: 'stays' } });
    expect((await as('DELETE', '/domains/default')).status).toBe(403);
  });

  test('is a project too, to who asks so', async () => {
    const made = await cloud.make('POST', '/projects', { project: { name: 'both', is_domain: true } });
    expect(made).toMatchObject({ is_domain: true, domain_id: null, parent_id: null });
    expect((await cloud.make('GET', `/domains/${made.id}`)).name).toBe('both');
    expect(await names('/projects?is_domain=true')).toContain('both');
    expect(await names('/projects')).not.toContain('both');
    await cloud.make('PATCH', `/projects/${made.id}`, { project: { enabled: false } });
    expect((await as('DELETE', `/projects/${made.id}`)).status).toBe(204);
  });

  test('that is not there holds nothing', async () => {
    expect((await as('POST', '/users', { user: { name: 'x', domain_id: 'none' } })).status).toBe(404);
    expect((await as('POST', '/projects', { project: { name: 'x', domain_id: 'none' } })).status).toBe(400);
  });
});

describe('a project', () => {
  const make = (fields: object) => cloud.make('POST', '/projects', { project: fields });

  test('lies below another one, at most five deep, and goes after what is below it', async () => {
    const chain = [await make({ name: 'level 1' })];
    for (const level of [2, 3, 4, 5]) chain.push(await make({ name: `level ${level}`, parent_id: chain.at(-1).id }));
    const [top, second, , , last] = chain;
    expect((await as('POST', '/projects', { project: { name: 'level 6', parent_id: last.id } })).status).toBe(403);
    expect(await names(`/projects?parent_id=${top.id}`)).toEqual(['level 2']);
    expect((await as('DELETE', `/projects/${top.id}`)).status).toBe(403);
    expect((await as('PATCH', `/projects/${top.id}`, { project: { enabled: false } })).status).toBe(403);
    expect((await as('PATCH', `/projects/${last.id}`, { project: { parent_id: top.id } })).status).toBe(400);
    const { project } = (await as('GET', `/projects/${second.id}?parents_as_ids&subtree_as_ids`)).body;
    expect(project.parents).toEqual({ [top.id]: { default: null } });
    expect(project.subtree).toEqual({ [chain[2].id]: { [chain[3].id]: { [last.id]: null } } });
    for (const { id } of chain.reverse()) expect((await as('DELETE', `/projects/${id}`)).status).toBe(204);
  });

  test('has tags, and is found by them', async () => {
    const [red, both] = [await make({ name: 'red', tags: ['r'] }), await make({ name: 'both' })];
    expect((await as('PUT', `/projects/${both.id}/tags`, { tags: ['r', 'g'] })).body.tags).toEqual(['r', 'g']);
    expect((await as('PUT', `/projects/${both.id}/tags/b`)).status).toBe(201);
    expect((await as('GET', `/projects/${both.id}/tags/b`)).status).toBe(204);
    expect((await as('PUT', `/projects/${both.id}/tags/a,b`)).status).toBe(400);
    expect(await names('/projects?tags=r')).toEqual(['red', 'both']);
    expect(await names('/projects?tags=r,g')).toEqual(['both']);
    expect(await names('/projects?tags-any=g,b')).toEqual(['both']);
    expect(await names('/projects?tags=r&not-tags=g')).toEqual(['red']);
    expect((await as('DELETE', `/projects/${both.id}/tags/b`)).status).toBe(204);
    expect((await as('GET', `/projects/${both.id}/tags/b`)).status).toBe(404);
    expect((await as('DELETE', `/projects/${red.id}/tags`)).status).toBe(204);
    expect((await as('GET', `/projects/${red.id}/tags`)).body.tags).toEqual([]);
  });

  test('that is immutable stays as it is until it is not', async () => {
    const { id } = await make({ name: 'stone', options: { immutable: true } });
    expect((await as('PATCH', `/projects/${id}`, { project: { name: 'sand' } })).status).toBe(403);
    expect((await as('DELETE', `/projects/${id}`)).status).toBe(403);
    await cloud.make('PATCH', `/projects/${id}`, { project: { options: { immutable: false } } });
    expect((await as('DELETE', `/projects/${id}`)).status).toBe(204);
  });
});

describe('the catalog', () => {
  test('has what is registered, for the project that asks', async () => {
    const service = await cloud.make('POST', '/services', { service: { type: 'dns', name: 'designate' } });
    const url = 'http://dns.example/v2/$(project_id)s';
    const fields = { service_id: service.id, interface: 'public', url, region: 'dns-region' };
    const endpoint = await cloud.make('POST', '/endpoints', { endpoint: fields });
    expect(endpoint).toMatchObject({ region: 'dns-region', region_id: 'dns-region', enabled: true, url });
    const found = async () => {
      const { catalog } = (await cloud.ask('GET', '/auth/catalog', cloud.demo)).body;
      return catalog
        .find(({ type }: { type: string }) => type === 'dns')
        ?.endpoints.map((one: { url: string }) => one.url);
    };
    expect(await found()).toEqual([`http://dns.example/v2/${cloud.demoProject}`]);
    await cloud.make('PATCH', `/endpoints/${endpoint.id}`, { endpoint: { enabled: false } });
    // Keystone shows a service that has no endpoint, too.
    expect(await found()).toEqual([]);
    expect((await as('DELETE', '/regions/dns-region')).status).toBe(403);
    expect((await as('DELETE', `/services/${service.id}`)).status).toBe(204);
    expect((await as('GET', `/endpoints/${endpoint.id}`)).status).toBe(404);
    expect((await as('DELETE', '/regions/dns-region')).status).toBe(204);
  });

  test("refuses what would stand beside the cascade's own, and changes of that", async () => {
    for (const type of ['compute', 'volumev3', 'volumev2', 'block-store', 'identity']) {
      const words = `Conflict occurred attempting to store service - The cascade itself is the service of type ${type}.`;
      expect(await refusalOf('POST', '/services', { service: { type } })).toEqual([409, words]);
    }
    const [own] = await cloud.make('GET', '/services?type=compute');
    const fields = { service_id: own.id, interface: 'public', url: 'http://x.example', region: 'RegionOne' };
    expect((await as('POST', '/endpoints', { endpoint: fields })).status).toBe(409);
    const [endpoint] = await cloud.make('GET', `/endpoints?service_id=${own.id}`);
    const dns = await cloud.make('POST', '/services', { service: { type: 'dns' } });
    expect((await as('PATCH', `/services/${dns.id}`, { service: { type: 'volume' } })).status).toBe(409);
    for (const [path, member, change] of [
      [`/services/${own.id}`, 'service', { enabled: false }],
      [`/endpoints/${endpoint.id}`, 'endpoint', { url: 'http://x.example' }],
    ] as const) {
      expect((await as('PATCH', path, { [member]: change })).status).toBe(403);
      expect((await as('DELETE', path)).status).toBe(403);
    }
    await cloud.make('DELETE', `/services/${dns.id}`);
  });

  test('refuses endpoints of no service, in no region, and with an interface of its own', async () => {
    const [{ id }] = await cloud.make('GET', '/services?type=compute');
    const fields = { service_id: id, interface: 'public', url: 'http://x.example' };
    const status = async (change: object) =>
      (await as('POST', '/endpoints', { endpoint: { ...fields, ...change } })).status;
    expect(await status({ service_id: 'none' })).toBe(400);
    expect(await status({ region_id: 'none' })).toBe(400);
    expect(await status({ interface: 'private' })).toBe(400);
    expect(await status({ url: 'nowhere' })).toBe(400);
  });

  test('has regions in regions, in no circle, each once', async () => {
    expect((await as('PUT', '/regions/outer', { region: {} })).status).toBe(201);
    await cloud.make('POST', '/regions', { region: { id: 'inner', parent_region_id: 'outer' } });
    expect((await as('POST', '/regions', { region: { id: 'inner' } })).status).toBe(409);
    expect((await as('PATCH', '/regions/outer', { region: { parent_region_id: 'inner' } })).status).toBe(400);
    expect((await as('POST', '/regions', { region: { id: 'r', parent_region_id: 'none' } })).status).toBe(404);
    expect((await as('DELETE', '/regions/outer')).status).toBe(403);
  });
});

test.each([
  ['/identity', 300, ['versions', 'values', 0]],
  ['/identity/', 300, ['versions', 'values', 0]],
  ['/identity/v3', 200, ['version']],
  ['/identity/v3/', 200, ['version']],
])('%s is a version document', async (path, status, at) => {
  const answer = await cloud.ask('GET', `/../..${path}`);
  expect(answer.status).toBe(status);
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const version = at.reduce<any>((body, step) => body[step], answer.body);
  expect(version).toMatchObject({
    id: 'v3.14',
    status: 'stable',
    links: [{ rel: 'self', href: `${cloud.url}/identity/v3/` }],
  });
});
