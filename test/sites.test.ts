/** The operator's side: clouds become sites, and stop being sites. */
import { afterEach, beforeAll, afterAll, describe, expect, test, vi } from 'vitest';
import { run } from '../src/cli/program.js';
import { operator, startTestCascade, type TestCascade } from './cascade.js';

let cloud: TestCascade;

beforeAll(async () => {
  cloud = await startTestCascade({}, []);
});
afterAll(() => cloud.close());
afterEach(async () => {
  await Promise.all([cloud.keystone, cloud.east, cloud.west].map(({ server }) => server.recover()));
});

const site = (method: string, name: string, body?: unknown) =>
  cloud.ask(method, `/cascade/v1/sites/${name}`, { token: cloud.admin, body });
const zones = async () =>
  (await cloud.ask('GET', '/cascade/v1/sites', { token: cloud.admin })).body.sites.map(
    (one: { name: string }) => one.name,
  );

describe('what keeps a cloud from being a site is said in one plain sentence', () => {
  const auth = { username: operator.name, password: 'guess' };
  test.each([
    [
      'a wrong password',
      { auth },
      400,
      /^Keystone at http:\S+ refused the credential \(401\): The request you have made/,
    ],
    [
      'a region that is not there',
      { region: 'Atlantis' },
      400,
      /^The catalog has no region Atlantis; it has: RegionOne, RegionEast, RegionWest\.$/,
    ],
    [
      'a region without the services',
      { region: 'RegionOne' },
      400,
      /^Region RegionOne has no endpoint for: compute, network, image\.$/,
    ],
    [
      'an interface that is not there',
      { interface: 'internal', region: 'RegionSouth' },
      400,
      /^The catalog has no region/,
    ],
    [
      'nobody listening',
      { auth_url: 'http://127.0.0.1:1' },
      400,
      /^Keystone at http:\/\/127\.0\.0\.1:1 does not answer: ECONNREFUSED\.$/,
    ],
    ['a URL that is none', { auth_url: 'keystone' }, 400, /^auth_url: /],
    ['a name with a colon', { name: 'az:1' }, 400, /^Site name 'az:1' must be lower-case letters/],
    ['a name in capitals', { name: 'AZ1' }, 400, /^Site name 'AZ1' must be/],
  ])('%s', async (_what, changes, status, words) => {
    const answer = await cloud.addSite('east', changes);
    expect([answer.status, answer.body.error.message]).toEqual([status, expect.stringMatching(words)]);
    expect(answer.text).not.toContain('guess');
    expect(await zones()).toEqual([]);
  });

  test('a credential that may not see all projects', async () => {
    cloud.keystone.users.set('weak', { id: 'weak', password: 'pw', projectId: cloud.project, roles: ['member'] });
    const { status, body } = await cloud.addSite('east', { auth: { username: 'weak', password: 'pw' } });
    expect(status).toBe(400);
    expect(body.error.message).toBe(
      'The credential may not list the servers of all projects (roles: member). It needs the admin role.',
    );
  });

  test('a service that does not answer', async () => {
    await cloud.east.server.refuse();
    const { status, body } = await cloud.addSite('east');
    expect([status, body.error.message]).toEqual([
      400,
      expect.stringMatching(/^The compute service at http:\S+ does not answer: ECONNREFUSED\./),
    ]);
  });

  test('a Keystone that is broken', async () => {
    // The token of the operator who asks is remembered; the login of the site is what fails.
    await zones();
    cloud.keystone.server.fail(503, /POST/);
    const { status, body } = await cloud.addSite('east');
    expect([status, body.error.message]).toEqual([
      400,
      expect.stringMatching(/^Keystone at \S+ does not answer: Keystone answered 503/),
    ]);
  });
});

