/** Logging in: methods, scopes, and the one answer to all that is wrong. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byPassword, startBuiltInCascade, type BuiltInCascade, type User } from './cascade.js';

let cloud: BuiltInCascade;
let ada: User;

beforeAll(async () => {
  cloud = await startBuiltInCascade();
  ada = await cloud.newUser('ada', cloud.demoProject, 'member');
});
afterAll(() => cloud.close());

const refusal = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
};

describe('the token', () => {
  test('of a project says who, where, as what, until when, and where everything is', async () => {
    const { status, body, headers } = await cloud.login(byPassword(ada), { project: { id: cloud.demoProject } });
    expect(status).toBe(201);
    expect(headers['x-subject-token']).toMatch(/^[\w-]{40,}$/);
    const { token } = body;
    expect(token).toMatchObject({
      methods: ['password'],
      user: { id: ada.id, name: 'ada', domain: { id: 'default', name: 'Default' }, password_expires_at: null },
      project: { id: cloud.demoProject, name: 'demo', domain: { id: 'default', name: 'Default' } },
      is_domain: false,
    });
    expect(token.roles.map(({ name }: { name: string }) => name)).toEqual(['member', 'reader']);
    expect(token.audit_ids).toHaveLength(1);
    expect(Date.parse(token.expires_at) - Date.parse(token.issued_at)).toBe(3_600_000);
    expect(token.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const compute = token.catalog.find(({ type }: { type: string }) => type === 'compute');
    expect(compute.endpoints[0]).toMatchObject({
      interface: 'public',
      region_id: 'RegionOne',
      url: `${cloud.url}/compute/v2.1`,
    });
  });

  test('opens the other services', async () => {
    const token = await cloud.loginAs(ada, cloud.demoProject);
    const { status } = await cloud.ask('GET', '/../../compute/v2.1/servers', token);
    expect(status).toBe(200);
  });

  test('without a scope asked for is of the default project, while the user has a role there', async () => {
    expect((await cloud.login(byPassword(ada))).body.token.project).toBeUndefined();
    await cloud.make('PATCH', `/users/${ada.id}`, { user: { default_project_id: cloud.demoProject } });
    expect((await cloud.login(byPassword(ada))).body.token.project.id).toBe(cloud.demoProject);
    await cloud.make('PATCH', `/users/${ada.id}`, { user: { default_project_id: cloud.adminProject } });
    expect((await cloud.login(byPassword(ada))).body.token.project).toBeUndefined();
  });

  test.each(['unscoped', { unscoped: {} }])('of no scope has neither roles nor catalog (%o)', async (scope) => {
    const { token } = (await cloud.login(byPassword(ada), scope)).body;
    expect(Object.keys(token).sort()).toEqual(['audit_ids', 'expires_at', 'issued_at', 'methods', 'user']);
  });

  test('of a domain and of the system are for who has a role there', async () => {
    const domain = { domain: { name: 'Default' } };
    const system = { system: { all: true } };
    expect((await cloud.login(byPassword(ada), domain)).status).toBe(401);
    expect((await cloud.login(byPassword(ada), system)).status).toBe(401);
    const role = await cloud.roleId('reader');
    await cloud.make('PUT', `/domains/default/users/${ada.id}/roles/${role}`);
    await cloud.make('PUT', `/system/users/${ada.id}/roles/${role}`);
    const ofDomain = (await cloud.login(byPassword(ada), domain)).body.token;
    expect(ofDomain).toMatchObject({ domain: { id: 'default', name: 'Default' }, roles: [{ name: 'reader' }] });
    const ofSystem = (await cloud.login(byPassword(ada), system)).body.token;
    expect(ofSystem).toMatchObject({ system: { all: true }, roles: [{ name: 'reader' }] });
    // Endpoints that need a project are not for who has none.
    expect(ofSystem.catalog.map(({ type }: { type: string }) => type)).not.toContain('volumev3');
  });

  test('is shown without its catalog on request', async () => {
    const auth = { identity: byPassword(ada), scope: { project: { id: cloud.demoProject } } };
    const { body } = await cloud.ask('POST', '/auth/tokens?nocatalog', undefined, { auth });
    expect(body.token.catalog).toBeUndefined();
  });
});

describe('a login', () => {
  test('by name needs the domain, by its id or name', async () => {
    const user = { name: 'ada', password: ada.password };
    const by = (domain: object) => cloud.login({ methods: ['password'], password: { user: { ...user, ...domain } } });
    expect((await by({ domain: { id: 'default' } })).status).toBe(201);
    expect((await by({ domain: { name: 'Default' } })).status).toBe(201);
    expect((await by({})).status).toBe(400);
  });

  test('that is wrong is refused in the same words, whatever is wrong', async () => {
    const domain = { id: 'default' };
    const wrong = [
      cloud.login(byPassword({ ...ada, password: 'guess' })),
      cloud.login(byPassword({ id: 'nobody', password: 'guess' })),
      cloud.login({ methods: ['password'], password: { user: { name: 'nobody', domain, password: 'guess' } } }),
      cloud.login({
        methods: ['password'],
        password: { user: { name: 'ada', domain: { id: 'none' }, password: 'x' } },
      }),
      cloud.login(byPassword(ada), { project: { id: 'nowhere' } }),
      cloud.login(byPassword(ada), { project: { name: 'nowhere', domain } }),
      cloud.login(byPassword(ada), { project: { id: cloud.adminProject } }),
      cloud.login({ methods: ['token'], token: { id: 'forged' } }),
      cloud.login({ methods: ['telepathy'] }),
      cloud.login({ methods: ['application_credential'], application_credential: { id: 'none', secret: 'x' } }),
    ];
    for (const { status, body, headers } of await Promise.all(wrong)) {
      expect([status, body]).toEqual([401, refusal]);
      expect(headers['www-authenticate']).toBe(`Keystone uri="${cloud.url}/identity"`);
    }
  });

  test.each([
    [{}, 'Expecting to find auth in request body.'],
    [{ auth: {} }, "Invalid input for field 'identity'"],
    [{ auth: { identity: { methods: ['password'] } } }, 'Expecting to find password in identity.'],
    [
      { auth: { identity: { methods: ['password'], password: {} } } },
      "Invalid input for field 'identity/password/user'",
    ],
    [
      { auth: { identity: { methods: ['token'], token: { id: 'x' } }, scope: {} } },
      'OS-TRUST:trust or unscoped in scope',
    ],
  ])('that is malformed is told so: %j', async (body, words) => {
    const answer = await cloud.ask('POST', '/auth/tokens', undefined, body);
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringContaining(words)]);
  });

  test('that is no JSON is told so', async () => {
    expect((await cloud.ask('POST', '/auth/tokens', undefined, '{"auth":')).status).toBe(400);
  });

  test('of a disabled user, or into a disabled domain or project, is refused', async () => {
    const domain = await cloud.make('POST', '/domains', { domain: { name: 'closing' } });
    const project = await cloud.make('POST', '/projects', { project: { name: 'p', domain_id: domain.id } });
    const user = await cloud.make('POST', '/users', { user: { name: 'u', domain_id: domain.id, password: 'pass' } });
    await cloud.make('PUT', `/projects/${project.id}/users/${user.id}/roles/${await cloud.roleId('member')}`);
    const status = async () =>
      (await cloud.login(byPassword({ id: user.id, password: 'pass' }), { project: { id: project.id } })).status;
    expect(await status()).toBe(201);
    for (const [path, member] of [
      [`/users/${user.id}`, 'user'],
      [`/projects/${project.id}`, 'project'],
      [`/domains/${domain.id}`, 'domain'],
    ] as const) {
      await cloud.make('PATCH', path, { [member]: { enabled: false } });
      expect(await status(), member).toBe(401);
      await cloud.make('PATCH', path, { [member]: { enabled: true } });
      expect(await status(), member).toBe(201);
    }
  });
});

test('no password and no token is written to the log or to the database', async () => {
  const token = await cloud.loginAs(ada, cloud.demoProject);
  for (const line of cloud.logged) for (const secret of [ada.password, token]) expect(line).not.toContain(secret);
  const rows = await cloud.database.many<{ text: string }>(
    `select i::text as text from identity_item i union all select t::text from identity_token t`,
  );
  for (const { text } of rows) for (const secret of [ada.password, token]) expect(text).not.toContain(secret);
  expect(rows.some(({ text }) => text.includes('scrypt$64$8$5$'))).toBe(true);
});
