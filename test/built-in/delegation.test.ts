/** What a user hands to others: application credentials to programs, trusts to Heat. Never more than the user has. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { byPassword, startBuiltInCascade, type BuiltInCascade, type User } from './cascade.js';

let cloud: BuiltInCascade;
let user: User;
let token: string;
let heat: User;
let heatToken: string;
let number = 0;

beforeAll(async () => {
  cloud = await startBuiltInCascade();
});
afterAll(() => cloud.close());
beforeEach(async () => {
  number += 1;
  user = await cloud.newUser(`user ${number}`, cloud.demoProject, 'manager');
  token = await cloud.loginAs(user, cloud.demoProject);
  heat = await cloud.newUser(`heat ${number}`, cloud.adminProject, 'member');
  heatToken = await cloud.loginAs(heat, cloud.adminProject);
});

const inMilliseconds = (ms: number) => new Date(Date.now() + ms).toISOString();
/** Lets the time of a trust or an application credential be over. */
const end = (id: string) =>
  cloud.database.run(
    `update identity_item set body = jsonb_set(body, '{expires_at}', to_jsonb($2::text)) where id = $1`,
    [id, inMilliseconds(-1000)],
  );
const namesOf = (rows: { name: string }[]) => rows.map(({ name }) => name);

describe('an application credential', () => {
  const path = (below = '', of = user) => `/users/${of.id}/application_credentials${below}`;
  const create = (fields: object = {}, by = token) =>
    cloud.ask('POST', path(), by, { application_credential: { name: 'robot', ...fields } });
  const make = async (fields: object = {}) => (await create(fields)).body.application_credential;
  const loginWith = ({ id, secret }: { id: string; secret: string }, scope?: unknown) =>
    cloud.login({ methods: ['application_credential'], application_credential: { id, secret } }, scope);

  test('shows its secret once, and is the project and the roles it was made with', async () => {
    const { status, body } = await create({ description: 'for CI' });
    expect(status).toBe(201);
    const { secret, ...shown } = body.application_credential;
    expect(secret).toMatch(/^[\w-]{86}$/);
    for (const none of ['', null])
      expect((await make({ name: `without ${none}`, secret: none })).secret).toMatch(/^[\w-]{86}$/);
    expect(shown).toMatchObject({
      name: 'robot',
      description: 'for CI',
      project_id: cloud.demoProject,
      unrestricted: false,
      expires_at: null,
      system: null,
    });
    expect((await cloud.ask('GET', path(`/${shown.id}`), token)).body.application_credential).toEqual(shown);
    expect((await cloud.ask('GET', path('?name=robot'), token)).body.application_credentials).toEqual([shown]);
    const login = await loginWith({ id: shown.id, secret });
    expect(login.status).toBe(201);
    expect(login.body.token).toMatchObject({
      methods: ['application_credential'],
      user: { id: user.id },
      project: { id: cloud.demoProject },
      application_credential: { id: shown.id, name: 'robot', restricted: true },
    });
    expect(namesOf(login.body.token.roles)).toEqual(['manager', 'member', 'reader']);
    const { catalog } = (await cloud.ask('GET', '/auth/catalog', token)).body;
    expect(login.body.token.catalog).toEqual(catalog);
  });

  test('logs in by the name of its user too, and to no other scope', async () => {
    const { secret, id } = await make();
    const credential = { name: 'robot', secret, user: { name: `user ${number}`, domain: { id: 'default' } } };
    const login = (scope?: unknown) =>
      cloud.login({ methods: ['application_credential'], application_credential: credential }, scope);
    expect((await login()).body.token.application_credential.id).toBe(id);
    expect((await login({ project: { id: cloud.demoProject } })).status).toBe(401);
    expect((await login('unscoped')).status).toBe(401);
    expect((await loginWith({ id, secret: 'guess' })).status).toBe(401);
  });

  test('has a part of the roles where that is asked for, and none its user has not', async () => {
    const made = await make({ roles: [{ name: 'reader' }] });
    expect(namesOf((await loginWith(made)).body.token.roles)).toEqual(['reader']);
    expect((await create({ name: 'x', roles: [{ name: 'admin' }] })).status).toBe(400);
    expect((await create({ name: 'x', roles: [{ name: 'nothing' }] })).status).toBe(404);
    expect((await create({ name: 'x', colour: 'red' })).status).toBe(400);
    expect((await create()).status).toBe(409);
  });

  test('loses what its user loses', async () => {
    const made = await make();
    const grant = `/projects/${cloud.demoProject}/users/${user.id}/roles/`;
    await cloud.make('PUT', `${grant}${await cloud.roleId('reader')}`);
    await cloud.make('DELETE', `${grant}${await cloud.roleId('manager')}`);
    expect(namesOf((await loginWith(made)).body.token.roles)).toEqual(['reader']);
    await cloud.make('PATCH', `/users/${user.id}`, { user: { enabled: false } });
    expect((await loginWith(made)).status).toBe(401);
  });

  test('is over when its time is, and takes its tokens with it when it is removed', async () => {
    expect((await create({ expires_at: inMilliseconds(-1000) })).status).toBe(400);
    expect((await create({ expires_at: 'tomorrow' })).status).toBe(400);
    const short = await make({ expires_at: inMilliseconds(60_000) });
    const login = await loginWith(short);
    expect(Date.parse(login.body.token.expires_at)).toBeLessThanOrEqual(Date.parse(`${short.expires_at}Z`));
    await end(short.id);
    expect((await loginWith(short)).status).toBe(401);
    const other = await make({ name: 'other' });
    const given = (await loginWith(other)).headers['x-subject-token']!;
    const servers = async () => (await cloud.ask('GET', '/../../compute/v2.1/servers', given)).status;
    expect(await servers()).toBe(200);
    expect((await cloud.ask('DELETE', path(`/${other.id}`), token)).status).toBe(204);
    expect([await servers(), (await loginWith(other)).status]).toEqual([401, 401]);
  });

  test('makes and removes others only where it may: unrestricted', async () => {
    const restricted = (await loginWith(await make())).headers['x-subject-token']!;
    expect((await create({ name: 'second' }, restricted)).status).toBe(403);
    const free = await make({ name: 'free', unrestricted: true });
    const unrestricted = (await loginWith(free)).headers['x-subject-token']!;
    expect((await create({ name: 'second' }, unrestricted)).status).toBe(201);
    expect((await cloud.ask('DELETE', path(`/${free.id}`), restricted)).status).toBe(403);
  });

  test('is made by its user for himself; others neither see nor remove it', async () => {
    const { id } = await make();
    const body = { application_credential: { name: 'theirs' } };
    expect((await cloud.ask('POST', path(), cloud.admin, body)).status).toBe(403);
    for (const [method, below] of [
      ['GET', ''],
      ['GET', `/${id}`],
      ['DELETE', `/${id}`],
    ] as const) {
      expect((await cloud.ask(method, path(below), cloud.demo)).status).toBe(403);
    }
    expect((await cloud.ask('GET', path(`/${id}`, heat), heatToken)).status).toBe(404);
  });

  test('stays what it is when its token is made into another', async () => {
    const given = (await loginWith(await make({ roles: [{ name: 'reader' }] }))).headers['x-subject-token']!;
    const identity = { methods: ['token'], token: { id: given } };
    const next = (await cloud.login(identity, { project: { id: cloud.demoProject } })).body.token;
    expect([namesOf(next.roles), next.application_credential.name]).toEqual([['reader'], 'robot']);
    expect((await cloud.login(identity, 'unscoped')).status).toBe(401);
    expect((await cloud.login(identity, { project: { id: cloud.adminProject } })).status).toBe(401);
  });

  test('with access rules reaches what they name, in every service, and nothing else', async () => {
    const rules = [{ service: 'compute', method: 'GET', path: '/v2.1/servers' }];
    const made = await make({ access_rules: rules });
    expect(made.access_rules).toEqual([{ id: expect.any(String), ...rules[0] }]);
    const given = (await loginWith(made)).headers['x-subject-token']!;
    const status = async (method: string, below: string, headers = {}) =>
      (await cloud.ask(method, below, given, undefined, headers)).status;
    expect(await status('GET', '/../../compute/v2.1/servers')).toBe(200);
    expect(await status('GET', '/../../compute/v2.1/servers/detail')).toBe(401);
    expect(await status('GET', '/../../network/v2.0/networks')).toBe(401);
    expect(await status('GET', '/auth/projects')).toBe(401);
    // Who does not know such rules is told that there is no such token.
    const subject = { 'x-subject-token': given };
    expect(await status('GET', '/auth/tokens', subject)).toBe(404);
    expect(await status('GET', '/auth/tokens', { ...subject, 'openstack-identity-access-rules': '1.0' })).toBe(200);

    const again = await make({ name: 'again', access_rules: rules });
    expect(again.access_rules).toEqual(made.access_rules);
    const rule = `/users/${user.id}/access_rules/${made.access_rules[0].id}`;
    expect((await cloud.ask('GET', `/users/${user.id}/access_rules`, token)).body.access_rules).toHaveLength(1);
    expect((await cloud.ask('DELETE', rule, token)).status).toBe(403);
    for (const { id } of [made, again]) await cloud.ask('DELETE', path(`/${id}`), token);
    expect((await cloud.ask('GET', rule, token)).status).toBe(200);
    expect((await cloud.ask('DELETE', rule, token)).status).toBe(204);
    expect((await cloud.ask('GET', rule, token)).status).toBe(404);
  });
});