describe('a site', () => {
  beforeAll(async () => {
    await cloud.addSite('east');
  });

  test('is shown with what it can do, and without its credential', async () => {
    const { body, text } = await site('GET', 'east');
    expect(body.site).toMatchObject({ name: 'east', state: 'enabled', health: { compute: { status: 'reachable' } } });
    expect(body.site.capabilities.microversions).toMatchObject({ compute: { min: '2.1', max: '2.93' } });
    expect(text).not.toMatch(/credential|password/);
    expect((await site('GET', 'nowhere')).status).toBe(404);
  });

  test('is one for each name and each cloud: a second time is 409 and names the first', async () => {
    const cloudAgain = await cloud.addSite('other', { region: cloud.east.region });
    expect([cloudAgain.status, cloudAgain.body.error.message]).toEqual([409, 'This cloud is a site already: east.']);
    const nameAgain = await cloud.addSite('east', { region: cloud.west.region });
    expect([nameAgain.status, nameAgain.body.error.message]).toEqual([409, 'There is a site east already.']);
  });

  test('keeps its credential sealed in the database', async () => {
    const { database } = cloud.cascade.world;
    const tables = await database.many<{ name: string }>(
      `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
    );
    const dumps = await Promise.all(
      tables.map(({ name }) =>
        database.one<{ text: string }>(`select coalesce(json_agg(t), '[]')::text as text from ${name} t`),
      ),
    );
    const dump = dumps.map(({ text }) => text).join();
    expect(dump).toContain(cloud.keystone.server.url);
    // Nor is it merely written in other letters.
    const decoded = (dump.match(/[\w+/-]{16,}={0,2}/g) ?? []).map((word) =>
      Buffer.from(word, 'base64').toString('latin1'),
    );
    for (const text of [dump, ...decoded]) expect(text).not.toContain(operator.password.slice(0, 12));
  });

  test('whose credential was moved to another row does not open it', async () => {
    const { database, sites } = cloud.cascade.world;
    await database.run(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       select 'thief', state, 'http://127.0.0.1:1', region, interface, verify_tls, credential, capabilities from site where name = 'east'`,
    );
    const failure = await sites.load().catch((error: unknown) => error);
    await database.run(`delete from site where name = 'thief'`);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^the credential of site thief cannot be decrypted/),
    });
    expect(sites.byName('east')).toBeDefined(); // the others go on
    await sites.load();
  });

  test('is not interrupted by a change of its state', async () => {
    cloud.east.server.beSlow(/POST .*\/servers/);
    const created = cloud.ask('POST', '/compute/v2.1/servers', {
      token: cloud.member,
      body: { server: { name: 'slow', availability_zone: 'east' } },
    });
    await expect.poll(() => cloud.east.server.requestsLike(/^POST .*servers$/).length).toBe(1);
    expect((await site('PATCH', 'east', { state: 'draining' })).body.site.state).toBe('draining');
    await cloud.east.server.recover();
    expect((await created).status).toBe(202);
    await site('PATCH', 'east', { state: 'enabled' });
    expect((await site('PATCH', 'east', { state: 'broken' })).status).toBe(400);
  });

  test('that holds resources is removed only when they are to be forgotten', async () => {
    const refused = await site('DELETE', 'east');
    expect([refused.status, refused.body.error.message]).toEqual([
      409,
      expect.stringMatching(/^Site east holds \d+ resources\./),
    ]);
    expect(await zones()).toEqual(['east']);
    expect((await site('DELETE', 'east?forget_resources=true')).status).toBe(204);
    expect(await zones()).toEqual([]);
    expect((await cloud.get('/compute/v2.1/servers')).body).toEqual({ servers: [] });
    expect(cloud.east.things.size).toBe(1); // it goes on living at the site
    expect((await site('DELETE', 'east')).status).toBe(404);
  });
});

describe('the command', () => {
  /** What `cascade …` prints, and how it ends. */
  const command = async (words: string): Promise<{ out: string; code: number }> => {
    let out = '';
    const take = (text: unknown): boolean => ((out += String(text)), true);
    const streams = [
      vi.spyOn(process.stdout, 'write').mockImplementation(take),
      vi.spyOn(process.stderr, 'write').mockImplementation(take),
    ];
    vi.stubEnv('OS_AUTH_URL', `${cloud.url}/identity/v3`);
    vi.stubEnv('OS_USERNAME', operator.name);
    vi.stubEnv('OS_PASSWORD', operator.password);
    vi.stubEnv('OS_PROJECT_NAME', 'admin');
    vi.stubEnv('CASCADE_SITE_PASSWORD', operator.password);
    process.exitCode = 0;
    await run(['node', 'cascade', ...words.split(' ')]).finally(() =>
      streams.forEach((stream) => stream.mockRestore()),
    );
    const code = Number(process.exitCode ?? 0);
    process.exitCode = 0;
    return { out, code };
  };
  const adding = () =>
    `site add west --auth-url ${cloud.keystone.server.url}/v3 --region RegionWest --username ${operator.name}`;
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('adds, lists, shows, changes and removes a site', async () => {
    expect(await command(adding())).toEqual({
      code: 0,
      out: expect.stringContaining('Site west is an availability zone now'),
    });
    expect((await command('site list')).out).toMatch(/west\s.*enabled.*reachable/);
    expect(JSON.parse((await command('site list --json')).out)).toMatchObject([{ name: 'west' }]);
    expect((await command('site show west')).out).toContain('2.1 to 2.93');
    expect((await command('site set west --state maintenance')).out).toBe('Site west is maintenance.\n');
    expect((await command('site remove west')).out).toBe('Site west is no longer part of the cascade.\n');
  });

  test('ends with one sentence and a code where it fails', async () => {
    const wrong = await command(adding().replace('RegionWest', 'Atlantis'));
    expect(wrong).toEqual({
      code: 1,
      out: 'cascade: The catalog has no region Atlantis; it has: RegionOne, RegionEast, RegionWest.\n',
    });
    vi.stubEnv('CASCADE_URL', 'http://127.0.0.1:1');
    expect(await command('site list')).toEqual({
      code: 1,
      out: 'cascade: no answer: ECONNREFUSED. Is the cascade running?\n',
    });
  });
});