describe('a trust', () => {
  const create = (fields: object = {}, by = token) => {
    const trust = {
      trustor_user_id: user.id,
      trustee_user_id: heat.id,
      impersonation: true,
      project_id: cloud.demoProject,
      roles: [{ name: 'member' }],
      ...fields,
    };
    return cloud.ask('POST', '/OS-TRUST/trusts', by, { trust });
  };
  const make = async (fields: object = {}) => (await create(fields)).body.trust;
  const loginBy = (id: string, who = heat) => cloud.login(byPassword(who), { 'OS-TRUST:trust': { id } });

  test('lets the trustee act as the trustor, with the roles it names', async () => {
    const { status, body } = await create();
    expect(status).toBe(201);
    const { id, roles, ...shown } = body.trust;
    expect(shown).toMatchObject({
      impersonation: true,
      project_id: cloud.demoProject,
      remaining_uses: null,
      expires_at: null,
      deleted_at: null,
      redelegation_count: 0,
      links: { self: `${cloud.url}/identity/v3/OS-TRUST/trusts/${id}` },
    });
    expect(namesOf(roles)).toEqual(['member']);
    const login = await loginBy(id);
    expect(login.body.token).toMatchObject({
      user: { id: user.id },
      project: { id: cloud.demoProject },
      roles: [{ name: 'member' }],
      'OS-TRUST:trust': { id, impersonation: true, trustor_user: { id: user.id }, trustee_user: { id: heat.id } },
    });
    const { catalog } = (await cloud.ask('GET', '/auth/catalog', token)).body;
    expect(login.body.token.catalog).toEqual(catalog);
    const given = login.headers['x-subject-token']!;
    expect((await cloud.ask('GET', '/auth/catalog', given)).body.catalog).toEqual(catalog);
    expect((await cloud.ask('GET', '/../../compute/v2.1/servers', given)).status).toBe(200);
    // It makes no other token, no application credential, no further trust.
    expect((await cloud.login({ methods: ['token'], token: { id: given } })).status).toBe(403);
    const credential = { application_credential: { name: 'x' } };
    expect((await cloud.ask('POST', `/users/${user.id}/application_credentials`, given, credential)).status).toBe(403);
    expect((await create({}, given)).status).toBe(501);
  });

  test('without impersonation lets the trustee act as himself', async () => {
    const { token: given } = (await loginBy((await make({ impersonation: false })).id)).body;
    expect([given.user.id, namesOf(given.roles)]).toEqual([heat.id, ['member']]);
  });

  test('is of no use to others, and ends with the trustor, his role, or itself', async () => {
    const { id } = await make();
    expect((await loginBy(id, cloud.demoUser)).status).toBe(403);
    expect((await loginBy('nothing')).status).toBe(401);
    const given = (await loginBy(id)).headers['x-subject-token']!;
    const servers = async () => (await cloud.ask('GET', '/../../compute/v2.1/servers', given)).status;
    expect(await servers()).toBe(200);
    await cloud.make('PATCH', `/users/${user.id}`, { user: { enabled: false } });
    expect([await servers(), (await loginBy(id)).status]).toEqual([401, 401]);
    await cloud.make('PATCH', `/users/${user.id}`, { user: { enabled: true } });
    const again = (await loginBy(id)).headers['x-subject-token']!;
    expect(
      (await cloud.ask('DELETE', `/OS-TRUST/trusts/${id}`, await cloud.loginAs(user, cloud.demoProject))).status,
    ).toBe(204);
    expect((await cloud.ask('GET', '/../../compute/v2.1/servers', again)).status).toBe(401);
    expect((await loginBy(id)).status).toBe(401);
    const second = (
      await cloud.ask('POST', '/OS-TRUST/trusts', await cloud.loginAs(user, cloud.demoProject), {
        trust: {
          trustor_user_id: user.id,
          trustee_user_id: heat.id,
          impersonation: true,
          project_id: cloud.demoProject,
          roles: [{ name: 'member' }],
        },
      })
    ).body.trust;
    await cloud.make(
      'DELETE',
      `/projects/${cloud.demoProject}/users/${user.id}/roles/${await cloud.roleId('manager')}`,
    );
    expect((await loginBy(second.id)).status).toBe(401);
  });

  test('is used as often as it says, also by many at once', async () => {
    const { id } = await make({ remaining_uses: 2 });
    const statuses = (await Promise.all([1, 2, 3, 4].map(() => loginBy(id)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 201, 403, 403]);
    expect((await cloud.ask('GET', `/OS-TRUST/trusts/${id}`, token)).status).toBe(404);
  });

  test('is over when its time is', async () => {
    expect((await create({ expires_at: inMilliseconds(-1000) })).status).toBe(400);
    const { id } = await make({ expires_at: inMilliseconds(60_000) });
    const login = await loginBy(id);
    expect(Date.parse(login.body.token.expires_at)).toBeLessThanOrEqual(Date.now() + 60_000);
    await end(id);
    expect((await loginBy(id)).status).toBe(401);
    const given = login.headers['x-subject-token']!;
    expect((await cloud.ask('GET', '/auth/tokens', given, undefined, { 'x-subject-token': given })).status).toBe(401);
    expect((await cloud.ask('GET', `/OS-TRUST/trusts/${id}`, token)).status).toBe(404);
  });

  test.each([
    ['of somebody else', { trustor_user_id: 'f'.repeat(32) }, 403],
    ['to nobody', { trustee_user_id: 'f'.repeat(32) }, 404],
    ['with a role the trustor has not', { roles: [{ name: 'admin' }] }, 404],
    ['with no role', { roles: [] }, 403],
    ['without saying whom it impersonates', { impersonation: null }, 400],
    ['that may be handed on', { allow_redelegation: true }, 501],
    ['for no use', { remaining_uses: 0 }, 400],
  ])('%s is refused', async (_what, fields, status) => {
    expect((await create(fields)).status).toBe(status);
  });

  test('is seen by both sides, and by nobody else', async () => {
    const { id } = await make();
    const at = `/OS-TRUST/trusts/${id}`;
    for (const by of [token, heatToken, cloud.admin]) {
      expect((await cloud.ask('GET', at, by)).body.trust.id).toBe(id);
      expect(namesOf((await cloud.ask('GET', `${at}/roles`, by)).body.roles)).toEqual(['member']);
    }
    expect((await cloud.ask('HEAD', `${at}/roles/${await cloud.roleId('member')}`, token)).status).toBe(200);
    expect((await cloud.ask('GET', `${at}/roles/${await cloud.roleId('reader')}`, token)).status).toBe(404);
    for (const method of ['GET', 'DELETE']) expect((await cloud.ask(method, at, cloud.demo)).status).toBe(403);
    expect((await cloud.ask('DELETE', at, heatToken)).status).toBe(403);
    const list = async (by: string, query = '') => {
      const { status, body } = await cloud.ask('GET', `/OS-TRUST/trusts${query}`, by);
      return status === 200 ? body.trusts.map((trust: { id: string }) => trust.id) : status;
    };
    expect(await list(token, `?trustor_user_id=${user.id}`)).toEqual([id]);
    expect(await list(heatToken, `?trustee_user_id=${heat.id}`)).toEqual([id]);
    expect(await list(token)).toBe(403);
    expect(await list(token, `?trustee_user_id=${heat.id}`)).toBe(403);
    expect(await list(cloud.admin)).toContain(id);
    for (const query of ['?foo=bar', '?trustor_user_id=']) expect(await list(cloud.admin, query)).toEqual([]);
  });

  test('may say that it is not handed on further in either way', async () => {
    expect((await make({ allow_redelegation: true, redelegation_count: 0 })).redelegation_count).toBe(0);
    expect((await create({ allow_redelegation: true, redelegation_count: 1 })).status).toBe(501);
  });
});
